// What a QC service tells of one job, as rows of facts.
import type { Job, JobDetail } from '../../contract/job.ts'
import type { ListedJob } from './read-debug.ts'

export function detailOf(listed: ListedJob, job: Job): JobDetail {
  const fact = (label: string, value: string | null) => ({ label, value, source: 'QC service' })
  return {
    job,
    attempts: [],
    facts: [
      fact('File', listed.title),
      fact('Progress', listed.percent === null ? null : `${listed.percent} %`),
      fact('Counted as stuck', listed.stuck ? 'yes' : 'no'),
      fact('Last error', listed.error),
      fact('Created', listed.createdAt),
      fact('Started', listed.startedAt),
      fact('Updated', listed.updatedAt),
      fact('Ended', listed.endedAt),
    ],
    segmentCount: 0,
    playable: false,
  }
}
