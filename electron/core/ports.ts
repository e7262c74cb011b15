// What the core asks of the world. Adapters implement these; tests pass real ones or the in-memory ones.

import type { Receipt } from '../contract/action.ts'
import type { CrawlTables } from '../contract/crawl-tables.ts'
import type { Instant } from '../contract/failure.ts'
import type { CatalogModel, LogPage, ModelResult } from '../contract/host.ts'
import type {
  AddReport,
  Attempt,
  Job,
  JobDetail,
  JobPage,
  JobQuery,
  RunningJob,
  Segment,
  SystemId,
  SystemKind,
} from '../contract/job.ts'
import type { Message, MessagePage, MessageQuery, Queue } from '../contract/queue.ts'
import type { ApiStatus, Service, ServiceLogPage, ServiceLogQuery, StackInfo } from '../contract/service.ts'
import type { CelerySettings, WorkerSettings } from '../contract/settings.ts'
import type {
  AttemptBar,
  Counts,
  Engine,
  Limits,
  LocalHost,
  ModelFile,
  Throughput,
  Worker,
  WorkerProcess,
} from '../contract/snapshot.ts'
import type { ResultPage, ResultQuery, ResultSummary, Task, TaskResult } from '../contract/task.ts'
import type { RecordingsTable } from '../contract/worker-protocol.ts'

