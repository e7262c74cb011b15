// Runs of tasks: what workers do now, what past attempts left behind, and how both compare with a job's row.
import * as z from 'zod'
import { Instant } from './failure.ts'
import { SystemId } from './job.ts'
import { Message } from './queue.ts'

/** A task that a worker holds: running, prefetched, or waiting for its time. */
export const Task = z.object({
  id: z.string(),
  name: z.string(),
  job: z.string().nullable(),
  worker: z.string(),
  state: z.enum(['active', 'reserved', 'scheduled']),
  startedAt: Instant.nullable(),
  /** By the worker's clock against the broker's, ms. */
  elapsedMs: z.number().nullable(),
  eta: Instant.nullable(),
  queue: z.string().nullable(),
  args: z.string(),
  /** Seconds of its own hard time limit, where the worker says. */
  timeLimitMs: z.number().nullable(),
  redelivered: z.boolean(),
})
export type Task = z.infer<typeof Task>

/** One past (or unfinished) attempt, from the result backend or the events. */
export const TaskResult = z.object({
  id: z.string(),
  outcome: z.enum(['running', 'retried', 'done', 'failed', 'cancelled']),
  task: z.string().nullable(),
  /** null is unknown: nothing ties this attempt to a job. */
  job: z.string().nullable(),
  /** Which source told the job. */
  jobFrom: z.enum(['result', 'event', 'worker log', 'database']).nullable(),
  /** Class of the exception ("TimeLimitExceeded") and its message ("1800"). */
  exception: z.string().nullable(),
  message: z.string().nullable(),
  traceback: z.string().nullable(),
  endedAt: Instant.nullable(),
  worker: z.string().nullable(),
  retries: z.number().int().nullable(),
  /** Until the key expires, ms; null when it never does. */
  expiresMs: z.number().nullable(),
})
export type TaskResult = z.infer<typeof TaskResult>

/** Flower's side of the ledger: attempts, for as long as their keys exist (24 h, runbook 2). */
export const ResultSummary = z.object({
  running: z.number().int(),
  retried: z.number().int(),
  done: z.number().int(),
  failed: z.number().int(),
  cancelled: z.number().int(),
  /** Different jobs among the failed attempts that name one, and failed attempts that name none. */
  failedJobs: z.number().int(),
  failedUnknown: z.number().int(),
  /** Keys without an expiry (runbook 2 expects 24 h). */
  withoutExpiry: z.number().int(),
  /** The latest failed attempts, newest first, at most 50. */
  failures: z.array(TaskResult),
})
export type ResultSummary = z.infer<typeof ResultSummary>

export const ResultQuery = z.object({
  system: SystemId,
  outcome: z.enum(['failed', 'retried', 'cancelled']).default('failed'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(300).nullish(),
})
export type ResultQuery = z.output<typeof ResultQuery>
export const ResultPage = z.object({ results: z.array(TaskResult), cursor: z.string().nullable() })
export type ResultPage = z.infer<typeof ResultPage>

/** Where two ledgers disagree about a job, as one sentence. */
export const Mismatch = z.object({ kind: z.string(), sentence: z.string() })
export type Mismatch = z.infer<typeof Mismatch>

/** One job in the broker's and the workers' ledgers; the database's row is the job itself. */
export const JobLedgers = z.object({
  messages: z.array(Message),
  tasks: z.array(Task),
  results: z.array(TaskResult),
  mismatches: z.array(Mismatch),
  /** Why a ledger could not be read, as a sentence; an unread ledger proves nothing. */
  unread: z.array(z.string()),
})
export type JobLedgers = z.infer<typeof JobLedgers>
