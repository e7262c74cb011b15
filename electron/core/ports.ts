// What the core asks of the world. Adapters implement these; tests pass real ones or the in-memory ones.

import type { Receipt } from '../contract/action.ts'
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
import type { WorkerSettings } from '../contract/settings.ts'
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
export type Ability = 'add' | 'retry' | 'skip' | 'fail' | 'release' | 'cancel' | 'remove' | 'attempts' | 'transcript'
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
  | { verb: 'retry' }
  | { verb: 'skip'; reason: string | null }
  | { verb: 'fail'; reason: string }
  /** Running with a dead heartbeat → queued; a row whose heartbeat is younger than `olderThanMs` is left. */
  | { verb: 'release'; olderThanMs: number }
  /** Asks the worker that holds it to kill its processes; the job becomes skipped. */
  | { verb: 'cancel' }
  | { verb: 'remove' }

/** One monitored pipeline. Every read has a signal; what cannot be read throws a FailureError. */
export interface JobSystem {
  readonly id: SystemId
  readonly kind: SystemKind
  /** Names of its table, for the literal SQL that previews show; absent where there is none. */
  readonly table?: RecordingsTable
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

/** What the local machine offers, as one value; absent parts make the host say so, not crash. */
export interface LocalPorts {
  readonly worker: WorkerControl
  readonly engine: EngineStore
  readonly models: ModelStore
  readonly settings: () => WorkerSettings
}
