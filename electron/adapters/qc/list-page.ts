// One page of the jobs a QC service lists: filter, order with unknowns last, cursor.
import * as z from 'zod'
import { FailureError } from '../../contract/failure.ts'
import type { Job, JobPage, JobQuery } from '../../contract/job.ts'

/** What an order sorts by; null comes last in both directions. */
export type Keys = Readonly<Record<JobQuery['sort'], (job: Job) => string | null>>

const Place = z.object({ list: z.string(), after: z.string() })

export function listPage(jobs: readonly Job[], query: JobQuery, keys: Keys): JobPage {
  const list = JSON.stringify([query.state, query.sort, query.descending, query.search])
  const keyOf = keys[query.sort]
  const sign = query.descending ? -1 : 1
  const search = query.search.toLowerCase()
  const found = jobs
    .filter(({ state, title }) => state === query.state && title.toLowerCase().includes(search))
    .map((job) => ({ job, key: keyOf(job) }))
    .sort((a, b) => Number(a.key === null) - Number(b.key === null) || sign * order(placeOf(a), placeOf(b)))
  const from = query.cursor === null || query.cursor === undefined ? null : decode(query.cursor, list)
  const start = from === null ? 0 : found.findIndex(({ job }) => job.id === from) + 1
  const shown = found.slice(start, start + query.limit)
  const last = shown.at(-1)
  const more = last !== undefined && start + shown.length < found.length
  return {
    jobs: shown.map(({ job }) => job),
    cursor: more ? Buffer.from(JSON.stringify({ list, after: last.job.id })).toString('base64url') : null,
  }
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
const placeOf = ({ job, key }: { job: Job; key: string | null }) => `${key ?? ''}\n${job.id}`

function decode(cursor: string, list: string): string {
  const { data } = Place.safeParse(parse(cursor))
  if (data !== undefined && data.list === list) return data.after
  throw new FailureError({
    kind: 'invalid',
    tried: 'Read the next page of jobs',
    on: 'cursor',
    because: data === undefined ? 'it is not a cursor that Unjam gave out' : 'it belongs to another list',
    remedy: 'Start again from the first page.',
  })
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
