// One page of jobs in memory: filter, keyset order with nulls last, cursor.
import type { JobPage, JobQuery, SystemId } from '../contract/job.ts'
import { type MemoryJob, toJob } from './memory-job.ts'
import { decodeCursor, encodeCursor, titleKeyLength } from './postgres/cursor.ts'

const order = (a: string | number, b: string | number) => (a < b ? -1 : a > b ? 1 : 0)

export function page(all: readonly MemoryJob[], query: JobQuery, system: SystemId, now: number): JobPage {
  const after = decodeCursor(query)
  const sign = query.descending ? -1 : 1
  const keyOf = (job: MemoryJob) => {
    if (query.sort === 'title') return job.title.toLowerCase().slice(0, titleKeyLength)
    return query.sort === 'audio' ? job.audioMs : query.sort === 'updated' ? job.heartbeatAt : job.createdAt
  }
  const numeric = query.sort !== 'title'
  const compare = (a: Place, b: Place) => {
    if (a.key === null || b.key === null)
      return order(Number(a.key === null), Number(b.key === null)) || sign * order(a.id, b.id)
    return sign * (order(a.key, b.key) || order(a.id, b.id))
  }
  const last: Place | null = after && {
    id: after.id,
    key: after.key !== null && numeric ? Number(after.key) : after.key,
  }
  const found = all
    .filter(({ state, title }) => state === query.state && title.toLowerCase().includes(query.search.toLowerCase()))
    .map((job) => ({ job, id: job.id, key: keyOf(job) }))
    .filter((place) => last === null || compare(place, last) > 0)
    .sort(compare)
  const shown = found.slice(0, query.limit)
  const end = shown.at(-1)
  const more = end !== undefined && found.length > shown.length
  const cursor = more ? encodeCursor(query, { key: end.key === null ? null : String(end.key), id: end.id }) : null
  return { jobs: shown.map(({ job }) => toJob(job, system, now)), cursor }
}
interface Place {
  readonly key: string | number | null
  readonly id: string
}
