// A job named by its id, as a way to its screen; what names no job says so.
import { hashOf } from '../route.ts'

interface Props {
  readonly system: string
  readonly job: string | null
  /** What is said when there is none: “–” where none belongs, “unknown” where nobody can tell. */
  readonly absent: '–' | 'unknown'
}

export function JobLink({ system, job, absent }: Props) {
  if (job === null) return absent === '–' ? <span className="text-ink-3">–</span> : <span className="unk">unknown</span>
  return (
    <a href={hashOf({ view: 'job', system, id: job })} title={job} className="mono">
      {job.length > 11 ? job.slice(0, 8) : job}
    </a>
  )
}
