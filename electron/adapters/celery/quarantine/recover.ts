// What a crash left half-done: found in the list of open operations, put back in its order when nobody works on it.
import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { journalOf, KEPT_SECONDS, LOCK_MS, lockOf, openOf, PER_CALL, type Quarantining, quarantining } from './lists.ts'
import { GATHER } from './scripts.ts'

/** Puts the queue of an open operation together again, in bounded steps. */
export async function gather(redis: Redis, lists: Quarantining): Promise<void> {
  while ((await lists.run(redis, GATHER, PER_CALL, KEPT_SECONDS)) === 'more');
}

/** Of one queue, at once: leftovers of somebody who still holds the lock are refused by the lock itself. */
export async function recoverQueue(redis: Redis, keys: Keys, queue: string): Promise<void> {
  const open = await redis.hgetall(openOf(keys))
  for (const [operation, of] of Object.entries(open))
    if (of === queue)
      await gather(redis, quarantining(keys, queue, operation, { tried: 'Put messages back', rule: 'undo' }))
}

/** Of all queues. Waits for the lock of a predecessor to lapse; an operation that renews it is alive and left alone. */
export async function recoverQueues(redis: Redis, keys: Keys, signal: AbortSignal): Promise<readonly string[]> {
  const open = await redis.hgetall(openOf(keys))
  const told = await Promise.all(
    Object.entries(open).map(async ([operation, queue]) => {
      if (await isAlive(redis, lockOf(keys, queue), signal)) return []
      const state = await redis.hget(journalOf(keys, operation), 'state')
      if ((await redis.hexists(openOf(keys), operation)) === 0) return []
      await gather(redis, quarantining(keys, queue, operation, { tried: 'Put messages back', rule: 'undo' }))
      const what =
        state === 'restoring'
          ? 'an undo that was cut short was finished'
          : 'an operation that was cut short was taken back'
      return [`Queue ${queue}: ${what}; all its messages are in the queue again.`]
    }),
  )
  return told.flat()
}

const LOOK_MS = 200

async function isAlive(redis: Redis, lock: string, signal: AbortSignal): Promise<boolean> {
  const end = performance.now() + LOCK_MS + 2 * LOOK_MS
  while (await redis.exists(lock)) {
    if (performance.now() > end) return true
    await pause(LOOK_MS, undefined, { signal })
  }
  return false
}
