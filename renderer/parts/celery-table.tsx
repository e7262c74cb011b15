// Celery workers of every system: state in a shape and a word, and below it what that rests on.
import { anyQueue, hashOf } from '../route.ts'
import type { CeleryLine } from '../select-celery.ts'
import { Glyph, levelColour } from './glyph.tsx'

interface Props {
  readonly lines: readonly CeleryLine[]
  readonly blind: readonly { readonly system: string; readonly because: string }[]
  readonly chosen: string | null
  readonly onChoose: (key: string) => void
}

const columns: readonly { title: string; width: string; number: boolean; of: (line: CeleryLine) => string }[] = [
  { title: 'Slots taken', width: 'w-[88px]', number: true, of: (line) => line.slots },
  { title: 'Pool', width: 'w-[84px] max-narrow:hidden', number: false, of: (line) => line.pool },
  { title: 'Prefetched', width: 'w-[88px]', number: true, of: (line) => line.prefetched },
  { title: 'Heartbeat', width: 'w-[100px]', number: true, of: (line) => line.heartbeat },
  { title: 'Since', width: 'w-[108px] max-narrow:hidden', number: true, of: (line) => line.since },
]

export function CeleryTable({ lines, blind, chosen, onChoose }: Props) {
  return (
    <div className="overflow-x-auto -mx-[10px]">
      <table className="rows table-fixed min-w-[720px]" aria-label="Celery workers">
        <thead>
          <tr>
            <th className="w-[34%] max-narrow:w-[44%] !pl-[10px]">Worker</th>
            {columns.map(({ title, width, number }) => (
              <th key={title} className={`${width} ${number ? 'num' : ''}`}>
                {title}
              </th>
            ))}
            <th>Consumes</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <Line key={line.key} line={line} chosen={line.key === chosen} onChoose={() => onChoose(line.key)} />
          ))}
          {blind.map(({ system, because }) => (
            <tr key={system}>
              <td className="!pl-[10px]">
                <span className="flex items-center gap-[7px]">
                  <Glyph name="unknown" /> <span className="text-ink-3">{system}</span>
                </span>
              </td>
              <td colSpan={4} className="text-unknown">
                Cannot read its workers: {because}
              </td>
              <td colSpan={2} className="max-narrow:hidden" />
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Line({ line, chosen, onChoose }: { line: CeleryLine; chosen: boolean; onChoose: () => void }) {
  const { worker, lost } = line
  const because = lost?.because ?? worker.because
  const old = lost === null ? '' : 'text-unknown'
  return (
    <>
      <tr
        aria-current={chosen ? 'true' : undefined}
        className={`${because === null ? '' : '[&>td]:border-b-0! [&>td]:pt-1!'} aria-[current]:!bg-selected`}
        onClick={onChoose}
      >
        <td className="!pl-[10px]">
          <button type="button" className="flex items-center gap-[7px] max-w-full text-left" onClick={onChoose}>
            <Glyph name={line.glyph} />
            <span className="clip">
              <span className="text-ink-3">{line.system}</span> <b>{worker.name}</b>{' '}
              <span className={line.level === 'clear' ? 'text-ink-3' : levelColour[line.level]}>{line.word}</span>
            </span>
          </button>
        </td>
        {columns.map(({ title, width, number, of }) => (
          <td
            key={title}
            className={`${number ? 'num' : 'clip'} ${old} ${width.includes('hidden') ? 'max-narrow:hidden' : ''}`}
          >
            {of(line)}
          </td>
        ))}
        <td className={`clip ${worker.queues?.length === 0 ? 'text-attention' : old}`} title={line.queues}>
          {worker.queues === null || worker.queues.length === 0
            ? line.queues
            : worker.queues.map((queue, n) => (
                <span key={queue}>
                  {n > 0 && ', '}
                  <a href={hashOf({ ...anyQueue, system: line.system, queue })}>{queue}</a>
                </span>
              ))}
        </td>
      </tr>
      {because !== null && (
        <tr className={chosen ? '!bg-selected' : ''} onClick={onChoose}>
          <td colSpan={5} className="!h-auto !pl-[31px] !pb-[7px] text-small text-ink-2">
            {because}
          </td>
          <td colSpan={2} className="!h-auto max-narrow:hidden" />
        </tr>
      )}
    </>
  )
}
