// The log of one service: pulled by cursor at each tick while it is followed, never pushed.
import { useEffect, useRef, useState } from 'react'
import type { ServiceLogLine } from '../electron/contract/service.ts'
import { failureOf } from './client.ts'
import { failureText } from './format.ts'
import { useServices, useStore } from './services.tsx'

export interface NumberedLine extends ServiceLogLine {
  /** Counts the lines shown since the question was asked: a name for each. */
  readonly n: number
}
export interface ServiceLog {
  readonly lines: readonly NumberedLine[]
  readonly because: string | null
  /** Nothing has been answered yet. */
  readonly first: boolean
}
export interface LogQuestion {
  readonly system: string
  readonly service: string
  readonly search: string
  readonly since: string | null
}

const KEPT = 5000
const PAGE = 500
/** Pages in one tick: a log that grows faster than this is behind, but the screen goes on. */
const PAGES = 8

const nothing: ServiceLog = { lines: [], because: null, first: true }

export function useServiceLog({ system, service, search, since }: LogQuestion, follow: boolean): ServiceLog {
  const { client, now } = useServices()
  const tick = useStore(now)
  const [log, setLog] = useState<ServiceLog>(nothing)
  const state = useRef({ cursor: null as string | null, next: 1, asking: false, key: '' })
  const key = JSON.stringify([system, service, search, since])
  const due = follow ? tick : 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tick is the reason to ask, not an input (react.dev, "specifying reactive dependencies")
  useEffect(() => {
    if (state.current.key !== key) {
      // An answer to the question before is dropped: it belongs to another object.
      state.current = { cursor: null, next: 1, asking: false, key }
      setLog(nothing)
    }
    const mine = state.current
    if (mine.asking) return
    mine.asking = true
    const pull = async () => {
      for (let page = 0; page < PAGES; page++) {
        const answer = await client.stack.logs({ system, service, search, since, cursor: mine.cursor, limit: PAGE })
        if (state.current !== mine) return
        mine.cursor = answer.cursor
        const fresh = answer.lines.map((line) => ({ ...line, n: mine.next++ }))
        setLog((old) => ({
          lines: fresh.length === 0 ? old.lines : [...old.lines, ...fresh].slice(-KEPT),
          because: null,
          first: false,
        }))
        if (answer.lines.length < PAGE) return
      }
    }
    pull()
      .catch((error: unknown) => {
        const because = failureText(failureOf(error, `Read the log of ${service}`))
        if (state.current === mine) setLog((old) => ({ ...old, because, first: false }))
      })
      .finally(() => {
        mine.asking = false
      })
  }, [client, key, due])
  return log
}