/** Time, so that policy can be tested without waiting. `now` is the core's own clock: never compared with a database's. */
export interface Clock {
  now(): Instant
  nowMs(): number
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** Whether a system can do something, or the sentence why not. */
export type Can = { can: true } | { can: false; because: string }
export type Ability =
  | 'add'
  | 'retry'
  | 'skip'
  | 'fail'
  | 'release'
  | 'cancel'
  | 'remove'
  | 'take-over'
  | 'finalize'
  | 'attempts'
  | 'transcript'
export type Abilities = Readonly<Record<Ability, Can>>

/**
 * A job's row as it was, for fingerprints and undo. `image` is opaque to the core: the adapter's own JSON of every
 * value that a write may overwrite, exact enough to put back.
 */
export interface JobRow {
  readonly id: string
  readonly title: string
  readonly job: Job
  readonly image: string
  /** Of id, status, retry count and error (DESIGN §5): changes when an action must not go on as previewed. */
  readonly fingerprint: string
  /** Of a crawl run: the id of its source, with which its task is called. */
  readonly source?: string
}

/** Which jobs an action means, before they are frozen. */
export type JobSelector = { kind: 'ids'; ids: readonly string[] } | { kind: 'state'; states: readonly Job['state'][] }

/** What a write did: rows before and after, and the frozen rows that had moved meanwhile. */
export interface Written {
  readonly changed: readonly { before: JobRow; after: JobRow | null }[]
  readonly left: readonly { id: string; because: string }[]
}

/** One write on a frozen set. Only rows whose fingerprint still matches are touched, all in one transaction. */
export type JobWrite =
  /** `tasks`: by job the id of the message that will be sent for it, where the row names it. */
  | { verb: 'retry'; tasks?: Readonly<Record<string, string>> }
  | { verb: 'skip'; reason: string | null }
  | { verb: 'fail'; reason: string }
  /** Running with a dead heartbeat → queued; a row whose heartbeat is younger than `olderThanMs` is left. */
  | { verb: 'release'; olderThanMs: number }
  /** Asks the worker that holds it to kill its processes; the job becomes skipped. */
  | { verb: 'cancel' }
  | { verb: 'remove' }
  /** A lease without a holder: the next free worker of Unjam on this database goes on with it, others are fenced. */
  | { verb: 'take-over' }
  /** A running parent whose children have all ended becomes done, or failed when one of them failed. */
  | { verb: 'finalize' }

/** One monitored pipeline. Every read has a signal; what cannot be read throws a FailureError. */
export interface JobSystem {
  readonly id: SystemId
  readonly kind: SystemKind
  /** Names of its table, for the literal SQL that previews show; absent where there is none. */
  readonly table?: RecordingsTable
  /** The same of a system of crawl runs. */
  readonly tables?: CrawlTables
  abilities(signal: AbortSignal): Promise<Abilities>
  counts(signal: AbortSignal): Promise<Counts>
  /** Running jobs, longest first, at most `limit`. */
  running(limit: number, signal: AbortSignal): Promise<readonly RunningJob[]>
  workers(signal: AbortSignal): Promise<readonly Worker[]>
  throughput(signal: AbortSignal): Promise<Throughput>
  /** Attempts of the last `windowMs`, oldest first, at most `limit`. */
  recentAttempts(windowMs: number, limit: number, signal: AbortSignal): Promise<readonly AttemptBar[]>
  limits(signal: AbortSignal): Promise<Limits>
  page(query: JobQuery, signal: AbortSignal): Promise<JobPage>
  detail(id: string, signal: AbortSignal): Promise<JobDetail | null>
  attempts(id: string, signal: AbortSignal): Promise<readonly Attempt[]>
  segments(
    id: string,
    from: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ segments: readonly Segment[]; next: number | null }>
  /** The recording's file on this machine, if it is here. */
  mediaPath(id: string, signal: AbortSignal): Promise<string | null>
  rows(selector: JobSelector, limit: number, signal: AbortSignal): Promise<readonly JobRow[]>
  write(rows: readonly JobRow[], write: JobWrite): Promise<Written>
  /** Puts rows back as they were where they are still as `after` left them; removed rows return. */
  restore(changed: Written['changed']): Promise<{ restored: number; left: readonly { id: string; because: string }[] }>
  add(files: readonly NewFile[]): Promise<AddReport>
  close(): Promise<void>
}

/** A job system with what is configured beside it; null is "not configured", never "cannot be read". */
export interface System {
  readonly id: SystemId
  readonly kind: SystemKind
  readonly jobs: JobSystem
  readonly broker: Broker | null
  readonly stack: Stack | null
  readonly env: EnvFile | null
  readonly api: QueueApi | null
  close(): Promise<void>
}

/** A Celery broker and its result backend. Every read has a signal; what cannot be read throws a FailureError. */
export interface Broker {
  readonly queues: BrokerQueues
  readonly quarantine: Quarantine
  readonly control: TaskControl
  readonly results: Results
  /** Task names and arguments of this app, as the settings say. */
  readonly app: CelerySettings
  /** Something was pushed (an event, a result): readings are worth taking again. */
  onChange(listener: () => void): () => void
  close(): Promise<void>
}

/** Contents of queues. The first reading streams a long queue; later ones read only what is new. */
export interface BrokerQueues {
  /** All queues that exist or that a worker consumes, sub-queues of priorities folded in. */
  queues(signal: AbortSignal): Promise<readonly Queue[]>
  messages(query: MessageQuery, signal: AbortSignal): Promise<MessagePage>
  /** Messages of one job in every queue and among the unacknowledged, at most `limit`. */
  messagesOf(job: string, limit: number, signal: AbortSignal): Promise<readonly Message[]>
}

/** Messages moved out of a queue, kept 24 h under keys of their own: the trail of purge, de-duplicate, collapse. */
export interface Quarantined {
  readonly operation: string
  readonly queue: string
  readonly rule: QuarantineRule
  readonly moved: number
  /** One list per priority step. */
  readonly lists: readonly { priority: number; key: string; messages: number }[]
  /** After this instant nothing can be put back. */
  readonly until: Instant
}

/** Which messages would be moved, without moving one. */
export interface QuarantinePlan {
  readonly queue: string
  /** Of key names and types: a queue is live, its set freezes only at the rename (DESIGN §5). */
  readonly fingerprint: string
  readonly messages: number
  readonly moves: number
  /** Messages the groups were made of: a purge of a long queue looks only at those that run next. */
  readonly read: number
  readonly groups: readonly { task: string | null; messages: number; moves: number }[]
  readonly sample: readonly Message[]
  readonly unacked: number | null
}

/** Which messages of a queue: all, all but the first of each job, all but the first of each periodic task. */
export type QuarantineRule = 'all' | 'duplicates' | 'periodic'

export interface Quarantine {
  plan(queue: string, rule: QuarantineRule, signal: AbortSignal): Promise<QuarantinePlan>
  /** `all` is one atomic rename; the others run in bounded steps that stall no other client. */
  move(queue: string, rule: QuarantineRule, operation: string, signal: AbortSignal): Promise<Quarantined>
  /** Puts back what has not come back meanwhile, oldest first, before newcomers; nothing twice. */
  restore(what: Quarantined, signal: AbortSignal): Promise<{ restored: number; left: Receipt['left'] }>
  /** Finishes or takes back what a crash left half-done; answers with one sentence for each. */
  recover(signal: AbortSignal): Promise<readonly string[]>
}

/** One worker's answer to a control command. */
export interface Told {
  readonly worker: string
  readonly ok: boolean
  readonly text: string
}

/** A message that waits, as the exact bytes by which it can be taken out. */
export interface WaitingMessage {
  readonly id: string
  readonly queue: string
  readonly raw: string
  readonly task: string | null
  readonly job: string | null
  readonly priority: number
}

/** Workers over pidbox. Waits are bounded; every state-changing command names its workers. */
export interface TaskControl {
  /** Known workers included: one that no longer answers is `frozen`, `hung`, `busy` or `lost`, with the evidence. */
  workers(signal: AbortSignal): Promise<readonly Worker[]>
  tasks(signal: AbortSignal): Promise<readonly Task[]>
  revoke(
    ids: readonly string[],
    how: { terminate: boolean; signal: 'SIGTERM' | 'SIGKILL' },
    abort: AbortSignal,
  ): Promise<readonly Told[]>
  /** Grows (`by` > 0) or shrinks the pool of one worker; answers with its size before and after. */
  resize(worker: string, by: number, abort: AbortSignal): Promise<{ from: number; to: number; told: readonly Told[] }>
  /** Kept in Redis: a queue that no worker was told to leave is not paused, whoever pauses or resumes it. */
  consume(queue: string, on: boolean, workers: readonly string[], abort: AbortSignal): Promise<readonly Told[]>
  /** Workers that were told to leave the queue when it was paused. */
  leftQueue(queue: string, abort: AbortSignal): Promise<readonly string[]>
  /** Cuts the control connection of a hung worker, which then connects again. */
  unhang(worker: string, abort: AbortSignal): Promise<{ cut: number; answers: boolean }>
  /**
   * The connections that `unhang` would cut, as addresses, and how they were told apart; none: why they could not be.
   * Refuses a worker that answers.
   */
  hung(worker: string, abort: AbortSignal): Promise<{ connections: readonly string[]; how: string }>
  /** Messages in these queues that belong to these tasks or jobs. */
  waiting(
    queues: readonly string[],
    of: { ids: readonly string[]; by: 'task' | 'job' },
    abort: AbortSignal,
  ): Promise<readonly WaitingMessage[]>
  /** The name by which workers that consume the queue know the task; refuses where there is none. */
  deliverable(task: string, queue: string, abort: AbortSignal): Promise<string>
  /**
   * One well-formed protocol-v2 message, at the end of the queue; refuses a task no worker knows or a queue nobody
   * consumes. With `raw`, a message that was withdrawn goes back under a new id, whoever consumes it by now.
   */
  enqueue(
    task: {
      id?: string
      name: string
      args: readonly (string | number)[]
      kwargs?: Readonly<Record<string, string | number>>
      queue: string
      raw?: string
    },
    abort: AbortSignal,
  ): Promise<{ id: string; raw: string }>
  /** Takes one exact message out of its queue, where it still waits. */
  withdraw(queue: string, raw: string, abort: AbortSignal): Promise<boolean>
}

/** What attempts left behind: one scan, then the push feed. */
export interface Results {
  summary(signal: AbortSignal): Promise<ResultSummary>
  page(query: ResultQuery, signal: AbortSignal): Promise<ResultPage>
  resultsOf(job: string, limit: number, signal: AbortSignal): Promise<readonly TaskResult[]>
  /** Which job a task worked on, told by another source (worker log, database); kept for as long as the result is. */
  learn(task: string, job: string, from: 'worker log' | 'database'): void
}

/** One compose project. Actions here are what run-action executes; they wait until the engine has done it. */
export interface Stack {
  info(signal: AbortSignal): Promise<StackInfo>
  services(signal: AbortSignal): Promise<readonly Service[]>
  /** The engine's event stream: a hint to read again, never the truth. */
  onChange(listener: () => void): () => void
  logs(query: ServiceLogQuery, signal: AbortSignal): Promise<ServiceLogPage>
  /** Environment of each running container of each service, unmasked: it never leaves the core as it is. */
  environments(
    signal: AbortSignal,
  ): Promise<readonly { service: string; container: string; values: Readonly<Record<string, string>> }[]>
  /** For each key of .env the services whose definition uses it; null when the compose files cannot be read. */
  uses(signal: AbortSignal): Promise<Readonly<Record<string, readonly string[]>> | null>
  start(service: string, signal: AbortSignal): Promise<void>
  stop(service: string, signal: AbortSignal): Promise<void>
  restart(service: string, signal: AbortSignal): Promise<void>
  /** Why the service cannot have replicas (`container_name`, a fixed host port), or that it can. */
  scalable(service: string, signal: AbortSignal): Promise<Can>
  scale(service: string, replicas: number, signal: AbortSignal): Promise<{ from: number; to: number }>
  /**
   * New containers for these services with the environment that the files say now (`changes` for an engine without the
   * compose CLI: null removes a key). Answers once they are healthy, or why not, with the end of their logs; the
   * engine's way has then put the old containers back by itself (`rolledBack`), compose has not.
   */
  recreate(
    services: readonly string[],
    changes: Readonly<Record<string, string | null>>,
    signal: AbortSignal,
  ): Promise<Recreated>
  /** The literal command a person would type, for previews. */
  command(verb: 'start' | 'stop' | 'restart' | 'recreate', services: readonly string[]): string
  scaleCommand(service: string, replicas: number): string
  /** Repairs what a crash in the middle of a recreate left; one sentence for each. */
  recover(signal: AbortSignal): Promise<readonly string[]>
  close(): Promise<void>
}

export type Recreated =
  | { ok: true; way: 'compose' | 'engine'; notes: readonly string[] }
  | { ok: false; way: 'compose' | 'engine'; because: string; log: readonly string[]; rolledBack: boolean }

/** A .env file: read with its exact bytes, replaced in one step only when unchanged since. */
export interface EnvFile {
  readonly path: string
  read(signal: AbortSignal): Promise<EnvText>
  /** Backs up, then replaces; refuses as stale when the file is no longer `hash`. Answers with the backup's path. */
  replace(text: string, hash: string): Promise<{ backup: string; hash: string }>
}
export interface EnvText {
  /** With BOM and line ends as they are. */
  readonly text: string
  readonly hash: string
}

/** The stack's own HTTP API. */
export interface QueueApi {
  status(signal: AbortSignal): Promise<ApiStatus>
}

/** A file to add: an absolute path on this machine, its name, size and SHA-256 (hex) of its bytes. */
export interface NewFile {
  readonly path: string
  readonly title: string
  readonly bytes: number
  /** null when the file could not be read: it is accepted all the same and failed by the worker. */
  readonly sha256: string | null
}

/** Finds what paths mean: files as they are, folders recursively, each with its hash. Never throws for one bad path. */
export interface FileFinder {
  find(
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<{ files: readonly NewFile[]; refused: AddReport['refused'] }>
}

/** Receipts and their trails; survives restarts. */
export interface History {
  append(receipt: Receipt, trail: string): void
  get(id: string): { receipt: Receipt; trail: string } | null
  /** Replaces a receipt after an undo; the trail stays. */
  replace(receipt: Receipt): void
  list(limit: number, before: string | null): readonly Receipt[]
}

/** The supervised local worker process. */
export interface WorkerControl {
  state(): WorkerProcess
  /** Resolves when it has said ready, rejects with the failure that stopped it. */
  start(): Promise<void>
  stop(): Promise<void>
  pause(): Promise<void>
  resume(): Promise<void>
  log(cursor: number, limit: number): LogPage
  onChange(listener: () => void): () => void
}

/** The whisper.cpp engine: found, built, or missing with its reason. */
export interface EngineStore {
  state(): Engine
  /** Starts a build unless one runs or none is needed; progress through `onChange`. */
  ensure(signal: AbortSignal): Promise<string>
  onChange(listener: () => void): () => void
}

/** ggml model files in the data directory, and the catalogue they can be had from. */
export interface ModelStore {
  present(): readonly ModelFile[]
  catalog(selected: string | null): readonly CatalogModel[]
  download(name: string, signal: AbortSignal): Promise<ModelResult>
  downloading(): LocalHost['download']
  cancel(): boolean
  import(path: string, signal: AbortSignal): Promise<ModelResult>
  /** A file name in the folder or an absolute path → a checked path, or null when there is none. */
  resolve(model: string | null): string | null
  onChange(listener: () => void): () => void
}

/** Where a new stack goes, its compose project, and the id Unjam will watch it by. */
export interface StackOrder {
  readonly folder: string
  readonly project: string
  readonly id: SystemId
}

/** What was created, so that it can be taken away where nobody has changed it. */
export interface CreatedStack extends StackOrder {
  readonly files: readonly { path: string; sha256: string }[]
}

/** Writes and starts new stacks; one that exists is never touched. */
export interface StackMaker {
  /** @throws when the folder is not empty or the name is taken. */
  plan(order: StackOrder): { files: readonly string[]; command: string }
  /** Resolves when it runs and is among the systems; takes everything away again when it does not come up. */
  create(order: StackOrder, signal: AbortSignal): Promise<CreatedStack>
  remove(created: CreatedStack, signal: AbortSignal): Promise<{ removed: number; kept: readonly string[] }>
  state(): LocalHost['stackCreation']
  onChange(listener: () => void): () => void
}

/** What the local machine offers, as one value; absent parts make the host say so, not crash. */
export interface LocalPorts {
  readonly worker: WorkerControl
  readonly engine: EngineStore
  readonly models: ModelStore
  readonly settings: () => WorkerSettings
}
