// Attempts of the last hours, wherever they are told: by schema unjam, else by a stack's logs and its rows.
import { FailureError } from '../contract/failure.ts'
import type { Job } from '../contract/job.ts'
import type { AttemptBar } from '../contract/snapshot.ts'
import { stackBars } from './attempt-bars.ts'
import type { JobSystem } from './ports/jobs.ts'
import type { System } from './ports/system.ts'
import type { WorkerLog } from './worker-log.ts'

const ATTEMPTS = 200
const WINDOW_MS = 8 * 60 * 60_000

export async function readAttempts(
  { jobs, kind }: System,
  log: WorkerLog | null,
  nameOf: (container: string) => string,
  nowMs: number,
  signal: AbortSignal,
): Promise<AttemptBar[]> {
  const own = await jobs.recentAttempts(WINDOW_MS, ATTEMPTS, signal).catch((error: unknown) => {
    if (kind === 'recordings' && error instanceof FailureError && error.failure.kind === 'unsupported') return null
    throw error
  })
  if (kind !== 'recordings') return [...(own ?? [])]
  const rows = await rowsOf(jobs, signal)
  const told = new Set(own?.map(({ job }) => job))
  const bars = stackBars(log, rows, nameOf).filter(
    ({ job, endedAt }) => !told.has(job) && (endedAt === null || nowMs - Date.parse(endedAt) < WINDOW_MS),
  )
  return [...(own ?? []), ...bars].sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt)).slice(-ATTEMPTS)
}

/** Titles and lengths of what the logs name, and the done jobs that they no longer name. */
async function rowsOf(jobs: JobSystem, signal: AbortSignal): Promise<readonly Job[]> {
  const newest = (state: 'done' | 'failed') =>
    jobs.page(
      {
        ...{ system: jobs.id, state, search: '', cursor: null },
        ...{ sort: 'updated' as const, descending: true, limit: 100 },
      },
      signal,
    )
  const [done, failed, running] = await Promise.all([newest('done'), newest('failed'), jobs.running(50, signal)])
  return [...running, ...done.jobs, ...failed.jobs]
}
