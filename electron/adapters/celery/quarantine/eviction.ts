// Whether Redis may evict what a quarantine keeps: its maxmemory policy, and what that means for a preview.
import { FailureError } from '../../../contract/failure.ts'
import type { Redis } from '../redis/connect.ts'

/** `safe` also where there is no memory limit; `unknown` where neither INFO nor CONFIG may be read. */
export type Eviction =
  | { readonly kind: 'safe' | 'unknown' }
  | { readonly kind: 'any-key' | 'keys-with-ttl'; readonly policy: string }

export async function readEviction(redis: Redis): Promise<Eviction> {
  const read = (await fromInfo(redis)) ?? (await fromConfig(redis))
  if (read === null) return { kind: 'unknown' }
  const { policy, maxmemory } = read
  if (maxmemory === '0') return { kind: 'safe' }
  if (policy.startsWith('allkeys-')) return { kind: 'any-key', policy }
  return policy.startsWith('volatile-') ? { kind: 'keys-with-ttl', policy } : { kind: 'safe' }
}

export function warningsOf(eviction: Eviction): readonly string[] {
  if (eviction.kind === 'keys-with-ttl')
    return [`Redis evicts only keys with a TTL (${eviction.policy}). The quarantine has none.`]
  return eviction.kind === 'unknown'
    ? ['The eviction policy of Redis could not be read. An allkeys-* policy could evict the messages.']
    : []
}

/** @throws FailureError where Redis may evict the quarantine, whatever it holds. */
export function refuseEviction(eviction: Eviction, tried: string, queue: string): void {
  if (eviction.kind !== 'any-key') return
  throw new FailureError({
    kind: 'refused',
    tried,
    on: queue,
    because: `Redis may evict quarantined messages under memory pressure (maxmemory-policy ${eviction.policy})`,
    remedy: 'Set maxmemory-policy to noeviction or a volatile-* policy.',
  })
}

interface Limits {
  readonly policy: string
  readonly maxmemory: string
}

/** It needs fewer rights than CONFIG, which managed servers also hide. */
async function fromInfo(redis: Redis): Promise<Limits | null> {
  const text = await redis.info('memory').catch(unreadable)
  const field = (name: string) => text?.match(new RegExp(`^${name}:(\\S+)`, 'm'))?.[1]
  return limits(field('maxmemory_policy'), field('maxmemory'))
}

async function fromConfig(redis: Redis): Promise<Limits | null> {
  const reply: unknown = await redis.config('GET', 'maxmemory*').catch(unreadable)
  const flat = Array.isArray(reply) ? reply.map(String) : []
  const field = (name: string) => {
    const at = flat.indexOf(name)
    return at === -1 ? undefined : flat[at + 1]
  }
  return limits(field('maxmemory-policy'), field('maxmemory'))
}

function limits(policy: string | undefined, maxmemory: string | undefined): Limits | null {
  return policy === undefined ? null : { policy, maxmemory: maxmemory ?? '' }
}

/** Not allowed, or renamed away; a lost connection is not an answer. */
function unreadable(error: unknown): null {
  if (error instanceof Error && error.name === 'ReplyError') return null
  throw error
}
