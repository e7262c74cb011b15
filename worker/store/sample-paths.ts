// The files of some jobs that this worker could be given.
import type { Queryable } from './pool.ts'
import type { TableSql } from './table.ts'

/** Of queued rows and of those that an operator or another worker has parked, in no order: that would read them all. */
export async function samplePaths(db: Queryable, t: TableSql, limit: number): Promise<string[]> {
  if (t.path === null) return []
  const { rows } = await db.query<{ path: string }>(
    `(SELECT r.${t.path}::text AS path FROM ${t.name} r
       WHERE lower(r.${t.status}::text) = ANY($1) AND r.${t.path} IS NOT NULL LIMIT $2)
     UNION ALL
     (SELECT r.${t.path}::text FROM unjam.lease l JOIN ${t.name} r ON r.${t.id}::text = l.recording
       WHERE l.state = 'parked' AND r.${t.path} IS NOT NULL LIMIT $2)`,
    [t.words('queued'), limit],
  )
  return rows.map(({ path }) => path)
}
