// Counts of one queue by task: messages, different jobs, duplicates, senders. Kept up message by message.
import type { QueueGroup } from '../../../contract/queue.ts'
import { createGlance } from '../message/glance.ts'
import type { JobPlace } from '../message/job-of.ts'
import { type ReadMessage, readMessage } from '../message/message.ts'
import { hashOf } from '../message/text-hash.ts'
import type { Entry } from './entries.ts'
import { createKeyCounts } from './key-counts.ts'

export interface QueueTally {
  /** What is remembered of a message. Names get short numbers. */
  entryOf(raw: Buffer): Entry
  add(entry: Entry): void
  remove(entry: Entry): void
  /** Largest first; `seenMs` is for the caller to fill in. */
  groups(limit: number): { task: number; group: Omit<QueueGroup, 'seenMs'> }[]
  /** Messages of a job by its hash, and how many jobs have how many. */
  ofJob(hash: number): number
  jobsByMessages(): ReadonlyMap<number, number>
  /** Job hashes that a job may have here: one for each task that names one. */
  hashesOf(job: string): ReadonlySet<number>
  clear(): void
}

/** What names one message in a list: tags are unique in Celery; foreign elements are their own name. */
export function fingerprintOf(message: Pick<ReadMessage, 'id' | 'tag'>, raw: string): number {
  return hashOf(message.tag === null ? raw : `${message.tag}${message.id}`) >>> 0
}

interface Counts {
  messages: number
  jobs: number
  named: number
  duplicates: number
  readonly origins: Map<number, number>
}

export function createQueueTally(place: JobPlace): QueueTally {
  const glance = createGlance(place)
  const tasks = createNames()
  const origins = createNames()
  const counts: Counts[] = []
  const keys = createKeyCounts()

  function countsOf(task: number): Counts {
    const found = counts[task]
    if (found !== undefined) return found
    const made: Counts = { messages: 0, jobs: 0, named: 0, duplicates: 0, origins: new Map() }
    counts[task] = made
    return made
  }

  return {
    entryOf(raw) {
      const common = glance(raw)
      if (common !== null) {
        const { task, origin, fingerprint, job } = common
        return { fingerprint, task: tasks.numberOf(task), origin: origins.numberOf(origin), job, work: job }
      }
      const text = raw.toString()
      const message = readMessage(text, place)
      const { task, job, work, origin } = message
      const jobHash = task === null || job === null ? 0 : hashOf(`${task}\0${job}\0`)
      return {
        fingerprint: fingerprintOf(message, text),
        task: tasks.numberOf(task),
        origin: origins.numberOf(origin),
        job: jobHash,
        work: work === null ? 0 : work.endsWith('\0') ? jobHash : hashOf(work),
      }
    },
    add({ task, origin, job, work }) {
      const group = countsOf(task)
      group.messages++
      if (job !== 0) {
        group.named++
        if (keys.add(job, 'all', 1) === 1) group.jobs++
      }
      if (work !== 0 && keys.add(work, 'work', 1) > 1) group.duplicates++
      if (origin !== 0) group.origins.set(origin, (group.origins.get(origin) ?? 0) + 1)
    },
    remove({ task, origin, job, work }) {
      const group = countsOf(task)
      group.messages--
      if (job !== 0) {
        group.named--
        if (keys.add(job, 'all', -1) === 0) group.jobs--
      }
      if (work !== 0 && keys.add(work, 'work', -1) > 0) group.duplicates--
      const left = (group.origins.get(origin) ?? 0) - 1
      if (left > 0) group.origins.set(origin, left)
      else group.origins.delete(origin)
    },
    groups(limit) {
      return [...counts.entries()]
        .filter(([, group]) => group !== undefined && group.messages > 0)
        .sort(([, a], [, b]) => b.messages - a.messages)
        .slice(0, limit)
        .map(([task, group]) => ({
          task,
          group: {
            task: tasks.nameOf(task),
            messages: group.messages,
            jobs: group.named === 0 ? null : group.jobs,
            duplicates: group.duplicates,
            origins: [...group.origins]
              .sort(([, a], [, b]) => b - a)
              .slice(0, 5)
              .map(([origin]) => origins.nameOf(origin) ?? ''),
          },
        }))
    },
    ofJob: (hash) => keys.count(hash, 'all'),
    jobsByMessages: () => keys.histogram('all'),
    clear() {
      counts.length = 0
      keys.clear()
    },
    hashesOf: (job) => new Set(tasks.all().map((task) => hashOf(`${task}\0${job}\0`))),
  }
}

/** Names ↔ numbers that fit 16 bits; 0 is "none", and what comes after 65,535 different ones. */
function createNames() {
  const numbers = new Map<string, number>()
  const names: (string | null)[] = [null]
  return {
    numberOf(name: string | null): number {
      if (name === null) return 0
      const known = numbers.get(name)
      if (known !== undefined) return known
      if (names.length > 65_535) return 0
      numbers.set(name, names.length)
      return names.push(name) - 1
    },
    nameOf: (number: number): string | null => names[number] ?? null,
    all: () => [...numbers.keys()],
  }
}
