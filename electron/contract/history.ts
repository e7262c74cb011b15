// The past as numbers: what was read of every system at one moment, and a range of it for charts.
import * as z from 'zod'
import { Instant } from './failure.ts'
import { Finding } from './finding.ts'
import { FindingEpisode } from './finding-life.ts'
import { SystemId, SystemKind } from './job.ts'
import { Counts, Dependency, Worker } from './snapshot.ts'

/** A job that ran at that moment; ages in ms at that moment, by the database's clock. */
export const RecordedJob = z.object({
  id: z.string(),
  title: z.string(),
  audioMs: z.number().nullable(),
  elapsedMs: z.number().nullable(),
  heartbeatAgeMs: z.number().nullable(),
  /** Audio done, ms, or percent where a system tells its progress so; null where it does not say. */
  audioDoneMs: z.number().nullable(),
  percent: z.number().nullable(),
})
export type RecordedJob = z.infer<typeof RecordedJob>

/** The numbers of one system at one moment. null is unknown, or not configured: `unread` tells which. */
export const RecordedSystem = z.object({
  id: SystemId,
  kind: SystemKind,
  counts: Counts.nullable(),
  /** When a job was last finished, as the system's own database said then. */
  lastDoneAt: Instant.nullable(),
  queues: z
    .array(z.object({ name: z.string(), messages: z.number().int(), unacked: z.number().int().nullable() }))
    .nullable(),
  /** At most 20, the oldest heartbeat first. */
  running: z.array(RecordedJob).nullable(),
  /** At most 20. */
  workers: z
    .array(z.object({ name: z.string(), state: Worker.shape.state, busy: z.number().int(), slots: z.number().int() }))
    .nullable(),
  dependencies: z.array(Dependency.pick({ name: true, state: true })).nullable(),
  /** What is configured and could not be read, with the cause in one clause. */
  unread: z.array(z.object({ part: z.string(), because: z.string() })),
})
export type RecordedSystem = z.infer<typeof RecordedSystem>

export const Moment = z.object({ at: Instant, systems: z.array(RecordedSystem) })
export type Moment = z.infer<typeof Moment>

/** One stretch of a range. Every null: nothing was recorded then, or the source could not be read. */
export const RangeBucket = z.object({
  from: Instant,
  /** Readings in it: 0 means that Unjam was not running. */
  moments: z.number().int(),
  /** Jobs that ended in it, from the counters before and after. */
  finished: z.number().int().nullable(),
  failed: z.number().int().nullable(),
  /** The highest in it. */
  queued: z.number().int().nullable(),
  running: z.number().int().nullable(),
  messages: z.number().int().nullable(),
  unacked: z.number().int().nullable(),
})
export type RangeBucket = z.infer<typeof RangeBucket>

export const SystemRange = z.object({
  id: SystemId,
  kind: SystemKind,
  buckets: z.array(RangeBucket),
  /** The last moment at which something finished, up to the end of the range; null when none is known. */
  lastDoneAt: Instant.nullable(),
  /** Whether jobs waited or ran at the end of the range, so that the silence since then is one. */
  waits: z.boolean(),
})
export type SystemRange = z.infer<typeof SystemRange>

export const HistoryRange = z.object({
  from: Instant,
  to: Instant,
  bucketMs: z.number().int(),
  /** The oldest reading there is; null when nothing has been recorded yet. */
  since: Instant.nullable(),
  systems: z.array(SystemRange),
  /** Findings that stood at some time of the range. */
  findings: z.array(FindingEpisode),
})
export type HistoryRange = z.infer<typeof HistoryRange>

export const HistoryMoment = z.object({
  /** The last reading up to the moment asked for; null when there is none that old. */
  moment: Moment.nullable(),
  /** As they stood at the moment asked for. */
  findings: z.array(Finding),
})
export type HistoryMoment = z.infer<typeof HistoryMoment>

export const RangeQuery = z.object({
  /** Absent: a day before `to`. */
  from: Instant.optional(),
  /** Absent: now. */
  to: Instant.optional(),
  /** At most so many buckets. */
  points: z.coerce.number().int().min(10).max(500).default(120),
})
export type RangeQuery = z.output<typeof RangeQuery>
