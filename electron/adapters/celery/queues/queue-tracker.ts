// What one queue holds, over the lists of all its priorities: read once, then kept up with what comes and goes.
import type { QueueGroup } from '../../../contract/queue.ts'
import type { JobPlace } from '../message/job-of.ts'
import { readMessage } from '../message/message.ts'
import type { RedisSource } from '../redis/connect.ts'
import { filledLists } from './filled.ts'
import { type ListTracker, type ReadList, trackList } from './list-tracker.ts'
import { createQueueTally, fingerprintOf } from './tally.ts'

export interface QueueTracker {
  /** Reads on until all is known or `stop` says so; true when all is known. */
  sync(stop: () => boolean, signal: AbortSignal): Promise<boolean>
  /** Messages that the groups are made of. */
  readonly read: number
  /** By step, as they were when last looked at. */
  lengths(): readonly { step: number; key: string; length: number }[]
  groups(limit: number): readonly QueueGroup[]
  /** Since the message there was first seen, ms; null where another one is known to be. */
  seenMs(step: number, position: number, raw: string): number | null
  /** Where messages of a job were when last looked at. */
  placesOf(job: string, limit: number): readonly Place[]
  /** The jobs with the most messages, of equally many those that run first, each with the place of its first one. */
  jobs(limit: number): { readonly most: readonly (Place & { messages: number })[]; readonly different: number }
}

/** Where a message was when last looked at. */
export interface Place {
  readonly step: number
  readonly key: string
  readonly position: number
  readonly fingerprint: number
}

/** Where another program changes the list faster than it can be read, give up for now. */
const LOST_AT_MOST = 3
const IDLE_AT_MOST = 20

export function trackQueue(source: RedisSource, name: string, place: JobPlace, now: () => number): QueueTracker {
  const tally = createQueueTally(place)
  const lists = source.keys.steps(name).map(({ step, key }) => ({
    step,
    key,
    tracker: trackList({
      entryOf: tally.entryOf,
      onAdd: tally.add,
      onRemove: tally.remove,
      now,
    }),
  }))
  const places = () =>
    lists.map(({ step, key, tracker: { entries } }) => ({
      entries,
      placeAt: (position: number): Place => ({ step, key, position, fingerprint: entries.fingerprint(position) }),
    }))
  const forget = () => {
    for (const { tracker } of lists) tracker.forget()
    tally.clear()
  }

  return {
    async sync(stop, signal) {
      let lost = 0
      let idle = 0
      const filled = new Set((await filledLists(source, name, signal)).map(({ step }) => step))
      const used = lists.filter(({ step, tracker }) => filled.has(step) || tracker.length > 0)
      for (let i = 0; i < used.length; ) {
        const list = used[i]
        if (list === undefined || stop() || lost > LOST_AT_MOST || idle > IDLE_AT_MOST) return false
        const known = list.tracker.entries.length
        const found = await list.tracker.step(readerOf(source, list.key, signal))
        idle = found === 'more' && list.tracker.entries.length <= known ? idle + 1 : 0
        if (found === 'complete') i++
        if (found !== 'lost') continue
        forget()
        i = 0
        lost++
      }
      return true
    },
    get read() {
      return lists.reduce((sum, { tracker }) => sum + tracker.entries.length, 0)
    },
    lengths: () => lists.map(({ step, key, tracker }) => ({ step, key, length: tracker.length })),
    groups: (limit) =>
      tally.groups(limit).map(({ task, group }) => {
        const seen = lists.map(({ tracker }) => seenOf(tracker, tracker.oldest(task))).filter((at) => at !== null)
        return { ...group, seenMs: seen.length === 0 ? null : now() - Math.min(...seen) }
      }),
    seenMs(step, position, raw) {
      const tracker = lists.find((list) => list.step === step)?.tracker
      if (tracker === undefined) return null
      const at = nearby(tracker, position, fingerprintOf(readMessage(raw, place), raw))
      return at === null ? null : now() - tracker.seenAt(at)
    },
    placesOf(job, limit) {
      const hashes = tally.hashesOf(job)
      const found: Place[] = []
      for (const { entries, placeAt } of places())
        for (let at = 0; at < entries.length && found.length < limit; at++)
          if (hashes.has(entries.job(at))) found.push(placeAt(at))
      return found
    },
    jobs(limit) {
      const { least, room } = leastOf(tally.jobsByMessages(), limit)
      const met = new Set<number>()
      const most: (Place & { messages: number })[] = []
      let left = room
      for (const { entries, placeAt } of places())
        for (let at = 0; at < entries.length && most.length < limit; at++) {
          const job = entries.job(at)
          const messages = job === 0 ? 0 : tally.ofJob(job)
          if (messages < least || met.has(job) || (messages === least && left-- <= 0)) continue
          met.add(job)
          most.push({ ...placeAt(at), messages })
        }
      const different = [...tally.jobsByMessages().values()].reduce((sum, n) => sum + n, 0)
      return { most: most.sort((a, b) => b.messages - a.messages), different }
    },
  }
}

/** What a job must have to be among the `limit` with the most, and how many that have just that find room. */
function leastOf(byMessages: ReadonlyMap<number, number>, limit: number): { least: number; room: number } {
  let room = limit
  // All find room where they are fewer.
  for (const [messages, jobs] of [...byMessages].sort(([a], [b]) => b - a)) {
    if (jobs >= room) return { least: messages, room }
    room -= jobs
  }
  return { least: 1, room: limit }
}

function seenOf(tracker: ListTracker, at: number): number | null {
  return at === -1 ? null : tracker.seenAt(at)
}

/** Positions have moved since the last look by as many as workers took: never far. */
function nearby({ entries }: ListTracker, position: number, fingerprint: number): number | null {
  for (let at = position; at < Math.min(position + 500, entries.length); at++)
    if (entries.fingerprint(at) === fingerprint) return at
  return null
}

/** One transaction, so that both ends are of the same moment; a key that is no list is an empty one. */
function readerOf(source: RedisSource, key: string, signal: AbortSignal): ReadList {
  return (right, from, size) =>
    source.run('Read a queue', signal, async (redis) => {
      // Spelt out, because `multi()` makes texts of its replies; bytes leave a tenth of the garbage behind.
      const commands = redis
        .pipeline()
        .call('MULTI')
        .llen(key)
        .lrange(key, -(from + size), -(from + 1))
      if (right > 0) commands.lrange(key, -right, -1)
      const replies = await commands.callBuffer('EXEC').exec()
      const [error, values] = replies?.at(-1) ?? [null, null]
      if (error !== null) throw replies?.find(([first]) => first !== null)?.[0] ?? error
      const [length, chunk, sample] = Array.isArray(values) ? values : []
      // WRONGTYPE stands in their place: a key of that name that is no queue.
      return { length: typeof length === 'number' ? length : 0, chunk: reversed(chunk), right: reversed(sample) }
    })
}

function reversed(elements: unknown): Buffer[] {
  return Array.isArray(elements) ? elements.filter((element) => Buffer.isBuffer(element)).reverse() : []
}
