// `updated_at` of running jobs: of those a worker holds, and of parked ones, which any live worker keeps fresh.
import type { Hold } from './fence.ts'
import type { Queryable } from './pool.ts'
import type { TableSql } from './table.ts'

/** Only rows still running and leases still ours; returns how many. Needs a transaction in the table's zone. */
export async function beatHeld(db: Queryable, t: TableSql, holds: readonly Hold[]): Promise<number> {
  if (holds.length === 0) return 0
  const { rowCount } = await db.query(
    `UPDATE ${t.name} r SET ${t.heartbeat} = now()
      WHERE r.${t.id} = ANY($1) AND lower(r.${t.status}::text) = ANY($2)
        AND EXISTS (SELECT 1 FROM unjam.lease l
                     WHERE l.recording = r.${t.id}::text AND l.state <> 'parked' AND l.token = ANY($3::uuid[]))`,
    [holds.map(({ recording }) => recording), t.words('running'), holds.map(({ token }) => token)],
  )
  return rowCount ?? 0
}

/** Parked jobs whose heartbeat is older than `olderThanMs`: with several workers each row is written once. */
export async function beatParked(db: Queryable, t: TableSql, olderThanMs: number): Promise<number> {
  const { rows } = await db.query<{ recording: string }>(`SELECT recording FROM unjam.lease WHERE state = 'parked'`)
  if (rows.length === 0) return 0
  const { rowCount } = await db.query(
    `UPDATE ${t.name} r SET ${t.heartbeat} = now()
      WHERE r.${t.id} = ANY($1) AND lower(r.${t.status}::text) = ANY($2)
        AND r.${t.heartbeat} < now() - $3::float8 * interval '1 ms'
        AND EXISTS (SELECT 1 FROM unjam.lease l WHERE l.recording = r.${t.id}::text AND l.state = 'parked')`,
    [rows.map(({ recording }) => recording), t.words('running'), olderThanMs],
  )
  return rowCount ?? 0
}
