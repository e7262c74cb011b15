// Walks a list from the end that runs next, chunk by chunk, while workers take from it and producers add to it.

import type { JobPlace } from '../message/job-of.ts'
import { type ReadMessage, readMessage } from '../message/message.ts'
import type { RedisSource } from '../redis/connect.ts'
import { fingerprintOf } from './tally.ts'

export interface Met {
  readonly raw: string
  readonly message: ReadMessage
  readonly fingerprint: number
  /** 0 runs next, at the moment of reading. */
  readonly position: number
}

/** Where a walk goes on: behind the message that was met last, wherever it is by then; the position is a hint. */
export interface WalkFrom {
  readonly position: number
  readonly after: number | null
}

const CHUNK = { first: 10, most: 1000, bytes: 1024 * 1024 }
/** How far the last message is looked for nearer to the end: what workers took meanwhile. */
const BACK = 100

/** Chunks in order, each message once. The caller stops when it has enough. */
export async function* walkList(
  source: RedisSource,
  key: string,
  start: WalkFrom,
  place: JobPlace,
  signal: AbortSignal,
): AsyncGenerator<readonly Met[]> {
  let { position, after } = start
  let size: number = CHUNK.first
  for (;;) {
    const from = after === null ? position : Math.max(0, position - Math.min(BACK, size))
    const elements = await read(source, key, from, position - from + size, signal)
    if (elements === null) return
    const met = elements.map((raw, i): Met => {
      const message = readMessage(raw, place)
      return { raw, message, fingerprint: fingerprintOf(message, raw), position: from + i }
    })
    const last = after === null ? -1 : met.findLastIndex(({ fingerprint }) => fingerprint === after)
    if (after !== null && last === -1) {
      // It is nearer to the end than looked, or it has been taken, and then all before it, too.
      const found = from === 0 ? null : await find(source, key, after, from, place, signal)
      position = found ?? 0
      if (found === null) after = null
      continue
    }
    const fresh = met.slice(last + 1)
    if (fresh.length === 0) return
    yield fresh
    const end = fresh.at(-1)
    position = (end?.position ?? position) + 1
    after = end?.fingerprint ?? after
    size = nextSize(elements, size)
  }
}

/** The position behind a message, looked for from the end up to where it was; null when it is gone. */
async function find(
  source: RedisSource,
  key: string,
  fingerprint: number,
  before: number,
  place: JobPlace,
  signal: AbortSignal,
): Promise<number | null> {
  let size: number = CHUNK.first
  // Backwards from where it was: workers take few between two pages.
  for (let to = before; to > 0; ) {
    const from = Math.max(0, to - size)
    const elements = await read(source, key, from, to - from, signal)
    if (elements === null) return null
    const at = elements.findLastIndex((raw) => fingerprintOf(readMessage(raw, place), raw) === fingerprint)
    if (at !== -1) return from + at + 1
    to = from
    size = nextSize(elements, size)
  }
  return null
}

/** Null when nothing is there, or no list. */
async function read(
  source: RedisSource,
  key: string,
  from: number,
  size: number,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  const elements = await source.run('Read a queue', signal, async (redis) => {
    if ((await redis.type(key)) !== 'list') return []
    return redis.lrange(key, -(from + size), -(from + 1))
  })
  return elements.length === 0 ? null : elements.reverse()
}

function nextSize(elements: readonly string[], size: number): number {
  const bytes = elements.reduce((sum, { length }) => sum + length, 0)
  return Math.max(1, Math.min(Math.floor((CHUNK.bytes * elements.length) / Math.max(bytes, 1)), size * 4, CHUNK.most))
}
