// A clock that stands still until a test moves it; timers fire in order, and what they cause has happened by then.
import type { Clock } from '../../electron/core/ports/local.ts'
import { NOW } from './snapshot-builders.ts'

export interface ManualClock extends Clock {
  /** Moves time on, firing each timer at its own moment. */
  advance(ms: number): Promise<void>
  /** Lets everything that needs no time happen. */
  settle(): Promise<void>
  /** Timers that have not fired: 0 after everything was stopped. */
  pending(): number
}

export function manualClock(start: string = NOW): ManualClock {
  let nowMs = Date.parse(start)
  const timers = new Set<{ at: number; fire(): void }>()

  async function settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
  }

  return {
    now: () => new Date(nowMs).toISOString(),
    nowMs: () => nowMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const end = (settle: () => void) => {
          timers.delete(timer)
          signal.removeEventListener('abort', stop)
          settle()
        }
        const stop = () => end(() => reject(signal.reason))
        const timer = { at: nowMs + ms, fire: () => end(resolve) }
        timers.add(timer)
        signal.addEventListener('abort', stop)
      }),
    settle,
    pending: () => timers.size,
    async advance(ms) {
      const until = nowMs + ms
      await settle()
      for (;;) {
        const next = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
        if (next === undefined) break
        nowMs = Math.max(nowMs, next.at)
        next.fire()
        await settle()
      }
      nowMs = until
      await settle()
    },
  }
}
