// What the job screen derives: when to read again, its header facts, its attempts as bars, its transcript's shape.
import type { Attempt, Job, JobDetail, Segment, SystemKind } from '../electron/contract/job.ts'
import { audio, count, duration, speed, time, took, when } from './format.ts'
import type { LiveState } from './live.ts'
import { childrenLine } from './parts/job-lines.ts'
import { lastValue, systemOf } from './select.ts'

/** Changes when this job may have changed: its state's counts, its phase, its chunks, its children, its percent. */
export function jobRevision(state: LiveState, systemId: string, id: string): string {
  const system = systemOf(state.snapshot, systemId)
  if (system === null) return ''
  const run = lastValue(system.running)?.find((job) => job.id === id)
  const { chunksDone = '', percent = '', step = '' } = run?.progress ?? {}
  const live = run === undefined ? '' : JSON.stringify([run.phase, chunksDone, run.children, percent, step])
  return `${JSON.stringify(lastValue(system.counts))} ${live}`
}

const failedOutcomes: readonly Attempt['outcome'][] = ['failed', 'timeout', 'lost']

export interface FactModel {
  readonly title: string
  readonly value: string
  readonly mono?: boolean
}

/** Recordings are heard, tried and read; a crawl run or a QC job has neither sound nor attempts nor a transcript. */
export const isRecording = (kind: SystemKind | null): boolean => kind !== 'crawl' && kind !== 'qc'

/** Facts of one source stand together where they are of two kinds: a parent's children, and its own row. */
export function factGroups({ facts }: JobDetail, kind: SystemKind | null): readonly JobDetail['facts'][] {
  return kind === 'crawl' ? [...Map.groupBy(facts, ({ source }) => source).values()] : [facts]
}

export function headFacts({ job, attempts }: JobDetail, kind: SystemKind | null, now: number): FactModel[] {
  const own = isRecording(kind)
  const failed = attempts.filter(({ outcome }) => failedOutcomes.includes(outcome)).length
  const tries =
    attempts.length === 0
      ? 'none yet'
      : failed === 0
        ? `${attempts.length}`
        : `${attempts.length}, of them ${failed} failed`
  const children = childrenLine(job)
  const facts: (FactModel | null)[] = [
    own ? { title: 'Audio', value: job.audioMs === null ? unreadLength(job.state) : audio(job.audioMs) } : null,
    ...stateFacts(job, now).filter(({ title }) => own || title !== 'Speed'),
    children === null ? null : { title: 'Children', value: children },
    own ? { title: 'Attempts', value: tries } : null,
    job.createdAt === null ? null : { title: 'Added', value: when(time(job.createdAt), now) },
    { title: 'Id', value: job.id, mono: true },
  ]
  return facts.filter((fact) => fact !== null)
}

/** What has ended without a length will not get one by waiting. */
export function unreadLength(state: Job['state']): string {
  return state === 'queued' || state === 'running' ? 'not read yet' : 'never read'
}

function stateFacts(job: Job, now: number): FactModel[] {
  switch (job.state) {
    case 'queued':
      return job.waitingMs === null ? [] : [{ title: 'Waiting', value: duration(job.waitingMs) }]
    case 'running':
      return job.startedAt === null ? [] : [{ title: 'Started', value: when(time(job.startedAt), now) }]
    case 'done':
      return [
        { title: 'Took', value: job.tookMs === null ? 'unknown' : took(job.tookMs) },
        { title: 'Speed', value: job.speed === null ? 'unknown' : speed(job.speed) },
        ...endFact(job.endedAt, now),
      ]
    default:
      return endFact(job.endedAt, now)
  }
}

const endFact = (at: string | null, now: number) =>
  at === null ? [] : [{ title: 'Ended', value: when(time(at), now) }]

export interface AttemptRow {
  readonly number: number
  readonly started: string
  readonly share: number
  readonly kind: 'done' | 'failed' | 'running' | 'other'
  readonly wall: string
  readonly text: string
  readonly note: string
}

const outcomeTexts: Readonly<Record<Attempt['outcome'], string>> = {
  running: 'running now',
  parked: 'stepped aside for others',
  done: 'Done',
  failed: 'failed without a reason',
  timeout: 'ran into the time limit',
  cancelled: 'cancelled',
  lost: 'its worker was lost',
  released: 'given back',
  skipped: 'skipped',
}

/** One row an attempt; the longest fills the bar. */
export function attemptRows(attempts: readonly Attempt[], now: number): AttemptRow[] {
  const wallOf = ({ wallMs, startedAt, endedAt }: Attempt) =>
    wallMs ?? Math.max(0, (endedAt === null ? now : time(endedAt)) - time(startedAt))
  const longest = Math.max(1, ...attempts.map(wallOf))
  return attempts.map((attempt) => ({
    number: attempt.number,
    started: when(time(attempt.startedAt), now),
    share: (wallOf(attempt) / longest) * 100,
    kind: kindOf(attempt.outcome),
    wall: took(wallOf(attempt)),
    text: attempt.error ?? doneText(attempt, wallOf(attempt)),
    note: attempt.chunksSaved > 0 ? `${count(attempt.chunksSaved, 'chunk')} saved` : '',
  }))
}

function kindOf(outcome: Attempt['outcome']): AttemptRow['kind'] {
  if (failedOutcomes.includes(outcome)) return 'failed'
  return outcome === 'done' || outcome === 'running' ? outcome : 'other'
}

function doneText({ outcome, audioMs }: Attempt, wallMs: number): string {
  const fast = outcome === 'done' && audioMs > 0 && wallMs > 0 ? ` at ${speed(audioMs / wallMs)}` : ''
  return `${outcomeTexts[outcome]}${fast}`
}

/** Where speech is: characters said in each of `columns` parts of the recording, 0 to 1. */
export function speechShape(segments: readonly Segment[], totalMs: number, columns: number): number[] {
  const said = Array.from({ length: columns }, () => 0)
  if (totalMs <= 0) return said
  for (const { startMs, endMs, text } of segments) {
    const from = Math.max(0, Math.floor((startMs / totalMs) * columns))
    const to = Math.min(columns - 1, Math.floor((Math.max(startMs, endMs - 1) / totalMs) * columns))
    const each = text.trim().length / (to - from + 1)
    for (let n = from; n <= to; n++) said[n] = (said[n] ?? 0) + each
  }
  const most = Math.max(1, ...said)
  return said.map((n) => n / most)
}

/** The segment being said at this position; -1 before the first. */
export function segmentAt(segments: readonly Segment[], positionMs: number): number {
  return segments.findLastIndex(({ startMs }) => startMs <= positionMs)
}

/** Numbers of the segments that contain the text, case-insensitive. */
export function segmentsWith(segments: readonly Segment[], text: string): number[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return []
  return segments.flatMap((segment, n) => (segment.text.toLowerCase().includes(wanted) ? [n] : []))
}

/** A text cut at its matches, for marking them; every second part is a match. */
export function cutAtMatches(text: string, search: string): string[] {
  const wanted = search.trim().toLowerCase()
  const parts: string[] = []
  let from = 0
  const lower = text.toLowerCase()
  // Lower-casing may change the length of exotic letters: then marks would sit wrongly, so none are set.
  if (wanted === '' || lower.length !== text.length) return [text]
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), text.slice(at, at + wanted.length))
    from = at + wanted.length
  }
  return [...parts, text.slice(from)]
}
