// Undo: every quarantined message returns once, oldest first and before newcomers, unless its job is queued again.
import { FailureError } from '../../../contract/failure.ts'
import type { Quarantined } from '../../../core/ports/broker.ts'
import type { Redis } from '../redis/connect.ts'
import { gather, type QuarantineContext, type Restored, restoredOf } from './gather.ts'
import { journalOf, openOf, type Quarantining } from './lists.ts'
import { recoverQueue } from './recover.ts'
import { worksAgain } from './returned.ts'
import { REOPEN } from './scripts.ts'

export const PUT_BACK = 'Put the messages back'

/**
 * Called again after it was cut short or completed, it returns the same numbers.
 *
 * @param begin called before the first step that moves messages.
 */
export async function restoreQuarantine(
  context: QuarantineContext,
  redis: Redis,
  { lists, what, begin }: { lists: Quarantining; what: Quarantined; begin(): void },
  signal: AbortSignal,
): Promise<Restored> {
  const { source, app } = context
  const { keys } = source
  const state = await redis.hget(journalOf(keys, what.operation), 'state')
  if (state === 'restored') return restoredOf(context, redis, lists, what)
  if ((await redis.hexists(openOf(keys), what.operation)) === 0) {
    await recoverQueue(context, redis, what.queue)
    // After a purge the database may have refilled the queue: the same job must not wait twice. What de-duplication and
    // collapse moved has its first message in the queue by intention.
    const back = what.rule === 'all' ? await worksAgain(source, redis, app, what.queue, signal) : new Set<string>()
    begin()
    const found = await lists.run(redis, REOPEN, back.size > 0 ? 'filter' : 'merge', what.queue)
    if (found === 'gone') throw gone(what)
    if (found === 'restored') return restoredOf(context, redis, lists, what)
  }
  begin()
  await gather(context, redis, lists)
  return restoredOf(context, redis, lists, what)
}

function gone({ queue, until, lists }: Quarantined): FailureError {
  const over = Date.parse(until) < Date.now()
  return new FailureError({
    kind: 'missing',
    tried: PUT_BACK,
    on: queue,
    because: over
      ? `their 24 h ended at ${until}, and Unjam deleted them`
      : `they are no longer in Redis: ${lists.map(({ key }) => key).join(', ')} was deleted or evicted`,
    remedy: 'Nothing was changed. Jobs that are queued in the database are sent again by the enqueuer.',
  })
}
