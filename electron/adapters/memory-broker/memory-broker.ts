// A Celery broker in memory, for samples: every verb of the port, over the same message form and rules as Redis.
import type { CelerySettings } from '../../contract/settings.ts'
import type { Broker } from '../../core/ports/broker.ts'
import { memoryControl } from './memory-control.ts'
import { memoryQuarantine } from './memory-quarantine.ts'
import { memoryQueues } from './memory-queues.ts'
import { type MemoryResults, memoryResults } from './memory-results.ts'
import { type MemoryWorkers, memoryWorkers } from './memory-workers.ts'
import { createMessageLists, type MessageLists } from './message-lists.ts'

export interface MemoryBrokerOptions {
  readonly app: CelerySettings
  /** Tasks that every worker knows. */
  readonly tasks: readonly string[]
  nowMs(): number
}

/** The broker, and what its world moves: messages that are sent, workers that come and go, attempts that end. */
export interface MemoryBroker extends Broker {
  readonly lists: MessageLists
  readonly workers: MemoryWorkers
  readonly results: MemoryResults
  /** Something happened that readers should see at once. */
  change(): void
}

export function memoryBroker({ app, tasks, nowMs }: MemoryBrokerOptions): MemoryBroker {
  const listeners = new Set<() => void>()
  const change = () => {
    for (const listener of listeners) listener()
  }
  const lists = createMessageLists(nowMs)
  const workers = memoryWorkers(app, lists, nowMs)
  const results = memoryResults(nowMs)
  return {
    ...{ app, lists, workers, results, change },
    queues: memoryQueues({ app, lists, workers, nowMs }),
    quarantine: memoryQuarantine({ app, lists, nowMs }),
    control: memoryControl({
      ...{ app, lists, workers, registered: tasks, change },
      terminated: ({ id, name, job }, worker) =>
        results.ended({
          ...{ id, outcome: 'cancelled', task: name, job, exception: 'TaskRevokedError', message: 'terminated' },
          ...{ worker, endedMs: nowMs() },
        }),
    }),
    // Celery's own defaults: acknowledged when a task begins.
    delivery: async () => ({ visibilityTimeoutMs: 3_600_000, from: 'default', acksLate: false }),
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      listeners.clear()
    },
  }
}
