// Undo: every quarantined message returns once, oldest first and before newcomers, unless its job waits again already.
import { FailureError } from '../../../contract/failure.ts'
import type { CelerySettings } from '../../../contract/settings.ts'
import type { Quarantine, Quarantined } from '../../../core/ports/broker.ts'
import { readMessage } from '../message/message.ts'
import type { Redis, RedisSource } from '../redis/connect.ts'
import { openOf, type Quarantining, quarantining } from './lists.ts'
import { gather, recoverQueue } from './recover.ts'
import { worksAgain } from './returned.ts'
import { jobWork } from './rule.ts'
import { REOPEN } from './scripts.ts'
import { stage } from './stage.ts'

type Restored = Awaited<ReturnType<Quarantine['restore']>>

const tried = 'Put the messages back'
/** Each with its reason; what is beyond that is one line. */
const LISTED = 50

export async function restoreQuarantine(
  source: RedisSource,
  redis: Redis,
  app: CelerySettings,
  what: Quarantined,
  signal: AbortSignal,
): Promise<Restored> {
  const { keys } = source
  const lists = quarantining(keys, what.queue, what.operation, { tried, rule: 'undo' })
  if (await redis.hexists(openOf(keys), what.operation)) {
    // An undo of it was cut short: it is finished.
    await gather(redis, lists)
    return { restored: what.moved, left: [] }
  }
  await recoverQueue(redis, keys, what.queue)
  // After a purge the database may have refilled the queue: the same job must not wait twice. What de-duplication and
  // collapse moved has its first message in the queue by intention.
  const back = what.rule === 'all' ? await worksAgain(source, redis, app, what.queue, signal) : new Set<string>()
  const found = await lists.run(redis, REOPEN, back.size > 0 ? 'filter' : 'merge', what.queue)
  if (found === 'gone') throw gone(what)
  const aside = back.size > 0 ? await putAside(redis, lists, back, app) : []
  await gather(redis, lists)
  const missing = what.lists.flatMap(({ priority, key, messages }) => {
    const now = Array.isArray(found)
      ? Number(found[lists.moved.findIndex((list) => list.priority === priority)])
      : messages
    return now >= messages
      ? []
      : [{ id: key, because: `${messages - now} of its ${messages} messages were no longer there` }]
  })
  const there = Array.isArray(found) ? found.reduce((sum: number, n: number) => sum + n, 0) : what.moved
  return { restored: there - aside.length, left: [...listed(aside), ...missing] }
}

interface Aside {
  readonly id: string
  readonly job: string
}

/** Takes those whose job came back out of what is put back; they stay in quarantine for another 24 hours. */
async function putAside(
  redis: Redis,
  lists: Quarantining,
  back: ReadonlySet<string>,
  app: CelerySettings,
): Promise<Aside[]> {
  const aside: Aside[] = []
  const workOf = jobWork(app)
  const decide = (raw: string) => {
    const work = workOf(raw)
    if (work === null || !back.has(work)) return false
    const { id, job } = readMessage(raw, app)
    aside.push({ id: id ?? 'a message without an id', job: job ?? '' })
    return true
  }
  // Not cut off by a deadline: half an undo is worse than a late one, and all its steps are bounded.
  await stage(redis, lists, decide, 'aside', new AbortController().signal)
  return aside
}

function listed(aside: readonly Aside[]): Restored['left'] {
  const left = aside.slice(0, LISTED).map(({ id, job }) => ({ id, because: `job ${job} waits again already` }))
  const rest = aside.length - left.length
  return rest > 0 ? [...left, { id: `${rest} more`, because: 'their jobs wait again already' }] : left
}

function gone({ queue, until, lists }: Quarantined): FailureError {
  const over = Date.parse(until) < Date.now()
  return new FailureError({
    kind: 'missing',
    tried,
    on: queue,
    because: over
      ? `the 24 hours were over at ${until}, and Redis has let them go`
      : `they are no longer in Redis: ${lists.map(({ key }) => key).join(', ')} was deleted or evicted`,
    remedy: 'Nothing was changed. Jobs that are queued in the database are sent again by the enqueuer.',
  })
}
