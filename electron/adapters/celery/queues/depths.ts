// How many messages wait in each queue and how many are taken: one round trip, whatever lies under a name.
import type { RedisSource } from '../redis/connect.ts'
import { scanUnacked } from './unacked.ts'

export interface Depth {
  readonly name: string
  /** False when the key of that name holds something that is no queue. */
  readonly isList: boolean
  readonly messages: number
  readonly lengths: readonly { readonly step: number; readonly length: number }[]
}

export interface Depths {
  readonly depths: readonly Depth[]
  readonly paused: ReadonlySet<string>
  /** Taken by workers, over all queues of the database. */
  readonly taken: number
}

/** More taken messages than this are not told apart by queue. */
const TOLD_APART = 2000

export async function readDepths(source: RedisSource, names: readonly string[], signal: AbortSignal): Promise<Depths> {
  const { keys } = source
  const lists = names.flatMap((name) => keys.steps(name).map(({ step, key }) => ({ name, step, key })))
  const values = await source.run('Read the depths of queues', signal, async (redis) => {
    const pipeline = redis.pipeline()
    for (const { key } of lists) pipeline.type(key)
    for (const { key } of lists) pipeline.llen(key)
    const replies = await pipeline.smembers(keys.paused).hlen(keys.unacked).exec()
    return (replies ?? []).map(([error, reply]): unknown => {
      // A key may hold anything; what it holds is told by its type.
      if (error !== null && !error.message.startsWith('WRONGTYPE')) throw error
      return error === null ? reply : null
    })
  })
  const depths = names.map((name): Depth => {
    const own = lists.map((list, i) => ({ ...list, i })).filter((list) => list.name === name)
    const lengths = own.map(({ step, i }) => ({ step, length: Number(values[lists.length + i] ?? 0) }))
    const isList = own.every(({ i }) => ['list', 'none'].includes(String(values[i])))
    return { name, isList, lengths, messages: lengths.reduce((sum, { length }) => sum + length, 0) }
  })
  const members = values[2 * lists.length]
  return {
    depths,
    paused: new Set(Array.isArray(members) ? members.map(String) : []),
    taken: Number(values[2 * lists.length + 1] ?? 0),
  }
}

/** Null when there are too many to be told apart. */
export async function unackedByQueue(
  source: RedisSource,
  taken: number,
  queueFor: (exchange: string, routingKey: string) => string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number> | null> {
  const counts = new Map<string, number>()
  if (taken > TOLD_APART) return null
  if (taken === 0) return counts
  const tags = new Set<string>()
  let cursor = '0'
  do {
    const step = await scanUnacked(source, cursor, signal)
    cursor = step.cursor
    for (const { tag, exchange, routingKey } of step.found) {
      // SCAN may name an element twice.
      if (tags.has(tag)) continue
      tags.add(tag)
      const queue = queueFor(exchange, routingKey)
      counts.set(queue, (counts.get(queue) ?? 0) + 1)
    }
  } while (cursor !== '0' && tags.size <= 2 * TOLD_APART)
  return counts
}
