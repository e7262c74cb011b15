// Remote control of workers (kombu's pidbox): one reply list and one reading loop, each question with its own ticket.
import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { FailureError } from '../../../contract/failure.ts'
import { parsePythonJson } from '../message/python-text.ts'
import { learn, type Redis, type RedisSource } from '../redis/connect.ts'
import { outOfTime } from '../redis/failures.ts'
import { createReplyList } from './reply-list.ts'
import { type Command, encodeRequest, faultOf } from './request.ts'

export interface Asking {
  /** The workers meant; null asks everybody, which only a question may. */
  readonly destination: readonly string[] | null
  /** Workers that answered lately: once they all have, the others get no more than a short grace. */
  readonly expected: readonly string[]
  readonly waitMs: number
  readonly signal: AbortSignal
}

export interface Reply {
  readonly worker: string
  readonly value: unknown
}

export interface Answer {
  /** Connections that were given the question: workers, the silent ones included. */
  readonly receivers: number
  readonly replies: readonly Reply[]
}

export interface Pidbox {
  /** Never throws for silence: whoever did not answer in time is not among the replies. */
  ask(command: Command, asking: Asking): Promise<Answer>
  /** Replies that came when nobody waited any more, for tests. */
  late(): number
  close(): Promise<void>
}

const REPLY_EXCHANGE = 'reply.celery.pidbox'
const PIDBOX_EXCHANGE = 'celery.pidbox'
/** A healthy worker answers within 10 ms (protocol §3.5); this is for those that nobody counts on. */
const GRACE_MS = 150
const TRIED = 'Ask the workers'

const Envelope = z.object({
  body: z.string(),
  headers: z.object({ ticket: z.string(), clock: z.number().catch(0) }),
})

export function createPidbox(source: RedisSource): Pidbox {
  const { keys, on } = source
  const list = createReplyList(source)
  const waiting = new Map<string, (replies: readonly Reply[]) => void>()
  let reading: { redis: Redis; ended: Promise<void> } | null = null
  // A command that waits for a connection is never answered once ioredis has been told to stop reconnecting.
  const closing = Promise.withResolvers<null>()
  let closed = false
  let clock = 0
  let late = 0

  function take(raw: string): void {
    const reply = decodeReply(raw)
    if (reply === null) return
    clock = Math.max(clock, reply.clock)
    const waiter = waiting.get(reply.ticket)
    if (waiter === undefined) late++
    else waiter(reply.replies)
  }

  async function read(redis: Redis): Promise<void> {
    while (!closed) {
      try {
        // Not 0: a half-open socket would block for ever.
        const popped = await Promise.race([redis.brpop(list.key, 1), closing.promise])
        if (popped !== null) take(popped[1])
      } catch {
        // The connection broke; it comes back by itself, and the question in flight ends by its own deadline.
        if (!closed) await new Promise((resolve) => setTimeout(resolve, 100))
      }
    }
  }

  function listen(): void {
    if (reading !== null) return
    const redis = source.dedicated(() => undefined)
    reading = { redis, ended: read(redis) }
  }

  return {
    late: () => late,
    async ask(command, { destination, expected, waitMs, signal }) {
      if (closed)
        throw new FailureError({ kind: 'unreachable', tried: TRIED, on, because: 'it was closed', remedy: null })
      listen()
      const ticket = randomUUID()
      const text = encodeRequest(command, destination, {
        exchange: PIDBOX_EXCHANGE,
        replyExchange: REPLY_EXCHANGE,
        oid: list.oid,
        ticket,
        tag: randomUUID(),
        clock: ++clock,
        expires: Math.ceil((Date.now() + waitMs) / 1000),
      })
      const fault = faultOf(text)
      if (fault !== null)
        throw new FailureError({
          kind: 'invalid',
          tried: `Send ${String(command.method)} to the workers`,
          on,
          because: `${fault}; it was not sent, as a malformed command hangs every worker`,
          remedy: null,
        })
      const answered = collect(destination, expected)
      waiting.set(ticket, answered.add)
      try {
        const receivers = await source.run(TRIED, signal, async (redis) => {
          // A worker that cannot take a member of the reply binding apart hangs while it replies, so its own is looked at.
          await learn(redis, keys, keys.pidboxBinding)
          await list.tend(redis)
          // The binding each time: it is gone after a Redis restart, and costs nothing in the same round trip.
          const [bound, published] =
            (await redis.pipeline().sadd(keys.replyBinding, list.member()).publish(keys.pidbox, text).exec()) ?? []
          const error = bound?.[0] ?? published?.[0]
          if (error != null) throw error
          return Number(published?.[1] ?? 0)
        })
        return { receivers, replies: await answered.until(receivers, waitMs, signal, on) }
      } finally {
        waiting.delete(ticket)
      }
    },
    async close() {
      closed = true
      closing.resolve(null)
      if (reading === null) return
      reading.redis.disconnect()
      await reading.ended
      await source.run('Close the reply list', AbortSignal.timeout(1000), list.remove).catch(() => null)
    },
  }
}

/** Replies to one ticket, and the rule when they are complete. Two workers of one name are two replies. */
function collect(destination: readonly string[] | null, expected: readonly string[]) {
  const replies: Reply[] = []
  const missing = new Set(destination ?? expected)
  let look: () => void = () => undefined
  return {
    add(more: readonly Reply[]) {
      replies.push(...more)
      for (const { worker } of more) missing.delete(worker)
      look()
    },
    async until(receivers: number, waitMs: number, signal: AbortSignal, on: string): Promise<readonly Reply[]> {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const began = performance.now()
      const onAbort = () => reject(outOfTime(TRIED, on, signal.reason))
      let grace: NodeJS.Timeout | undefined
      const timer = setTimeout(resolve, waitMs)
      look = () => {
        if (replies.length >= receivers) return resolve()
        if (missing.size > 0) return
        if (destination !== null) return resolve()
        // Cold, nobody is expected: then everybody is.
        if (expected.length > 0 && grace === undefined)
          grace = setTimeout(resolve, Math.max(0, GRACE_MS - (performance.now() - began)))
      }
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) onAbort()
      look()
      try {
        await promise
        return [...replies]
      } finally {
        clearTimeout(timer)
        clearTimeout(grace)
        signal.removeEventListener('abort', onAbort)
      }
    },
  }
}

/** null for what is no reply; a worker's answer is material, never trusted to have a shape. */
export function decodeReply(raw: string): { ticket: string; clock: number; replies: readonly Reply[] } | null {
  try {
    const { body, headers } = Envelope.parse(JSON.parse(raw))
    const said = parsePythonJson(Buffer.from(body, 'base64').toString('utf8'))
    if (typeof said !== 'object' || said === null || Array.isArray(said)) return null
    const replies = Object.entries(said).map(([worker, value]) => ({ worker, value }))
    return { ticket: headers.ticket, clock: headers.clock, replies }
  } catch {
    return null
  }
}
