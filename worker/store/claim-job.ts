// Takes one waiting job: a lease with a new token, an attempt, the row running. All of it or nothing.
import { randomUUID } from 'node:crypto'
import type { Hold } from './fence.ts'
import { assign } from './fence.ts'
import type { Queryable } from './pool.ts'
import type { TableSql } from './table.ts'

export interface Claimed extends Hold {
  readonly title: string
  readonly path: string
  readonly durationMs: number | null
  /** Attempt number, from 1. */
  readonly number: number
  /** Time it had waited until now, time being worked on not counted. */
  readonly waitedMs: number
  /** Age since it was added, at the moment of the claim. */
  readonly arrivedMs: number
  /** Earlier attempts that ran out of time before a single chunk was saved. */
  readonly timeouts: number
}

interface Row {
  queued: boolean
  title: string
  path: string | null
  durationMs: number | null
  idleMs: number
  arrivedMs: number
}

/**
 * Claimable is a queued row without a live lease, and a running row whose lease is parked. An expired lease becomes a
 * parked one first (reap-leases.ts). A running row that carries no lease of ours is somebody else's work and is never
 * taken, however old its heartbeat: releasing it is an operator's decision. Null when it cannot be had (any more).
 */
export async function claimJob(
  db: Queryable,
  t: TableSql,
  claim: { recording: string; worker: string; leaseMs: number },
): Promise<Claimed | null> {
  const found = await db.query<Row>(
    `SELECT lower(r.${t.status}::text) = ANY($3) AS queued, coalesce(r.${t.title}::text, '') AS title,
            ${t.path === null ? 'NULL' : `r.${t.path}::text`} AS path,
            coalesce(${t.duration === null ? 'NULL' : `r.${t.duration}::float8 * 1000`},
              (SELECT a.duration_ms FROM unjam.audio a WHERE a.recording = r.${t.id}::text)) AS "durationMs",
            greatest(coalesce(extract(epoch FROM now() - greatest(r.${t.createdAt}, r.${t.heartbeat}))::float8 * 1000, 0), 0) AS "idleMs",
            greatest(coalesce(extract(epoch FROM now() - r.${t.createdAt})::float8 * 1000, 0), 0) AS "arrivedMs"
       FROM ${t.name} r
      WHERE r.${t.id} = $1 AND lower(r.${t.status}::text) = ANY($2) FOR UPDATE OF r SKIP LOCKED`,
    [claim.recording, t.words('queued', 'running'), t.words('queued')],
  )
  const row = found.rows[0]
  if (row === undefined) return null
  const leases = await db.query<{ state: string; waitedMs: number }>(
    `SELECT state, waited_ms + greatest(extract(epoch FROM now() - coalesce(parked_at, now()))::float8 * 1000, 0) AS "waitedMs"
       FROM unjam.lease WHERE recording = $1 FOR UPDATE`,
    [claim.recording],
  )
  const lease = leases.rows[0]
  if (lease === undefined ? !row.queued : lease.state !== 'parked') return null

  const waitedMs = row.queued ? row.idleMs : (lease?.waitedMs ?? 0)
  const token = randomUUID()
  const { rows } = await db.query<{ attempt: string; number: number; timeouts: number }>(
    `WITH before AS (
       SELECT coalesce(max(number), 0) AS last, coalesce(max(number) FILTER (WHERE final), 0) AS settled
         FROM unjam.attempt WHERE recording = $1
     ), forgiven AS (
       -- It had failed for good and somebody put it back, be it by the runbook's SQL: its chunks get their tries again.
       UPDATE unjam.chunk SET failures = 0, last_error = NULL
        WHERE recording = $1 AND failures > 0 AND (SELECT last > 0 AND last = settled FROM before)
     ), started AS (
       INSERT INTO unjam.attempt (recording, number, worker) SELECT $1, last + 1, $2 FROM before RETURNING id, number
     ), held AS (
       INSERT INTO unjam.lease (recording, token, state, worker, attempt, expires_at, waited_ms)
       SELECT $1, $3, 'held', $2, id, now() + $4::float8 * interval '1 ms', $5 FROM started
       ON CONFLICT (recording) DO UPDATE SET token = excluded.token, state = 'held', worker = excluded.worker,
         attempt = excluded.attempt, taken_at = now(), expires_at = excluded.expires_at,
         waited_ms = excluded.waited_ms, parked_at = NULL, moved_at = now(), speed = NULL, eta_ms = NULL
     )
     SELECT started.id::text AS attempt, started.number,
            (SELECT count(*)::int FROM unjam.attempt a, before
              WHERE a.recording = $1 AND a.number > before.settled AND a.outcome = 'timeout' AND a.chunks_saved = 0) AS timeouts
       FROM started`,
    [claim.recording, claim.worker, token, claim.leaseMs, waitedMs],
  )
  const started = rows[0]
  if (started === undefined) return null
  await db.query(
    `UPDATE ${t.name} SET ${t.status} = $2, ${t.heartbeat} = now()${row.queued ? assign([t.startedAt, 'now()'], [t.completedAt, 'NULL']) : ''}
      WHERE ${t.id} = $1`,
    [claim.recording, t.word('running')],
  )
  const { title, path, durationMs, arrivedMs } = row
  return { recording: claim.recording, token, title, path: path ?? '', durationMs, waitedMs, arrivedMs, ...started }
}
