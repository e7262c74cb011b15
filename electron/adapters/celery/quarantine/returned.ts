// What came back to a queue after its purge: jobs that wait again, or that a worker took and has not acknowledged.
import type { CelerySettings } from '../../../contract/settings.ts'
import { readUnacked, scanUnacked, type Unacked } from '../queues/unacked.ts'
import type { Redis, RedisSource } from '../redis/connect.ts'
import { PER_CALL } from './lists.ts'
import { jobWork } from './rule.ts'

/** The work of each; see `ReadMessage.work`. */
export async function worksAgain(
  source: RedisSource,
  redis: Redis,
  app: CelerySettings,
  queue: string,
  signal: AbortSignal,
): Promise<Set<string>> {
  const works = new Set<string>()
  const add = (work: string | null) => {
    if (work !== null) works.add(work)
  }
  const workOf = jobWork(app)
  for (const { key } of source.keys.steps(queue))
    for (let at = 0, more = true; more; at += PER_CALL) {
      signal.throwIfAborted()
      const chunk = await redis.lrange(key, -(at + PER_CALL), -(at + 1))
      for (const raw of chunk) add(workOf(raw))
      more = chunk.length === PER_CALL
    }
  for await (const entry of unackedOf(source, signal)) if (entry.routingKey === queue) add(readUnacked(entry, app).work)
  return works
}

/** Everything that workers have taken from any queue. */
export async function* unackedOf(source: RedisSource, signal: AbortSignal): AsyncGenerator<Unacked> {
  let cursor = '0'
  do {
    const step = await scanUnacked(source, cursor, signal)
    yield* step.found
    cursor = step.cursor
  } while (cursor !== '0')
}
