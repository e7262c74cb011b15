// How many lines a job's row has, and what the second one says.
import type { Job } from '../../electron/contract/job.ts'

/** The second line under a job's name: what went wrong, or why it was left out. */
export function secondLine(job: Job): string | null {
  if (job.state === 'failed') return job.error ?? 'no reason was recorded'
  return job.state === 'skipped' ? job.reason : null
}

export function rowHeight(job: Job | undefined): number {
  return job !== undefined && secondLine(job) !== null ? 42 : 32
}
