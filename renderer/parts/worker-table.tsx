// Every worker of this database: state, slots, model, speed, last sign of life.

import type { Shown } from '../select.ts'
import type { WorkerLine } from '../select-worker.ts'
import { Glyph, levelGlyph } from './glyph.tsx'
import { ReadingValue } from './reading.tsx'

const columns: readonly { title: string; number: boolean; of: (line: WorkerLine) => string }[] = [
  { title: 'Slots taken', number: true, of: (line) => line.slots },
  { title: 'Threads', number: true, of: (line) => line.threads },
  { title: 'Speed', number: true, of: (line) => line.speed },
  { title: 'Heartbeat', number: true, of: (line) => line.heartbeat },
  { title: 'Since', number: true, of: (line) => line.started },
  { title: 'Model', number: false, of: (line) => line.model },
]

export function WorkerTable({ workers }: { workers: Shown<readonly WorkerLine[]> }) {
  if (workers.value === null)
    return (
      <p className="py-3 border-b border-line">
        <ReadingValue shown={workers} explain>
          {() => null}
        </ReadingValue>
      </p>
    )
  if (workers.value.length === 0)
    return <p className="py-3 text-ink-3 border-b border-line">No worker is alive on this database.</p>
  return (
    <div className="overflow-x-auto">
      <table className={`rows whitespace-nowrap ${workers.lost === null ? '' : 'unk'}`}>
        <thead>
          <tr>
            <th>Worker</th>
            {columns.map(({ title, number }) => (
              <th key={title} className={number ? 'num' : ''}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {workers.value.map((line) => (
            <tr key={line.id}>
              <td>
                <span className="flex items-center gap-[6px]">
                  <Glyph name={levelGlyph[line.level]} />
                  <b className="clip">{line.name}</b> <span className="text-ink-3">{line.state}</span>
                </span>
              </td>
              {columns.map(({ title, number, of }) => (
                <td key={title} className={number ? 'num' : 'clip'}>
                  {of(line)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
