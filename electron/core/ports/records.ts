// What the core asks of the memory of readings: moments by time, and their numbers bucket by bucket.
import type { Instant } from '../../contract/failure.ts'
import type { Moment } from '../../contract/history.ts'
import type { SystemId, SystemKind } from '../../contract/job.ts'

/** How long a moment is kept: each resolution for its own time. */
export type Resolution = 'fine' | 'minute' | 'coarse'

/** Of one system in one bucket: the highest of what goes up and down, the last known of what counts up. */
export interface BucketRow {
  readonly system: SystemId
  readonly kind: SystemKind
  readonly fromMs: number
  readonly moments: number
  /** Counters as last read in the bucket; null when they were never read in it. */
  readonly done: number | null
  readonly failed: number | null
  readonly queued: number | null
  readonly running: number | null
  readonly messages: number | null
  readonly unacked: number | null
  readonly lastDoneAt: Instant | null
}

/** Readings of 30 days. */
export interface Records {
  append(moment: Moment, resolution: Resolution): void
  /** Of every moment older than these, what was kept at no coarser resolution goes. */
  prune(before: Readonly<Record<Resolution, number>>): void
  /** The last moment up to `ms`. */
  at(ms: number): Moment | null
  /** Moments from `from` on, before `to`, oldest first; more than `limit` are thinned out evenly. */
  between(fromMs: number, toMs: number, limit: number): readonly Moment[]
  /** One row per system and bucket that has any, oldest first. */
  buckets(fromMs: number, toMs: number, bucketMs: number): readonly BucketRow[]
  /** The oldest moment, ms; null when there is none. */
  oldest(): number | null
  /** Everything of systems whose id begins so: samples leave no trace. */
  forget(prefix: string): void
}
