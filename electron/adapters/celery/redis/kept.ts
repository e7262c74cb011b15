// The index of what Unjam keeps in Redis for 24 hours without a TTL: names of its fields, its values, and expiry by script.
import type { Redis } from './connect.ts'
import type { Keys } from './keys.ts'

/**
 * How long Unjam keeps what it moved (DESIGN §5), ms. The keys get no TTL: a `maxmemory-policy` of `volatile-*` evicts
 * keys with a TTL first. Unjam deletes them itself.
 */
export const KEPT_MS = 24 * 60 * 60_000

export type KeptKind = 'quarantine' | 'withdrawn' | 'sent'

export interface Kept {
  /** `kind:operation`, which is also the name of its key. */
  readonly field: string
  readonly kind: KeptKind
  readonly operation: string
  /** As it is in the index: an entry that changed meanwhile is not deleted. */
  readonly value: string
  readonly untilMs: number
  readonly queue: string
}

/** A hash: field → `until queue`. */
export const indexOf = (keys: Keys) => keys.own('kept')
export const fieldOf = (kind: KeptKind, operation: string) => `${kind}:${operation}`
export const entryOf = (until: string, queue: string) => `${until} ${queue}`
const untilOf = (fromMs: number) => new Date(fromMs + KEPT_MS).toISOString()

/** Oldest first. Entries that Unjam did not write are ignored. */
export async function readKept(redis: Redis, keys: Keys): Promise<readonly Kept[]> {
  const index = await redis.hgetall(indexOf(keys))
  return Object.entries(index)
    .flatMap(([field, value]): Kept[] => {
      const kind = kindOf(field)
      const space = value.indexOf(' ')
      const untilMs = Date.parse(value.slice(0, Math.max(space, 0)))
      if (kind === null || Number.isNaN(untilMs)) return []
      return [{ field, kind, value, untilMs, operation: field.slice(kind.length + 1), queue: value.slice(space + 1) }]
    })
    .sort((a, b) => a.untilMs - b.untilMs)
}

function kindOf(field: string): KeptKind | null {
  return (['quarantine', 'withdrawn', 'sent'] as const).find((kind) => field.startsWith(`${kind}:`)) ?? null
}

/** The earlier of both clocks, ms: a clock that runs ahead must delete nothing early. */
export async function earliestNow(redis: Redis): Promise<number> {
  return Math.min(...(await clocks(redis)))
}

/** The end of the 24 hours by the later of both clocks: by one that is days behind, they would be over at once. */
export async function untilNow(redis: Redis): Promise<string> {
  return untilOf(Math.max(...(await clocks(redis))))
}

/** Of this machine and, where it may be asked, of Redis; ms. */
async function clocks(redis: Redis): Promise<readonly number[]> {
  const time = await redis.time().catch(() => null)
  return time === null ? [Date.now()] : [Date.now(), Number(time[0]) * 1000]
}

/** KEYS 1 index, 2 key. ARGV 1 field, 2 value. */
const DROP = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('UNLINK', KEYS[2])
return redis.call('HDEL', KEYS[1], ARGV[1])`

/** Deletes one key and its entry; false when the entry has changed meanwhile. */
export async function dropKept(redis: Redis, keys: Keys, { field, value }: Kept): Promise<boolean> {
  return Number(await redis.eval(DROP, 2, indexOf(keys), keys.own(field), field, value)) === 1
}
