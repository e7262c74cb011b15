// Segments with their times; only those in sight are in the page, however long the recording.
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef } from 'react'
import type { Segment } from '../../electron/contract/job.ts'
import { position } from '../format.ts'
import { cutAtMatches } from '../select-job.ts'

interface Props {
  readonly segments: readonly Segment[]
  /** The segment being said now; -1 for none. */
  readonly said: number
  readonly search: string
  /** The match that is gone to; -1 for none. */
  readonly at: number
  /** null: the recording is not on this computer. */
  readonly onPlay: ((ms: number) => void) | null
}

export function TranscriptList({ segments, said, search, at, onPlay }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: segments.length,
    getScrollElement: () => box.current,
    estimateSize: () => 48,
    overscan: 10,
    // What is being said is followed by what comes next.
    scrollPaddingEnd: 64,
  })
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(at, { align: 'center' })
  }, [at, rows])
  useEffect(() => {
    if (said >= 0) rows.scrollToIndex(said, { align: 'auto' })
  }, [said, rows])
  return (
    <div ref={box} className="overflow-y-auto min-h-0 flex-1 mt-1 pb-4">
      <ol aria-label="Segments" className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const segment = segments[item.index]
          if (segment === undefined) return null
          return (
            <li
              key={item.key}
              ref={rows.measureElement}
              data-index={item.index}
              aria-current={item.index === said ? 'true' : undefined}
              className={`absolute inset-x-0 top-0 grid grid-cols-[58px_1fr] gap-1 py-[5px] pr-2 leading-[19px] ${item.index === said ? 'bg-selected shadow-[inset_2px_0_0_var(--accent)]' : ''} ${item.index === at ? 'bg-attention-tint' : ''}`}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <Time ms={segment.startMs} onPlay={onPlay} />
              <Words text={segment.text.trim()} search={search} />
            </li>
          )
        })}
      </ol>
    </div>
  )
}

function Time({ ms, onPlay }: { ms: number; onPlay: Props['onPlay'] }) {
  const text = position(ms)
  if (onPlay === null) return <span className="mono pl-[10px] text-ink-3">{text}</span>
  return (
    <button
      type="button"
      className="mono pl-[10px] text-left text-accent hover:underline self-start !leading-[19px]"
      aria-label={`Play from ${text}`}
      onClick={() => onPlay(ms)}
    >
      {text}
    </button>
  )
}

function Words({ text, search }: { text: string; search: string }) {
  let at = 0
  return (
    <span className="[overflow-wrap:anywhere]">
      {cutAtMatches(text, search).map((part, n) => {
        const key = at
        at += part.length + 1
        return n % 2 === 0 ? (
          <span key={key}>{part}</span>
        ) : (
          <mark key={key} className="bg-attention-tint text-attention font-semibold">
            {part}
          </mark>
        )
      })}
    </span>
  )
}
