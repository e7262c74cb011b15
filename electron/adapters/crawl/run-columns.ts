// What is selected of a crawl run, and the Job made of it: its own row, its source's name, its children counted.
import type { Job, SystemId } from '../../contract/job.ts'
import { ageOf, isoOf, spanOf } from '../postgres/instants.ts'
import type { Binds } from '../postgres/shape.ts'
import { type Column, type Shape, same, stateOf, wordsOf } from './shape.ts'

/** One selected run, before it is known which state its word means. */
export interface RunRecord {
  readonly id: string
  readonly word: string | null
  readonly source: string | null
  readonly sourceName: string | null
  readonly task: string | null
  readonly multi: boolean
  readonly parent: string | null
  readonly error: string | null
  readonly createdAt: string | null
  readonly waitingMs: number | null
  readonly startedAt: string | null
  readonly elapsedMs: number | null
  readonly endedAt: string | null
  readonly tookMs: number | null
  readonly total: number | null
  readonly active: number | null
  readonly failed: number | null
}

/** The select list over `t` and what `runJoins` joins to it. */
export function runColumns({ column, parent, sources }: Shape): string {
  const { id, status, sourceId, taskId, error, createdAt, startedAt, completedAt } = column
  return `t.${id.sql}::text AS id, t.${status.sql}::text AS word, t.${sourceId.sql}::text AS source,
       ${sources === null ? 'NULL::text' : `s.${sources.name.sql}::text`} AS "sourceName",
       nullif(t.${taskId.sql}::text, '') AS task, ${isParent(column)} AS multi,
       ${parent === null ? 'NULL' : `t.${parent.sql}`}::text AS parent, nullif(t.${error.sql}::text, '') AS error,
       ${isoOf(`t.${createdAt.sql}`)} AS "createdAt", ${ageOf(`t.${createdAt.sql}`)} AS "waitingMs",
       ${isoOf(`t.${startedAt.sql}`)} AS "startedAt", ${ageOf(`t.${startedAt.sql}`)} AS "elapsedMs",
       ${isoOf(`t.${completedAt.sql}`)} AS "endedAt",
       ${spanOf(`t.${startedAt.sql}`, `t.${completedAt.sql}`)} AS "tookMs", ch.total, ch.active, ch.failed`
}

const isParent = ({ isMultiSource }: { isMultiSource: Column }) => `coalesce(t.${isMultiSource.sql}::boolean, false)`

/** A child that has not ended is active, whatever its word: a parent is finalized from what is known to be over. */
export function runJoins(shape: Shape, binds: Binds): string {
  const { column, results, sources } = shape
  const word = `lower(coalesce(r.${results.status.sql}::text, ''))`
  const ended = binds.add(wordsOf(shape, 'done', 'failed', 'skipped'))
  const failed = binds.add(wordsOf(shape, 'failed'))
  return `${sources === null ? '' : `LEFT JOIN ${sources.sql} s ON ${same(sources.id, 's', column.sourceId, 't')}`}
       LEFT JOIN LATERAL (
         SELECT count(*)::int AS total, count(*) FILTER (WHERE ${word} <> ALL(${ended}::text[]))::int AS active,
                count(*) FILTER (WHERE ${word} = ANY(${failed}::text[]))::int AS failed
           FROM ${results.sql} r WHERE ${same(results.job, 'r', column.id, 't')}
       ) ch ON ${isParent(column)}`
}

/** Null when the mapping does not know the word in the status column. */
export function toJob(shape: Shape, system: SystemId, row: RunRecord): Job | null {
  const state = stateOf(shape, row.word)
  const { id, createdAt, parent, task } = row
  const children = row.multi ? { total: row.total ?? 0, active: row.active ?? 0, failed: row.failed ?? 0 } : null
  const base = {
    ...{ system, id, title: titleOf(row), audioMs: null, retryCount: null, createdAt, parent, task },
    children,
  }
  switch (state) {
    case null:
      return null
    case 'queued':
      return { ...base, state, waitingMs: row.waitingMs }
    case 'running':
      return {
        ...base,
        state,
        phase: 'active',
        startedAt: row.startedAt,
        elapsedMs: row.elapsedMs,
        heartbeatAgeMs: null,
        worker: null,
        progress: null,
      }
    case 'done':
      return { ...base, state, endedAt: row.endedAt, tookMs: row.tookMs, speed: null }
    case 'failed':
      return { ...base, state, endedAt: row.endedAt, error: row.error }
    case 'skipped':
      return { ...base, state, endedAt: row.endedAt, reason: row.error }
  }
}

function titleOf({ id, sourceName, source, multi, total }: RunRecord): string {
  if (sourceName !== null && sourceName !== '') return sourceName
  if (multi && source === null) return (total ?? 0) === 1 ? '1 source' : `${total ?? 0} sources`
  return source ?? id
}
