// Attempts: of one job, and of the last hours as bars on the timeline.

import type { Queryable } from '../../../worker/store/pool.ts'
import type { Attempt } from '../../contract/job.ts'
import type { AttemptBar } from '../../contract/snapshot.ts'
import { isoOf, spanOf } from './instants.ts'
import { workerName } from './job-columns.ts'
import { type Shape, validIds } from './shape.ts'
import { needUnjam } from './unjam-schema.ts'

/** Of one job, first to last. */
export async function attempts(db: Queryable, shape: Shape, id: string): Promise<Attempt[]> {
  needUnjam(shape, 'Read the attempts')
  const { rows } = await db.query<Attempt>(
    `SELECT a.number, ${workerName('w')} AS worker, ${isoOf('a.started_at')} AS "startedAt",
            ${isoOf('a.ended_at')} AS "endedAt", a.outcome, a.error, a.chunks_saved AS "chunksSaved",
            a.audio_ms AS "audioMs", ${spanOf('a.started_at', 'coalesce(a.ended_at, now())')} AS "wallMs"
       FROM unjam.attempt a LEFT JOIN unjam.worker w ON w.id = a.worker
      WHERE a.recording = $1 ORDER BY a.number`,
    [id],
  )
  return rows
}

/** Begun in the last `windowMs`, or still going on; the newest `limit` of them, oldest first. */
export async function recentAttempts(
  db: Queryable,
  shape: Shape,
  windowMs: number,
  limit: number,
): Promise<AttemptBar[]> {
  needUnjam(shape, 'Read the attempts')
  const { rows } = await db.query<Omit<AttemptBar, 'title' | 'worker'> & { worker: string | null }>(
    `SELECT a.recording AS job, ${workerName('w')} AS worker, ${isoOf('a.started_at')} AS "startedAt",
            ${isoOf('a.ended_at')} AS "endedAt", a.outcome, a.audio_ms AS "audioMs", w.model
       FROM (SELECT * FROM unjam.attempt
              WHERE started_at >= now() - $1::float8 * interval '1 ms'
                 OR id = ANY(ARRAY(SELECT attempt FROM unjam.lease WHERE state <> 'parked'))
              ORDER BY started_at DESC, id DESC LIMIT $2) a
       LEFT JOIN unjam.worker w ON w.id = a.worker
      ORDER BY a.started_at, a.id`,
    [windowMs, limit],
  )
  const titles = await titlesOf(
    db,
    shape,
    rows.map(({ job }) => job),
  )
  return rows.map((row) => ({
    ...row,
    title: titles.get(row.job) ?? row.job,
    worker: row.worker ?? 'a worker that is gone',
  }))
}

/** Titles are looked up by id in the table's own type, so that its primary key serves. */
async function titlesOf(db: Queryable, { t, ...shape }: Shape, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await db.query<{ id: string; title: string }>(
    `SELECT t.${t.id}::text AS id, t.${t.title}::text AS title FROM ${t.name} t
      WHERE t.${t.id} = ANY($1) AND t.${t.title} IS NOT NULL`,
    [validIds({ t, ...shape }, ids)],
  )
  return new Map(rows.map(({ id, title }) => [id, title]))
}
