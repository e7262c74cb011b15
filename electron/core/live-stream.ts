// One watcher's stream: a snapshot, then every change in order; one that cannot follow gets a new snapshot.
import type { LiveEvent, Snapshot } from '../contract/snapshot.ts'

/** Changes kept for a slow watcher before they are replaced by one snapshot. */
const KEPT = 30

export interface LiveStream {
  push(event: LiveEvent, latest: Snapshot): void
  end(): void
  events(signal: AbortSignal): AsyncGenerator<LiveEvent, void, void>
}

/** A stream that begins with `first`. */
export function liveStream(first: Snapshot): LiveStream {
  let waiting: LiveEvent[] = [{ kind: 'snapshot', snapshot: first }]
  let ended = false
  let wake: () => void = () => undefined

  return {
    push(event, latest) {
      waiting = waiting.length < KEPT ? [...waiting, event] : [{ kind: 'snapshot', snapshot: latest }]
      wake()
    },
    end() {
      ended = true
      wake()
    },
    async *events(signal) {
      const onAbort = () => wake()
      signal.addEventListener('abort', onAbort)
      try {
        while (!signal.aborted) {
          const next = waiting.shift()
          if (next !== undefined) {
            yield next
            continue
          }
          if (ended) return
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      } finally {
        signal.removeEventListener('abort', onAbort)
      }
    },
  }
}
