// The verdict: the first finding in the largest type, or what is well when there is none.

import type { Finding, Place, Remedy } from '../electron/contract/finding.ts'
import type { Snapshot, SystemSnapshot } from '../electron/contract/snapshot.ts'
import { ago, audio, count, duration, speed, time, when } from './format.ts'
import { levelWords } from './level-words.ts'
import type { LiveState } from './live.ts'
import { coreNow, defaultSystem, grown, type Level, lastValue, levelOf, readAt, slotsText, systemOf } from './select.ts'
import { type Said, saidOf } from './select-findings.ts'
import { shortTitle } from './timeline.ts'

export interface EvidenceRow {
  readonly label: string
  /** The number the row is about, set bold, and the rest. */
  readonly strong: string
  readonly rest: string
  readonly source: string
  readonly age: string
  readonly unknown: boolean
}

export type VerdictStep =
  | { readonly kind: 'remedy'; readonly remedy: Remedy; readonly system: string }
  | { readonly kind: 'place'; readonly place: Place; readonly system: string }
  | { readonly kind: 'add' }
  | { readonly kind: 'failed'; readonly system: string; readonly n: number }

export interface Verdict {
  readonly level: Level
  readonly word: string
  readonly system: string
  readonly since: string | null
  /** The finding it is, and what was said to it; null when nothing is wrong. */
  readonly key: string | null
  readonly said: Said | null
  readonly index: number
  readonly total: number
  readonly headline: string
  readonly explanation: string
  /** The first is the primary; never more than three. */
  readonly steps: readonly VerdictStep[]
  readonly effect: string | null
  readonly evidence: readonly EvidenceRow[]
  readonly notTheCause: readonly string[]
  readonly hints: readonly string[]
  /** The job the cause is about, marked on the timeline. */
  readonly job: string | null
}

/** Sentences short enough to stand on a line each; else the headline as it is. */
export function headlineLines(headline: string): string[] {
  const sentences = headline.split(/(?<=\.) /)
  return sentences.every(({ length }) => length <= 34) ? sentences : [headline]
}

/** The finding number `index`, in the core's own ranking. */
export function selectVerdict(state: LiveState, nowMs: number, index: number): Verdict | null {
  const { snapshot } = state
  if (snapshot === null) return null
  const now = coreNow(state, nowMs)
  const total = snapshot.findings.length
  const finding = snapshot.findings[total === 0 ? 0 : index % total]
  const verdict =
    finding === undefined ? clearVerdict(snapshot, now) : findingVerdict(snapshot, finding, index % total, now)
  // Without a link nothing is known to be well, whatever it was.
  return state.link.state === 'lost' ? { ...verdict, level: 'unknown', word: 'Last known' } : verdict
}

function findingVerdict(snapshot: Snapshot, finding: Finding, index: number, now: number): Verdict {
  const level = levelOf(finding)
  const since = time(finding.since)
  const said = saidOf(finding, now)
  const remedies = finding.remedies.map((remedy) => ({ kind: 'remedy', remedy, system: finding.system }) as const)
  const places = finding.places.map((place) => ({ kind: 'place', place, system: finding.system }) as const)
  // Enter must never end work that is healthy: giving a job up comes after every other way.
  const givesUp = ({ remedy }: { remedy: Remedy }) => remedy.action === 'cancel-job'
  const heals = remedies.filter((step) => !givesUp(step))
  const steps: VerdictStep[] = [...heals, ...places, ...remedies.filter(givesUp)].slice(0, 3)
  return {
    level,
    word: levelWords[level],
    system: finding.system,
    since: [`since ${when(since, now)}`, duration(now - since), ...(said.changed === null ? [] : [said.changed])].join(
      ', ',
    ),
    key: finding.key,
    said,
    index,
    total: snapshot.findings.length,
    headline: finding.headline,
    explanation: finding.explanation,
    steps,
    effect: steps[0]?.kind === 'remedy' ? steps[0].remedy.effect : null,
    evidence: finding.evidence.slice(0, 7).map(({ label, value, source, at }) => ({
      label,
      ...emphasis(shownValue(value, now)),
      source,
      age: duration(now - time(at)),
      unknown: value.startsWith('unknown'),
    })),
    notTheCause: finding.notTheCause,
    hints: finding.hints ?? [],
    job: finding.places.find(({ job }) => job !== null)?.job ?? holder(snapshot, finding),
  }
}

function holder(snapshot: Snapshot, finding: Finding): string | null {
  const named = finding.remedies.find(({ ids }) => ids?.length === 1)?.ids?.[0]
  if (named !== undefined) return named
  if (finding.rule !== 'long-job-holds-worker') return null
  const system = systemOf(snapshot, finding.system)
  const running = system === null ? [] : (lastValue(system.running) ?? [])
  return running.toSorted((a, b) => (b.elapsedMs ?? 0) - (a.elapsedMs ?? 0))[0]?.id ?? null
}

