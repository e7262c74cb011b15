// What waits for a slot, with what the schedule needs to know of each; bounded, whatever the length of the queue.
import type { Queryable } from './pool.ts'
import type { TableSql } from './table.ts'

/** A job that could be taken now: queued, or parked between two chunks. */
export interface Waiting {
  readonly id: string
  readonly title: string
  /** Time it has been ready and nobody worked on it; time being worked on does not count. */
  readonly waitedMs: number
  /** Audio still to transcribe. */
  readonly remainingMs: number
  /** Age since it was added. */
  readonly arrivedMs: number
}

export interface Taker {
  readonly worker: string
  /** Model, engine and options: the beginning of every plan of this worker. */
  readonly recipe: string
  /** A worker whose beat is older than this is not alive. */
  readonly deadAfterMs: number
  /** Taken for the length of a recording that nobody has looked into yet. */
  readonly assumedMs: number
  /** Waits beyond this are all the same. */
  readonly longestWaitMs: number
  readonly limit: number
}

/**
 * The best-scoring `limit` queued jobs and the one that came first, and every parked job that this worker may go on
 * with: its own, one whose chunks it can use, or one whose worker has died. Needs a transaction in the table's zone.
 *
 * A running row without our lease belongs to somebody else (a Celery worker) and is never here. A queued row's wait
 * counts from its last change: a job that failed and was put back has not waited since it was added.
 */
export async function readWaiting(db: Queryable, t: TableSql, taker: Taker): Promise<Waiting[]> {
  const queued = await readQueued(db, t, taker)
  const parked = await readParked(db, t, taker)
  const ids = new Set(queued.map(({ id }) => id))
  return [...queued, ...parked.filter(({ id }) => !ids.has(id))]
}

async function readQueued(db: Queryable, t: TableSql, taker: Taker): Promise<Waiting[]> {
  const { rows } = await db.query<Waiting>(
    `WITH queued AS MATERIALIZED (
       SELECT r.${t.id}::text AS id, r.${t.title}::text AS title,
              extract(epoch FROM now() - r.${t.createdAt})::float8 * 1000 AS arrived,
              extract(epoch FROM now() - greatest(r.${t.createdAt}, r.${t.heartbeat}))::float8 * 1000 AS waited,
              ${t.duration === null ? 'NULL::float8' : `r.${t.duration}::float8 * 1000`} AS duration
         FROM ${t.name} r WHERE lower(r.${t.status}::text) = ANY($1)
     ), known AS (
       SELECT q.id, q.title, greatest(coalesce(q.arrived, 0), 0) AS arrived, greatest(coalesce(q.waited, 0), 0) AS waited,
              greatest(coalesce(q.duration, a.duration_ms, CASE WHEN a.error IS NULL THEN $3::float8 END, 0), 1000) AS total
         FROM queued q
         LEFT JOIN unjam.audio a ON a.recording = q.id
         LEFT JOIN unjam.lease l ON l.recording = q.id
        WHERE l.recording IS NULL OR l.state = 'parked'
     ), best AS (
       (SELECT * FROM known ORDER BY least(waited, $5::float8) / total DESC, arrived DESC, id LIMIT $2)
       UNION
       (SELECT * FROM known ORDER BY arrived DESC, id LIMIT 1)
     )
     SELECT b.id, b.title, b.arrived AS "arrivedMs", b.waited AS "waitedMs",
            greatest(b.total - coalesce((
              SELECT max(c.end_ms) FROM unjam.chunk c
               WHERE c.recording = b.id AND c.words IS NOT NULL AND starts_with(c.plan, $4)), 0), 1000) AS "remainingMs"
       FROM best b`,
    [t.words('queued'), taker.limit, taker.assumedMs, `${taker.recipe}.`, taker.longestWaitMs],
  )
  return rows
}

async function readParked(db: Queryable, t: TableSql, taker: Taker): Promise<Waiting[]> {
  const { rows: leases } = await db.query<{ id: string; waitedMs: number; remainingMs: number }>(
    `SELECT l.recording AS id,
            l.waited_ms + greatest(extract(epoch FROM now() - coalesce(l.parked_at, now()))::float8 * 1000, 0) AS "waitedMs",
            greatest(coalesce(l.audio_total_ms, l.audio_done_ms + $4::float8) - l.audio_done_ms, 1000) AS "remainingMs"
       FROM unjam.lease l LEFT JOIN unjam.worker w ON w.id = l.worker
      WHERE l.state = 'parked'
        AND (l.worker = $1 OR l.plan IS NULL OR starts_with(l.plan, $2) OR w.state IS DISTINCT FROM 'running'
             OR w.beat_at < now() - $3::float8 * interval '1 ms')`,
    [taker.worker, `${taker.recipe}.`, taker.deadAfterMs, taker.assumedMs],
  )
  if (leases.length === 0) return []
  const { rows } = await db.query<{ id: string; title: string; arrivedMs: number }>(
    `SELECT r.${t.id}::text AS id, r.${t.title}::text AS title,
            greatest(coalesce(extract(epoch FROM now() - r.${t.createdAt})::float8 * 1000, 0), 0) AS "arrivedMs"
       FROM ${t.name} r WHERE r.${t.id} = ANY($1) AND lower(r.${t.status}::text) = ANY($2)`,
    [leases.map(({ id }) => id), t.words('running')],
  )
  const byId = new Map(rows.map((row) => [row.id, row]))
  return leases.flatMap((lease) => {
    const row = byId.get(lease.id)
    return row === undefined ? [] : [{ ...row, waitedMs: lease.waitedMs, remainingMs: lease.remainingMs }]
  })
}
