// What the Jobs screen shows beside its rows: tabs with counts, when to read again, live progress, sums.
import type { Job, JobSort, JobState, SystemKind } from '../electron/contract/job.ts'
import type { SystemSnapshot } from '../electron/contract/snapshot.ts'
import { ago, audio, count, time } from './format.ts'
import type { LiveState } from './live.ts'
import { jobStates } from './route.ts'
import { aboutSign, coreNow, lastValue, readAt, type Shown, shown, systemOf } from './select.ts'
import { endText, type RunModel, selectRunning } from './select-running.ts'

export const tabTitles: Readonly<Record<JobState, string>> = {
  queued: 'Queue',
  running: 'Processing',
  failed: 'Failed',
  done: 'Done',
  skipped: 'Skipped',
}

export interface Sorting {
  readonly sort: JobSort
  readonly descending: boolean
}

/** How each tab is sorted until somebody asks otherwise: the queue by age, the ended ones by their end. */
export const firstSort: Readonly<Record<JobState, Sorting>> = {
  queued: { sort: 'created', descending: false },
  running: { sort: 'created', descending: false },
  failed: { sort: 'updated', descending: true },
  done: { sort: 'updated', descending: true },
  skipped: { sort: 'updated', descending: true },
}

export interface JobsModel {
  /** null: not read yet. */
  readonly kind: SystemKind | null
  readonly systems: readonly string[]
  readonly tabs: readonly { state: JobState; title: string; n: Shown<number>; about: '≈ ' | '' }[]
  readonly read: Shown<string>
  /** Changes when the rows of this state may have changed. */
  readonly revision: string
  readonly running: ReadonlyMap<string, RunModel>
  /** Attempts a job gets in all. */
  readonly attempts: number | null
  /** Median speed lately: what a queued job will need. */
  readonly speed: number | null
  readonly now: number
}

export function selectJobs(state: LiveState, nowMs: number, id: string): JobsModel {
  const system = systemOf(state.snapshot, id)
  const now = coreNow(state, nowMs)
  const counts = system === null ? { value: null, lost: null } : shown(system.counts, now)
  const running = selectRunning(state, nowMs, id)
  const retries = system === null ? null : lastValue(system.limits)?.maxRetries
  return {
    kind: system?.kind ?? null,
    systems: state.snapshot?.systems.map((one) => one.id) ?? [],
    tabs: jobStates.map((one) => ({
      state: one,
      title: tabTitles[one],
      n: { value: counts.value?.[one] ?? null, lost: counts.lost },
      about: counts.value === null ? '' : aboutSign(counts.value),
    })),
    read: {
      value:
        system === null ? 'not read yet' : `read ${ago(now - time(readAt(system.counts)))}${queueText(system, now)}`,
      lost: counts.lost,
    },
    revision: `${JSON.stringify(counts.value)} ${running.map((run) => `${run.id}${run.phase}`).join()}`,
    running: new Map(running.map((run) => [run.id, run])),
    attempts: retries == null ? null : retries + 1,
    speed: system === null ? null : (lastValue(system.throughput)?.speed ?? null),
    now,
  }
}

/** “, all of it done 21:05–22:30”; nothing where the forecast cannot say. */
export function queueText({ forecast }: SystemSnapshot, now: number): string {
  const { queue } = forecast
  if (queue === null || time(queue.to) <= now) return ''
  return `, all done ${endText(queue, now)}`
}

/**
 * “20 jobs, 1:03:00 of audio and 1 of unknown length”: a sum never hides what it does not know.
 * `total` is how many there are in all when only the first have been read; null when nobody knows.
 */
export function sumText(
  jobs: readonly Job[],
  complete: boolean,
  total: number | null,
  kind: SystemKind | null = null,
): string {
  const { known, unknown } = audioSum(jobs)
  const all = complete
    ? count(jobs.length, kind === 'crawl' ? 'run' : 'job')
    : `first ${jobs.length} of ${total ?? 'more'}`
  // Crawl runs and QC jobs have no audio that could be unknown.
  if (kind === 'crawl' || kind === 'qc') return all
  if (unknown === jobs.length) return `${all} of unknown length`
  return `${all}, ${audio(known)} of audio${unknown > 0 ? ` and ${unknown} of unknown length` : ''}`
}

export function audioSum(jobs: readonly Job[]): { known: number; unknown: number } {
  const known = jobs.reduce((sum, { audioMs }) => sum + (audioMs ?? 0), 0)
  return { known, unknown: jobs.filter(({ audioMs }) => audioMs === null).length }
}

/** “4 jobs failed for 2 reasons.” and the most frequent one. */
export function failedReasons(jobs: readonly Job[]): { headline: string; rest: string } {
  const times = new Map<string, number>()
  for (const job of jobs)
    if (job.state === 'failed') times.set(job.error ?? 'no reason', (times.get(job.error ?? 'no reason') ?? 0) + 1)
  const [most] = [...times].toSorted((a, b) => b[1] - a[1])
  if (most === undefined) return { headline: '', rest: '' }
  const [reason, n] = most
  if (jobs.length === 1) return { headline: '1 job failed.', rest: reason }
  const all = times.size === 1
  return {
    headline: all
      ? `All ${jobs.length} failed for one reason.`
      : `${jobs.length} jobs failed for ${times.size} reasons.`,
    // Of reasons that occurred once each, none is worth more than the others below.
    rest: all ? reason : n === 1 ? 'Each has its own, below.' : `Most often, ${n} of ${jobs.length}: ${reason}`,
  }
}

/** The selection after a click: one on, one off, or with Shift everything from the last one on. */
export function selectRange(
  chosen: ReadonlySet<string>,
  ids: readonly string[],
  anchor: string | null,
  id: string,
  shift: boolean,
): Set<string> {
  const next = new Set(chosen)
  const [a, b] = [anchor === null ? -1 : ids.indexOf(anchor), ids.indexOf(id)]
  if (shift && a >= 0 && b >= 0) {
    for (const one of ids.slice(Math.min(a, b), Math.max(a, b) + 1)) next.add(one)
    return next
  }
  if (!next.delete(id)) next.add(id)
  return next
}
