// The worker control of a host that supervises none: it says why, and where a worker can run instead.
import { FailureError } from '../contract/failure.ts'
import type { WorkerControl } from '../core/ports/local.ts'

export function idleWorker(because: string, remedy: string): WorkerControl & { close(): Promise<void> } {
  const refuse = (tried: string) => async () => {
    throw new FailureError({ kind: 'refused', tried, on: '', because, remedy })
  }
  return {
    state: () => ({ state: 'stopped', pid: null, restarts: 0, because: `${because}. ${remedy}` }),
    start: refuse('Start the worker'),
    stop: refuse('Stop the worker'),
    pause: refuse('Pause the worker'),
    resume: refuse('Resume the worker'),
    log: (cursor) => ({ lines: [], cursor }),
    onChange: () => () => undefined,
    close: async () => undefined,
  }
}
