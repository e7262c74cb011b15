// What workers have taken and not acknowledged: one hash for all queues of a database, read in bounded steps.

import type { JobPlace } from '../message/job-of.ts'
import { type ReadMessage, readEnvelope, readMessage } from '../message/message.ts'
import type { RedisSource } from '../redis/connect.ts'

export interface Unacked {
  readonly tag: string
  readonly exchange: string
  readonly routingKey: string
  /** The element of the hash: `[message, exchange, routing_key]`. */
  readonly raw: string
}

const SCAN_COUNT = 200
const LARGE = 256 * 1024

/** One step from a cursor; '0' begins and ends. */
export async function scanUnacked(
  source: RedisSource,
  cursor: string,
  signal: AbortSignal,
): Promise<{ cursor: string; found: readonly Unacked[] }> {
  const [next, flat] = await source.run('Read what workers have taken', signal, (redis) =>
    redis.hscan(source.keys.unacked, cursor, 'COUNT', SCAN_COUNT),
  )
  const found: Unacked[] = []
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const raw = flat[i + 1] ?? ''
    found.push({ tag: flat[i] ?? '', raw, ...addressOf(raw) })
  }
  return { cursor: next, found }
}

/** Never throws; what cannot be read is opaque. */
export function readUnacked({ raw, tag }: Unacked, place: JobPlace): ReadMessage {
  const [envelope] = raw.length > LARGE ? [] : parsedList(raw)
  const message =
    typeof envelope === 'object' && envelope !== null
      ? readEnvelope(Object.fromEntries(Object.entries(envelope)), raw.length, place)
      : readMessage(raw.slice(1), place)
  return { ...message, tag: message.tag ?? tag }
}

/** Exchange and routing key stand at the end, so that counting needs no parsing of bodies. */
function addressOf(raw: string): { exchange: string; routingKey: string } {
  const end = /,\s*("(?:[^"\\]|\\.)*"|null)\s*,\s*("(?:[^"\\]|\\.)*"|null)\s*\]\s*$/.exec(raw.slice(-1200))
  const [exchange, routingKey] = end === null ? [] : parsedList(`[${end[1]},${end[2]}]`)
  return {
    exchange: typeof exchange === 'string' ? exchange : '',
    routingKey: typeof routingKey === 'string' ? routingKey : '',
  }
}

function parsedList(json: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(json)
    return Array.isArray(value) ? value : []
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return []
    throw error
  }
}
