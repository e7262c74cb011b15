// Undo: every quarantined message returns once, oldest first and before newcomers, unless its job waits again already.
import { FailureError } from '../../contract/failure.ts'
import type { CelerySettings } from '../../contract/settings.ts'
import type { Quarantine, Quarantined } from '../../core/ports.ts'
import type { Redis } from './connect.ts'
import type { Keys } from './keys.ts'
import { readMessage } from './message.ts'
import { openOf, PER_CALL, type Quarantining, quarantining } from './quarantine-lists.ts'
import { gather, recoverQueue } from './quarantine-recover.ts'
import { jobWork, type WorkOf } from './quarantine-rule.ts'
import { REOPEN } from './quarantine-scripts.ts'
import { stage } from './quarantine-stage.ts'

type Restored = Awaited<ReturnType<Quarantine['restore']>>

const tried = 'Put the messages back'
/** Each with its reason; what is beyond that is one line. */
const LISTED = 50

export async function restoreQuarantine(
  redis: Redis,
  keys: Keys,
  app: CelerySettings,
  what: Quarantined,
  signal: AbortSignal,
): Promise<Restored> {
  const lists = quarantining(keys, what.queue, what.operation, { tried, rule: 'undo' })
  if (await redis.hexists(openOf(keys), what.operation)) {
    // An undo of it was cut short: it is finished.
    await gather(redis, lists)
    return { restored: what.moved, left: [] }
  }
  await recoverQueue(redis, keys, what.queue)
  const workOf = jobWork(app)
  // After a purge the database may have refilled the queue: the same job must not wait twice. What de-duplication and
  // collapse moved has its first message in the queue by intention.
  const back = what.rule === 'all' ? await worksOf(redis, keys, what.queue, workOf, signal) : new Set<string>()
  const found = await lists.run(redis, REOPEN, back.size > 0 ? 'filter' : 'merge', what.queue)
  if (found === 'gone') throw gone(what)
  const aside = back.size > 0 ? await putAside(redis, lists, back, workOf, app) : []
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

/** Jobs that wait in the queue, or that a worker took from it and has not acknowledged. */
async function worksOf(
  redis: Redis,
  keys: Keys,
  queue: string,
  workOf: WorkOf,
  signal: AbortSignal,
): Promise<Set<string>> {
  const works = new Set<string>()
  const add = (raw: string) => {
    const work = workOf(raw)
    if (work !== null) works.add(work)
  }
  for (const { key } of keys.steps(queue))
    for (let at = 0; ; at += PER_CALL) {
      signal.throwIfAborted()
      const chunk = await redis.lrange(key, -(at + PER_CALL), -(at + 1))
      chunk.forEach(add)
      if (chunk.length < PER_CALL) break
    }
  for await (const entries of redis.hscanStream(keys.unacked, { count: 200 }))
    for (const entry of values(entries)) {
      const message: unknown = JSON.parse(entry)
      if (Array.isArray(message) && message[2] === queue) add(JSON.stringify(message[0]))
    }
  return works
}

/** HSCAN answers fields and values in turn. */
function values(entries: readonly string[]): string[] {
  return entries.filter((_, i) => i % 2 === 1)
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
  workOf: WorkOf,
  app: CelerySettings,
): Promise<Aside[]> {
  const aside: Aside[] = []
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
