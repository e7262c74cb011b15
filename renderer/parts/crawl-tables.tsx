// Which tables hold the crawl runs and their children, and what their words mean: proposed, and tried as it is typed.
import { crawlMapping, runsName, tablesOf } from '../crawl-mapping.ts'
import { failureText } from '../format.ts'
import { useAnswer } from '../services.tsx'
import type { SystemDraft } from '../system-form.ts'
import { unclaimed } from '../table-mapping.ts'
import { useSettled } from '../use-settled.ts'
import { Line } from './form-line.tsx'
import { ProposalChoice, UnclaimedWords } from './proposal-choice.tsx'
import { FailureNote, Section } from './section.tsx'

interface Props {
  readonly draft: SystemDraft
  /** The configured system that is edited; null for a new one. */
  readonly edited: string | null
  readonly readable: boolean
  readonly onChange: (draft: SystemDraft) => void
}

export function CrawlTablesFields(props: Props) {
  const { draft, onChange } = props
  const groups = crawlMapping(tablesOf(draft.rest))
  return (
    <Section title="Tables" note="as runbook 3 names them, until they are called otherwise" className="mt-4">
      <Proposals {...props} />
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
                  placeholder="none"
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

function Proposals({ draft, edited, readable, onChange }: Props) {
  const database = useSettled(draft.fields.database)
  const answer = useAnswer(readable ? database : '', 'Look at the tables', async (client, signal) =>
    readable ? client.systems.runsMapping({ database, system: edited }, { signal }) : null,
  )
  if (answer.failure !== null) return <FailureNote text={failureText(answer.failure)} again={answer.again} />
  if (answer.value === null) return null
  if (answer.value.length === 0)
    return <p className="py-2 text-attention">No table in this database looks like crawl runs; name them here.</p>
  const tables = tablesOf(draft.rest)
  const chosen = answer.value.find((one) => runsName(one.tables) === runsName(tables))
  return (
    <>
      <ProposalChoice
        legend="Tables that look like crawl runs"
        proposals={answer.value}
        chosen={chosen}
        named={(one) => runsName(one.tables)}
        onChoose={(one) => onChange({ ...draft, rest: { ...draft.rest, tables: one.tables } })}
      />
      {chosen !== undefined && <UnclaimedWords words={unclaimed(chosen, tables)} />}
    </>
  )
}
