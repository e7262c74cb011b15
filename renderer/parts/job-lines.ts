// How many lines a job's row has, and what the second one says.
import type { Job } from '../../electron/contract/job.ts'

/** The second line under a job's name: what went wrong, or why it was left out. */
export function secondLine(job: Job): string | null {
  if (job.state === 'failed') return job.error ?? 'no reason was recorded'
  if (job.state === 'skipped' && job.reason !== null) return job.reason
  return childrenLine(job)
}

/** Of a run with several sources: how many, and how they are. */
export function childrenLine({ children }: Job): string | null {
  if (children == null) return null
  const { total, active, failed } = children
  return total === 0
    ? 'no source yet'
    : `${total} ${total === 1 ? 'source' : 'sources'}: ${active} not ended, ${failed} failed`
}

export function rowHeight(job: Job | undefined): number {
  return job !== undefined && secondLine(job) !== null ? 42 : 32
}
