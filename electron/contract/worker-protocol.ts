// The lines a worker process and its supervisor exchange, one JSON object a line, and what starts a worker.
import * as z from 'zod'

const identifier = z.string().min(1).max(63)

/** Where jobs live in a Postgres table whose names need not be the runbooks'. */
export const RecordingsTable = z.object({
  schema: identifier.default('public'),
  table: identifier.default('recordings'),
  columns: z
    .object({
      id: identifier.default('id'),
      status: identifier.default('status'),
      title: identifier.default('file_name'),
      path: identifier.nullable().default('file_path'),
      /** Seconds of audio. */
      duration: identifier.nullable().default('duration_seconds'),
      retryCount: identifier.nullable().default('retry_count'),
      error: identifier.nullable().default('error_message'),
      heartbeat: identifier.default('updated_at'),
      createdAt: identifier.default('created_at'),
      startedAt: identifier.nullable().default('started_at'),
      completedAt: identifier.nullable().default('completed_at'),
      transcript: identifier.nullable().default('transcript'),
    })
    .prefault({}),
  /** The table's own words for each state, in any case. The first is the one written. */
  words: z
    .object({
      queued: z.array(z.string()).min(1).default(['queued', 'pending']),
      running: z.array(z.string()).min(1).default(['processing', 'running']),
      done: z.array(z.string()).min(1).default(['done', 'completed']),
      failed: z.array(z.string()).min(1).default(['failed']),
      skipped: z.array(z.string()).min(1).default(['skipped']),
    })
    .prefault({}),
  /** Time zone of timestamps without one; ages are computed in SQL with it. */
  timeZone: z.string().default('UTC'),
})
export type RecordingsTable = z.output<typeof RecordingsTable>

/** A folder of recordings: as the rows name it, inside a container, and where it is on this machine. */
export const SharedFolder = z.object({
  inside: z.string().startsWith('/', 'must be the whole path inside the container, beginning with /'),
  here: z.string().min(1),
})
export type SharedFolder = z.output<typeof SharedFolder>

/** Everything a worker is told at its start; sent as its first input line, so no secret stands in argv. */
export const WorkerConfig = z.object({
  /** Postgres URL with its password. */
  database: z.string(),
  table: RecordingsTable,
  /** Where the files of the rows are. */
  folders: z.array(SharedFolder).default([]),
  /** Others work on the table too: recordings that are not on this machine are left to them. */
  shared: z.boolean().default(false),
  /** whisper-cli, built for this machine. */
  engine: z.string(),
  /** The ggml model file. */
  model: z.string(),
  language: z.string().default('auto'),
  slots: z.number().int().min(1).max(64),
  threads: z.number().int().min(1).max(256),
  chunkMs: z.number().int().min(10_000).default(600_000),
  /** TASK_TIMEOUT_SECONDS in ms: bounds one attempt; null is no limit. */
  attemptLimitMs: z.number().int().positive().nullable().default(null),
  maxRetries: z.number().int().min(0).default(3),
  /** Longer recordings are skipped or failed at once; null is no limit. */
  maxDuration: z
    .object({ ms: z.number().int().positive(), verdict: z.enum(['skip', 'fail']) })
    .nullable()
    .default(null),
  /** No progress of a chunk for this long kills its process and retries it smaller. */
  stallMs: z.number().int().min(1000).default(300_000),
  /** Scratch folder of this worker; emptied at start and end. */
  scratch: z.string(),
  /** Where running children are recorded, so that a later start can end what a kill -9 left. */
  children: z.string(),
  /** End with exit 0 when nothing is claimable any more. */
  drain: z.boolean().default(false),
})
export type WorkerConfig = z.output<typeof WorkerConfig>

/** What one slot is doing; part of every beat. */
export const SlotBeat = z.object({
  slot: z.number().int(),
  job: z.string(),
  title: z.string(),
  phase: z.enum(['probing', 'decoding', 'transcribing', 'saving']),
  audioDoneMs: z.number(),
  audioTotalMs: z.number().nullable(),
  speed: z.number().nullable(),
  etaMs: z.number().nullable(),
  chunk: z.number().int(),
  chunks: z.number().int().nullable(),
})
export type SlotBeat = z.infer<typeof SlotBeat>

/** Worker → supervisor (stdout). */
export const WorkerLine = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    worker: z.string(),
    pid: z.number().int(),
    slots: z.number().int(),
    threads: z.number().int(),
    model: z.string(),
  }),
  /** Every second. */
  z.object({ type: z.literal('beat'), rssBytes: z.number(), paused: z.boolean(), slots: z.array(SlotBeat) }),
  z.object({
    type: z.literal('started'),
    job: z.string(),
    title: z.string(),
    attempt: z.number().int(),
    resumedChunks: z.number().int(),
  }),
  z.object({
    type: z.literal('chunk'),
    job: z.string(),
    title: z.string(),
    startMs: z.number(),
    endMs: z.number(),
    wallMs: z.number(),
  }),
  z.object({ type: z.literal('parked'), job: z.string(), title: z.string(), for: z.string() }),
  z.object({
    type: z.literal('done'),
    job: z.string(),
    title: z.string(),
    audioMs: z.number(),
    wallMs: z.number(),
    segments: z.number().int(),
  }),
  /** The attempt ended without a transcript; `final` when no retry will follow. */
  z.object({ type: z.literal('failed'), job: z.string(), title: z.string(), error: z.string(), final: z.boolean() }),
  z.object({ type: z.literal('cancelled'), job: z.string(), title: z.string() }),
  z.object({ type: z.literal('log'), level: z.enum(['info', 'warn', 'error']), message: z.string() }),
  z.object({ type: z.literal('bye'), reason: z.enum(['drained', 'stopped', 'fatal']), message: z.string().nullable() }),
])
export type WorkerLine = z.infer<typeof WorkerLine>

/** Supervisor → worker (stdin); the end of stdin means the supervisor is gone and is answered like `stop`. */
export const WorkerCommand = z.discriminatedUnion('type', [
  /** Must be the first line. */
  z.object({ type: z.literal('configure'), config: WorkerConfig }),
  /** Running chunks end, nothing new is taken. */
  z.object({ type: z.literal('pause') }),
  z.object({ type: z.literal('resume') }),
  /** Finish running jobs, take nothing new, then exit 0. */
  z.object({ type: z.literal('drain') }),
  /** Kill children now, give jobs back with their chunks, exit 0. */
  z.object({ type: z.literal('stop') }),
  /** A hint: the truth is the lease in the database, read at least every second. */
  z.object({ type: z.literal('look') }),
])
export type WorkerCommand = z.infer<typeof WorkerCommand>
