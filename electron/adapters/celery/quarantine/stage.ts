// A private list sorted in bounded steps: read ahead, decided here, moved by Redis, all three at the same time.
import type { Redis } from '../redis/connect.ts'
import { PER_CALL, type Quarantining } from './lists.ts'
import type { Decide } from './rule.ts'
import { STEP } from './scripts.ts'

/** One reply may not grow beyond this, whatever the messages weigh: the next reading asks for fewer. */
const READ_BYTES = 1_000_000
const FIRST_READ = 50
/** Readings and steps under way: neither side waits for the other, and no client waits for more than a few steps. */
const READ_AHEAD = 3

/**
 * Gives every element of the operation's `src` lists to `keep`, or to `away` where `decide` says so, oldest first and
 * priority by priority. Stops between two steps when the signal fires: everything is then still in one of the lists.
 *
 * Decisions are made here and not in Lua: they are exact for every serializer and number, and Redis, which only moves
 * elements, works at the same time: 5 to 6 µs a message for both together, on two cores (test/bench/queue-actions.ts;
 * protocol reference §6.3).
 */
export async function stage(
  redis: Redis,
  lists: Quarantining,
  decide: Decide,
  away: 'moved' | 'aside',
  signal: AbortSignal,
): Promise<void> {
  for (const [index, src] of lists.src.entries()) {
    const readings: Promise<Buffer[]>[] = []
    const steps: Promise<unknown>[] = []
    let size = FIRST_READ
    /** Read or being read, and still in `src` when the next reading is executed: commands keep their order. */
    let ahead = 0
    for (;;) {
      while (readings.length < READ_AHEAD) {
        readings.push(noticed(redis.lrangeBuffer(src, -(ahead + size), -(ahead + 1))))
        ahead += size
      }
      const chunk = (await readings.shift()) ?? []
      if (chunk.length === 0) break
      signal.throwIfAborted()
      const bits = bitsOf(chunk, decide)
      if (steps.length === READ_AHEAD) await steps.shift()
      steps.push(noticed(lists.run(redis, STEP, index + 1, bits, away)))
      ahead -= chunk.length
      size = nextSize(chunk, size)
    }
    await Promise.all(steps)
  }
}

/** Awaited later: a failure before that is not one nobody looks at. */
function noticed<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined)
  return work
}

/** From the oldest, which is the last element of a reply. */
function bitsOf(chunk: readonly Buffer[], decide: Decide): string {
  let bits = ''
  // kombu writes ASCII; Latin-1 keeps any other byte apart too, and is decoded twice as fast as UTF-8.
  for (let i = chunk.length - 1; i >= 0; i--) bits += decide(chunk[i]?.toString('latin1') ?? '') ? '0' : '1'
  return bits
}

export function nextSize(chunk: readonly { readonly length: number }[], size: number): number {
  let bytes = 1
  for (const raw of chunk) bytes += raw.length
  const fitting = Math.floor((READ_BYTES * chunk.length) / bytes)
  return Math.max(1, Math.min(PER_CALL, 2 * size, fitting))
}
