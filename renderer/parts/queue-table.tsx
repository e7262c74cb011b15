// Every queue of every broker on one line: how much waits, who takes it, and what is wrong.
import { whole } from '../format.ts'
import { useKey } from '../keys.ts'
import { anyQueue, go, hashOf, type QueuesRoute } from '../route.ts'
import { type BlindBroker, prioritiesText, type QueueRow } from '../select-queues.ts'
import { Glyph, levelColour, levelGlyph } from './glyph.tsx'

interface Props {
  readonly rows: readonly QueueRow[]
  readonly blind: readonly BlindBroker[]
  readonly chosen: QueueRow | null
  readonly part: QueuesRoute['part']
}

const titles: readonly { title: string; number: boolean; width: string }[] = [
  { title: 'Messages', number: true, width: 'w-[104px]' },
  { title: 'By priority', number: false, width: 'w-[21%] max-narrow:hidden' },
  { title: 'Unacked', number: true, width: 'w-[84px]' },
  { title: 'Consumers', number: true, width: 'w-[92px]' },
  { title: 'State', number: false, width: '' },
]

export function QueueTable({ rows, blind, chosen, part }: Props) {
  const routeOf = (row: QueueRow) => ({ ...anyQueue, system: row.system, queue: row.name, part })
  const isChosen = (row: QueueRow) => row.system === chosen?.system && row.name === chosen.name
  const move = (step: number) => {
    const next = rows[rows.findIndex(isChosen) + step]
    if (next !== undefined) go(routeOf(next))
  }
  useKey('ArrowDown', () => move(1))
  useKey('ArrowUp', () => move(-1))
  return (
    <div className="flex-none max-h-[30vh] overflow-y-auto mt-2 -mx-[10px]">
      <table className="rows table-fixed" aria-label="Queues">
        <thead>
          <tr>
            <th className="w-[22%] !pl-[10px]">Queue</th>
            {titles.map(({ title, number, width }) => (
              <th key={title} className={`${width} ${number ? 'num' : ''}`}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={`${row.system} ${row.name}`}
              aria-current={isChosen(row) ? 'true' : undefined}
              className="aria-[current]:!bg-selected"
              onClick={() => go(routeOf(row))}
            >
              <td className="!pl-[10px]">
                <span className="flex items-center gap-[7px]">
                  <Glyph name={levelGlyph[row.level]} />
                  <a href={hashOf(routeOf(row))} className="text-ink clip">
                    <span className="text-ink-3">{row.system}</span> <b>{row.name}</b>
                  </a>
                </span>
              </td>
              <Cells row={row} />
            </tr>
          ))}
          {blind.map(({ system, because }) => (
            <tr key={system}>
              <td className="!pl-[10px]">
                <span className="flex items-center gap-[7px]">
                  <Glyph name="unknown" /> <span className="text-ink-3">{system}</span>
                </span>
              </td>
              <td colSpan={4} className="text-unknown">
                Cannot read its broker: {because}
              </td>
              <td className="max-narrow:hidden" />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Cells({ row: { queue, lost, level, note } }: { row: QueueRow }) {
  const old = (text: string) => (lost === null ? text : <span className="unk">{text}</span>)
  const zero = queue.messages === 0 && lost === null ? 'text-ink-3' : ''
  return (
    <>
      <td className={`num ${zero}`}>{old(whole(queue.messages))}</td>
      <td className="text-small text-ink-2 clip max-narrow:hidden">{prioritiesText(queue)}</td>
      <td className={`num ${queue.unacked === 0 ? 'text-ink-3' : ''}`}>
        {queue.unacked === null ? <span className="unk">unknown</span> : old(whole(queue.unacked))}
      </td>
      <td className="num">
        {queue.consumers === null ? <span className="unk">unknown</span> : old(String(queue.consumers))}
      </td>
      <td className={`clip ${level === 'clear' ? 'text-ink-3' : levelColour[level]}`} title={lost?.because ?? note}>
        {lost === null ? note : `${note}: ${lost.because}`}
      </td>
    </>
  )
}