/** A moment as people here say it, and a recording by what tells it from others. */
function shownValue(value: string, now: number): string {
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return when(time(value), now)
  const at = value.lastIndexOf(' · ') + 3
  return at < 3 ? value : value.slice(0, at) + shortTitle(value.slice(at))
}

/** The leading number with its unit or whole: “1069”, “1:03:00”, “1 of 1”. */
export function emphasis(value: string): { strong: string; rest: string } {
  const [strong = ''] = /^[\d:.,]*\d(?:\s?×|\s%| of \d+| (?:s|min|h|d)\b(?: \d+ (?:min|h))?)?/.exec(value) ?? []
  return { strong, rest: value.slice(strong.length) }
}

function clearVerdict(snapshot: Snapshot, now: number): Verdict {
  const id = defaultSystem(snapshot)
  const system = systemOf(snapshot, id)
  const sums = sumCounts(snapshot)
  const canAdd = snapshot.systems.some(({ kind }) => kind === 'local')
  return {
    level: 'clear',
    word: levelWords.clear,
    system: snapshot.systems.length === 1 ? id : count(snapshot.systems.length, 'system'),
    since: null,
    key: null,
    said: null,
    index: 0,
    total: 0,
    headline: clearHeadline(sums),
    explanation: clearExplanation(sums),
    steps: [...(canAdd ? [{ kind: 'add' } as const] : []), ...failedStep(snapshot)],
    effect: canAdd ? 'Files can also be dropped anywhere on this window.' : null,
    evidence: system === null ? [] : clearEvidence(system, now),
    notTheCause: [],
    hints: [],
    job: null,
  }
}

function failedStep(snapshot: Snapshot): VerdictStep[] {
  const failed = snapshot.systems.map((system) => ({ system: system.id, n: lastValue(system.counts)?.failed ?? 0 }))
  const most = failed.toSorted((a, b) => b.n - a.n)[0]
  return most === undefined || most.n === 0 ? [] : [{ kind: 'failed', ...most }]
}

interface Sums {
  queued: number
  running: number
  failed: number
  done: number
}

function sumCounts(snapshot: Snapshot): Sums {
  const sums = { queued: 0, running: 0, failed: 0, done: 0 }
  for (const { counts } of snapshot.systems) {
    const value = lastValue(counts)
    if (value === null) continue
    for (const key of ['queued', 'running', 'failed', 'done'] as const) sums[key] += value[key]
  }
  return sums
}

function clearHeadline({ queued, running }: Sums): string {
  if (running > 0 && queued > 0) return `${count(running, 'job')} in progress, ${queued} next. All is well.`
  if (running > 0) return `${count(running, 'job')} in progress. Nothing waits.`
  return queued > 0 ? `${count(queued, 'job')} about to start.` : 'Nothing waits. Nothing is stuck.'
}

function clearExplanation({ failed, done }: Sums): string {
  const past = failed === 0 ? 'Nothing has failed' : `${count(failed, 'job')} failed earlier; the Failed tab says why`
  return done === 0 ? `${past}.` : `${past}. ${done === 1 ? '1 job is' : `${done} jobs are`} done.`
}

function clearEvidence(system: SystemSnapshot, now: number): EvidenceRow[] {
  const row = (label: string, value: string | null, source: string, at: string): EvidenceRow => ({
    label,
    ...emphasis(value ?? 'unknown'),
    source,
    age: duration(now - time(at)),
    unknown: value === null,
  })
  const counts = lastValue(system.counts)
  const workers = lastValue(system.workers)
  const through = lastValue(system.throughput)
  const last = grown(through?.lastDoneAgeMs ?? null, readAt(system.throughput), now)
  const fromCounts = readAt(system.counts)
  const fromWorkers = readAt(system.workers)
  const fromHistory = readAt(system.throughput)
  return [
    row('Waiting', counts && count(counts.queued, 'job'), 'database', fromCounts),
    row('Running', counts && count(counts.running, 'job'), 'database', fromCounts),
    row('Failed', counts && count(counts.failed, 'job'), 'database', fromCounts),
    row('Slots', workers && `${slotsText(workers)}${workers.length === 0 ? '' : ' taken'}`, 'worker', fromWorkers),
    row(
      'Today',
      through && `${through.doneToday} done, ${audio(through.audioTodayMs)} of audio`,
      'history',
      fromHistory,
    ),
    row(
      'Speed',
      through && (through.speed === null ? 'not measured yet' : `${speed(through.speed)} real time`),
      'history',
      fromHistory,
    ),
    row('Last done', through && (last === null ? 'none yet' : ago(last)), 'history', fromHistory),
  ]
}
