// GET /api/qc/debug: jobs by status and whatever lists of jobs it has, wherever they are in the answer.
import type { Instant } from '../../contract/failure.ts'
import type { JobState } from '../../contract/job.ts'
import type { Counts } from '../../contract/snapshot.ts'
import { count, type Fields, fieldsOf, instant, number, pick, text } from './answer.ts'
import { countsOf, stateOf } from './read-counts.ts'

export interface ListedJob {
  readonly id: string
  readonly title: string
  /** null: the answer does not say. */
  readonly state: JobState | null
  /** The service itself lists it as stuck. */
  readonly stuck: boolean
  readonly percent: number | null
  readonly error: string | null
  readonly createdAt: Instant | null
  readonly startedAt: Instant | null
  readonly updatedAt: Instant | null
  readonly endedAt: Instant | null
}

export interface Debug {
  readonly counts: Counts | null
  readonly jobs: readonly ListedJob[]
  /** It has a list of stuck jobs, even an empty one: then it would say so. */
  readonly tellsStuck: boolean
  /** Its own clock; null when it does not tell. */
  readonly at: Instant | null
}

const DEEPEST = 5
const MOST_ERROR = 500

/** null when there is neither a count nor a list of jobs in it. */
export function readDebug(json: unknown): Debug | null {
  const top = fieldsOf(json)
  if (top === null) return null
  const jobs = new Map<string, ListedJob>()
  const seen = { stuckList: false, list: false }
  walk(top, '', 0, (list, key) => {
    seen.list = true
    if (/stuck/i.test(key)) seen.stuckList = true
    for (const item of list) {
      const job = jobOf(item, key)
      if (job !== null) jobs.set(job.id, merged(jobs.get(job.id), job))
    }
  })
  const counts = statusCounts(top) ?? (seen.list ? listCounts([...jobs.values()]) : null)
  if (counts === null && !seen.list) return null
  return { counts, jobs: [...jobs.values()], tellsStuck: seen.stuckList, at: instant(pick(top, 'timestamp', 'now')) }
}

function walk(value: unknown, key: string, depth: number, onList: (list: unknown[], key: string) => void): void {
  if (depth > DEEPEST) return
  if (Array.isArray(value)) {
    // An empty list tells by its name alone; a list of numbers or words is no list of jobs.
    if (value.length === 0 ? /job|stuck|recent/i.test(key) : value.some((one) => fieldsOf(one) !== null))
      onList(value, key)
    return
  }
  for (const [name, inner] of Object.entries(fieldsOf(value) ?? {})) walk(inner, name, depth + 1, onList)
}

function jobOf(item: unknown, list: string): ListedJob | null {
  const fields = fieldsOf(item)
  const id = fields === null ? null : text(pick(fields, 'jobid', 'id', 'qcjobid'))
  if (fields === null || id === null) return null
  const stuck = /stuck/i.test(list) || pick(fields, 'stuck', 'isstuck') === true
  const error = text(pick(fields, 'error', 'errormessage', 'lasterror', 'lasterrormessage'))
  const percent = number(pick(fields, 'progress', 'percent', 'progresspercent'))
  return {
    id,
    title: text(pick(fields, 'filename', 'file', 'name', 'title')) ?? id,
    state: stateOf(text(pick(fields, 'status', 'state'))) ?? stateByList(list) ?? (stuck ? 'running' : null),
    stuck,
    percent: percent === null || percent < 0 || percent > 100 ? null : percent,
    error: error === null ? null : error.slice(0, MOST_ERROR),
    createdAt: instant(pick(fields, 'createdat', 'created')),
    startedAt: instant(pick(fields, 'startedat', 'started')),
    updatedAt: instant(
      pick(fields, 'updatedat', 'updated', 'lastupdate', 'lastupdated', 'lastprogressat', 'lastheartbeat'),
    ),
    endedAt: instant(pick(fields, 'completedat', 'endedat', 'finishedat', 'failedat')),
  }
}

/** `recentActive`, `recentQueued`, `running`: the list's own name where its entries tell no status. */
function stateByList(list: string): JobState | null {
  const words = list.split(/[_\-\s]|(?=[A-Z])/).filter((word) => word !== '')
  return words.map((word) => stateOf(word)).find((state) => state !== null) ?? (/error/i.test(list) ? 'failed' : null)
}

/** A job in several lists is one job that is known better. */
function merged(old: ListedJob | undefined, job: ListedJob): ListedJob {
  if (old === undefined) return job
  const [known, more] = old.stuck ? [old, job] : [job, old]
  return {
    id: job.id,
    title: known.title === known.id ? more.title : known.title,
    state: known.state ?? more.state,
    stuck: known.stuck || more.stuck,
    percent: known.percent ?? more.percent,
    error: known.error ?? more.error,
    createdAt: known.createdAt ?? more.createdAt,
    startedAt: known.startedAt ?? more.startedAt,
    updatedAt: known.updatedAt ?? more.updatedAt,
    endedAt: known.endedAt ?? more.endedAt,
  }
}

/** At the top, in `jobs`, or one level below either (`jobs.counts`, `jobsByStatus`, `jobs.byStatus`). */
function statusCounts(top: Fields): Counts | null {
  const jobs = fieldsOf(pick(top, 'jobs'))
  const names = ['counts', 'jobsbystatus', 'bystatus', 'statuscounts', 'jobcounts', 'statuses', 'summary', 'stats']
  for (const place of jobs === null ? [top] : [jobs, top]) {
    for (const name of names) {
      const inside = pick(place, name)
      const counts = countsOf(inside) ?? countRows(inside)
      if (counts !== null) return counts
    }
    const counts = countsOf(place)
    if (counts !== null) return counts
  }
  return null
}

/** `[{status: "running", count: 2}, …]`. */
function countRows(value: unknown): Counts | null {
  if (!Array.isArray(value)) return null
  const rows = value.flatMap((one: unknown) => {
    const fields = fieldsOf(one)
    const word = fields === null ? null : text(pick(fields, 'status', 'state'))
    const n = fields === null ? null : count(pick(fields, 'count', 'total', 'n'))
    return word === null || n === null ? [] : [[word, n] as const]
  })
  return rows.length === 0 ? null : countsOf(Object.fromEntries(rows))
}

/** Where jobs carry their status but nobody counted them. */
function listCounts(jobs: readonly ListedJob[]): Counts | null {
  if (jobs.length === 0 || jobs.some(({ state, stuck }) => state === null || stuck)) return null
  const counts: Counts = { queued: 0, running: 0, done: 0, failed: 0, skipped: 0 }
  for (const { state } of jobs) if (state !== null) counts[state]++
  return counts
}
