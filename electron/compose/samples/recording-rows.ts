// The recordings table of a sample: rows with the runbooks' numbers, and what its workers write.
import type { Queryable } from '../../../worker/store/pool.ts'

/** Runbook 1: `task_max_retries`. */
export const MAX_RETRIES = 3
/** Runbook 2: stuck when `updated_at` is older. */
const STUCK = `interval '15 minutes'`

/** Times are minutes ago. */
export interface SeedRecording {
  readonly id?: string
  readonly name: string
  readonly seconds: number
  readonly status: 'queued' | 'processing' | 'failed'
  readonly createdMin: number
  readonly startedMin?: number
  readonly updatedMin?: number
  readonly retries?: number
  readonly error?: string
}

export interface Past {
  readonly n: number
  /** Since the last one was done, and between two of them, minutes. */
  readonly lastMin: number
  readonly everyMin: number
  readonly speed: number
}

export interface Done {
  readonly id: string
  readonly name: string
  readonly seconds: number
  readonly startedAt: Date
  readonly endedAt: Date
}

/** All that the timeline shows, at the pace of the busiest sample. */
const LOGGED = 40

/** The latest of them, the oldest first. */
export async function seedDone(db: Queryable, { n, lastMin, everyMin, speed }: Past): Promise<Done[]> {
  await db.query(
    `INSERT INTO recordings (file_name, file_path, duration_seconds, status, transcript, created_at, updated_at, started_at, completed_at)
     SELECT s.name, '/recordings/' || s.name, s.seconds, 'done', 'A sample has no transcript.',
            s.ended - interval '2 hours', s.ended, s.ended - s.seconds / $4::float8 * interval '1 second', s.ended
       FROM (SELECT format('Call recording %s_%s.m4a', 2000 + k * 7 % 7999, to_char(timestamp '2021-05-14' + k * interval '97 minutes', 'YYMMDD_HH24MISS')) AS name,
                    (180 + k * 37 % 150)::float8 AS seconds,
                    now() - ($2::float8 + (k - 1) * $3::float8) * interval '1 minute' AS ended
               FROM generate_series(1, $1::int) AS k) AS s`,
    [n, lastMin, everyMin, speed],
  )
  const { rows } = await db.query<Done>(
    `SELECT id::text, file_name AS name, duration_seconds AS seconds, started_at AS "startedAt", completed_at AS "endedAt"
       FROM recordings WHERE status = 'done' ORDER BY completed_at DESC LIMIT $1`,
    [LOGGED],
  )
  return rows.reverse()
}

export async function seedRecordings(db: Queryable, rows: readonly SeedRecording[]): Promise<string[]> {
  const ids: string[] = []
  for (const row of rows) {
    const { rows: made } = await db.query<{ id: string }>(
      `INSERT INTO recordings (id, file_name, file_path, duration_seconds, status, retry_count, error_message, created_at, started_at, updated_at, completed_at)
       VALUES (coalesce($1::uuid, gen_random_uuid()), $2, '/recordings/' || $2, $3, $4, $5, $6,
               now() - $7::float8 * interval '1 minute', now() - $8::float8 * interval '1 minute',
               date_trunc('second', now() - $9::float8 * interval '1 minute'),
               CASE WHEN $4 = 'failed' THEN date_trunc('second', now() - $9::float8 * interval '1 minute') END)
       RETURNING id::text`,
      [
        ...[row.id ?? null, row.name, row.seconds, row.status, row.retries ?? 0, row.error ?? null],
        ...[row.createdMin, row.startedMin ?? null, row.updatedMin ?? row.createdMin],
      ],
    )
    ids.push(...made.map(({ id }) => id))
  }
  return ids
}

export interface Claimed {
  readonly name: string
  readonly seconds: number
}

/** Null: it is not waiting any more, and the message has nothing to do. */
export async function claim(db: Queryable, id: string): Promise<Claimed | null> {
  const { rows } = await db.query<Claimed>(
    `UPDATE recordings SET status = 'processing', started_at = now(), updated_at = now(), completed_at = NULL
      WHERE id::text = $1 AND status = 'queued'
      RETURNING file_name AS name, duration_seconds AS seconds`,
    [id],
  )
  return rows[0] ?? null
}

/** False: the row was taken away meanwhile. */
export async function finish(db: Queryable, id: string, speed: number): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE recordings SET status = 'done', updated_at = now(), completed_at = now(), error_message = NULL,
            started_at = now() - duration_seconds / $2::float8 * interval '1 second', transcript = 'A sample has no transcript.'
      WHERE id::text = $1 AND status = 'processing'`,
    [id, speed],
  )
  return (rowCount ?? 0) > 0
}

/** An attempt that hit the time limit: again, or failed without the reason, as in runbook 1. */
export async function runOut(db: Queryable, id: string): Promise<void> {
  await db.query(
    `UPDATE recordings SET updated_at = now(), retry_count = least(retry_count + 1, $2::int),
            status = CASE WHEN retry_count >= $2 THEN 'failed' ELSE 'queued' END,
            error_message = CASE WHEN retry_count >= $2 THEN 'Max retries exceeded' ELSE error_message END,
            completed_at = CASE WHEN retry_count >= $2 THEN now() END
      WHERE id::text = $1 AND status = 'processing'`,
    [id, MAX_RETRIES],
  )
}

/** Its worker is gone: the message is delivered anew. */
export async function giveBack(db: Queryable, id: string): Promise<void> {
  await db.query(
    `UPDATE recordings SET status = 'queued', updated_at = now() WHERE id::text = $1 AND status = 'processing'`,
    [id],
  )
}

/** Ages of rows in work: how long each has taken by the sample's time-lapse, ms. */
export async function setElapsed(db: Queryable, elapsed: ReadonlyMap<string, number>): Promise<void> {
  await db.query(
    `UPDATE recordings r SET started_at = now() - e.ms * interval '1 ms'
       FROM unnest($1::text[], $2::float8[]) AS e(id, ms) WHERE r.id::text = e.id AND r.status = 'processing'`,
    [[...elapsed.keys()], [...elapsed.values()]],
  )
}

export async function beatHearts(db: Queryable, ids: readonly string[]): Promise<void> {
  await db.query(`UPDATE recordings SET updated_at = now() WHERE id::text = ANY($1) AND status = 'processing'`, [ids])
}

/** The enqueuer's two duties: what is stuck goes back, and what is queued is named, oldest first. */
export async function recoverAndList(db: Queryable): Promise<string[]> {
  await db.query(
    `UPDATE recordings SET status = 'queued', updated_at = now() WHERE status = 'processing' AND updated_at < now() - ${STUCK}`,
  )
  const { rows } = await db.query<{ id: string }>(
    `SELECT id::text FROM recordings WHERE status = 'queued' ORDER BY created_at, id LIMIT 1000`,
  )
  return rows.map(({ id }) => id)
}
