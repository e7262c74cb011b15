// Durations of recordings that nobody has opened yet: which are missing, and what was found.
import type { Queryable } from './pool.ts'
import type { TableSql } from './table.ts'

export interface Unprobed {
  readonly id: string
  readonly path: string
}

/** Queued rows without a known duration, oldest first. A row whose file has moved is looked at again. */
export async function readUnprobed(db: Queryable, t: TableSql, limit: number): Promise<Unprobed[]> {
  if (t.path === null) return []
  const { rows } = await db.query<Unprobed>(
    `SELECT r.${t.id}::text AS id, r.${t.path}::text AS path
       FROM ${t.name} r LEFT JOIN unjam.audio a ON a.recording = r.${t.id}::text
      WHERE lower(r.${t.status}::text) = ANY($1) AND r.${t.path} IS NOT NULL
        ${t.duration === null ? '' : `AND r.${t.duration} IS NULL`}
        AND (a.recording IS NULL OR a.path <> r.${t.path}::text)
      ORDER BY r.${t.createdAt} LIMIT $2`,
    [t.words('queued'), limit],
  )
  return rows
}

/**
 * Notes the duration (null: the file does not tell) or why the file cannot be opened. The recordings row gets a
 * duration only where it had none and still waits: a fact about the file that overwrites nothing, so it needs no lease.
 * Needs a transaction in the table's zone.
 */
export async function writeDuration(
  db: Queryable,
  t: TableSql,
  { id, path }: Unprobed,
  found: { durationMs: number | null; error: string | null },
): Promise<void> {
  await db.query(
    `INSERT INTO unjam.audio (recording, path, duration_ms, error) VALUES ($1, $2, $3, $4)
     ON CONFLICT (recording) DO UPDATE SET path = excluded.path, duration_ms = excluded.duration_ms,
       error = excluded.error, probed_at = now()`,
    [id, path, found.durationMs, found.error],
  )
  if (t.duration === null || found.durationMs === null) return
  await db.query(
    `UPDATE ${t.name} SET ${t.duration} = $2::float8
      WHERE ${t.id} = $1 AND ${t.duration} IS NULL AND lower(${t.status}::text) = ANY($3)`,
    [id, found.durationMs / 1000, t.words('queued')],
  )
}
