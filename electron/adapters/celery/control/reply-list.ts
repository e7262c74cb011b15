// The list on which workers leave their replies for this Unjam, and the lists of others that were killed before they could
// take theirs away: neither Redis nor kombu ever would.
import { randomUUID } from 'node:crypto'
import type { Redis, RedisSource } from '../redis/connect.ts'

export interface ReplyList {
  /** Names this Unjam in what it asks. */
  readonly oid: string
  readonly key: string
  /** Its member of the reply binding, by which workers find the list. */
  member(): string
  /** Shows that this Unjam lives, and takes away what dead ones left. Does nothing most of the time. */
  tend(redis: Redis): Promise<void>
  /** Without its member late replies are dropped by the workers themselves (kombu ≥ 5.2). */
  remove(redis: Redis): Promise<void>
}

const OURS = 'unjam-'
const LIVES_SECONDS = 900
const TEND_EVERY_MS = 300_000

export function createReplyList({ keys }: RedisSource): ReplyList {
  const oid = `${OURS}${randomUUID()}`
  const keyOf = (one: string) => keys.reply(one)
  const lifeOf = (one: string) => keys.own('asks', one)
  const memberOf = (one: string) => keys.member(one, keyOf(one).slice(keys.prefix.length))
  let tendedMs = Number.NEGATIVE_INFINITY

  /** One that lives and is mistaken for dead, asleep for long, binds its list again with its next question. */
  async function deadAmong(redis: Redis): Promise<readonly string[]> {
    const members = await redis.smembers(keys.replyBinding)
    const others = members.flatMap((member) => {
      const other = keys.readMember(member)?.routingKey ?? ''
      return other.startsWith(OURS) && other !== oid ? [other] : []
    })
    const alive = await Promise.all(others.map((other) => redis.exists(lifeOf(other))))
    return others.filter((_, i) => alive[i] === 0)
  }

  return {
    oid,
    key: keyOf(oid),
    member: () => memberOf(oid),
    async tend(redis) {
      if (performance.now() - tendedMs < TEND_EVERY_MS) return
      tendedMs = performance.now()
      try {
        await redis.set(lifeOf(oid), '', 'EX', LIVES_SECONDS)
        for (const dead of await deadAmong(redis))
          await redis.multi().srem(keys.replyBinding, memberOf(dead)).unlink(keyOf(dead)).exec()
      } catch (error) {
        // Tidying that is forbidden must not keep anybody from asking.
        if (!/NOPERM/.test(String(error))) throw error
      }
    },
    async remove(redis) {
      await redis.multi().srem(keys.replyBinding, memberOf(oid)).del(keyOf(oid), lifeOf(oid)).exec()
    },
  }
}
