// Files into the queue: one statement a batch, the same bytes never twice, whoever else is adding them.
import { randomUUID } from 'node:crypto'
import type { Queryable } from '../../../worker/store/pool.ts'
import type { AddReport } from '../../contract/job.ts'
import type { NewFile } from '../../core/ports/jobs.ts'
import type { Shape } from './shape.ts'

const BATCH = 1000

/** Only on Unjam's own table: file_bytes and file_sha256 are its columns. */
export async function add(db: Queryable, { t }: Shape, files: readonly NewFile[]): Promise<AddReport> {
  const report: AddReport = { added: [], duplicates: [], refused: [] }
  for (let from = 0; from < files.length; from += BATCH) {
    const batch = files.slice(from, from + BATCH).map((file) => ({ ...file, id: randomUUID() }))
    // A microsecond apart, so that the queue keeps the order in which they were given. Inserted by hash, so that two
    // programs adding the same files wait for each other once and not in a circle.
    const inserted = await db.query<{ id: string }>(
      `INSERT INTO ${t.name} (id, file_name, file_path, file_bytes, file_sha256, created_at)
       SELECT f.id, f.name, f.path, f.bytes, f.sha256, now() + f.n * interval '1 microsecond'
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::text[])
              WITH ORDINALITY AS f(id, name, path, bytes, sha256, n)
        ORDER BY f.sha256, f.n
       ON CONFLICT (file_sha256) DO NOTHING RETURNING id::text AS id`,
      [
        batch.map(({ id }) => id),
        batch.map(({ title }) => title),
        batch.map(({ path }) => path),
        batch.map(({ bytes }) => bytes),
        batch.map(({ sha256 }) => sha256),
      ],
    )
    const fresh = new Set(inserted.rows.map(({ id }) => id))
    const twins = batch.filter(({ id }) => !fresh.has(id))
    const there = await bySha256(
      db,
      t.name,
      twins.flatMap(({ sha256 }) => sha256 ?? []),
    )
    for (const { id, title, path } of batch) if (fresh.has(id)) report.added.push({ id, title, path })
    for (const { path, title, sha256 } of twins) {
      const twin = there.get(sha256 ?? '')
      if (twin === undefined) report.refused.push({ path, because: 'the same file was removed at this very moment' })
      else report.duplicates.push({ id: twin.id, title: twin.title ?? title, path })
    }
  }
  return report
}

/** A statement of its own: it sees what another program committed while the insert waited for it. */
async function bySha256(db: Queryable, name: string, hashes: readonly string[]) {
  if (hashes.length === 0) return new Map<string, { id: string; title: string | null }>()
  const { rows } = await db.query<{ id: string; title: string | null; sha256: string }>(
    `SELECT id::text AS id, file_name AS title, file_sha256 AS sha256 FROM ${name} WHERE file_sha256 = ANY($1::text[])`,
    [hashes],
  )
  return new Map(rows.map((row) => [row.sha256, row]))
}
