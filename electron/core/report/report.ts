// The incident report as data: verdicts, timeline, numbers before and after, actions, what is left to do.
import type { Receipt } from '../../contract/action.ts'
import type { Bundle } from '../../contract/bundle.ts'
import { assertNever, type Instant } from '../../contract/failure.ts'
import type { Evidence, Finding, Severity } from '../../contract/finding.ts'
import type { FindingEvent } from '../../contract/finding-life.ts'
import type { HistoryRange, Moment, RecordedSystem, SystemRange } from '../../contract/history.ts'
import type { LimitReport } from '../../contract/proof.ts'
import { count, duration, number } from '../wording.ts'
import { runsOf, type SystemRuns } from './runs.ts'

export interface ReportSource {
  readonly bundle: Bundle
  readonly range: HistoryRange
  readonly before: Moment | null
  readonly after: Moment | null
  /** How long jobs are, and what the limit does to them. */
  readonly lengths: {
    readonly limits: readonly LimitReport[]
    readonly unread: readonly { readonly system: string; readonly because: string }[]
  }
}

export interface TimelineEntry {
  readonly at: Instant
  readonly what: string
  readonly system: string
  readonly tone: Severity | 'clear' | 'action'
}
/** One number of one system; null is unknown, never zero. */
export interface NumberRow {
  readonly system: string
  readonly label: string
  readonly before: number | null
  readonly after: number | null
}
export interface Report {
  readonly title: string
  readonly summary: string
  readonly from: Instant
  readonly to: Instant
  readonly made: Instant
  readonly by: string
  readonly verdicts: readonly Finding[]
  readonly timeline: readonly TimelineEntry[]
  readonly edges: { readonly before: Instant | null; readonly after: Instant | null }
  readonly numbers: readonly NumberRow[]
  readonly systems: readonly SystemRange[]
  readonly runs: readonly SystemRuns[]
  readonly bucketMs: number
  readonly spans: HistoryRange['findings']
  readonly actions: readonly Receipt[]
  readonly unread: readonly string[]
  readonly checklist: readonly string[]
}

/** Runbook 4, "Post-Incident". */
const CHECKLIST = [
  'Update the runbook with what was learned.',
  'Create a ticket for the permanent fix, if one is needed.',
  'Review error logging for gaps.',
  'Update alerts, if thresholds need adjustment.',
]

export function reportOf({ bundle, range, before, after, lengths }: ReportSource): Report {
  const { snapshot, from, to, made, by, receipts } = bundle
  const verdicts = snapshot.findings
  return {
    title: titleOf(verdicts, to),
    summary: summaryOf(verdicts, range, to),
    ...{ from, to, made, by, verdicts },
    timeline: timelineOf(bundle, range),
    edges: { before: before?.at ?? null, after: after?.at ?? null },
    numbers: numbersOf(before, after),
    systems: range.systems,
    runs: runsOf(bundle, lengths.limits),
    bucketMs: range.bucketMs,
    spans: range.findings,
    actions: receipts.toSorted((a, b) => (a.at < b.at ? -1 : 1)),
    unread: [
      ...(after?.systems ?? []).flatMap(({ id, unread }) =>
        unread.map(({ part, because }) => `${id}: ${part} could not be read: ${because}.`),
      ),
      ...lengths.unread.map(({ system, because }) => `${system}: how long its jobs are could not be read: ${because}.`),
    ],
    checklist: CHECKLIST,
  }
}

