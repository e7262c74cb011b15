// Attempts of a stack as bars: from its workers' logs, and of jobs that the logs no longer tell, from their rows.
import type { Job } from '../contract/job.ts'
import type { Service } from '../contract/service.ts'
import type { AttemptBar, Worker } from '../contract/snapshot.ts'
import type { WorkerLog } from './worker-log.ts'

/** A row names no worker, and the log that did is gone with its container: who it was is not guessed. */
const UNKNOWN = 'worker unknown'

const outcomes = {
  ...{ running: 'running', done: 'done', failed: 'failed', retried: 'failed', cancelled: 'cancelled', lost: 'lost' },
  waiting: null,
} as const

/** The worker inside a container: a host inside it is called like its id, where compose names none. */
export function workerIn(
  container: string,
  services: readonly Service[] | null,
  workers: readonly Worker[] | null,
): string {
  const celery = workers?.filter(({ kind, state }) => kind === 'celery' && state !== 'lost') ?? []
  const id = services?.find((one) => one.container === container)?.id
  const inside = celery.filter(({ host }) => host === container || (id !== undefined && host.startsWith(id)))
  const [only] = inside.length === 0 ? celery : inside
  const alone = inside.length === 1 || (inside.length === 0 && celery.length === 1)
  return alone && only !== undefined ? only.name : container
}

/** Oldest first; a job that the log has is not taken from its row once more. */
export function stackBars(
  log: WorkerLog | null,
  jobs: readonly Job[],
  nameOf: (container: string) => string = (container) => container,
): AttemptBar[] {
  const rows = new Map(jobs.map((job) => [job.id, job]))
  const logged = [...(log?.attempts.values() ?? [])].flatMap((attempt): AttemptBar[] => {
    const outcome = outcomes[attempt.outcome]
    // A periodic task works on no job: its bars would hide those that do.
    if (outcome === null || attempt.startedAt === null || attempt.job === null) return []
    const row = rows.get(attempt.job)
    return [
      {
        ...{ job: attempt.job, title: row?.title ?? attempt.job, worker: nameOf(attempt.container), outcome },
        ...{ startedAt: attempt.startedAt, endedAt: attempt.endedAt, audioMs: attempt.audioMs ?? row?.audioMs ?? null },
      },
    ]
  })
  const told = new Set(logged.map(({ job }) => job))
  const others = jobs.flatMap((job): AttemptBar[] => {
    if (job.state !== 'done' || told.has(job.id) || job.endedAt === null || job.tookMs === null) return []
    const startedAt = new Date(Date.parse(job.endedAt) - job.tookMs).toISOString()
    return [
      {
        ...{ job: job.id, title: job.title, worker: UNKNOWN, outcome: 'done' },
        ...{ startedAt, endedAt: job.endedAt, audioMs: job.audioMs },
      },
    ]
  })
  return [...logged, ...others].sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
}
