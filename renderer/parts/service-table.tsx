// Services of a compose project: state and health first, then what they cost; what is wrong stands below its line.
import { count } from '../format.ts'
import type { ServiceRow } from '../select-stack.ts'
import { Glyph, levelColour } from './glyph.tsx'

interface Props {
  readonly rows: readonly ServiceRow[]
  readonly chosen: string | null
  readonly onChoose: (key: string) => void
  /** Values are the last known, not those of now. */
  readonly old: boolean
}

export function ServiceTable({ rows, chosen, onChoose, old }: Props) {
  return (
    <div className="overflow-x-auto -mx-[10px] border-t border-line">
      <table className="rows table-fixed min-w-[820px] max-narrow:min-w-[700px]" aria-label="Services">
        <thead>
          <tr>
            <th className="w-[27%] max-narrow:w-[33%] !pl-[10px]">Service</th>
            <th className="num w-[72px]">CPU</th>
            <th className="num w-[142px]">Memory</th>
            <th className="num w-[74px]">Restarts</th>
            <th className="num w-[112px]">Up</th>
            <th className="w-[24%]">Ports</th>
            <th className="max-narrow:hidden">Image</th>
          </tr>
        </thead>
        <tbody className={old ? 'text-unknown' : ''}>
          {rows.map((row) => (
            <Line key={row.key} row={row} chosen={row.key === chosen} onChoose={() => onChoose(row.key)} old={old} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface LineProps {
  readonly row: ServiceRow
  readonly chosen: boolean
  readonly onChoose: () => void
  readonly old: boolean
}

function Line({ row, chosen, onChoose, old }: LineProps) {
  const { service, because } = row
  return (
    <>
      <tr
        aria-current={chosen ? 'true' : undefined}
        className={`${because === null ? '' : '[&>td]:border-b-0! [&>td]:pt-1!'} aria-[current]:!bg-selected`}
        onClick={onChoose}
      >
        <td className="!pl-[10px]">
          <button type="button" className="flex items-center gap-[7px] max-w-full text-left" onClick={onChoose}>
            <Glyph name={old ? 'unknown' : row.glyph} />
            <span className="clip">
              <b>{row.name}</b>{' '}
              <span className={old ? '' : row.level === 'clear' ? 'text-ink-3' : levelColour[row.level]}>
                {row.word}
              </span>
            </span>
          </button>
        </td>
        <td className="num">{row.cpu}</td>
        <td className="num whitespace-nowrap">{row.memory}</td>
        <td className={`num ${service.restarts === 0 ? 'text-ink-3' : 'text-attention'}`}>{service.restarts}</td>
        <td className="num whitespace-nowrap">{row.uptime}</td>
        <td className="clip text-small" title={service.ports.join('\n')}>
          {service.ports.length === 0 ? <span className="text-ink-3">none</span> : service.ports.join(', ')}
        </td>
        <td
          className="clip text-small text-ink-2 max-narrow:hidden"
          title={`${service.image}, container ${service.container}`}
        >
          {service.image}
        </td>
      </tr>
      {because !== null && (
        <tr className={chosen ? '!bg-selected' : ''} onClick={onChoose}>
          <td colSpan={6} className="!h-auto !pl-[31px] !pb-[7px] text-small text-ink-2 [overflow-wrap:anywhere]">
            {because}
          </td>
          <td className="!h-auto max-narrow:hidden" />
        </tr>
      )}
    </>
  )
}

/** Nothing is said to be well that cannot be asked now. */
export function serviceSum(rows: readonly ServiceRow[], old: boolean): string {
  if (old) return `${count(rows.length, 'container')}, as last known`
  const sick = rows.filter(({ level }) => level === 'critical' || level === 'warning').length
  return `${count(rows.length, 'container')}, ${sick === 0 ? 'all well' : `${sick} not well`}`
}
