// Which queues there are: declared in bindings, or lists with messages in them. Found in bounded steps.

import type { JobPlace } from '../message/job-of.ts'
import { readMessage } from '../message/message.ts'
import type { RedisSource } from '../redis/connect.ts'
import { isQueue } from '../redis/keys.ts'

export interface QueueNames {
  /** Looks on for at most `ms`: a database with millions of other keys is gone through over several calls. */
  look(ms: number, signal: AbortSignal): Promise<void>
  names(): ReadonlySet<string>
  /** The queue that kombu puts a message into; by name where no binding tells. */
  queueFor(exchange: string, routingKey: string): string
}

/** SCAN goes through everything in the database, results too: a complete walk is repeated no sooner. */
const WALK_AGE_MS = 10_000
const SCAN_COUNT = 1000
const DONE = '0'

export function findQueueNames(source: RedisSource, place: JobPlace, now: () => number): QueueNames {
  const { keys } = source
  /** Exchange and routing key → queue. */
  const bindings = new Map<string, string>()
  let names: ReadonlySet<string> = new Set()
  let walk: { lists: string; bindings: string; found: Set<string> } | null = null
  let walkedAt = Number.NEGATIVE_INFINITY

  /** A list that nobody declared is a queue when the next element in it looks like a message. */
  async function queuesAmong(lists: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    const named = lists.flatMap((key) => {
      const queue = keys.parse(key)?.queue
      return queue === undefined ? [] : [{ key, queue }]
    })
    const unknown = named.filter(({ queue }) => !names.has(queue))
    if (unknown.length === 0) return named.map(({ queue }) => queue)
    const replies = await source.run('Look for queues', signal, (redis) => {
      const pipeline = redis.pipeline()
      for (const { key } of unknown) pipeline.lindex(key, -1)
      return pipeline.exec()
    })
    const strange = unknown.filter((_, i) => {
      const element = replies?.[i]?.[1]
      return typeof element !== 'string' || readMessage(element, place).tag === null
    })
    return named.filter((list) => !strange.includes(list)).map(({ queue }) => queue)
  }

  async function declaredIn(found: readonly string[], signal: AbortSignal): Promise<readonly string[]> {
    const exchanges = found
      .filter((key) => !key.endsWith('.pidbox') && !key.endsWith('.celeryev'))
      .map((key) => ({ key, exchange: key.slice(keys.binding('').length) }))
    if (exchanges.length === 0) return []
    const replies = await source.run('Read the bindings of queues', signal, (redis) => {
      const pipeline = redis.pipeline()
      for (const { key } of exchanges) pipeline.smembers(key)
      return pipeline.exec()
    })
    const queues: string[] = []
    for (const [i, { exchange }] of exchanges.entries()) {
      const found = replies?.[i]?.[1]
      const members = Array.isArray(found) ? found.map(String) : []
      keys.learn(members)
      for (const member of members) {
        const bound = keys.readMember(member)
        if (bound === null || !isQueue(bound.queue)) continue
        bindings.set(addressOf(exchange, bound.routingKey), bound.queue)
        queues.push(bound.queue)
      }
    }
    return queues
  }

  async function step(state: NonNullable<typeof walk>, signal: AbortSignal): Promise<boolean> {
    const [lists, declared] = await source.run('Look for queues', signal, async (redis) => {
      const replies = await redis
        .pipeline()
        .call('SCAN', state.lists, 'MATCH', keys.all, 'COUNT', SCAN_COUNT, 'TYPE', 'list')
        .call('SCAN', state.bindings, 'MATCH', keys.bindings, 'COUNT', SCAN_COUNT)
        .exec()
      return (replies ?? []).map(([error, reply]) => scanned(error, reply))
    })
    state.lists = lists?.cursor ?? DONE
    state.bindings = declared?.cursor ?? DONE
    const found = [
      ...(await declaredIn(declared?.keys ?? [], signal)),
      ...(await queuesAmong(lists?.keys ?? [], signal)),
    ]
    for (const name of found) state.found.add(name)
    return state.lists === DONE && state.bindings === DONE
  }

  return {
    async look(ms, signal) {
      if (walk === null && now() - walkedAt < WALK_AGE_MS) return
      const state = walk ?? { lists: DONE, bindings: DONE, found: new Set<string>() }
      walk = state
      const end = now() + ms
      for (;;) {
        const complete = await step(state, signal)
        if (complete) {
          names = state.found
          walk = null
          walkedAt = now()
          return
        }
        if (now() > end) break
      }
      // What is found so far is shown; what is not yet found again is not forgotten.
      names = new Set([...names, ...state.found])
    },
    names: () => names,
    queueFor(exchange, routingKey) {
      return exchange === '' ? routingKey : (bindings.get(addressOf(exchange, routingKey)) ?? routingKey)
    },
  }
}

function addressOf(exchange: string, routingKey: string): string {
  return `${exchange}\0${routingKey}`
}

/** Redis before 6 knows no TYPE and answers with an error: queues are then found by their bindings alone. */
function scanned(error: Error | null, reply: unknown): { cursor: string; keys: readonly string[] } {
  if (error !== null && !/syntax error/i.test(error.message)) throw error
  if (!Array.isArray(reply) || !Array.isArray(reply[1])) return { cursor: DONE, keys: [] }
  return { cursor: String(reply[0]), keys: reply[1].map(String) }
}
