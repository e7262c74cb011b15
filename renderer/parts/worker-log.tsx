// What the worker says, the newest at the end; it stays where it is while somebody reads further up.
import { useEffect, useRef } from 'react'
import { clockSeconds, count, time } from '../format.ts'
import { useWorkerLog } from '../use-worker-log.ts'
import { Section } from './section.tsx'

const colours = { info: 'text-ink-2', warn: 'text-attention', error: 'text-failed' } as const
const NEAR_END = 40

export function WorkerLog() {
  const { lines, because } = useWorkerLog()
  const box = useRef<HTMLDivElement>(null)
  const atEnd = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are the reason to scroll, not an input (react.dev, "specifying reactive dependencies")
  useEffect(() => {
    if (atEnd.current) box.current?.scrollTo({ top: box.current.scrollHeight })
  }, [lines])
  const onScroll = () => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = box.current ?? {}
    atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END
  }
  return (
    <Section
      title="Log"
      note={because ?? (lines.length === 0 ? undefined : `the last ${count(lines.length, 'line')}`)}
      className="mt-2"
    >
      <div
        ref={box}
        role="log"
        aria-label="Worker log"
        onScroll={onScroll}
        className="h-[240px] overflow-auto mt-2 px-3 py-2 bg-sunken border border-line rounded-2 mono"
      >
        {lines.length === 0 && (
          <p className="text-ink-3">
            {because === null ? 'Nothing has been said yet.' : 'What it said cannot be read now.'}
          </p>
        )}
        {lines.map((line) => (
          <p key={line.n} className={`flex gap-3 ${colours[line.level]}`}>
            <time className="text-ink-3">{clockSeconds(time(line.at))}</time>
            <span className="[overflow-wrap:anywhere]">{line.text}</span>
          </p>
        ))}
      </div>
    </Section>
  )
}
