// One job in the list; what went wrong stands under its name.
import type { Job } from '../../electron/contract/job.ts'
import { hashOf } from '../route.ts'
import { Glyph } from './glyph.tsx'
import type { CellContext, Column } from './job-columns.tsx'
import { secondLine } from './job-lines.ts'

interface Props {
  readonly job: Job
  readonly columns: readonly Column[]
  readonly top: number
  readonly height: number
  readonly current: boolean
  readonly chosen: boolean
  readonly context: CellContext
  readonly onChoose: (shift: boolean) => void
  readonly onOpen: () => void
}

export function JobRow({ job, columns, top, height, current, chosen, context, onChoose, onOpen }: Props) {
  const second = secondLine(job)
  return (
    <tr
      aria-current={current ? 'true' : undefined}
      className={`job-line absolute inset-x-0 top-0 px-[10px] border-b border-line text-[12.5px]/[16px] hover:bg-hover ${chosen ? '!bg-selected' : ''} ${current ? 'outline-2 -outline-offset-2 outline-accent' : ''}`}
      style={{ height, transform: `translateY(${top}px)` }}
      onClick={(event) => {
        if (event.shiftKey || event.ctrlKey) onChoose(event.shiftKey)
      }}
      onDoubleClick={onOpen}
    >
      <td>
        <input
          type="checkbox"
          aria-label={`Select ${job.title}`}
          checked={chosen}
          onChange={(event) => onChoose((event.nativeEvent as MouseEvent).shiftKey === true)}
          onClick={(event) => event.stopPropagation()}
        />
      </td>
      <td className="flex items-center gap-[9px] min-w-0 pr-4">
        <Glyph name={job.state} />
        <span className="min-w-0">
          <a
            href={hashOf({ view: 'job', system: job.system, id: job.id })}
            className="block text-ink clip"
            draggable={false}
          >
            {job.title}
          </a>
          {second !== null && (
            <span
              className={`block text-small clip ${job.state === 'failed' ? 'text-failed' : 'text-ink-3'}`}
              title={second}
            >
              {second}
            </span>
          )}
        </span>
      </td>
      {columns.map((column) => (
        <td
          key={column.title}
          className={`${column.minor ? 'minor ' : ''}${column.number ? 'text-right pr-[22px] last:pr-0' : 'min-w-0'}`}
        >
          {column.cell(job, context)}
        </td>
      ))}
    </tr>
  )
}
