// What a quarantine would move: counted and sampled without moving or stalling anything.
import type { Message } from '../../../contract/queue.ts'
import type { CelerySettings } from '../../../contract/settings.ts'
import type { QuarantinePlan, QuarantineRule } from '../../../core/ports/broker.ts'
import { readMessage } from '../message/message.ts'
import type { Redis, RedisSource } from '../redis/connect.ts'
import { readEviction, refuseEviction, warningsOf } from './eviction.ts'
import { heldBy, lockOf, notAQueue } from './lists.ts'
import { unackedOf } from './returned.ts'
import { decider } from './rule.ts'
import { nextSize } from './stage.ts'

const SAMPLE = 5
const FIRST_READ = 50
const GROUPS = 20
/** A purge asks nothing of the contents: what the preview groups by task is read from the oldest messages. */
const READ_FOR_PURGE = 20_000
/** More unacknowledged messages than this are not told apart by queue. */
const UNACKED = 1000

export async function planQuarantine(
  source: RedisSource,
  redis: Redis,
  app: CelerySettings,
  what: { queue: string; rule: QuarantineRule; tried: string },
  signal: AbortSignal,
): Promise<QuarantinePlan> {
  const { queue, rule, tried } = what
  const { keys } = source
  const [holder, eviction] = await Promise.all([redis.get(lockOf(keys, queue)), readEviction(redis)])
  if (holder !== null) throw heldBy(tried, queue, holder)
  refuseEviction(eviction, tried, queue)
  const lists = keys.steps(queue)
  const types = await Promise.all(lists.map(({ key }) => redis.type(key)))
  const strange = types.find((type) => type !== 'list' && type !== 'none')
  if (strange !== undefined) throw notAQueue(tried, queue, strange)
  const lengths = await Promise.all(lists.map(({ key }) => redis.llen(key)))
  const messages = lengths.reduce((sum, n) => sum + n, 0)

  const moves = rule === 'all' ? () => true : decider(rule, app)
  const limit = rule === 'all' ? READ_FOR_PURGE : Number.POSITIVE_INFINITY
  const groups = new Map<string | null, { messages: number; moves: number }>()
  const sample: Message[] = []
  let read = 0
  let moved = 0
  for (const { step, key } of lists) {
    let position = 0
    for await (const chunk of fromOldest(redis, key, limit - read, signal)) {
      for (const raw of chunk) {
        const task = taskOf(raw, app)
        const group = groups.get(task) ?? { messages: 0, moves: 0 }
        groups.set(task, group)
        group.messages++
        if (moves(raw)) {
          group.moves++
          moved++
          if (sample.length < SAMPLE) sample.push(shown(raw, app, step, position))
        }
        position++
      }
      read += chunk.length
    }
  }
  return {
    queue,
    // A queue that is empty has no key: that is no other queue than the one it was.
    fingerprint: lists.map(({ key }) => `${key}=list`).join(' '),
    lists: lists.filter((_, i) => lengths[i] !== 0).map(({ step, key }) => ({ priority: step, key })),
    messages,
    moves: rule === 'all' ? messages : moved,
    read,
    groups: [...groups]
      .map(([task, group]) => ({ task, ...group }))
      .sort((a, b) => b.messages - a.messages)
      .slice(0, GROUPS),
    sample,
    unacked: await taken(source, redis, queue, signal),
    warnings: warningsOf(eviction),
  }
}

/**
 * Chunks from the right end, each turned round. Workers take from the same end: a message that leaves while the queue is
 * read only makes the count a little smaller.
 */
async function* fromOldest(
  redis: Redis,
  key: string,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<readonly string[]> {
  let size = Math.min(FIRST_READ, limit)
  let chunk = size === 0 ? [] : await redis.lrange(key, -size, -1)
  for (let at = chunk.length; chunk.length > 0; ) {
    signal.throwIfAborted()
    const end = chunk.length < size
    size = Math.min(nextSize(chunk, size), limit - at)
    const ahead = end || size === 0 ? Promise.resolve([]) : redis.lrange(key, -(at + size), -(at + 1))
    ahead.catch(() => undefined)
    yield chunk.reverse()
    chunk = await ahead
    at += chunk.length
  }
}

const PLACE = '"headers": {"lang": "py", "task": "'

/** Where Python writes it; anything else is parsed. */
function taskOf(raw: string, app: CelerySettings): string | null {
  const at = raw.indexOf(PLACE)
  const end = at === -1 ? -1 : raw.indexOf('"', at + PLACE.length)
  const name = end === -1 ? '' : raw.slice(at + PLACE.length, end)
  return name === '' || name.includes('\\') ? readMessage(raw, app).task : name
}

function shown(raw: string, app: CelerySettings, priority: number, position: number): Message {
  const { work: _work, exchange: _exchange, routingKey: _routingKey, ...message } = readMessage(raw, app)
  return { ...message, priority, position, where: 'queue', seenMs: null }
}

/** Null when there are too many to look at. */
async function taken(source: RedisSource, redis: Redis, queue: string, signal: AbortSignal): Promise<number | null> {
  if ((await redis.hlen(source.keys.unacked)) > UNACKED) return null
  let found = 0
  for await (const { routingKey } of unackedOf(source, signal)) if (routingKey === queue) found++
  return found
}
