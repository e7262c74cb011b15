// Whether a draining worker may go: nothing waits, and nothing that could come back is in anybody's hands.
import type { Queryable } from './pool.ts'
import type { TableSql } from './table.ts'

/** Queued rows and leases. Another worker's lease counts: if it dies, its job is claimable again. */
export async function countOpen(db: Queryable, t: TableSql): Promise<number> {
  const { rows } = await db.query<{ open: number }>(
    `SELECT ((SELECT count(*) FROM ${t.name} WHERE lower(${t.status}::text) = ANY($1))
           + (SELECT count(*) FROM unjam.lease))::int AS open`,
    [t.words('queued')],
  )
  return rows[0]?.open ?? 0
}
