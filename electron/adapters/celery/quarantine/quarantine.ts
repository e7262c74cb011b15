// Messages out of a queue and back again, none deleted: moved under keys of their own and kept there for 24 hours.
import { assertNever } from '../../../contract/failure.ts'
import type { CelerySettings } from '../../../contract/settings.ts'
import type { Quarantine, Quarantined, QuarantineRule } from '../../../core/ports/broker.ts'
import type { Redis, RedisSource } from '../redis/connect.ts'
import { KEPT_SECONDS, PER_CALL, type Quarantining, quarantining } from './lists.ts'
import { planQuarantine } from './plan.ts'
import { gather, recoverQueue, recoverQueues } from './recover.ts'
import { restoreQuarantine } from './restore.ts'
import { decider } from './rule.ts'
import { SETTLE, TAKE } from './scripts.ts'
import { stage } from './stage.ts'

/** Bounded by its steps: it is never cut off in the middle, it stops between two of them. */
const patient = new AbortController().signal

export function createQuarantine(source: RedisSource, app: CelerySettings): Quarantine {
  const { keys } = source

  async function move(
    redis: Redis,
    queue: string,
    rule: QuarantineRule,
    operation: string,
    signal: AbortSignal,
  ): Promise<Quarantined> {
    const tried = triedTo(rule)
    await recoverQueue(redis, keys, queue)
    const lists = quarantining(keys, queue, operation, { tried, rule })
    const whole = rule === 'all'
    const at = new Date()
    const taken = await lists.run(
      redis,
      TAKE,
      ...[whole ? 'whole' : 'staged', KEPT_SECONDS, queue, rule, at.toISOString()],
    )
    if (whole) return quarantined(lists, rule, taken, at)
    try {
      await stage(redis, lists, decider(rule, app), 'moved', signal)
      return quarantined(lists, rule, await settle(redis, lists), new Date())
    } catch (error) {
      // Everything goes back; where Redis cannot be reached now, the next `recover` does it.
      await source.run(tried, patient, (again) => gather(again, lists)).catch(() => undefined)
      throw error
    }
  }

  return {
    plan: (queue, rule, signal) =>
      source.run(triedTo(rule), signal, (redis) =>
        planQuarantine(source, redis, app, { queue, rule, tried: triedTo(rule) }, signal),
      ),
    move: (queue, rule, operation, signal) =>
      source.run(triedTo(rule), patient, (redis) => move(redis, queue, rule, operation, signal)),
    restore: (what, signal) =>
      source.run('Put the messages back', patient, (redis) => restoreQuarantine(source, redis, app, what, signal)),
    recover: (signal) => source.run('Put messages back', signal, (redis) => recoverQueues(redis, keys, signal)),
  }
}

async function settle(redis: Redis, lists: Quarantining): Promise<readonly number[] | string> {
  for (;;) {
    const reply = await lists.run(redis, SETTLE, PER_CALL, KEPT_SECONDS)
    if (reply !== 'more') return reply
  }
}

function quarantined(
  lists: Quarantining,
  rule: QuarantineRule,
  counts: readonly number[] | string,
  from: Date,
): Quarantined {
  const moved = lists.moved
    .map((list, i) => ({ ...list, messages: Number(counts[i] ?? 0) }))
    .filter(({ messages }) => messages > 0)
  return {
    operation: lists.operation,
    queue: lists.queue,
    rule,
    moved: moved.reduce((sum, { messages }) => sum + messages, 0),
    lists: moved,
    until: new Date(from.getTime() + KEPT_SECONDS * 1000).toISOString(),
  }
}

function triedTo(rule: QuarantineRule): string {
  switch (rule) {
    case 'all':
      return 'Purge the queue'
    case 'duplicates':
      return 'De-duplicate the queue'
    case 'periodic':
      return 'Collapse periodic messages'
    default:
      return assertNever(rule)
  }
}
