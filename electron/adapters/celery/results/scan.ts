// Every result of the backend once, in steps that stall nobody: successes by their first bytes, the others in full.
import type { RedisSource } from '../redis/connect.ts'
import { globEscaped } from '../redis/keys.ts'

/** What one key holds. `bytes` is null for a success, which is only counted. */
export interface ScannedResult {
  readonly id: string
  readonly bytes: Buffer | null
  /** Until it expires, ms; null when it never does. */
  readonly expiresMs: number | null
}

const STEP = 500
/** A traceback may be long; beyond this its end and what follows are given up. */
const LARGEST = 256 * 1024
const TRIED = 'Read the results'

/**
 * For each key its time to live and, unless it is a success, its text: most are successes, and some are large, so they
 * are told by their first bytes where they lie. Five hundred keys take about a millisecond.
 */
const READ = `local ttls, texts = {}, {}
for i, key in ipairs(KEYS) do
  ttls[i], texts[i] = redis.call('PTTL', key), ''
  if ttls[i] ~= -2 then
    local start = redis.pcall('GETRANGE', key, 0, 31)
    if type(start) ~= 'string' or start == '' then ttls[i] = -2
    elseif not string.find(start, '^{%s*"status"%s*:%s*"SUCCESS"') then texts[i] = redis.call('GETRANGE', key, 0, ARGV[1]) end
  end
end
return {ttls, texts}`

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
  const found: ScannedResult[] = []
  for (let at = 0; at < ids.length; at += STEP) {
    const some = ids.slice(at, at + STEP)
    const keys = some.map((id) => keyStart + id)
    const [ttls, texts] = (await source.run(TRIED, signal, (redis) =>
      redis.callBuffer('EVAL', READ, keys.length, ...keys, LARGEST - 1),
    )) as [number[], Buffer[]]
    for (const [i, id] of some.entries()) {
      const ttl = ttls[i] ?? -2
      const text = texts[i]
      if (ttl !== -2)
        found.push({
          id,
          bytes: text === undefined || text.length === 0 ? null : text,
          expiresMs: ttl < 0 ? null : ttl,
        })
    }
  }
  return found
}
