// Jobs that run now, with everything that moves brought up to now: how far, until when, and the last sign of life.
import type { ExpectedEnd } from '../electron/contract/forecast.ts'
import type { RunningJob } from '../electron/contract/job.ts'
import { clock, time, when } from './format.ts'
import type { LiveState } from './live.ts'
import { coreNow, grown, lastValue, readAt } from './select.ts'

/** A running job with everything that moves brought up to now. */
export interface RunModel {
  readonly system: string
  readonly id: string
  readonly title: string
  readonly where: string
  readonly phase: RunningJob['phase']
  /** Of a crawl run, which has no audio: its task and its parts; null of everything else. */
  readonly crawl: { readonly task: string | null; readonly parts: RunningJob['children'] } | null
  /** Of a QC job: since its progress last moved, null while unknown; null of everything else. */
  readonly qc: { readonly stillMs: number | null } | null
  readonly doneMs: number | null
  readonly totalMs: number | null
  /** Where the system itself tells how far it is (QC jobs). */
  readonly percent: number | null
  readonly speed: number | null
  /** What its worker’s log last said it is doing. */
  readonly step: string | null
  readonly elapsedMs: number | null
  /** `between`: from when to when, where they are not the same minute. */
  readonly ends: { readonly clock: string; readonly between: string | null; readonly leftMs: number } | null
  readonly heartbeat: { readonly ageMs: number; readonly level: 'clear' | 'warning' } | null
}

export function runModel(
  job: RunningJob,
  read: string,
  limitMs: number | null,
  now: number,
  expected: ExpectedEnd | null = null,
): RunModel {
  const beat = grown(job.heartbeatAgeMs, read, now)
  const sinceRead = Math.max(0, now - time(read))
  const leftMs = job.progress?.etaMs == null ? null : Math.max(0, job.progress.etaMs - sinceRead)
  const started = job.startedAt === null ? null : `started ${when(time(job.startedAt), now)}`
  return {
    system: job.system,
    id: job.id,
    title: job.title,
    where: [job.system, job.worker, started].filter(Boolean).join(' · '),
    phase: job.phase,
    crawl: job.children === undefined ? null : { task: job.task ?? null, parts: job.children },
    qc: job.progress?.stuck == null ? null : { stillMs: grown(job.progress.movedAgeMs, read, now) },
    doneMs: job.progress?.audioDoneMs ?? null,
    totalMs: job.progress?.audioTotalMs ?? job.audioMs,
    percent: job.progress?.percent ?? null,
    speed: job.progress?.speed ?? null,
    step: job.progress?.step ?? null,
    elapsedMs: grown(job.elapsedMs, read, now),
    ends: job.phase === 'active' ? endsOf(leftMs, expected, now) : null,
    heartbeat: beat === null ? null : { ageMs: beat, level: limitMs !== null && beat > limitMs ? 'warning' : 'clear' },
  }
}

/** As the job tells it, else as the forecast does; a time that has passed is no expectation. */
function endsOf(leftMs: number | null, expected: ExpectedEnd | null, now: number): RunModel['ends'] {
  const between = expected === null ? null : betweenText(expected, now)
  if (leftMs !== null) return { clock: clock(now + leftMs), between, leftMs }
  if (expected === null || time(expected.to) <= now) return null
  const at = Math.max(now, time(expected.at))
  return { clock: clock(at), between, leftMs: at - now }
}

/** `20:05–20:30`; null where both are the same minute. */
export function betweenText({ from, to }: ExpectedEnd, now: number): string | null {
  const [first, last] = [Math.max(now, time(from)), Math.max(now, time(to))]
  return clock(first) === clock(last) ? null : `${clock(first)}–${clock(last)}`
}

/** `20:05–20:30`, with the day where it is not today. */
export function endText(ends: ExpectedEnd, now: number): string {
  const [from, to] = [when(Math.max(now, time(ends.from)), now), when(time(ends.to), now)]
  return from === to ? from : `${from}–${to}`
}

/** What runs now in one system or in all, the longest first. */
export function selectRunning(state: LiveState, nowMs: number, only: string | null = null): RunModel[] {
  const now = coreNow(state, nowMs)
  const systems = state.snapshot?.systems.filter((system) => only === null || system.id === only) ?? []
  return systems
    .flatMap((system) => {
      const limit = lastValue(system.limits)?.heartbeatLimitMs ?? null
      const ends = new Map(system.forecast.jobs.map((job) => [job.id, job.ends]))
      return (lastValue(system.running) ?? []).map((job) =>
        runModel(job, readAt(system.running), limit, now, ends.get(job.id) ?? null),
      )
    })
    .toSorted(
      (a, b) => Number(a.phase === 'parked') - Number(b.phase === 'parked') || (b.elapsedMs ?? 0) - (a.elapsedMs ?? 0),
    )
}
