// Ledgers for tests of what disagrees: queued jobs, messages, failed attempts; all read and all in agreement by default.
import type { Job } from '../../electron/contract/job.ts'
import type { Message } from '../../electron/contract/queue.ts'
import type { TaskResult } from '../../electron/contract/task.ts'
import type { LedgerBooks } from '../../electron/core/ledger-books.ts'
import { counts } from './snapshot-builders.ts'
import { results } from './stack-builders.ts'

export const queued = (id: string, waitingMs = 3_600_000): Job => ({
  ...{ system: 'calls', id, title: `${id}.m4a`, audioMs: null, retryCount: 0, createdAt: null },
  state: 'queued',
  waitingMs,
})
export const message = (job: string | null, where: Message['where'] = 'queue'): Message => ({
  ...{ id: `m-${job}`, tag: null, task: 'app.worker.tasks.process_recording', job, args: '', retries: 0, eta: null },
  ...{ expires: null, priority: 0, position: 0, where, bytes: 900, origin: null, redelivered: false, seenMs: null },
  opaque: null,
})
export const failure = (id: number, job: string | null): TaskResult => ({
  ...{ id: String(id), outcome: 'failed', task: null, job, jobFrom: null, exception: null, message: null },
  ...{ traceback: null, endedAt: null, worker: null, retries: null, expiresMs: null },
})
export const books = (part: Partial<LedgerBooks> = {}, jobs: readonly Job[] = []): LedgerBooks => ({
  ...{ counts: counts(), messages: [], allMessages: true, periodic: 0, tasks: [], allTasks: true },
  ...{ results: results(), failures: [], enqueuedWithinMs: 270_000 },
  jobs: new Map(jobs.map((job) => [job.id, job])),
  ...part,
})
