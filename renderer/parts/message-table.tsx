// Single messages in the order they will run; what cannot be read is shown as that, never guessed.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import type { Message } from '../../electron/contract/queue.ts'
import type { ListView } from '../use-page-list.ts'
import { messageColumns as columns, type MessageColumn } from './message-columns.tsx'

const template = (of: readonly MessageColumn[]) => of.map(({ width }) => width).join(' ')
const lines = {
  '--columns': template(columns),
  '--columns-small': template(columns.filter(({ minor = false }) => !minor)),
} as React.CSSProperties
const classOf = ({ number = false, minor = false }: MessageColumn) =>
  `${minor ? 'minor ' : ''}${number ? 'text-right pr-4 last:pr-0' : 'clip pr-3'}`
const ROW = 30

interface Props {
  readonly view: ListView<Message>
  readonly system: string
  readonly now: number
}

export function MessageTable({ view, system, now }: Props) {
  const { items, list } = view
  const box = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
  })
  const shown = rows.getVirtualItems()
  const last = shown.at(-1)?.index ?? 0
  useEffect(() => {
    if (last >= items.length - 20) void list?.more()
  }, [last, items.length, list])
  const context = { system, now, sinceReadMs: Math.max(0, Date.now() - view.readAtMs) }
  return (
    <div ref={box} style={lines} className="overflow-y-auto min-h-0 flex-1 max-small:flex-none max-small:h-[320px]">
      <table aria-label="Messages" aria-rowcount={view.cursor === null ? items.length : -1} className="block">
        <thead className="block sticky top-0 z-10 bg-bg">
          <tr className="job-line h-[28px] border-b border-line">
            {columns.map((column) => (
              <th key={column.title} scope="col" className={classOf(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="block relative" style={{ height: rows.getTotalSize() }}>
          {shown.map(({ index, start }) => {
            const message = items[index]
            return message === undefined ? null : (
              <tr
                key={index}
                className="job-line absolute inset-x-0 top-0 border-b border-line text-[12.5px]/[16px] hover:bg-hover"
                style={{ height: ROW, transform: `translateY(${start}px)` }}
              >
                {columns.map((column) => (
                  <td key={column.title} className={classOf(column)}>
                    {column.cell(message, context)}
                  </td>
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
