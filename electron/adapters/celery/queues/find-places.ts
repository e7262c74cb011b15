// Messages fetched from where the tracker remembers them: all of one job, or the first of each of many.
import type { Message, QueueJobs } from '../../../contract/queue.ts'
import type { JobPlace } from '../message/job-of.ts'
import { type ReadMessage, readMessage } from '../message/message.ts'
import type { RedisSource } from '../redis/connect.ts'
import { waiting } from './pages.ts'
import type { Place, QueueTracker } from './queue-tracker.ts'
import { fingerprintOf } from './tally.ts'

/** Workers take from the end: a message is never behind where it was, and rarely far before it. */
const BEFORE = 20

export async function findPlaces(
  source: RedisSource,
  tracker: QueueTracker,
  app: JobPlace,
  job: string,
  limit: number,
  signal: AbortSignal,
): Promise<readonly Message[]> {
  const places = tracker.placesOf(job, limit)
  const met = await Promise.all(places.map((place) => fetchAt(source, place, app, signal)))
  return met.flatMap((one, i) =>
    one === null || one.message.job !== job
      ? []
      : [waiting(one, tracker.seenMs(places[i]?.step ?? 0, one.position, one.raw))],
  )
}

/** One that was taken since it was counted is left out. */
export async function findJobs(
  source: RedisSource,
  tracker: QueueTracker,
  app: JobPlace,
  limit: number,
  signal: AbortSignal,
): Promise<QueueJobs> {
  const { most, different } = tracker.jobs(limit)
  const jobs = await Promise.all(
    most.map(async (place) => {
      const found = await fetchAt(source, place, app, signal)
      const job = found?.message.job ?? null
      if (found === null || job === null) return []
      const { position, raw, message } = found
      const seenMs = tracker.seenMs(place.step, position, raw)
      return [{ job, task: message.task, messages: place.messages, position, priority: place.step, seenMs }]
    }),
  )
  return { jobs: jobs.flat(), different }
}

async function fetchAt(
  source: RedisSource,
  { key, position, fingerprint }: Place,
  app: JobPlace,
  signal: AbortSignal,
): Promise<{ message: ReadMessage; position: number; raw: string } | null> {
  // Most have not moved, and messages may be large: one is read before twenty are.
  for (const from of [position, Math.max(0, position - BEFORE)]) {
    const elements = await source.run('Read a queue', signal, (redis) =>
      redis.lrange(key, -(position + 1), -(from + 1)),
    )
    for (const [back, raw] of elements.entries()) {
      const message = readMessage(raw, app)
      if (fingerprintOf(message, raw) === fingerprint)
        return { message, position: from + elements.length - 1 - back, raw }
    }
  }
  return null
}
