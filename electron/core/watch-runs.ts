// What the rules of runbook 3 need beside the snapshot: the runs that wait the longest, and which of the late have a message.
import type { QueuedJob } from '../contract/job.ts'
import type { System } from './ports/system.ts'
import { holdersOf } from './run-holders.ts'

export interface RunFacts {
  /** The longest waiting first, at most 50. */
  readonly queued: readonly QueuedJob[]
  /** Ids of late runs with a message in a queue; null: nobody could look. */
  readonly waiting: readonly string[] | null
  /** Ids of late runs whose message was taken by a worker that does not tell of it. */
  readonly taken: readonly string[]
}

/** Runbook 3: pending for more than 15 minutes never started. */
export const NEVER_STARTED_MS = 15 * 60_000
/** Younger ones are nobody's question: their messages are not searched for. */
const LATE_MS = 10 * 60_000
const QUEUED = 50
const RUNNING = 200

export async function readRuns({ id, jobs, broker }: System, signal: AbortSignal): Promise<RunFacts> {
  const [page, running] = await Promise.all([
    jobs.page(
      {
        ...{ system: id, state: 'queued', search: '', cursor: null },
        ...{ sort: 'created', descending: false, limit: QUEUED },
      },
      signal,
    ),
    jobs.running(RUNNING, signal),
  ])
  const queued = page.jobs.flatMap((job) => (job.state === 'queued' ? [job] : []))
  const late = [
    ...queued.filter(({ waitingMs }) => (waitingMs ?? 0) > LATE_MS),
    ...running.filter(({ elapsedMs }) => (elapsedMs ?? 0) > LATE_MS),
  ]
  if (broker === null) return { queued, waiting: null, taken: [] }
  if (late.length === 0) return { queued, waiting: [], taken: [] }
  // A broker that cannot be read is another source's failure; the runs are known all the same.
  const holders = await holdersOf(late, broker, signal).catch(() => null)
  if (holders === null) return { queued, waiting: null, taken: [] }
  return { queued, waiting: [...holders.waiting.keys()].sort(), taken: [...holders.taken].sort() }
}