/** `5 Feb 2026 19:43 UTC`: a report is read in other time zones than it was made in. */
export function utc(at: Instant): string {
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
  const date = new Date(at)
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()} ${at.slice(11, 16)} UTC`
}

/** The value of an evidence row; a moment in the report's own time. */
export function valueText({ value }: Evidence): string {
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? utc(value) : value
}

function titleOf(verdicts: readonly Finding[], to: Instant): string {
  return verdicts[0]?.headline ?? `No finding stood on ${utc(to)}.`
}

function summaryOf(verdicts: readonly Finding[], range: HistoryRange, to: Instant): string {
  const stopped = range.systems.flatMap(({ id, lastDoneAt, waits }) =>
    waits && lastDoneAt !== null
      ? [
          `${id} last finished a job on ${utc(lastDoneAt)}, ${duration(Date.parse(to) - Date.parse(lastDoneAt))} before the end.`,
        ]
      : [],
  )
  const [first] = verdicts
  return [first?.explanation ?? 'Nothing was wrong that Unjam knows of.', ...stopped].join(' ')
}

function timelineOf(bundle: Bundle, range: HistoryRange): TimelineEntry[] {
  const inside = ({ at }: { at: Instant }) => bundle.from <= at && at <= bundle.to
  const stops = range.systems.flatMap(({ id, lastDoneAt, waits }): TimelineEntry[] =>
    waits && lastDoneAt !== null
      ? [{ at: lastDoneAt, system: id, what: 'The last job finished; nothing since.', tone: 'warning' }]
      : [],
  )
  const did = bundle.receipts.flatMap((receipt): TimelineEntry[] => [
    { at: receipt.at, system: receipt.system, what: `${receipt.title} (${receipt.actor})`, tone: 'action' },
    ...(receipt.undone === null
      ? []
      : [
          {
            at: receipt.undone.at,
            system: receipt.system,
            what: `Undone: ${receipt.title} (${receipt.undone.actor})`,
            tone: 'action' as const,
          },
        ]),
  ])
  return [...bundle.findings.map(eventEntry), ...stops, ...did]
    .filter(inside)
    .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
}

function eventEntry({ at, change, finding, by, until }: FindingEvent): TimelineEntry {
  const { headline, severity, system } = finding
  const who = by === null ? '' : ` by ${by}`
  switch (change) {
    case 'appeared':
      return { at, system, tone: severity, what: headline }
    case 'changed':
      return { at, system, tone: severity, what: `Changed: ${headline}` }
    case 'cleared':
      return { at, system, tone: 'clear', what: `Cleared: ${headline}` }
    case 'acknowledged':
      return { at, system, tone: 'action', what: `Acknowledged${who}: ${headline}` }
    case 'snoozed':
      return {
        at,
        system,
        tone: 'action',
        what: `Snoozed${who}${until === null ? '' : ` until ${utc(until)}`}: ${headline}`,
      }
    case 'woken':
      return { at, system, tone: 'action', what: `No longer acknowledged or snoozed${who}: ${headline}` }
    default:
      return assertNever(change)
  }
}

const labels = { queued: 'Queued', running: 'Running', done: 'Done', failed: 'Failed', skipped: 'Skipped' } as const

function numbersOf(before: Moment | null, after: Moment | null): NumberRow[] {
  const ids = [...new Set([before, after].flatMap((moment) => moment?.systems.map(({ id }) => id) ?? []))]
  return ids.flatMap((system): NumberRow[] => {
    const then = before?.systems.find(({ id }) => id === system) ?? null
    const now = after?.systems.find(({ id }) => id === system) ?? null
    const counts = (Object.keys(labels) as (keyof typeof labels)[]).map((state) => ({
      system,
      label: labels[state],
      before: then?.counts?.[state] ?? null,
      after: now?.counts?.[state] ?? null,
    }))
    const queues = [...new Set([then, now].flatMap((one) => one?.queues?.map(({ name }) => name) ?? []))]
    return [
      ...counts,
      ...queues.map((queue) => ({
        system,
        label: `Messages in ${queue}`,
        before: messagesIn(then, queue),
        after: messagesIn(now, queue),
      })),
    ]
  })
}

function messagesIn(system: RecordedSystem | null, queue: string): number | null {
  return system?.queues?.find(({ name }) => name === queue)?.messages ?? null
}

/** `1069`, or that it is not known. */
export function cell(value: number | null): string {
  return value === null ? 'unknown' : number(value)
}

/** `+20`, `−93`, `0`; nothing where one of the two is not known. */
export function changeOf({ before, after }: NumberRow): string {
  if (before === null || after === null) return ''
  const by = after - before
  return by === 0 ? '0' : `${by > 0 ? '+' : '−'}${number(Math.abs(by))}`
}

/** What a receipt came to, with what was left and whether there is a way back. */
export function outcomeOf({ count: done, previewed, left, undoable, undone }: Receipt): string {
  const parts = [`${count(done, 'thing')} of ${number(previewed)} previewed`]
  if (left.length > 0) parts.push(`${number(left.length)} left: ${left[0]?.because}`)
  parts.push(
    undone !== null
      ? `undone on ${utc(undone.at)} by ${undone.actor}`
      : undoable
        ? 'can be undone'
        : 'cannot be undone',
  )
  return parts.join('; ')
}
