// Single messages: pages of a queue next to run first, pages of what workers have taken, all of one job.
import * as z from 'zod'
import { FailureError } from '../../../contract/failure.ts'
import type { Message, MessagePage, MessageQuery } from '../../../contract/queue.ts'
import type { JobPlace } from '../message/job-of.ts'
import type { ReadMessage } from '../message/message.ts'
import type { RedisSource } from '../redis/connect.ts'
import { filledLists } from './filled.ts'
import { type Met, walkList } from './list-walk.ts'
import type { QueueNames } from './names.ts'
import type { QueueTracker } from './queue-tracker.ts'
import { readUnacked, scanUnacked } from './unacked.ts'

export interface MessagePages {
  page(query: MessageQuery, signal: AbortSignal): Promise<MessagePage>
  /** Among the unacknowledged, at most `limit`; looks at a bounded number of them. */
  unackedOf(job: string, limit: number, signal: AbortSignal): Promise<readonly Message[]>
}

/** A filter reads on for so long, then hands over its cursor. */
const FILTER_MS = 300
/** A page of huge messages is shorter than asked for. */
const PAGE_BYTES = 8 * 1024 * 1024
const UNACKED_AT_MOST = 5000

const Cursor = z.object({ step: z.number().int(), position: z.number().int().min(0), after: z.number().nullable() })
type Cursor = z.infer<typeof Cursor>

export function createMessagePages(options: {
  source: RedisSource
  place: JobPlace
  names: QueueNames
  trackerOf(queue: string): QueueTracker | null
  now(): number
}): MessagePages {
  const { source, place, names, trackerOf, now } = options

  async function queuePage(query: MessageQuery, signal: AbortSignal): Promise<MessagePage> {
    const start = readCursor(query.cursor ?? null)
    const tracker = trackerOf(query.queue)
    const messages: Message[] = []
    const end = now() + FILTER_MS
    let bytes = 0
    for (const { step, key } of await filledLists(source, query.queue, signal)) {
      if (step < start.step) continue
      const from = step === start.step ? start : { position: 0, after: null }
      for await (const chunk of walkList(source, key, from, place, signal)) {
        for (const met of chunk) {
          bytes += met.message.bytes
          if (fits(met.message, query))
            messages.push(waiting(met, tracker?.seenMs(step, met.position, met.raw) ?? null))
          const full = messages.length >= query.limit || (messages.length > 0 && bytes > PAGE_BYTES)
          if (full) return { messages, cursor: writeCursor(step, met) }
        }
        const last = chunk.at(-1)
        if (now() > end && last !== undefined) return { messages, cursor: writeCursor(step, last) }
      }
    }
    return { messages, cursor: null }
  }

  async function unackedPage(query: MessageQuery, signal: AbortSignal): Promise<MessagePage> {
    const messages: Message[] = []
    const end = now() + FILTER_MS
    let cursor = query.cursor ?? '0'
    if (!/^\d{1,20}$/.test(cursor)) throw badCursor()
    do {
      const step = await scanUnacked(source, cursor, signal)
      cursor = step.cursor
      for (const taken of step.found) {
        if (names.queueFor(taken.exchange, taken.routingKey) !== query.queue) continue
        const message = readUnacked(taken, place)
        if (fits(message, query)) messages.push(shown(message, null, 'unacked', null))
      }
    } while (cursor !== '0' && messages.length < query.limit && now() < end)
    return { messages, cursor: cursor === '0' ? null : cursor }
  }

  return {
    page: (query, signal) => (query.where === 'queue' ? queuePage(query, signal) : unackedPage(query, signal)),
    async unackedOf(job, limit, signal) {
      const found: Message[] = []
      let looked = 0
      let cursor = '0'
      do {
        const step = await scanUnacked(source, cursor, signal)
        cursor = step.cursor
        looked += step.found.length
        for (const taken of step.found) {
          const message = readUnacked(taken, place)
          if (message.job === job && found.length < limit) found.push(shown(message, null, 'unacked', null))
        }
      } while (cursor !== '0' && found.length < limit && looked < UNACKED_AT_MOST)
      return found
    },
  }
}

export function waiting({ message, position }: Pick<Met, 'message' | 'position'>, seenMs: number | null): Message {
  return shown(message, position, 'queue', seenMs)
}

function shown(read: ReadMessage, position: number | null, where: Message['where'], seenMs: number | null): Message {
  const { exchange, routingKey, work, ...message } = read
  return { ...message, position, where, seenMs }
}

function fits(message: ReadMessage, { task, job }: MessageQuery): boolean {
  return (task == null || message.task === task) && (job == null || message.job === job)
}

function writeCursor(step: number, { position, fingerprint }: Met): string {
  return `${step}.${position + 1}.${fingerprint}`
}

function readCursor(cursor: string | null): Cursor {
  if (cursor === null) return { step: 0, position: 0, after: null }
  const [step, position, after] = cursor.split('.').map(Number)
  const read = Cursor.safeParse({ step, position, after })
  if (!read.success) throw badCursor()
  return read.data
}

function badCursor(): FailureError {
  return new FailureError({
    kind: 'invalid',
    tried: 'Read the next page of messages',
    on: '',
    because: 'the cursor is not one of this list',
    remedy: 'Begin at the first page.',
  })
}
