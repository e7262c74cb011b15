// The log of one service: which, since when, only lines with a word, followed or standing still.
import { useDeferredValue, useRef, useState } from 'react'
import { count } from '../format.ts'
import { useKey } from '../keys.ts'
import { go, type StackRoute } from '../route.ts'
import type { StackModel } from '../select-stack.ts'
import { type NumberedLine, useServiceLog } from '../use-service-log.ts'
import { Kbd } from './button.tsx'
import { LogLines } from './log-lines.tsx'
import { FailureNote } from './section.tsx'

const spans: readonly { text: string; minutes: number | null }[] = [
  { text: 'the last lines', minutes: null },
  { text: '10 minutes', minutes: 10 },
  { text: '1 hour', minutes: 60 },
  { text: '6 hours', minutes: 360 },
  { text: '24 hours', minutes: 1440 },
]

export function ServiceLog({ model, route }: { model: StackModel; route: StackRoute }) {
  const names = [...new Set(model.services.value?.map(({ service }) => service.service) ?? [])]
  // The worker is who the runbooks listen to.
  const service = route.service ?? names.find((name) => name.includes('worker')) ?? names[0] ?? 'worker'
  const [search, setSearch] = useState('')
  const [since, setSince] = useState<string | null>(null)
  const [follow, setFollow] = useState(true)
  const field = useRef<HTMLInputElement>(null)
  const wanted = useDeferredValue(search.trim())
  useKey('/', () => field.current?.focus())
  useKey('f', () => setFollow(!follow))
  const log = useServiceLog({ system: model.system, service, search: wanted, since }, follow)
  const replicas = model.services.value?.filter((row) => row.service.service === service).length ?? 1
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 min-h-[50px] py-2 flex-none text-small text-ink-2">
        <label className="flex items-center gap-2">
          Service
          <select
            className="field font-semibold"
            value={service}
            onChange={(event) => go({ ...route, system: model.system, service: event.target.value })}
          >
            {(names.includes(service) ? names : [service, ...names]).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label className="flex items-center gap-2">
          Since
          <select
            className="field font-semibold"
            defaultValue=""
            onChange={(event) => {
              const minutes = Number(event.target.value)
              setSince(minutes === 0 ? null : new Date(model.now - minutes * 60_000).toISOString())
            }}
          >
            {spans.map(({ text, minutes }) => (
              <option key={text} value={minutes ?? ''}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <input
          ref={field}
          type="search"
          className="field w-[220px]"
          aria-label="Only lines with this text"
          placeholder="Only lines with   /"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <label className="flex items-center gap-2">
          <input type="checkbox" checked={follow} onChange={() => setFollow(!follow)} />
          Follow <Kbd>F</Kbd>
        </label>
        <span role="status" className="ml-auto">
          <Sum lines={log.lines} narrowed={wanted !== ''} />
        </span>
      </div>
      {log.because !== null && <FailureNote text={log.because} />}
      {log.lines.length === 0 ? (
        <p className="py-4 text-ink-3">{emptyText(log.first, log.because, wanted)}</p>
      ) : (
        <LogLines
          lines={log.lines}
          search={wanted}
          several={replicas > 1}
          follow={follow}
          label={`Log of ${service}`}
        />
      )}
      <div className="h-4 flex-none" />
    </>
  )
}

/** Of lines that were picked by a word, having no error means nothing. */
function Sum({ lines, narrowed }: { lines: readonly NumberedLine[]; narrowed: boolean }) {
  const bad = lines.filter(({ level }) => level === 'error').length
  if (lines.length === 0) return null
  const all = count(lines.length, 'line')
  if (bad > 0)
    return (
      <>
        {all}, <span className="text-failed">{bad} with ERROR, FAIL or Exception</span>
      </>
    )
  return narrowed ? all : `${all}, no ERROR, FAIL or Exception`
}

function emptyText(first: boolean, because: string | null, wanted: string): string {
  if (because !== null) return 'What it said cannot be read now.'
  if (first) return 'Reading the log.'
  return wanted === '' ? 'It has said nothing in this time.' : `No line has “${wanted}” in it.`
}
