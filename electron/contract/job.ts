// A job, its attempts and its transcript, in the words of the glossary (DESIGN §2).
import * as z from 'zod'
import { Instant } from './failure.ts'

export const SystemId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'lower-case letters, digits and dashes')
export type SystemId = z.infer<typeof SystemId>

export const SystemKind = z.enum(['local', 'recordings', 'crawl', 'qc'])
export type SystemKind = z.infer<typeof SystemKind>

export const JobState = z.enum(['queued', 'running', 'done', 'failed', 'skipped'])
export type JobState = z.infer<typeof JobState>

/** How far a running job is. Everything a source does not tell is null. */
export const Progress = z.object({
  audioDoneMs: z.number().nullable(),
  audioTotalMs: z.number().nullable(),
  /** Audio seconds per wall second: 0.29 means 63 minutes take 217. */
  speed: z.number().nullable(),
  etaMs: z.number().nullable(),
  chunksDone: z.number().nullable(),
  chunksTotal: z.number().nullable(),
  /** Since the audio position last moved, by the database's clock. */
  movedAgeMs: z.number().nullable(),
  /** What its worker's log last said it is doing: “Transcribing audio…”. Absent where no log is read. */
  step: z.string().nullish(),
  /** 0–100, where a system tells its progress so (QC jobs); `movedAgeMs` is since that number last changed. */
  percent: z.number().nullish(),
  /** The system itself counts the job as stuck. */
  stuck: z.boolean().nullish(),
})
export type Progress = z.infer<typeof Progress>

const jobBase = {
  system: SystemId,
  id: z.string(),
  title: z.string(),
  audioMs: z.number().nullable(),
  retryCount: z.number().nullable(),
  createdAt: Instant.nullable(),
  /** The run it is a part of, by id. Absent where jobs have no parents. */
  parent: z.string().nullish(),
  /** Of a job made of parts (a multi-source run): all of them, those that have not ended, those that failed. */
  children: z.object({ total: z.number().int(), active: z.number().int(), failed: z.number().int() }).nullish(),
  /** The task its row names, where the table keeps one. */
  task: z.string().nullish(),
}

export const QueuedJob = z.object({ ...jobBase, state: z.literal('queued'), waitingMs: z.number().nullable() })
export const RunningJob = z.object({
  ...jobBase,
  state: z.literal('running'),
  /** Parked: it stepped aside between chunks for others; a live worker beats its heartbeat. */
  phase: z.enum(['active', 'parked', 'cancelling']),
  startedAt: Instant.nullable(),
  elapsedMs: z.number().nullable(),
  /** Age of the last heartbeat, computed by the database (the clock rule). */
  heartbeatAgeMs: z.number().nullable(),
  worker: z.string().nullable(),
  progress: Progress.nullable(),
})
export const DoneJob = z.object({
  ...jobBase,
  state: z.literal('done'),
  endedAt: Instant.nullable(),
  /** Wall time of the work itself, waiting between chunks not counted. */
  tookMs: z.number().nullable(),
  speed: z.number().nullable(),
})
export const FailedJob = z.object({
  ...jobBase,
  state: z.literal('failed'),
  endedAt: Instant.nullable(),
  /** When its row was last written: one moment for many jobs is one sweep (runbook 1). Absent where no column tells. */
  updatedAt: Instant.nullish(),
  error: z.string().nullable(),
})
export const SkippedJob = z.object({
  ...jobBase,
  state: z.literal('skipped'),
  endedAt: Instant.nullable(),
  reason: z.string().nullable(),
})
export const Job = z.discriminatedUnion('state', [QueuedJob, RunningJob, DoneJob, FailedJob, SkippedJob])
export type QueuedJob = z.infer<typeof QueuedJob>
export type RunningJob = z.infer<typeof RunningJob>
export type DoneJob = z.infer<typeof DoneJob>
export type FailedJob = z.infer<typeof FailedJob>
export type SkippedJob = z.infer<typeof SkippedJob>
export type Job = z.infer<typeof Job>

export const JobSort = z.enum(['created', 'updated', 'title', 'audio'])
export type JobSort = z.infer<typeof JobSort>

export const JobQuery = z.object({
  system: SystemId,
  state: JobState,
  /** Part of the name, case-insensitive; taken literally, never as a pattern. */
  search: z.string().max(200).default(''),
  sort: JobSort.default('created'),
  descending: z.union([z.boolean(), z.stringbool()]).default(false),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(2000).nullish(),
})
export type JobQuery = z.output<typeof JobQuery>

export const JobPage = z.object({ jobs: z.array(Job), cursor: z.string().nullable() })
export type JobPage = z.infer<typeof JobPage>

export const Attempt = z.object({
  number: z.number().int(),
  worker: z.string().nullable(),
  startedAt: Instant,
  endedAt: Instant.nullable(),
  /** `parked` and `released` are not failures: chunks were kept and the job goes on. */
  outcome: z.enum(['running', 'parked', 'done', 'failed', 'timeout', 'cancelled', 'lost', 'released', 'skipped']),
  error: z.string().nullable(),
  chunksSaved: z.number().int(),
  audioMs: z.number(),
  wallMs: z.number().nullable(),
})
export type Attempt = z.infer<typeof Attempt>

export const Segment = z.object({ startMs: z.number().int(), endMs: z.number().int(), text: z.string() })
export type Segment = z.infer<typeof Segment>

/** One raw fact of a job: a column of its row, a path, a worker. Shown as text, never interpreted. */
export const JobFact = z.object({ label: z.string(), value: z.string().nullable(), source: z.string() })
export type JobFact = z.infer<typeof JobFact>

export const JobDetail = z.object({
  job: Job,
  attempts: z.array(Attempt),
  facts: z.array(JobFact),
  segmentCount: z.number().int(),
  /** Whether the recording itself can be played in the app. */
  playable: z.boolean(),
})
export type JobDetail = z.infer<typeof JobDetail>

export const TranscriptFormat = z.enum(['txt', 'srt', 'vtt', 'json'])
export type TranscriptFormat = z.infer<typeof TranscriptFormat>

/** What became of each file that was added. */
export const AddReport = z.object({
  added: z.array(z.object({ id: z.string(), title: z.string(), path: z.string() })),
  duplicates: z.array(z.object({ id: z.string(), title: z.string(), path: z.string() })),
  refused: z.array(z.object({ path: z.string(), because: z.string() })),
})
export type AddReport = z.infer<typeof AddReport>
