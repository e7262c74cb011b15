// The end of the worker's log: pulled by cursor at each tick while it is looked at, never pushed.
import { useEffect, useRef, useState } from 'react'
import type { LogLine } from '../electron/contract/host.ts'
import { useServices, useStore } from './services.tsx'

const KEPT = 500

export function useWorkerLog(): { lines: readonly LogLine[]; because: string | null } {
  const { client, now } = useServices()
  const tick = useStore(now)
  const [lines, setLines] = useState<readonly LogLine[]>([])
  const [because, setBecause] = useState<string | null>(null)
  const cursor = useRef(0)
  const asking = useRef(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tick is the reason to ask, not an input (react.dev, "specifying reactive dependencies")
  useEffect(() => {
    if (asking.current) return
    asking.current = true
    const pull = async () => {
      const lines: LogLine[] = []
      // A log that is longer than a page is read to its end at once: its newest lines are what is looked at.
      for (let full = true; full; ) {
        const page = await client.worker.log({ cursor: cursor.current, limit: KEPT })
        // A smaller cursor means another log: the core has started again.
        const fresh = page.cursor < cursor.current
        cursor.current = fresh ? 0 : page.cursor
        full = !fresh && page.lines.length === KEPT
        if (fresh) setLines([])
        else lines.push(...page.lines)
      }
      setBecause(null)
      if (lines.length > 0) setLines((old) => [...old, ...lines].slice(-KEPT))
    }
    pull()
      .catch((error: unknown) => setBecause(error instanceof Error ? error.message : String(error)))
      .finally(() => {
        asking.current = false
      })
  }, [client, tick])
  return { lines, because }
}
