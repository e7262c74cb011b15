// A queue put together again from what an operation left of it, and the numbers of an undo that was completed.
import type { CelerySettings } from '../../../contract/settings.ts'
import type { Quarantine, Quarantined } from '../../../core/ports/broker.ts'
import { readMessage } from '../message/message.ts'
import type { Redis, RedisSource } from '../redis/connect.ts'
import { untilNow } from '../redis/kept.ts'
import { journalOf, PER_CALL, type Quarantining } from './lists.ts'
import { worksAgain } from './returned.ts'
import { jobWork } from './rule.ts'
import { GATHER } from './scripts.ts'
import { stage } from './stage.ts'

export interface QuarantineContext {
  readonly source: RedisSource
  readonly app: CelerySettings
}

export type Restored = Awaited<ReturnType<Quarantine['restore']>>

/** Each with its reason; what is beyond that is one line. */
const LISTED = 50

/** In bounded steps; an undo of a purge that was cut short first finishes its sorting. */
export async function gather({ source, app }: QuarantineContext, redis: Redis, lists: Quarantining): Promise<void> {
  const state = await redis.hget(journalOf(source.keys, lists.operation), 'state')
  if (state === 'sorting') await putAside(source, redis, app, lists)
  const until = await untilNow(redis)
  while ((await lists.run(redis, GATHER, PER_CALL, until)) === 'more');
}

/** Takes those whose job waits again out of what is put back; they stay in Redis for another 24 hours. */
async function putAside(source: RedisSource, redis: Redis, app: CelerySettings, lists: Quarantining): Promise<void> {
  // Not cut off by a deadline: half an undo is worse than a late one, and all its steps are bounded.
  const { signal } = new AbortController()
  const back = await worksAgain(source, redis, app, lists.queue, signal)
  const workOf = jobWork(app)
  const decide = (raw: string) => {
    const work = workOf(raw)
    return work !== null && back.has(work)
  }
  await stage(redis, lists, decide, 'aside', signal)
}

/** Of an undo that is completed, from its journal: the same however often it is read. */
export async function restoredOf(
  { source, app }: QuarantineContext,
  redis: Redis,
  lists: Quarantining,
  what: Quarantined,
): Promise<Restored> {
  const journal = await redis.hgetall(journalOf(source.keys, lists.operation))
  // Finished by an earlier version of Unjam, which keeps no numbers.
  if (journal.restored === undefined) return { restored: what.moved, left: [] }
  const lengths = await Promise.all(lists.aside.map((key) => redis.llen(key)))
  const aside = lengths.reduce((sum, n) => sum + n, 0)
  const first: string[] = []
  for (const [i, key] of lists.aside.entries())
    if (lengths[i] !== 0 && first.length < LISTED)
      first.push(...(await redis.lrange(key, first.length - LISTED, -1)).reverse())
  const left = first.map((raw) => {
    const { id, job } = readMessage(raw, app)
    return { id: id ?? 'a message without an id', because: `job ${job ?? ''} is queued again` }
  })
  const rest = aside - left.length
  const more = rest > 0 ? [{ id: `${rest} more`, because: 'their jobs are queued again' }] : []
  const missing = what.lists.flatMap(({ priority, key, messages }) => {
    const at = lists.moved.findIndex((list) => list.priority === priority)
    const there = Number(journal[`there:${at + 1}`] ?? messages)
    const because = `${messages - there} of its ${messages} messages were missing`
    return there >= messages ? [] : [{ id: key, because }]
  })
  return { restored: Number(journal.restored), left: [...left, ...more, ...missing] }
}
