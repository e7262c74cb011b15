// The books that are compared: what database, broker, workers and results each say, and what all of them name by job.
import type { Job } from '../contract/job.ts'
import type { Message } from '../contract/queue.ts'
import type { Counts } from '../contract/snapshot.ts'
import type { ResultSummary, Task, TaskResult } from '../contract/task.ts'

/** Each part is null when its ledger could not be read: it proves nothing then, neither by words nor by silence. */
export interface LedgerBooks {
  readonly counts: Counts | null
  /** Jobs that the messages, tasks or the state pages name, by id; an id that is missing is no job. */
  readonly jobs: ReadonlyMap<string, Job> | null
  /** Messages of the job task, waiting or unacknowledged. */
  readonly messages: readonly Message[] | null
  /** Every message was read: only then does it mean anything that one is absent. */
  readonly allMessages: boolean
  /** Messages of periodic tasks. */
  readonly periodic: number | null
  readonly tasks: readonly Task[] | null
  /** Every worker answered. */
  readonly allTasks: boolean
  readonly results: ResultSummary | null
  /** Failed attempts, newest first. */
  readonly failures: readonly TaskResult[] | null
  /** Younger queued jobs may simply not have been enqueued yet. */
  readonly enqueuedWithinMs: number
}

/** By job; what names none is left out. */
export function grouped<T>(all: readonly T[], jobOf: (one: T) => string | null): Map<string, T[]> {
  const by = new Map<string, T[]>()
  for (const one of all) {
    const job = jobOf(one)
    if (job === null) continue
    const own = by.get(job)
    if (own === undefined) by.set(job, [one])
    else own.push(one)
  }
  return by
}

export function nameOf(id: string, jobs: LedgerBooks['jobs']): { id: string; title: string | null } {
  return { id, title: jobs?.get(id)?.title ?? null }
}
