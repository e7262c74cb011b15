// All readings of one moment. A source that cannot be read is unknown with its last value, never zero.
import * as z from 'zod'
import { Alert } from './alert.ts'
import { Failure, Instant } from './failure.ts'
import { Finding } from './finding.ts'
import { Forecast } from './forecast.ts'
import { RunningJob, SystemId, SystemKind } from './job.ts'
import { Queue } from './queue.ts'
import { ApiStatus, EnvState, Service, StackInfo } from './service.ts'
import { ResultSummary, Task } from './task.ts'

const known = <T extends z.ZodType>(value: T) => z.object({ status: z.literal('known'), at: Instant, value })
const unknown = <T extends z.ZodType>(value: T) =>
  z.object({ status: z.literal('unknown'), since: Instant, failure: Failure, last: value.nullable() })
const reading = <T extends z.ZodType>(value: T) => z.discriminatedUnion('status', [known(value), unknown(value)])

/** A value with its age, or the reason why there is none and the last one known. */
export type Reading<T> =
  | { status: 'known'; at: Instant; value: T }
  | { status: 'unknown'; since: Instant; failure: Failure; last: T | null }

export const Counts = z.object({
  queued: z.number().int(),
  running: z.number().int(),
  done: z.number().int(),
  failed: z.number().int(),
  skipped: z.number().int(),
  /**
   * Present when they were not counted just now: the planner's statistics, or a count some time ago, of a table too
   * large for counting without an index. Shown with ≈, and no rule concludes from them that nothing moves.
   */
  approximate: z.literal(true).optional(),
})
export type Counts = z.infer<typeof Counts>

export const Worker = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['unjam', 'celery']),
  /**
   * `busy`: silent because a task fills it (solo pool) · `not-consuming`: answers and takes nothing although messages
   * wait · `hung`: heartbeats, but no answers · `frozen`: connected, neither answers nor heartbeats (SIGSTOP) ·
   * `lost`: gone, or its beat is older than three intervals by the database's clock.
   */
  state: z.enum(['running', 'paused', 'draining', 'busy', 'not-consuming', 'hung', 'frozen', 'lost', 'unknown']),
  /** The evidence for a state that is not well, as a sentence. */
  because: z.string().nullable(),
  host: z.string(),
  pid: z.number().int().nullable(),
  slots: z.number().int(),
  busy: z.number().int(),
  threads: z.number().int().nullable(),
  model: z.string().nullable(),
  speed: z.number().nullable(),
  beatAt: Instant.nullable(),
  beatAgeMs: z.number().nullable(),
  startedAt: Instant.nullable(),
  /** Queues it consumes, tasks it has prefetched, its pool ("prefork"): null where it does not say. */
  queues: z.array(z.string()).nullable(),
  prefetched: z.number().int().nullable(),
  pool: z.string().nullable(),
})
export type Worker = z.infer<typeof Worker>

/** What the system itself is told to do; null is "no limit" or "not set". */
export const Limits = z.object({
  taskTimeoutMs: z.number().nullable(),
  heartbeatLimitMs: z.number(),
  maxRetries: z.number().int(),
})
export type Limits = z.infer<typeof Limits>

export const Throughput = z.object({
  doneToday: z.number().int(),
  audioTodayMs: z.number(),
  lastDoneAgeMs: z.number().nullable(),
  lastDoneAt: Instant.nullable(),
  /** Finished jobs per half hour, oldest first, the last bucket still open. */
  buckets: z.array(z.object({ from: Instant, done: z.number().int(), failed: z.number().int() })),
  /** Of the jobs finished lately: audio seconds per wall second, median. */
  speed: z.number().nullable(),
})
export type Throughput = z.infer<typeof Throughput>

/** One bar per attempt on the worker timeline. */
export const AttemptBar = z.object({
  job: z.string(),
  title: z.string(),
  worker: z.string(),
  startedAt: Instant,
  endedAt: Instant.nullable(),
  outcome: z.string(),
  audioMs: z.number().nullable(),
  /** With which model; absent where no source names it. */
  model: z.string().nullish(),
})
export type AttemptBar = z.infer<typeof AttemptBar>

