// Operations that a lost connection interrupted: known without asking Redis, and repaired as soon as it answers again.
import { setTimeout as pause } from 'node:timers/promises'
import type { PendingRepair } from '../../../core/ports/broker.ts'
import type { Quarantining } from './lists.ts'

/** After each failed attempt; the connection has a back-off of its own of at most 5 s. */
const RETRY_MS = { first: 250, longest: 2000 }

export interface Repairs {
  add(lists: Quarantining, numbers: { readonly setAside: number; readonly of: number }): void
  /** The operation as this process works on it, with the token of its lock. */
  find(operation: string): Quarantining | undefined
  done(operation: string): void
  pending(): readonly PendingRepair[]
  close(): void
}

/** @param repair resolves when every message of the operation is in its place. */
export function createRepairs(repair: (lists: Quarantining) => Promise<void>): Repairs {
  const interrupted = new Map<string, { readonly lists: Quarantining; readonly repair: PendingRepair }>()
  const closing = new AbortController()
  let running = false

  async function run(): Promise<void> {
    if (running) return
    running = true
    try {
      for (let wait = RETRY_MS.first; interrupted.size > 0; wait = Math.min(2 * wait, RETRY_MS.longest)) {
        await pause(wait, undefined, { signal: closing.signal, ref: false })
        for (const { lists } of [...interrupted.values()])
          await repair(lists).then(
            () => interrupted.delete(lists.operation),
            () => undefined,
          )
      }
    } finally {
      running = false
    }
  }

  return {
    add(lists, numbers) {
      const { operation, queue } = lists
      interrupted.set(operation, { lists, repair: { operation, queue, ...numbers } })
      // It ends only by being closed.
      run().catch(() => undefined)
    },
    find: (operation) => interrupted.get(operation)?.lists,
    done: (operation) => void interrupted.delete(operation),
    pending: () => [...interrupted.values()].map((one) => one.repair),
    close: () => closing.abort(),
  }
}
