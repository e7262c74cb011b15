// Remote control of workers (kombu's pidbox): one reply list, polled while requests are in flight, a ticket for each.
import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { FailureError } from '../../../contract/failure.ts'
import { parsePythonJson } from '../message/python-text.ts'
import type { RedisSource } from '../redis/connect.ts'
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
  close(): Promise<void>
}

const PIDBOX_EXCHANGE = 'celery.pidbox'
/** A healthy worker answers within 10 ms (protocol §3.5); this is for those that nobody counts on. */
const GRACE_MS = 150
/** Replies are polled for: a blocking read would empty the list, and an empty list cannot have a TTL. */
const POLL_MS = { first: 2, longest: 25 }
const TRIED = 'Ask the workers'

const Envelope = z.object({
  body: z.string(),
  headers: z.object({ ticket: z.string(), clock: z.number().catch(0) }),
})

export function createPidbox(source: RedisSource): Pidbox {
  const { on } = source
  const list = createReplyList(source)
  const waiting = new Map<string, (replies: readonly Reply[]) => void>()
  const closing = new AbortController()
  let polling: Promise<void> | null = null
  let pollMs = POLL_MS.first
  let cleaning: Promise<void> | null = null
  /** Numbers of requests. A worker answers in order, so a complete answer from all settles everything before it. */
  let sent = 0
  let lastIncomplete = 0
  let lastComplete = 0
  let clock = 0

  function take(raw: string): void {
    const reply = decodeReply(raw)
    if (reply === null) return
    clock = Math.max(clock, reply.clock)
    // A reply after its deadline has no waiter.
    waiting.get(reply.ticket)?.(reply.replies)
  }

  async function poll(): Promise<void> {
    while (waiting.size > 0 && !closing.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, pollMs))
      pollMs = Math.min(pollMs * 2, POLL_MS.longest)
      try {
        for (const raw of await source.run('Read replies of workers', closing.signal, list.take)) take(raw)
      } catch {
        // The connection broke and is being restored; a request in flight ends by its own deadline.
      }
    }
    // In the same step as the last look at `waiting`: a request that comes now must start the next loop.
    polling = null
  }

  /** In the background: nothing waits for it, and a database with millions of keys takes a second or two. */
  async function cleanUp(): Promise<void> {
    try {
      await source.run('Remove stale reply lists', closing.signal, (redis) => list.removeStale(redis, closing.signal))
    } catch {
      // A clean-up that is forbidden or interrupted does no harm; the next start tries again.
    }
  }

  return {
    async ask(command, { destination, expected, waitMs, signal }) {
      if (closing.signal.aborted)
        throw new FailureError({ kind: 'unreachable', tried: TRIED, on, because: 'it was closed', remedy: null })
      const ticket = randomUUID()
      const text = encodeRequest(command, destination, {
        exchange: PIDBOX_EXCHANGE,
        replyAddress: list.address,
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
      const number = ++sent
      let complete = false
      try {
        const receivers = await source.run(TRIED, signal, async (redis) => {
          await list.removeBindings(redis)
          return list.publish(redis, text)
        })
        cleaning ??= cleanUp()
        if (receivers > 0) {
          pollMs = POLL_MS.first
          polling ??= poll()
        }
        const replies = await answered.until(receivers, waitMs, signal, on)
        complete = replies.length >= Math.min(receivers, destination?.length ?? receivers)
        if (complete && destination === null) lastComplete = Math.max(lastComplete, number)
        return { receivers, replies }
      } finally {
        if (!complete) lastIncomplete = Math.max(lastIncomplete, number)
        waiting.delete(ticket)
      }
    },
    async close() {
      if (closing.signal.aborted) return
      closing.abort()
      await Promise.all([polling, cleaning])
      // Nothing was published when nothing was cleaned up.
      if (cleaning === null) return
      // What a hung or frozen worker sends when it recovers must find a list that expires.
      if (waiting.size > 0 || lastIncomplete > lastComplete) return
      await source.run('Remove the reply list', AbortSignal.timeout(1000), list.remove).catch(() => null)
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
