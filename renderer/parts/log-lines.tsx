// Lines of a log, only those in sight in the page; it stays at the end while somebody is there.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import { clockSeconds, time } from '../format.ts'
import { cutLine, type Mark } from '../log-marks.ts'
import type { NumberedLine } from '../use-service-log.ts'

interface Props {
  readonly lines: readonly NumberedLine[]
  readonly search: string
  /** Several containers speak: each line says which. */
  readonly several: boolean
  readonly follow: boolean
  readonly label: string
}

const colours = { info: 'text-ink-2', warn: 'text-attention', error: 'text-failed' } as const
const marks: Readonly<Record<Mark['kind'], string>> = {
  plain: '',
  bad: 'font-semibold text-failed',
  warn: 'font-semibold text-attention',
  found: 'bg-attention-tint text-ink outline outline-1 outline-attention-mark rounded-1',
}
const NEAR_END = 40

export function LogLines({ lines, search, several, follow, label }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => 18,
    getItemKey: (index) => lines[index]?.n ?? index,
    overscan: 20,
  })
  const last = lines.at(-1)?.n ?? 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines and the wish to follow are the reasons to scroll (react.dev, "specifying reactive dependencies")
  useEffect(() => {
    if (follow && atEnd.current && lines.length > 0) rows.scrollToIndex(lines.length - 1, { align: 'end' })
  }, [last, follow])
  return (
    <div
      ref={box}
      role="log"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys (WCAG 2.1.1)
      tabIndex={0}
      onScroll={() => {
        const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = box.current ?? {}
        atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END
      }}
      className="flex-1 min-h-[160px] max-small:flex-none max-small:h-[320px] overflow-auto bg-sunken border border-line rounded-2 mono"
    >
      <div className="relative my-2" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start, key }) => {
          const line = lines[index]
          return line === undefined ? null : (
            <p
              key={key}
              ref={rows.measureElement}
              data-index={index}
              className={`absolute inset-x-0 top-0 flex gap-3 px-3 ${colours[line.level]}`}
              style={{ transform: `translateY(${start}px)` }}
            >
              <time className="text-ink-3 w-[8ch] flex-none">
                {line.at === null ? '' : clockSeconds(time(line.at))}
              </time>
              {several && <span className="text-ink-3 flex-none">{line.container}</span>}
              <span className="whitespace-pre-wrap [overflow-wrap:anywhere] min-w-0">
                {cutLine(line.text, search).map((mark, n) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: parts of one line that never changes
                  <span key={n} className={marks[mark.kind]}>
                    {mark.text}
                  </span>
                ))}
              </span>
            </p>
          )
        })}
      </div>
    </div>
  )
}
