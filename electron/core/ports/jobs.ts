// What the core asks of a job system: reads with a signal, writes on frozen rows, files to add.
import type { CrawlTables } from '../../contract/crawl-tables.ts'
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
} from '../../contract/job.ts'
import type { StateLengths } from '../../contract/proof.ts'
import type { AttemptBar, Counts, Limits, Throughput, Worker } from '../../contract/snapshot.ts'
import type { RecordingsTable } from '../../contract/worker-protocol.ts'

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

/** What an undo of a write did. */
export interface Restored {
  readonly restored: number
  readonly left: readonly { id: string; because: string }[]
}

/**
 * Called inside the transaction of a write, right before its commit; when it throws, nothing is written. `transaction`
 * identifies it for `outcome`; null where the system has no transactions.
 */
export type BeforeCommit<T> = (result: T, transaction: string | null) => void

/** `unknown`: the database no longer remembers it. */
export type TransactionOutcome = 'committed' | 'aborted' | 'in progress' | 'unknown'

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
  /** How long the jobs are that wait, run or failed, and how many of each are longer than each of these, ms. */
  lengths(overMs: readonly number[], signal: AbortSignal): Promise<readonly StateLengths[]>
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
  write(rows: readonly JobRow[], write: JobWrite, beforeCommit?: BeforeCommit<Written>): Promise<Written>
  /** Puts rows back as they were where they are still as `after` left them; removed rows return. */
  restore(changed: Written['changed'], beforeCommit?: BeforeCommit<Restored>): Promise<Restored>
  /** Whether a transaction was committed, when its reply was lost with the connection or with this process. */
  outcome(transaction: string, signal: AbortSignal): Promise<TransactionOutcome>
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
