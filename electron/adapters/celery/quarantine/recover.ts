// What a crash left half-done: found in the list of open operations, put back in its order when nobody works on it.
import { setTimeout as pause } from 'node:timers/promises'
import { FailureError } from '../../../contract/failure.ts'
import type { Redis } from '../redis/connect.ts'
import { toFailureError } from '../redis/failures.ts'
import { gather, type QuarantineContext } from './gather.ts'
import { journalOf, LOCK_MS, lockOf, openOf, type Quarantining, quarantining } from './lists.ts'

const TRIED = 'Put messages back'

export function leftover({ source }: QuarantineContext, queue: string, operation: string): Quarantining {
  return quarantining(source.keys, queue, operation, { tried: TRIED, rule: 'undo' })
}

/**
 * Of one queue, at once, before another operation works on it. Leftovers of a live operation are refused by the lock;
 * one that cannot be repaired does not stop the next operation, whose keys are its own.
 */
export async function recoverQueue(context: QuarantineContext, redis: Redis, queue: string): Promise<void> {
  const open = await redis.hgetall(openOf(context.source.keys))
  for (const [operation, of] of Object.entries(open))
    if (of === queue)
      await gather(context, redis, leftover(context, queue, operation)).catch((error: unknown) => {
        if (!isBroken(error)) throw error
      })
}

export interface Unrepaired {
  readonly lists: Quarantining
  /** In the lists of the operation, as far as they can be read. */
  readonly messages: number
}

/**
 * Of all queues, each operation independently. Waits for the lock of a predecessor to lapse; an operation that renews it
 * is alive and left alone. `own` are operations that this process has interrupted, whose locks it holds itself.
 */
export async function recoverQueues(
  context: QuarantineContext,
  redis: Redis,
  own: (operation: string) => Quarantining | undefined,
  signal: AbortSignal,
): Promise<{ readonly sentences: readonly string[]; readonly unrepaired: readonly Unrepaired[] }> {
  const open = await redis.hgetall(openOf(context.source.keys))
  const sentences: string[] = []
  const unrepaired: Unrepaired[] = []
  // The operations of one queue share its lock.
  const queues = Map.groupBy(Object.entries(open), ([, queue]) => queue)
  const ended = await Promise.allSettled(
    [...queues].map(async ([queue, operations]) => {
      for (const [operation] of operations) {
        const lists = own(operation) ?? leftover(context, queue, operation)
        try {
          const told = await recoverOne(context, redis, lists, signal)
          if (told !== null) sentences.push(told)
        } catch (error) {
          // Another process works on it, or has finished it.
          if (error instanceof FailureError && error.failure.kind === 'busy') continue
          if (!isBroken(error)) throw error
          const { because, remedy } = explained(error, journalOf(context.source.keys, operation), queue)
          unrepaired.push({ lists, messages: await messagesOf(redis, lists) })
          sentences.push(
            `Queue ${queue}: the messages of an interrupted operation (${operation}) could not be put back: ${because}.${remedy === null ? '' : ` ${remedy}`}`,
          )
        }
      }
    }),
  )
  const failed = ended.find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return { sentences, unrepaired }
}

async function messagesOf(redis: Redis, { outside }: Quarantining): Promise<number> {
  const lengths = await Promise.all(outside.map((key) => redis.llen(key).catch(() => 0)))
  return lengths.reduce((sum, n) => sum + n, 0)
}

async function recoverOne(
  context: QuarantineContext,
  redis: Redis,
  lists: Quarantining,
  signal: AbortSignal,
): Promise<string | null> {
  const { keys } = context.source
  const { operation, queue } = lists
  if (await isAlive(redis, lockOf(keys, queue), lists.token, signal)) return null
  const undo = await redis.hexists(journalOf(keys, operation), 'there')
  if ((await redis.hexists(openOf(keys), operation)) === 0) return null
  await gather(context, redis, lists)
  const what = undo ? 'an interrupted undo was completed' : 'an interrupted operation was rolled back'
  return `Queue ${queue}: ${what}; all its messages are in the queue again.`
}

function explained(error: unknown, journal: string, queue: string): { because: string; remedy: string | null } {
  if (error instanceof Error && error.message.startsWith('WRONGTYPE'))
    return { because: `one of its keys has the wrong type (${journal}…)`, remedy: 'Rename or delete that key.' }
  return toFailureError(error, TRIED, queue).failure
}

/** Refused by Redis or by a script, as opposed to a lost connection or a deadline. */
export function isBroken(error: unknown): boolean {
  if (error instanceof FailureError) return error.failure.kind === 'invalid'
  return error instanceof Error && error.name === 'ReplyError'
}

const LOOK_MS = 200

/** Whether another token holds the lock for longer than a dead process could. */
export async function isAlive(redis: Redis, lock: string, token: string, signal: AbortSignal): Promise<boolean> {
  const end = performance.now() + LOCK_MS + 2 * LOOK_MS
  for (;;) {
    const holder = await redis.get(lock)
    if (holder === null || holder === token) return false
    if (performance.now() > end) return true
    await pause(LOOK_MS, undefined, { signal })
  }
}