/** What a pipeline leans on, by its own word: `groq_api`, `google_oauth`. Not configured is `unknown`, never `down`. */
export const Dependency = z.object({
  name: z.string(),
  state: z.enum(['ok', 'degraded', 'down', 'unknown']),
  detail: z.string().nullable(),
})
export type Dependency = z.infer<typeof Dependency>

/** The whisper.cpp program the worker needs. */
export const Engine = z.discriminatedUnion('state', [
  z.object({ state: z.literal('ready'), path: z.string(), version: z.string().nullable() }),
  z.object({ state: z.literal('building'), percent: z.number(), step: z.string() }),
  z.object({ state: z.literal('missing'), failure: Failure }),
])
export type Engine = z.infer<typeof Engine>

export const ModelFile = z.object({ name: z.string(), path: z.string(), bytes: z.number() })
export type ModelFile = z.infer<typeof ModelFile>

/** The local worker process as its supervisor sees it. */
export const WorkerProcess = z.object({
  state: z.enum(['stopped', 'starting', 'running', 'paused', 'draining', 'restarting', 'blocked']),
  pid: z.number().int().nullable(),
  restarts: z.number().int(),
  /** Why it does not run, as a sentence; null while it does. */
  because: z.string().nullable(),
})
export type WorkerProcess = z.infer<typeof WorkerProcess>

/** What only the machine Unjam runs on has: engine, models, the supervised worker. */
export const LocalHost = z.object({
  engine: Engine,
  models: z.array(ModelFile),
  model: z.string().nullable(),
  download: z
    .object({ name: z.string(), doneBytes: z.number(), totalBytes: z.number().nullable(), failure: Failure.nullable() })
    .nullable(),
  worker: WorkerProcess,
  /** A stack that is being created, or why the last one was not; null otherwise. */
  stackCreation: z.object({ step: z.string(), failure: Failure.nullable() }).nullable(),
})
export type LocalHost = z.infer<typeof LocalHost>

export const SystemSnapshot = z.object({
  id: SystemId,
  kind: SystemKind,
  counts: reading(Counts),
  running: reading(z.array(RunningJob)),
  workers: reading(z.array(Worker)),
  throughput: reading(Throughput),
  attempts: reading(z.array(AttemptBar)),
  limits: reading(Limits),
  /** Made of the readings above, as old as they are. */
  forecast: Forecast,
  /** null: this system has no broker configured, which is not the same as unreadable. */
  queues: reading(z.array(Queue)).nullable(),
  /** Of the broker: tasks that workers hold (at most 200), and what past attempts left. */
  tasks: reading(z.array(Task)).nullable(),
  results: reading(ResultSummary).nullable(),
  /** Of the compose stack; null: none is configured. */
  stack: reading(StackInfo).nullable(),
  services: reading(z.array(Service)).nullable(),
  env: reading(EnvState).nullable(),
  /** Of the stack's own API, to compare with the database. */
  api: reading(ApiStatus).nullable(),
  /** Of a QC service; null: this kind of system reports none. */
  dependencies: reading(z.array(Dependency)).nullable(),
})
export type SystemSnapshot = z.infer<typeof SystemSnapshot>

export const Snapshot = z.object({
  sequence: z.number().int(),
  at: Instant,
  systems: z.array(SystemSnapshot),
  host: LocalHost,
  findings: z.array(Finding),
  /** What interrupts people now, newest first; empty where the core only looks once. */
  alerts: z.array(Alert),
})
export type Snapshot = z.infer<typeof Snapshot>

const change = z.object({ id: z.string(), fields: SystemSnapshot.partial() })

/** What changed between two snapshots: each field of each system as a whole. */
export const SnapshotChanges = z.object({
  added: z.array(SystemSnapshot),
  changed: z.array(change),
  removed: z.array(z.string()),
  order: z.array(z.string()).nullable(),
  host: LocalHost.partial().nullable(),
  findings: z.array(Finding).nullable(),
  alerts: z.array(Alert).nullable(),
})
export type SnapshotChanges = z.infer<typeof SnapshotChanges>

/** A live stream begins with one snapshot and continues with numbered changes; a gap means: ask again. */
export const LiveEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('snapshot'), snapshot: Snapshot }),
  z.object({ kind: z.literal('changed'), sequence: z.number().int(), at: Instant, changes: SnapshotChanges }),
])
export type LiveEvent = z.infer<typeof LiveEvent>
