// Attempts as the result backend keeps them: one scan, then the push feed; bounded in memory, exact in numbers.
import type { CelerySettings } from '../../../contract/settings.ts'
import type { TaskResult } from '../../../contract/task.ts'
import type { Results } from '../../../core/ports/broker.ts'
import type { TaskEvent } from '../control/events.ts'
import { jobOf } from '../message/job-of.ts'
import { hashOf } from '../message/text-hash.ts'
import type { RedisSource } from '../redis/connect.ts'
import { outOfTime } from '../redis/failures.ts'
import { type BookedResult, createResultsBook, type JobSource } from './book.ts'
import { type ResultEntry, readResult } from './entry.ts'
import { watchResults } from './feed.ts'
import { readKeys, type ScannedResult, scanResults } from './scan.ts'

export interface ResultsParts {
  /** The result backend's database, which need not be the broker's. */
  readonly source: RedisSource
  readonly app: CelerySettings
  change(): void
}

export interface CeleryResults extends Results {
  /** A task event: it may name the job of a task. */
  hear(event: TaskEvent): void
  held(worker: string): { id: string; sinceMs: number | null } | null
  reportsStarts(): boolean
  close(): void
}

const SHOWN = 50
/** Jobs of tasks that have no result yet; the oldest are forgotten. */
const MOST_TOLD = 50_000
const SCAN_MS = 120_000
const FEED_MS = 5000

