// Messages out of a queue and back again, none deleted: moved under keys of their own and kept there for 24 hours.
import { assertNever, FailureError } from '../../../contract/failure.ts'
import type { CelerySettings } from '../../../contract/settings.ts'
import type { Quarantine, Quarantined, QuarantineRule } from '../../../core/ports/broker.ts'
import type { Redis, RedisSource } from '../redis/connect.ts'
import { untilNow } from '../redis/kept.ts'
import { readEviction, refuseEviction } from './eviction.ts'
import { gather, type QuarantineContext } from './gather.ts'
import { expireKept, keptQuarantines } from './keeping.ts'
import { openOf, PER_CALL, type Quarantining, quarantining } from './lists.ts'
import { outcomeOf, quarantined } from './outcome.ts'
import { planQuarantine } from './plan.ts'
import { leftover, recoverQueue, recoverQueues } from './recover.ts'
import { createRepairs } from './repairs.ts'
import { PUT_BACK, restoreQuarantine } from './restore.ts'
import { decider } from './rule.ts'
import { SETTLE, TAKE } from './scripts.ts'
import { stage } from './stage.ts'

/** Bounded by its steps: it is never cut off in the middle, it stops between two of them. */
const patient = new AbortController().signal
/** After an interruption: how long to wait before reporting that the repair continues in the background, ms. */
const AFTERMATH_MS = 5000

export interface CeleryQuarantine extends Quarantine {
  /** Ends retries; what is interrupted then is repaired at the next start. */
  close(): void
}

