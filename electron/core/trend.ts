// How long things have been so, as this core saw it: what a single reading cannot tell.
import type { Counts, Reading } from '../contract/snapshot.ts'

export interface Trend {
  /** First reading, core clock ms: what is older was not seen. */
  readonly watchedSinceMs: number | null
  readonly done: number | null
  /** Since when `done` has not moved, core clock ms; null before the first reading. */
  readonly doneFlatSinceMs: number | null
  /** Since when jobs wait and none runs; null while that is not so. */
  readonly idleSinceMs: number | null
}

export const noTrend: Trend = { watchedSinceMs: null, done: null, doneFlatSinceMs: null, idleSinceMs: null }

/** The trend after one more reading of the counts; what cannot be read, or was not counted, leaves it as it was. */
export function nextTrend(trend: Trend, counts: Reading<Counts>, nowMs: number): Trend {
  if (counts.status === 'unknown' || counts.value.approximate === true) return trend
  const { queued, running, done } = counts.value
  return {
    watchedSinceMs: trend.watchedSinceMs ?? nowMs,
    done,
    doneFlatSinceMs: trend.done === done ? trend.doneFlatSinceMs : nowMs,
    idleSinceMs: queued > 0 && running === 0 ? (trend.idleSinceMs ?? nowMs) : null,
  }
}
