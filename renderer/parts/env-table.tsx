// The keys of .env: what each means, what the file says, what running containers have, and who uses it.
import type { EnvEntry } from '../../electron/contract/service.ts'
import { driftText } from '../select-stack.ts'
import { EnvSecret } from './env-secret.tsx'
import { Glyph } from './glyph.tsx'

interface Props {
  readonly system: string
  readonly entries: readonly EnvEntry[]
  readonly chosen: string | null
  readonly onChoose: (key: string) => void
}

export function EnvTable({ system, entries, chosen, onChoose }: Props) {
  return (
    <div className="overflow-auto min-h-0 -mx-[10px] border-t border-line">
      <table className="rows table-fixed min-w-[720px]" aria-label="Variables">
        <thead>
          <tr>
            <th className="w-[40%] !pl-[10px]">Variable</th>
            <th className="w-[18%]">In the file</th>
            <th className="w-[18%]">In running containers</th>
            <th>Used by</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Line
              key={entry.key}
              system={system}
              entry={entry}
              chosen={entry.key === chosen}
              onChoose={() => onChoose(entry.key)}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface LineProps {
  readonly system: string
  readonly entry: EnvEntry
  readonly chosen: boolean
  readonly onChoose: () => void
}

function Line({ system, entry, chosen, onChoose }: LineProps) {
  const { key, value, secret, meaning, unit, services, unapplied } = entry
  return (
    <>
      <tr
        aria-current={chosen ? 'true' : undefined}
        className={`${unapplied ? '[&>td]:border-b-0!' : ''} aria-[current]:!bg-selected`}
        onClick={onChoose}
      >
        <td className="!pl-[10px] py-[5px]!">
          <button type="button" className="mono font-semibold text-left" onClick={onChoose}>
            {key}
          </button>
          {meaning !== null && <span className="block text-small text-ink-3">{meaning}</span>}
        </td>
        <td className="clip">
          {value === null ? (
            <span className="text-ink-3">not set</span>
          ) : secret && chosen && value !== '' ? (
            <EnvSecret system={system} name={key} masked={value} />
          ) : (
            <code>{value}</code>
          )}
          {value !== null && unit !== null && <span className="text-small text-ink-3"> {unit}</span>}
        </td>
        <td className={`clip ${unapplied ? 'text-attention' : ''}`}>
          <Running entry={entry} />
        </td>
        <td className="clip text-small text-ink-2" title={services?.join(', ')}>
          {services === null ? (
            <span className="unk">unknown</span>
          ) : services.length === 0 ? (
            'no service'
          ) : (
            services.join(', ')
          )}
        </td>
      </tr>
      {unapplied && (
        <tr className={chosen ? '!bg-selected' : ''} onClick={onChoose}>
          <td colSpan={4} className="!h-auto !pl-[10px] !pb-[8px] text-small">
            <span className="flex gap-[7px] text-attention">
              <Glyph name="attention" size={13} />
              Edited, but not applied. {driftText(entry)} A plain restart keeps it; only a new container takes the
              file’s value.
            </span>
          </td>
        </tr>
      )}
    </>
  )
}

/** One value where all containers agree, else each with its service. */
function Running({ entry: { running } }: { entry: EnvEntry }) {
  const values = new Set(running.map(({ value }) => value))
  const [first] = running
  if (first === undefined) return <span className="text-ink-3">–</span>
  const text = (value: string | null) =>
    value === null ? <span className="text-ink-3">not set</span> : <code>{value}</code>
  if (values.size === 1) return text(first.value)
  return running.map(({ service, value }, n) => (
    <span key={service}>
      {n > 0 && ', '}
      {service} {text(value)}
    </span>
  ))
}
