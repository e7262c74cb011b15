// The Redis list that receives workers' replies to this Unjam, and the clean-up of lists and bindings left by others.
import { randomUUID } from 'node:crypto'
import type { Redis, RedisSource } from '../redis/connect.ts'
import { CONTROLLER, formerController, replyAddress } from '../redis/keys.ts'

export interface ReplyList {
  /** Routing key of the default exchange under which workers push replies to the list. */
  readonly address: string
  /** Creates or renews the list and publishes the request in one transaction; how many connections received it. */
  publish(redis: Redis, request: string): Promise<number>
  /** Removes and returns the replies that have arrived; empty most of the time. */
  take(redis: Redis): Promise<readonly string[]>
  /** Removes bindings that earlier Unjams left. Once per connection; does nothing otherwise. */
  removeBindings(redis: Redis): Promise<void>
  /** Removes reply lists that nothing else would. Scans the whole database, so once per process and in the background. */
  removeStale(redis: Redis, signal: AbortSignal): Promise<void>
  remove(redis: Redis): Promise<void>
}

/**
 * An element that is no reply. Redis drops an empty list together with its TTL, and a reply that arrives after this
 * process was killed would then create one that never expires.
 */
const PLACEHOLDER = 'unjam'
/** How long a killed process leaves its list behind, and how late a frozen worker's reply may be without doing harm. */
const TTL_SECONDS = 3600
const SCAN_COUNT = 1000

export function createReplyList({ keys }: RedisSource): ReplyList {
  const oid = `${CONTROLLER}${randomUUID()}`
  const list = keys.reply(oid)
  let cleaned: Redis | null = null

  return {
    address: replyAddress(oid),
    async publish(redis, request) {
      const results = await all(
        redis
          .multi()
          .lrem(list, 0, PLACEHOLDER)
          .lpush(list, PLACEHOLDER)
          .expire(list, TTL_SECONDS)
          .publish(keys.pidbox, request),
      )
      const receivers = results.at(-1)
      if (typeof receivers !== 'number') throw new Error('Protocol error: no number of receivers')
      return receivers
    },
    async take(redis) {
      if ((await redis.llen(list)) <= 1) return []
      const [elements] = await all(
        redis.multi().lrange(list, 0, -1).del(list).lpush(list, PLACEHOLDER).expire(list, TTL_SECONDS),
      )
      return Array.isArray(elements) ? elements.map(String).filter((one) => one !== PLACEHOLDER) : []
    },
    async removeBindings(redis) {
      if (cleaned === redis) return
      await removeBindings(redis, keys).catch((error: unknown) => {
        // A user without the rights to clean up can still ask.
        if (!/NOPERM|WRONGTYPE/.test(String(error))) throw error
      })
      cleaned = redis
    },
    async removeStale(redis, signal) {
      let cursor = '0'
      do {
        const [next, lists] = await redis.scan(cursor, 'MATCH', keys.replies, 'COUNT', SCAN_COUNT)
        cursor = next
        const ttls = await Promise.all(lists.map((one) => redis.ttl(one)))
        // Lists in use always have a TTL. One without it got its reply after its own Unjam had gone.
        const stale = lists.filter((_, i) => ttls[i] === -1)
        if (stale.length > 0) await redis.unlink(...stale)
      } while (cursor !== '0' && !signal.aborted)
    },
    async remove(redis) {
      await redis.del(list)
    },
  }
}

/**
 * Members that an Unjam wrote before replies came without one. In a separator that is not the app's own, one of them
 * stops every reply of every worker, also to `celery inspect`.
 */
async function removeBindings(redis: Redis, keys: RedisSource['keys']): Promise<void> {
  let cursor = '0'
  do {
    const [next, members] = await redis.sscan(keys.replyBinding, cursor, 'MATCH', `${CONTROLLER}*`, 'COUNT', SCAN_COUNT)
    cursor = next
    const ours = members.flatMap((member) => {
      const oid = formerController(member)
      return oid === null ? [] : [{ member, list: keys.reply(oid) }]
    })
    if (ours.length > 0)
      await all(
        redis
          .multi()
          .srem(keys.replyBinding, ...ours.map(({ member }) => member))
          .unlink(...ours.map(({ list }) => list)),
      )
  } while (cursor !== '0')
}

/** Results of a transaction. @throws the first error of its commands: EXECABORT itself names no reason. */
async function all(transaction: ReturnType<Redis['multi']>): Promise<readonly unknown[]> {
  let results: [Error | null, unknown][] | null
  try {
    results = await transaction.exec()
  } catch (error) {
    throw firstOf(error) ?? error
  }
  for (const [error] of results ?? []) if (error !== null) throw error
  return (results ?? []).map(([, value]) => value)
}

function firstOf(error: unknown): unknown {
  const previous: unknown = error instanceof Error ? Reflect.get(error, 'previousErrors') : null
  return Array.isArray(previous) ? previous[0] : null
}
