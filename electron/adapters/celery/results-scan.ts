// Every result of the backend once, in steps that stall nobody: successes by their first bytes, the others in full.
import type { RedisSource } from './connect.ts'
import { globEscaped } from './keys.ts'
import { isSuccess } from './results-entry.ts'

/** What one key holds. `bytes` is null for a success, which is only counted. */
export interface ScannedResult {
  readonly id: string
  readonly bytes: Buffer | null
  /** Until it expires, ms; null when it never does. */
  readonly expiresMs: number | null
}

const STEP = 1000
/** `{"status": "SUCCESS"`, with room for another spacing. */
const START = 32
/** A traceback may be long; beyond this its end and what follows are given up. */
const LARGEST = 256 * 1024
const TRIED = 'Read the results'

/** SCAN, never KEYS: that stalls every other client for half a second at a million keys (protocol §5). */
export async function* scanResults(
  source: RedisSource,
  keyStart: string,
  signal: AbortSignal,
): AsyncGenerator<readonly ScannedResult[]> {
  let cursor = '0'
  do {
    const [next, keys] = await source.run(TRIED, signal, (redis) =>
      redis.scan(cursor, 'MATCH', `${globEscaped(keyStart)}*`, 'COUNT', STEP),
    )
    cursor = next
    const ids = keys.map((key) => key.slice(keyStart.length))
    if (ids.length > 0) yield await readKeys(source, keyStart, ids, signal)
  } while (cursor !== '0')
}

/** Results of tasks by their ids. Keys that are gone, or are no texts, are left out. */
export async function readKeys(
  source: RedisSource,
  keyStart: string,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<readonly ScannedResult[]> {
  const starts = await source.run(TRIED, signal, (redis) => {
    const pipeline = redis.pipeline()
    for (const key of ids.map((id) => keyStart + id)) pipeline.getrange(key, 0, START - 1).pttl(key)
    return pipeline.exec()
  })
  const found = ids.flatMap((id, i) => {
    const [error, start] = starts?.[2 * i] ?? []
    const ttl = Number(starts?.[2 * i + 1]?.[1] ?? -2)
    const there = error === null && typeof start === 'string' && start !== '' && ttl !== -2
    return there ? [{ id, ok: isSuccess(start), expiresMs: ttl < 0 ? null : ttl }] : []
  })
  const others = found.filter(({ ok }) => !ok)
  const bytes = new Map<string, Buffer>()
  if (others.length > 0) {
    const texts = await source.run(TRIED, signal, (redis) => {
      const pipeline = redis.pipeline()
      for (const { id } of others) pipeline.getrangeBuffer(keyStart + id, 0, LARGEST - 1)
      return pipeline.exec()
    })
    for (const [i, { id }] of others.entries()) {
      const text = texts?.[i]?.[1]
      if (Buffer.isBuffer(text)) bytes.set(id, text)
    }
  }
  // A failure that expired between the two readings has no bytes, and is no success either.
  return found
    .map(({ id, ok, expiresMs }) => ({ id, ok, bytes: bytes.get(id) ?? null, expiresMs }))
    .filter(({ ok, bytes: text }) => ok || (text !== null && text.length > 0))
}
