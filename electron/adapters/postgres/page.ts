// One page of jobs: a keyset walk in index order, nulls last in both directions, then everything about those jobs.

import type { Queryable } from '../../../worker/store/pool.ts'
import type { JobPage, JobQuery } from '../../contract/job.ts'
import { decodeCursor, encodeCursor, type Position, titleKeyLength } from './cursor.ts'
import { type JobRecord, jobColumns, jobJoins, toJob } from './job-columns.ts'
import { Binds, branches, type Shape, validIds } from './shape.ts'

interface Key {
  /** Over `t`. */
  readonly sql: string
  /** What a key read back from a cursor is cast to. */
  readonly type: string
}

function keyOf({ t, column }: Shape, sort: JobQuery['sort']): Key {
  switch (sort) {
    case 'created':
      return { sql: `t.${t.createdAt}`, type: column(t.createdAt)?.type ?? 'timestamptz' }
    case 'updated':
      return { sql: `t.${t.heartbeat}`, type: column(t.heartbeat)?.type ?? 'timestamptz' }
    case 'title':
      // Letter for letter the expression of the index recordings_by_title.
      return { sql: `"left"(lower(t.${t.title}::text), ${titleKeyLength})`, type: 'text' }
    case 'audio':
      return t.duration === null
        ? { sql: 'NULL::float8', type: 'float8' }
        : { sql: `t.${t.duration}`, type: column(t.duration)?.type ?? 'float8' }
  }
}

/** `50%_a\b` is what it says: no character of a search is a wildcard. */
export function likeLiteral(search: string): string {
  return `%${search.replace(/[\\%_]/g, (special) => `\\${special}`)}%`
}

/**
 * Without three letters or digits in a row the trigram index can only be read as a whole and every row checked again
 * (seconds for a million rows); the empty string keeps Postgres from trying, and a walk in page order is made instead.
 */
function searched({ t }: Shape, search: string): string {
  return /[\p{L}\p{N}]{3}/u.test(search) ? `t.${t.title}::text` : `(t.${t.title}::text || '')`
}

export async function page(db: Queryable, shape: Shape, query: JobQuery): Promise<JobPage> {
  const after = decodeCursor(query)
  const wanted = query.limit + 1
  const inNulls = after !== null && after.key === null
  const found = inNulls ? [] : await part(db, shape, query, 'keyed', after, wanted)
  if (found.length < wanted) {
    const rest = await part(db, shape, query, 'nulls', inNulls ? after : null, wanted - found.length)
    found.push(...rest)
  }
  const shown = found.slice(0, query.limit)
  const last = shown.at(-1)
  const jobs = shown.flatMap((row) => {
    const job = toJob(shape, query.system, row)
    return job?.state === query.state ? [job] : []
  })
  const more = found.length > query.limit && last !== undefined
  return { jobs, cursor: more ? encodeCursor(query, { key: last.cursorKey, id: last.id }) : null }
}

type Found = JobRecord & { cursorKey: string | null }

/** Rows with a key, or those without one, which follow them ordered by id. */
async function part(
  db: Queryable,
  shape: Shape,
  query: JobQuery,
  which: 'keyed' | 'nulls',
  after: Position | null,
  limit: number,
): Promise<Found[]> {
  const { t } = shape
  const binds = new Binds()
  const key = keyOf(shape, query.sort)
  if (key.sql.startsWith('NULL') && which === 'keyed') return []
  if (after !== null && validIds(shape, [after.id]).length === 0) return []
  const direction = query.descending ? 'DESC' : 'ASC'
  const past = query.descending ? '<' : '>'
  const conditions = [`${key.sql} IS ${which === 'keyed' ? 'NOT ' : ''}NULL`]
  if (after !== null) {
    // `t.id > $n` alone gives the bound value the id's own type; a row comparison does so too.
    const id = binds.add(after.id)
    conditions.push(
      which === 'keyed'
        ? `(${key.sql}, t.${t.id}) ${past} (${binds.add(after.key)}::text::${key.type}, ${id})`
        : `t.${t.id} ${past} ${id}`,
    )
  }
  if (query.search !== '')
    conditions.push(`${searched(shape, query.search)} ILIKE ${binds.add(likeLiteral(query.search))} ESCAPE '\\'`)
  const order = which === 'keyed' ? `key ${direction}, id ${direction}` : `id ${direction}`
  const bound = binds.add(limit)
  const walks = branches(shape, binds, query.state).map(
    (is) =>
      `(SELECT t.${t.id} AS id, ${key.sql} AS key FROM ${t.name} t
         WHERE ${is} AND ${conditions.join(' AND ')} ORDER BY ${order} LIMIT ${bound})`,
  )
  const { rows } = await db.query<Found>(
    `WITH found AS MATERIALIZED (
       SELECT id, key FROM (${walks.join(' UNION ALL ')}) AS walked ORDER BY ${order} LIMIT ${bound})
     SELECT ${jobColumns(shape)}, to_json(found.key) #>> '{}' AS "cursorKey"
       FROM found JOIN ${t.name} t ON t.${t.id} = found.id ${jobJoins(shape)}
      ORDER BY ${order.replaceAll(/\b(key|id)\b/g, 'found.$1')}`,
    binds.values,
  )
  return rows
}
