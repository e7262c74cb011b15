// Which tables hold the crawl runs and their children, and what their words mean; tried as it is typed.
import { crawlMapping, tablesOf } from '../crawl-mapping.ts'
import type { SystemDraft } from '../system-form.ts'
import { Line } from './form-line.tsx'
import { Section } from './section.tsx'

interface Props {
  readonly draft: SystemDraft
  readonly onChange: (draft: SystemDraft) => void
}

export function CrawlTablesFields({ draft, onChange }: Props) {
  const groups = crawlMapping(tablesOf(draft.rest))
  return (
    <Section title="Tables" note="as runbook 3 names them, until they are called otherwise" className="mt-4">
      <div className="grid grid-cols-2 max-small:grid-cols-1 gap-x-8 pt-1">
        {groups.map(({ title, lines }, index) => (
          <div key={title} className={index === 0 ? 'row-span-3' : ''}>
            <h3 className="text-small text-ink-3 pt-2 pb-1">{title}</h3>
            {lines.map((line) => (
              <Line key={line.title} title={line.title}>
                <input
                  key={line.value}
                  className="field w-full mono"
                  aria-label={`${line.title} of ${title}`}
                  defaultValue={line.value}
                  onBlur={(event) => {
                    const tables = line.set(event.target.value)
                    if (tables === null) event.target.value = line.value
                    else if (event.target.value.trim() !== line.value)
                      onChange({ ...draft, rest: { ...draft.rest, tables } })
                  }}
                />
              </Line>
            ))}
          </div>
        ))}
      </div>
    </Section>
  )
}
