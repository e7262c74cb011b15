// The raw facts of a job: columns and values as their source gives them, never interpreted.
import type { JobDetail } from '../../electron/contract/job.ts'
import { Section } from './section.tsx'

export function FactList({ facts, title = 'Facts' }: { facts: JobDetail['facts']; title?: string }) {
  const main = facts[0]?.source
  return (
    <Section title={title} note={main === undefined ? 'none' : `as ${main} has them`} className="mt-4">
      <dl className="facts tight">
        {facts.map(({ label, value, source }) => (
          <div key={`${source} ${label}`} className="contents">
            <dt className="clip" title={label}>
              {label}
            </dt>
            <dd className="flex gap-3 min-w-0">
              <code className="!text-[11.5px] min-w-0 max-h-[90px] overflow-y-auto [overflow-wrap:anywhere]">
                {value ?? '–'}
              </code>
              {source !== main && <span className="ml-auto text-ink-3 whitespace-nowrap">{source}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  )
}
