// What waits in a broker's queues: depths, contents by task and job, single messages.
import * as z from 'zod'
import { Instant } from './failure.ts'
import { SystemId } from './job.ts'

/** Messages of one task in one queue. */
export const QueueGroup = z.object({
  /** The task's full name; null for messages that cannot be read. */
  task: z.string().nullable(),
  messages: z.number().int(),
  /** Different jobs among them; null where a task names no job (the enqueuer) or the arguments are opaque. */
  jobs: z.number().int().nullable(),
  /** Messages beyond the first of each job: what de-duplication would move. */
  duplicates: z.number().int(),
  /** Who sent them (`gen13702@host`), at most five: two of them for a periodic task are two schedulers (runbook 2). */
  origins: z.array(z.string()),
  /** Since Unjam first saw the oldest of them, by the core's clock, ms; messages carry no time of their own. */
  seenMs: z.number().nullable(),
})
export type QueueGroup = z.infer<typeof QueueGroup>

export const Queue = z.object({
  name: z.string(),
  /** All priorities together; a queue that does not exist is empty. */
  messages: z.number().int(),
  /** Taken by a worker and not acknowledged; null when the broker does not say which queue they belong to. */
  unacked: z.number().int().nullable(),
  /** Steps that hold messages; 0 runs first. */
  priorities: z.array(z.object({ priority: z.number().int(), messages: z.number().int() })),
  /** Largest first, at most 20. */
  groups: z.array(QueueGroup),
  /** Messages the groups were made of: less than `messages` while a long queue is still being read. */
  read: z.number().int(),
  /** Live workers that consume it; null when they cannot be asked. */
  consumers: z.number().int().nullable(),
  /** Unjam told its consumers to stop (pause-queue). */
  paused: z.boolean(),
})
export type Queue = z.infer<typeof Queue>

/** One entry of a queue, as text; nothing of it is ever interpreted. */
export const Message = z.object({
  /** Task id; null where the message does not say. */
  id: z.string().nullable(),
  /** Delivery tag: with the id it names this very message. */
  tag: z.string().nullable(),
  task: z.string().nullable(),
  job: z.string().nullable(),
  /** Arguments as the sender wrote them, at most 300 characters. */
  args: z.string(),
  retries: z.number().int().nullable(),
  eta: Instant.nullable(),
  expires: Instant.nullable(),
  priority: z.number().int(),
  /** 0 runs next; null where it waits outside the list (unacked). */
  position: z.number().int().nullable(),
  where: z.enum(['queue', 'unacked']),
  bytes: z.number().int(),
  origin: z.string().nullable(),
  redelivered: z.boolean(),
  /** Since Unjam first saw it, ms; at least that old. */
  seenMs: z.number().nullable(),
  /** Why the body cannot be read ("pickle", "application/x-yaml"); null when it can. */
  opaque: z.string().nullable(),
})
export type Message = z.infer<typeof Message>

export const MessageQuery = z.object({
  system: SystemId,
  queue: z.string().min(1).max(255),
  where: z.enum(['queue', 'unacked']).default('queue'),
  /** Only this task or this job; a filter reads on until the page is full or its time is over. */
  task: z.string().max(300).nullish(),
  job: z.string().max(300).nullish(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(300).nullish(),
})
export type MessageQuery = z.output<typeof MessageQuery>

/** Messages of one task for one job in one queue. */
export const QueueJob = z.object({
  job: z.string(),
  task: z.string().nullable(),
  messages: z.number().int(),
  /** Of the first of them, and the priority it waits at; 0 runs next. */
  position: z.number().int(),
  priority: z.number().int(),
  /** Since Unjam first saw that one, ms; at least that old. */
  seenMs: z.number().nullable(),
})
export type QueueJob = z.infer<typeof QueueJob>

export const QueueJobsQuery = z.object({
  system: SystemId,
  queue: z.string().min(1).max(255),
  limit: z.coerce.number().int().min(1).max(200).default(100),
})
export type QueueJobsQuery = z.output<typeof QueueJobsQuery>

export const QueueJobs = z.object({
  /** Those with the most messages, and of equally many those that run first. */
  jobs: z.array(QueueJob),
  /** Different jobs in all, for each task that names one. */
  different: z.number().int(),
})
export type QueueJobs = z.infer<typeof QueueJobs>

/** Messages that purge, de-duplicate or collapse moved out of a queue and that undo can still put back. */
export const QuarantineEntry = z.object({
  /** Id of the receipt whose undo puts them back. */
  operation: z.string(),
  queue: z.string(),
  rule: z.enum(['all', 'duplicates', 'periodic']),
  messages: z.number().int(),
  /** Unjam deletes them after this instant. */
  until: Instant,
})
export type QuarantineEntry = z.infer<typeof QuarantineEntry>

export const MessagePage = z.object({ messages: z.array(Message), cursor: z.string().nullable() })
export type MessagePage = z.infer<typeof MessagePage>
