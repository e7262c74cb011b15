// Past attempts in memory, by the same book that Redis's results are kept in.
import type { TaskResult } from '../../contract/task.ts'
import type { Results } from '../../core/ports/broker.ts'
import { type BookedResult, createResultsBook } from '../celery/results/book.ts'

/** One attempt that ended. */
export interface EndedAttempt {
  readonly id: string
  readonly outcome: 'done' | 'failed' | 'cancelled'
  readonly task: string
  readonly job: string | null
  readonly exception?: string
  readonly message?: string
  readonly worker: string
  readonly endedMs: number
  readonly retries?: number
  /** Its key never expires. */
  readonly forever?: boolean
}

export interface MemoryResults extends Results {
  ended(attempt: EndedAttempt): void
}

const KEPT_MS = 24 * 60 * 60_000
const SHOWN = 50

export function memoryResults(nowMs: () => number): MemoryResults {
  const book = createResultsBook()

  function toResult({ entry, job, jobFrom, endedMs, expiresAtMs }: BookedResult): TaskResult {
    const { id, outcome, task, exception, message, traceback, worker, retries } = entry
    return {
      ...{ id, outcome, task, job, jobFrom, exception, message, traceback, worker, retries },
      endedAt: endedMs === null ? null : new Date(endedMs).toISOString(),
      expiresMs: expiresAtMs === null ? null : Math.max(0, expiresAtMs - nowMs()),
    }
  }

  return {
    ended({ id, outcome, task, job, exception = null, message = null, worker, endedMs, retries = null, forever }) {
      const entry = {
        ...{ id, outcome, task, args: null, kwargs: null, exception, message, traceback: null, endedMs, worker },
        retries,
      }
      const expiresAtMs = forever === true ? null : endedMs + KEPT_MS
      book.note(entry, job === null ? null : { id: job, from: 'result' }, nowMs(), expiresAtMs)
    },
    async summary() {
      book.expire(nowMs())
      const failed = book.of('failed')
      const counts = book.counts()
      return {
        ...counts,
        failedJobs: new Set(failed.flatMap(({ job }) => job ?? [])).size,
        failedUnknown: counts.failed - failed.filter(({ job }) => job !== null).length,
        failures: failed.slice(0, SHOWN).map(toResult),
      }
    },
    async page({ outcome, limit, cursor }) {
      const all = book.of(outcome)
      const from = cursor == null ? 0 : Number(cursor)
      return {
        results: all.slice(from, from + limit).map(toResult),
        cursor: from + limit < all.length ? String(from + limit) : null,
      }
    },
    resultsOf: async (job, limit) => book.ofJob(job).slice(0, limit).map(toResult),
    learn: (task, job, from) => void book.learn(task, job, from),
  }
}
