// What cost the database much is not asked again at once: a table without indexes must not be scanned every second.
import { performance } from 'node:perf_hooks'
import { FailureError } from '../../contract/failure.ts'
import { sqlState, TOO_LONG } from './failures.ts'

/** Of the database's time, one reading takes at most one part in this many. */
const SHARE = 20
/** Below this there is nothing to save. */
const CHEAP_MS = 100

/** Measures the part of a reading that is the database's own work: waiting for a connection or its start is not. */
export type Spend = <T>(part: () => Promise<T>) => Promise<T>

export interface Paced {
  /** `work` anew, or what it gave last while it is too soon; `agedMs` is how old that is, 0 when it is new. */
  <T>(key: string, work: (spend: Spend) => Promise<T>): Promise<{ value: T; agedMs: number }>
  /** Something was written: what is remembered no longer holds. */
  forget(): void
}

interface Memory {
  readonly outcome: { value: unknown } | { error: FailureError }
  readonly endedAt: number
  readonly costMs: number
}

export function createPace(now: () => number = () => performance.now()): Paced {
  const memories = new Map<string, Memory>()

  async function paced<T>(key: string, work: (spend: Spend) => Promise<T>): Promise<{ value: T; agedMs: number }> {
    const memory = memories.get(key)
    if (memory !== undefined && now() - memory.endedAt < memory.costMs * SHARE) {
      if ('error' in memory.outcome) throw memory.outcome.error
      // Of this very work: a key belongs to one reading.
      return { value: memory.outcome.value as T, agedMs: now() - memory.endedAt }
    }
    let costMs = 0
    const spend: Spend = async (part) => {
      const began = now()
      try {
        return await part()
      } finally {
        costMs += now() - began
      }
    }
    const keep = (outcome: Memory['outcome']) => {
      if (costMs < CHEAP_MS) memories.delete(key)
      else memories.set(key, { outcome, endedAt: now(), costMs })
    }
    try {
      const value = await work(spend)
      keep({ value })
      return { value, agedMs: 0 }
    } catch (error) {
      // Only a statement that ran too long is spared; what cannot be reached costs it nothing.
      if (error instanceof FailureError && sqlState(error.cause) === TOO_LONG) keep({ error })
      else memories.delete(key)
      throw error
    }
  }
  return Object.assign(paced, { forget: () => memories.clear() })
}