export function createQuarantine(source: RedisSource, app: CelerySettings): CeleryQuarantine {
  const { keys } = source
  const context: QuarantineContext = { source, app }
  const repairs = createRepairs((lists) =>
    source.run(PUT_BACK, patient, async (redis) => {
      if ((await redis.hexists(openOf(keys), lists.operation)) === 1) await gather(context, redis, lists)
    }),
  )

  async function move(
    queue: string,
    rule: QuarantineRule,
    operation: string,
    signal: AbortSignal,
  ): Promise<Quarantined> {
    const tried = triedTo(rule)
    const lists = quarantining(keys, queue, operation, { tried, rule })
    const begun = { sent: false, messages: 0 }
    try {
      return await source.run(tried, patient, (redis) => take(redis, lists, rule, signal, begun))
    } catch (error) {
      if (!begun.sent) throw isLost(error) ? reworded(error, NOT_MOVED) : error
      return aftermath(lists, rule, begun.messages, error)
    }
  }

  async function take(
    redis: Redis,
    lists: Quarantining,
    rule: QuarantineRule,
    signal: AbortSignal,
    begun: { sent: boolean; messages: number },
  ): Promise<Quarantined> {
    const { queue } = lists
    const whole = rule === 'all'
    const [eviction, until, lengths] = await Promise.all([
      readEviction(redis),
      untilNow(redis),
      Promise.all(keys.steps(queue).map(({ key }) => redis.llen(key).catch(() => 0))),
      recoverQueue(context, redis, queue),
    ])
    refuseEviction(eviction, lists.tried, queue)
    begun.messages = sumOf(lengths)
    begun.sent = true
    const args = [whole ? 'whole' : 'staged', until, queue, rule, new Date().toISOString()]
    const taken = await lists.run(redis, TAKE, ...args).catch((error: unknown) => {
      // A refusal of the script: nothing was moved.
      begun.sent = !(error instanceof FailureError)
      throw error
    })
    const counts = Array.isArray(taken) ? taken : []
    begun.messages = sumOf(counts)
    if (whole) return quarantined(lists, rule, counts, until)
    await stage(redis, lists, decider(rule, app), 'moved', signal)
    return settle(redis, lists, rule)
  }

  /** The reply was lost or a deadline has passed: its outcome is looked up, and a partial move is rolled back. */
  async function aftermath(
    lists: Quarantining,
    rule: QuarantineRule,
    messages: number,
    error: unknown,
  ): Promise<Quarantined> {
    const within = AbortSignal.timeout(AFTERMATH_MS)
    const done = await source
      .run(lists.tried, within, (redis) => outcomeOf(context, redis, lists, within))
      .catch(() => {
        if (rule !== 'all') repairs.add(lists, { setAside: messages, of: messages })
        throw reworded(error, rule === 'all' ? UNKNOWN : setAside(messages))
      })
    if (done !== null) return done
    throw isLost(error) ? reworded(error, NOT_MOVED) : error
  }

  async function restore(what: Quarantined, signal: AbortSignal) {
    const lists = quarantining(keys, what.queue, what.operation, { tried: PUT_BACK, rule: 'undo' })
    let begun = false
    const begin = () => {
      begun = true
    }
    const attempt = () =>
      source.run(PUT_BACK, patient, (redis) => restoreQuarantine(context, redis, { lists, what, begin }, signal))
    try {
      return await attempt().catch((error: unknown) => {
        if (!isLost(error)) throw error
        return attempt()
      })
    } catch (error) {
      if (!begun && isLost(error)) throw reworded(error, 'No message was put back yet. Try again.')
      if (!begun || isRefused(error)) throw error
      repairs.add(lists, { setAside: what.moved, of: what.moved })
      throw reworded(error, UNDO_LATER)
    }
  }

  return {
    plan: (queue, rule, signal) =>
      source.run(triedTo(rule), signal, (redis) =>
        planQuarantine(source, redis, app, { queue, rule, tried: triedTo(rule) }, signal),
      ),
    move,
    restore,
    outcome: (queue, operation, signal) =>
      source.run('Check the outcome of an operation', signal, async (redis) => {
        const lists = repairs.find(operation) ?? leftover(context, queue, operation)
        const done = await outcomeOf(context, redis, lists, signal)
        repairs.done(operation)
        return done
      }),
    recover: (signal) =>
      source.run('Put messages back', signal, async (redis) => {
        const { sentences, unrepaired } = await recoverQueues(context, redis, repairs.find, signal)
        for (const { lists, messages } of unrepaired) repairs.add(lists, { setAside: messages, of: messages })
        await expireKept(context, redis)
        return sentences
      }),
    expire: (signal) => source.run('Delete old quarantines', signal, (redis) => expireKept(context, redis)),
    kept: (signal) => source.run('List quarantines', signal, (redis) => keptQuarantines(context, redis)),
    pending: repairs.pending,
    close: repairs.close,
  }
}

async function settle(redis: Redis, lists: Quarantining, rule: QuarantineRule): Promise<Quarantined> {
  const until = await untilNow(redis)
  for (;;) {
    const reply = await lists.run(redis, SETTLE, PER_CALL, until)
    if (Array.isArray(reply)) return quarantined(lists, rule, reply, until)
  }
}

/** No answer, as opposed to a refusal. */
function isLost(error: unknown): boolean {
  return error instanceof FailureError && ['unreachable', 'timeout'].includes(error.failure.kind)
}

/** By a script, which has then moved nothing; what the driver reports has a cause. */
function isRefused(error: unknown): boolean {
  return error instanceof FailureError && error.cause === undefined
}

const NOT_MOVED = 'No message was moved. Try again.'
const UNKNOWN = 'Unjam checks whether the messages were moved as soon as Redis answers. None is lost.'
const UNDO_LATER = 'Unjam completes the undo as soon as Redis answers.'

function setAside(messages: number): string {
  const many = messages === 1 ? 'The 1 message of the queue is' : `The ${messages.toLocaleString('en')} messages are`
  return `${many} set aside; Unjam puts ${messages === 1 ? 'it' : 'them'} back as soon as Redis answers.`
}

function reworded(error: unknown, remedy: string): unknown {
  return error instanceof FailureError ? new FailureError({ ...error.failure, remedy }, { cause: error }) : error
}

const sumOf = (counts: readonly number[]) => counts.reduce((sum, n) => sum + n, 0)

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
