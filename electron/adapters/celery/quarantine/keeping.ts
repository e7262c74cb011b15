// What Unjam keeps in Redis without a TTL: listed for an operator, and deleted when its 24 hours are over.
import { FailureError } from '../../../contract/failure.ts'
import type { Quarantined } from '../../../core/ports/broker.ts'
import type { Redis } from '../redis/connect.ts'
import { dropKept, earliestNow, type Kept, readKept } from '../redis/kept.ts'
import type { QuarantineContext } from './gather.ts'
import { journalOf } from './lists.ts'
import { completed } from './outcome.ts'
import { leftover } from './recover.ts'
import { EXPIRE } from './scripts.ts'

/** Those whose undo is possible, oldest first. */
export async function keptQuarantines(context: QuarantineContext, redis: Redis): Promise<readonly Quarantined[]> {
  const { keys } = context.source
  const index = await readKept(redis, keys)
  const found = await Promise.all(
    index
      .filter(({ kind }) => kind === 'quarantine')
      .map(async ({ operation, queue }) => {
        const journal = await redis.hgetall(journalOf(keys, operation))
        if (journal.state !== 'kept') return null
        return completed(redis, leftover(context, queue, operation), journal)
      }),
  )
  return found.filter((one) => one !== null).filter(({ moved }) => moved > 0)
}

/** Returns how many operations were deleted. One that is locked or open now is left for the next run. */
export async function expireKept(context: QuarantineContext, redis: Redis): Promise<number> {
  const index = await readKept(redis, context.source.keys)
  const first = index[0]
  if (first === undefined || first.untilMs > Date.now()) return 0
  const now = await earliestNow(redis)
  let deleted = 0
  for (const one of index) if (one.untilMs <= now && (await expired(context, redis, one))) deleted++
  return deleted
}

async function expired(context: QuarantineContext, redis: Redis, one: Kept): Promise<boolean> {
  if (one.kind !== 'quarantine') return dropKept(redis, context.source.keys, one)
  try {
    const reply = await leftover(context, one.queue, one.operation).run(redis, EXPIRE, one.value)
    return reply !== 'open'
  } catch (error) {
    if (error instanceof FailureError && error.failure.kind === 'busy') return false
    throw error
  }
}
