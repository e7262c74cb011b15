// Jobs by name, each a link to its screen.
import { hashOf } from '../route.ts'

interface Props {
  readonly system: string
  readonly jobs: readonly { id: string; title: string | null }[]
  readonly more: number
}

export function JobNames({ system, jobs, more }: Props) {
  return (
    <span className="flex flex-wrap gap-x-4 min-w-0 text-small">
      {jobs.map(({ id, title }) => (
        <a key={id} href={hashOf({ view: 'job', system, id })} title={id} className="clip">
          {title ?? id}
        </a>
      ))}
      {more > 0 && <span className="text-ink-3">and {more} more</span>}
    </span>
  )
}
