// Messages of one job, fetched from where the tracker remembers them.
import type { Message } from '../../../contract/queue.ts'
import type { JobPlace } from '../message/job-of.ts'
import { readMessage } from '../message/message.ts'
import type { RedisSource } from '../redis/connect.ts'
import { waiting } from './pages.ts'
import type { QueueTracker } from './queue-tracker.ts'
import { fingerprintOf } from './tally.ts'

/** Workers take from the end: a message is never behind where it was, and rarely far before it. */
const BEFORE = 20

export async function findPlaces(
  source: RedisSource,
  tracker: QueueTracker,
  place: JobPlace,
  job: string,
  limit: number,
  signal: AbortSignal,
): Promise<readonly Message[]> {
  const found: Message[] = []
  for (const { step, key, position, fingerprint } of tracker.placesOf(job, limit)) {
    const from = Math.max(0, position - BEFORE)
    const elements = await source.run('Read a queue', signal, (redis) =>
      redis.lrange(key, -(position + 1), -(from + 1)),
    )
    for (const [i, raw] of elements.reverse().entries()) {
      const message = readMessage(raw, place)
      if (message.job !== job || fingerprintOf(message, raw) !== fingerprint) continue
      found.push(waiting({ message, position: from + i }, tracker.seenMs(step, from + i, raw)))
      break
    }
  }
  return found
}
