// All queues of a broker: depths at once, contents as far as they have been read, single messages.
import type { Message, Queue } from '../../../contract/queue.ts'
import type { CelerySettings } from '../../../contract/settings.ts'
import type { BrokerQueues } from '../../../core/ports/broker.ts'
import type { RedisSource } from '../redis/connect.ts'
import { type Depth, readDepths, unackedByQueue } from './depths.ts'
import { findJobs, findPlaces } from './find-places.ts'
import { findQueueNames } from './names.ts'
import { createMessagePages } from './pages.ts'
import { type QueueTracker, trackQueue } from './queue-tracker.ts'

export interface QueuesParts {
  readonly source: RedisSource
  readonly app: CelerySettings
  /** Live workers that consume a queue; null when they cannot be asked. */
  consumersOf(queue: string): number | null
  /** Queues that live workers consume, as far as they have told. */
  consumed(): readonly string[]
  /** A long reading has come to its end: the next answer is worth fetching. */
  change(): void
}

export interface CeleryQueues extends BrokerQueues {
  close(): void
}

/** How long one call reads; the rest of a long queue is read behind it. */
const CALL_MS = 200
const LOOK_MS = 100
const GROUPS = 20
/** Of one background reading; a million messages take seconds. */
const READING_MS = 120_000
/** A person waits for the messages of one job; a queue that is being read is worth waiting for. */
const PATIENCE_MS = 3000

export function createQueues(parts: QueuesParts): CeleryQueues {
  const { source, app } = parts
  const now = () => performance.now()
  const ended = new AbortController()
  const names = findQueueNames(source, app, now)
  const trackers = new Map<string, QueueTracker>()
  const pages = createMessagePages({
    source,
    place: app,
    names,
    trackerOf: (queue) => trackers.get(queue) ?? null,
    now,
  })
  /** One at a time; it outlives the call that began it. */
  let reading: Promise<void> | null = null
  let stopped: unknown = null

  function namesNow(): readonly string[] {
    return [...new Set([app.defaultQueue, ...names.names(), ...parts.consumed()])]
  }

  /** Reads what is new in every queue that has something, for as long as it takes. */
  function read(depths: readonly Depth[]): Promise<void> {
    for (const { name, messages } of depths)
      if (messages > 0 && !trackers.has(name)) trackers.set(name, trackQueue(source, name, app, now))
    for (const name of trackers.keys()) if (!depths.some((depth) => depth.name === name)) trackers.delete(name)
    if (reading !== null) return reading
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(READING_MS)])
    const began = now()
    const pass = (async () => {
      for (const tracker of [...trackers.values()]) await tracker.sync(() => signal.aborted, signal)
    })()
    reading = pass.then(
      () => {
        reading = stopped = null
        if (now() - began > CALL_MS) parts.change()
      },
      (error: unknown) => {
        reading = null
        stopped = error
      },
    )
    return reading
  }

  /** What stopped the reading is told by the call that meets it. */
  function complain(): void {
    const error = stopped
    stopped = null
    if (error !== null && !ended.signal.aborted) throw error
  }

  /** What is in the queues, as far as patience goes. */
  async function known(signal: AbortSignal): Promise<void> {
    complain()
    await names.look(LOOK_MS, signal)
    const { depths } = await readDepths(source, namesNow(), signal)
    await atMost(PATIENCE_MS, read(depths), signal)
    complain()
  }

  return {
    async queues(signal) {
      complain()
      await names.look(LOOK_MS, signal)
      const found = namesNow()
      const { depths, paused, taken } = await readDepths(source, found, signal)
      const unacked = await unackedByQueue(source, taken, names.queueFor, signal)
      await atMost(CALL_MS, read(depths), signal)
      complain()
      return depths
        .filter(({ isList }) => isList)
        .map((depth): Queue => {
          const { name } = depth
          const tracker = depth.messages === 0 ? undefined : trackers.get(name)
          // Where all is known, both numbers are of one moment; else the depth is the newer one.
          const lengths = reading === null && tracker !== undefined ? tracker.lengths() : depth.lengths
          const messages = lengths.reduce((sum, { length }) => sum + length, 0)
          return {
            name,
            messages,
            unacked: unacked === null ? null : (unacked.get(name) ?? 0),
            priorities: lengths
              .filter(({ length }) => length > 0)
              .map(({ step, length }) => ({ priority: step, messages: length })),
            groups: [...(tracker?.groups(GROUPS) ?? [])],
            read: Math.min(tracker?.read ?? 0, messages),
            consumers: parts.consumersOf(name),
            paused: paused.has(name),
          }
        })
    },
    messages: (query, signal) => pages.page(query, signal),
    async jobs({ queue, limit }, signal) {
      await known(signal)
      const tracker = trackers.get(queue)
      return tracker === undefined ? { jobs: [], different: 0 } : findJobs(source, tracker, app, limit, signal)
    },
    async messagesOf(job, limit, signal) {
      await known(signal)
      const found: Message[] = []
      for (const tracker of trackers.values())
        found.push(...(await findPlaces(source, tracker, app, job, limit - found.length, signal)))
      return [...found, ...(await pages.unackedOf(job, limit - found.length, signal))]
    },
    close: () => ended.abort(),
  }
}

async function atMost(ms: number, work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  signal.addEventListener('abort', () => resolve(), { once: true })
  try {
    await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
