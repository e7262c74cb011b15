// Outcome of an operation whose reply was lost: completed, rolled back now, or refused from now on.
import type { Quarantined, QuarantineRule } from '../../../core/ports/broker.ts'
import type { Redis } from '../redis/connect.ts'
import { KEPT_MS } from '../redis/kept.ts'
import { gather, type QuarantineContext } from './gather.ts'
import { heldBy, journalOf, lockOf, openOf, type Quarantining } from './lists.ts'
import { isAlive } from './recover.ts'
import { FENCE } from './scripts.ts'

/** Longer than any command can be on its way. */
const FENCED_SECONDS = 60 * 60

/** Null: every message is in its queue again, or never left it. */
export async function outcomeOf(
  context: QuarantineContext,
  redis: Redis,
  lists: Quarantining,
  signal: AbortSignal,
): Promise<Quarantined | null> {
  const { keys } = context.source
  const { operation, queue } = lists
  const isOpen = async () => (await redis.hexists(openOf(keys), operation)) === 1
  for (;;) {
    const done = await completed(redis, lists, await redis.hgetall(journalOf(keys, operation)))
    if (done !== null) return done
    if (await isOpen()) {
      const lock = lockOf(keys, queue)
      if (await isAlive(redis, lock, lists.token, signal))
        throw heldBy('Check the outcome of an operation', queue, (await redis.get(lock)) ?? '')
      await gather(context, redis, lists).catch(async (error: unknown) => {
        // Another one has finished it meanwhile.
        if (await isOpen()) throw error
      })
    } else {
      const fenced = await redis.eval(FENCE, 2, journalOf(keys, operation), openOf(keys), operation, FENCED_SECONDS)
      if (Number(fenced) === 1) return null
    }
  }
}

const rules: readonly string[] = ['all', 'duplicates', 'periodic'] satisfies QuarantineRule[]
const isRule = (text: string | undefined): text is QuarantineRule => text !== undefined && rules.includes(text)

/** The value that `move` returned, from the journal; null while it is half-done or when it never began. */
export async function completed(
  redis: Redis,
  lists: Quarantining,
  journal: Readonly<Record<string, string>>,
): Promise<Quarantined | null> {
  const { rule, at, until, state } = journal
  if (!isRule(rule)) return null
  const counted = journal['moved:1'] !== undefined
  // Earlier versions kept no numbers: the lists have them.
  if (!counted && state !== 'kept') return null
  const counts = counted
    ? lists.moved.map((_, i) => Number(journal[`moved:${i + 1}`] ?? 0))
    : await Promise.all(lists.moved.map(({ key }) => redis.llen(key)))
  const begun = Date.parse(at ?? '')
  return quarantined(lists, rule, counts, until ?? new Date((begun || Date.now()) + KEPT_MS).toISOString())
}

export function quarantined(
  lists: Quarantining,
  rule: QuarantineRule,
  counts: readonly number[],
  until: string,
): Quarantined {
  const moved = lists.moved
    .map((list, i) => ({ ...list, messages: counts[i] ?? 0 }))
    .filter(({ messages }) => messages > 0)
  return {
    operation: lists.operation,
    queue: lists.queue,
    rule,
    moved: moved.reduce((sum, { messages }) => sum + messages, 0),
    lists: moved,
    until,
  }
}
