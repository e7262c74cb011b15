// Which table holds the jobs, and what its columns and words mean: proposed with reasons, confirmed by the person.
import type { MappingProposal } from '../../electron/contract/connecting.ts'
import type { RecordingsTable } from '../../electron/contract/worker-protocol.ts'
import { tabTitles } from '../select-jobs.ts'
import { columnTitles, nameOf, states, unclaimed, withColumn, withWords } from '../table-mapping.ts'
import { ProposalChoice, UnclaimedWords } from './proposal-choice.tsx'

interface Props {
  readonly proposals: readonly MappingProposal[]
  /** null: none was confirmed; the names of the runbooks are used. */
  readonly table: RecordingsTable | null
  readonly onChange: (table: RecordingsTable) => void
}

export function MappingEditor({ proposals, table, onChange }: Props) {
  const chosen = proposals.find((one) => table !== null && nameOf(one.table) === nameOf(table))
  return (
    <>
      <ProposalChoice
        legend="Tables that look like jobs"
        proposals={proposals}
        chosen={chosen}
        named={(one) => nameOf(one.table)}
        onChoose={(one) => onChange(one.table)}
      />
      {table !== null && (
        <>
          {chosen !== undefined && <UnclaimedWords words={unclaimed(chosen, table)} />}
          <Columns key={nameOf(table)} table={table} onChange={onChange} />
        </>
      )}
    </>
  )
}

function Columns({ table, onChange }: { table: RecordingsTable; onChange: Props['onChange'] }) {
  return (
    <div className="grid grid-cols-2 max-small:grid-cols-1 gap-x-8 pt-2">
      <div>
        <h3 className="text-small text-ink-3 pb-1">Columns</h3>
        {columnTitles.map(({ name, title, needed }) => (
          <Line
            key={name}
            title={title}
            value={table.columns[name] ?? ''}
            hint={needed ? '' : 'none'}
            onLeave={(text) => onChange(withColumn(table, name, text))}
          />
        ))}
      </div>
      <div>
        <h3 className="text-small text-ink-3 pb-1">Words of each state, the first is written</h3>
        {states.map((state) => (
          <Line
            key={state}
            title={tabTitles[state]}
            value={table.words[state].join(', ')}
            hint=""
            onLeave={(text) => onChange(withWords(table, state, text))}
          />
        ))}
        <h3 className="text-small text-ink-3 pt-4 pb-1">Time zone of timestamps that have none</h3>
        <Line
          title="Time zone"
          value={table.timeZone}
          hint="UTC"
          onLeave={(text) => onChange({ ...table, timeZone: text.trim() || 'UTC' })}
        />
      </div>
    </div>
  )
}

interface LineProps {
  readonly title: string
  readonly value: string
  readonly hint: string
  readonly onLeave: (text: string) => void
}

/** What was left empty or unusable shows again what is kept. */
function Line({ title, value, hint, onLeave }: LineProps) {
  return (
    <label className="flex items-center gap-3 min-h-[36px] border-b border-line">
      <span className="w-[104px] flex-none text-ink-2">{title}</span>
      <input
        key={value}
        className="field flex-1 mono"
        defaultValue={value}
        placeholder={hint}
        onBlur={(event) => {
          onLeave(event.target.value)
          if (event.target.value.trim() === '') event.target.value = value
        }}
      />
    </label>
  )
}