export function createResults({ source, app, change }: ResultsParts): CeleryResults {
  const keyStart = `${app.resultKeyPrefix}celery-task-meta-`
  const ended = new AbortController()
  const told = new Map<string, { id: string; from: JobSource }>()
  let book = createResultsBook()
  let startsSeen = false
  let feed: ReturnType<typeof watchResults> | null = null
  let scanning: Promise<void> | null = null
  let complete = false
  /** The broker's clock less our own. */
  let ahead = 0
  const now = () => performance.now() + ahead
  /** Ids that came while the scan was under way: it may have passed them already, or not yet. */
  let meanwhile: Set<string> | null = null

  function note(found: ScannedResult): void {
    const expiresAt = found.expiresMs === null ? null : now() + found.expiresMs
    if (found.bytes === null) {
      book.noteDone(found.id, expiresAt)
      return
    }
    const entry = readResult(found.id, found.bytes)
    if (entry === null) return
    if (entry.outcome === 'running') startsSeen = true
    book.note(entry, jobFrom(entry), now(), expiresAt)
  }

  function jobFrom(entry: ResultEntry): { id: string; from: JobSource } | null {
    const job = entry.task === null ? null : jobOf(app, { ...entry, name: entry.task })
    return job === null ? (told.get(entry.id) ?? null) : { id: job, from: 'result' }
  }

  function learn(task: string, id: string, from: JobSource): void {
    if (book.learn(task, id, from)) return
    told.delete(task)
    told.set(task, { id, from })
    if (told.size > MOST_TOLD) for (const [oldest] of told) return void told.delete(oldest)
  }

  async function scan(signal: AbortSignal): Promise<void> {
    const [seconds, micros] = await source.run('Ask Redis for the time', signal, (redis) => redis.time())
    ahead = Number(seconds) * 1000 + Number(micros) / 1000 - performance.now()
    // Subscribed before the first key is read: nothing falls between the two.
    await untilAborted(feed?.ready ?? Promise.resolve(), signal, source.on)
    book = createResultsBook()
    const late = new Set<string>()
    meanwhile = late
    // Successes have no place of their own in the book: SCAN may name a key twice, and the feed once more.
    const counted = new Set<number>()
    const once = (found: ScannedResult) => {
      if (found.bytes !== null) return note(found)
      const hash = hashOf(found.id)
      if (!counted.has(hash)) note(found)
      counted.add(hash)
    }
    try {
      for await (const page of scanResults(source, keyStart, signal)) page.forEach(once)
      // What came meanwhile: the scan may have passed it before, or seen it already. From here on the feed is enough.
      meanwhile = null
      complete = true
      for (const found of await readKeys(source, keyStart, [...late], signal)) once(found)
    } catch (error) {
      complete = false
      throw error
    } finally {
      meanwhile = null
    }
  }

  /** The first reader starts it; a reader who gives up does not end it for the others. */
  async function ready(signal: AbortSignal): Promise<void> {
    if (feed === null)
      feed = watchResults(source, keyStart, {
        ids: (ids) => void take(ids),
        gap() {
          complete = false
        },
      })
    if (!complete)
      scanning ??= scan(AbortSignal.any([ended.signal, AbortSignal.timeout(SCAN_MS)])).finally(() => {
        scanning = null
      })
    if (scanning !== null) await untilAborted(scanning, signal, source.on)
    book.expire(now())
  }

  async function take(ids: readonly string[]): Promise<void> {
    for (const id of ids) meanwhile?.add(id)
    if (!complete) return
    try {
      const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(FEED_MS)])
      for (const found of await readKeys(source, keyStart, ids, signal)) note(found)
      change()
    } catch {
      // What was published is unread: the next reader scans anew, and tells the failure if it lasts.
      complete = false
    }
  }

  function toResult({ entry, job, jobFrom, endedMs, expiresAtMs }: BookedResult): TaskResult {
    return {
      id: entry.id,
      outcome: entry.outcome,
      task: entry.task,
      job,
      jobFrom,
      exception: entry.exception,
      message: entry.message,
      traceback: entry.traceback,
      endedAt: endedMs === null ? null : new Date(endedMs).toISOString(),
      worker: entry.worker,
      retries: entry.retries,
      expiresMs: expiresAtMs === null ? null : Math.max(0, Math.round(expiresAtMs - now())),
    }
  }

  return {
    async summary(signal) {
      await ready(signal)
      const failed = book.of('failed')
      const jobs = new Set(failed.flatMap(({ job }) => job ?? []))
      const counts = book.counts()
      const named = failed.filter(({ job }) => job !== null).length
      return {
        ...counts,
        failedJobs: jobs.size,
        failedUnknown: counts.failed - named,
        failures: failed.slice(0, SHOWN).map(toResult),
      }
    },
    async page({ outcome, limit, cursor }, signal) {
      await ready(signal)
      const all = book.of(outcome)
      const after = cursor == null ? -1 : all.findIndex((one) => isBeyond(one, cursor))
      const from = cursor == null ? 0 : after === -1 ? all.length : after
      const page = all.slice(from, from + limit)
      const last = page.at(-1)
      const more = from + limit < all.length && last !== undefined
      return { results: page.map(toResult), cursor: more ? cursorOf(last) : null }
    },
    async resultsOf(job, limit, signal) {
      await ready(signal)
      return book.ofJob(job).slice(0, limit).map(toResult)
    },
    learn,
    hear({ id, name, args, kwargs }) {
      const job = name === null ? null : jobOf(app, { name, args, kwargs })
      if (job !== null) learn(id, job, 'event')
    },
    held(worker) {
      const one = book.of('running').find(({ entry }) => entry.worker === worker)
      return one === undefined ? null : { id: one.entry.id, sinceMs: one.notedMs }
    },
    reportsStarts: () => startsSeen,
    close() {
      ended.abort()
      feed?.close()
    },
  }
}

/** Place in the order newest first: a page goes on behind it although newer ones have come meanwhile. */
function cursorOf({ entry, endedMs }: BookedResult): string {
  return `${endedMs ?? 0} ${entry.id}`
}

function isBeyond({ entry, endedMs }: BookedResult, cursor: string): boolean {
  const [ms = '0', ...id] = cursor.split(' ')
  const at = endedMs ?? 0
  return at < Number(ms) || (at === Number(ms) && entry.id < id.join(' '))
}

/** A reader who gives up leaves the work to the others. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal, on: string): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(outOfTime('Read the results', on, signal.reason))
  work.catch(() => undefined)
  promise.catch(() => undefined)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', stop))
}
