// One page of runs: a keyset walk by the sort key and the id, runs without a key last in both directions.
import type { Queryable } from '../../../worker/store/pool.ts'
import type { JobPage, JobQuery } from '../../contract/job.ts'
import { decodeCursor, encodeCursor, titleKeyLength } from '../postgres/cursor.ts'
import { likeLiteral } from '../postgres/page.ts'
import { Binds } from '../postgres/shape.ts'
import { type RunRecord, runColumns, runJoins, toJob } from './run-columns.ts'
import { type Shape, wordsOf } from './shape.ts'

/** As text that compares as the key does after the cast; never null, so that one walk reads all. */
function keyOf({ column, sources }: Shape, { sort, descending }: JobQuery): { sql: string; type: string } {
  const { createdAt, startedAt, completedAt } = column
  const at = (...columns: string[]) => ({
    sql: `coalesce(${columns.join(', ')}, '${descending ? '-' : ''}infinity')::timestamptz`,
    type: 'timestamptz',
  })
  switch (sort) {
    case 'created':
      return at(`t.${createdAt.sql}`)
    case 'updated':
      return at(`t.${completedAt.sql}`, `t.${startedAt.sql}`, `t.${createdAt.sql}`)
    case 'title':
      return { sql: `left(lower(${titleSql({ column, sources })}), ${titleKeyLength})`, type: 'text' }
    case 'audio':
      return { sql: `''::text`, type: 'text' }
  }
}

function titleSql({ column, sources }: Pick<Shape, 'column' | 'sources'>): string {
  const name = sources === null ? '' : `nullif(s.${sources.name.sql}::text, ''), `
  return `coalesce(${name}t.${column.sourceId.sql}::text, t.${column.id.sql}::text)`
}

export async function page(db: Queryable, shape: Shape, query: JobQuery): Promise<JobPage> {
  const { column } = shape
  const after = decodeCursor(query)
  const binds = new Binds()
  const key = keyOf(shape, query)
  const id = `t.${column.id.sql}`
  const where = [`lower(t.${column.status.sql}::text) = ANY(${binds.add(wordsOf(shape, query.state))}::text[])`]
  if (after !== null)
    where.push(
      `(${key.sql}, ${id}) ${query.descending ? '<' : '>'} (${binds.add(after.key)}::text::${key.type}, ${binds.add(after.id)}::text::${column.id.type})`,
    )
  if (query.search !== '') {
    const like = binds.add(likeLiteral(query.search))
    where.push(
      `(${titleSql(shape)} ILIKE ${like} ESCAPE '\\' OR ${id}::text ILIKE ${like} ESCAPE '\\' OR t.${column.taskId.sql}::text ILIKE ${like} ESCAPE '\\')`,
    )
  }
  const direction = query.descending ? 'DESC' : 'ASC'
  const { rows } = await db.query<RunRecord & { cursorKey: string }>(
    `SELECT ${runColumns(shape)}, to_json(${key.sql}) #>> '{}' AS "cursorKey"
       FROM ${shape.jobs} t ${runJoins(shape, binds)}
      WHERE ${where.join(' AND ')}
      ORDER BY ${key.sql} ${direction}, ${id} ${direction} LIMIT ${binds.add(query.limit + 1)}`,
    binds.values,
  )
  const shown = rows.slice(0, query.limit)
  const last = shown.at(-1)
  const jobs = shown.flatMap((row) => {
    const job = toJob(shape, query.system, row)
    return job?.state === query.state ? [job] : []
  })
  const more = rows.length > query.limit && last !== undefined
  return { jobs, cursor: more ? encodeCursor(query, { key: last.cursorKey, id: last.id }) : null }
}
