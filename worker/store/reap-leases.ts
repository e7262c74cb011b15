// Leases whose worker is gone: the work goes on from its last chunk, or the attempt is counted as failed.

import { settleFailure } from './fail-attempt.ts'
import { endAttempt, endLease, type Hold } from './fence.ts'
import type { Queryable } from './pool.ts'
import { settleSkip } from './skip-job.ts'
import type { TableSql } from './table.ts'

/** What became of the job. */
export type Reaped = 'parked' | 'queued' | 'failed' | 'skipped' | 'dropped'

export const LOST = 'The worker was lost in the middle of this attempt: it gave no sign of life any more.'

/** Recordings whose lease has run out, longest ago first. */
export async function readExpired(db: Queryable, limit = 20): Promise<string[]> {
  const { rows } = await db.query<{ recording: string }>(
    `SELECT recording FROM unjam.lease WHERE state <> 'parked' AND expires_at < now() ORDER BY expires_at LIMIT $1`,
    [limit],
  )
  return rows.map(({ recording }) => recording)
}

/**
 * One expired lease, if nobody else is at it: a cancelled job becomes skipped; an attempt that saved chunks leaves the
 * job parked, to be taken by anybody; one that saved none counts as failed, so that a file which takes its worker down
 * with it cannot do so for ever; a lease on a row that no longer runs is dropped. Null when there was nothing to do.
 * Needs a transaction in the table's zone.
 */
export async function reapLease(
  db: Queryable,
  t: TableSql,
  recording: string,
  maxRetries: number,
): Promise<Reaped | null> {
  const row = await db.query<{ running: boolean }>(
    `SELECT lower(${t.status}::text) = ANY($2) AS running FROM ${t.name} WHERE ${t.id} = $1 FOR UPDATE SKIP LOCKED`,
    [recording, t.words('running')],
  )
  if (row.rows.length === 0 && (await exists(db, t, recording))) return null
  const lease = await db.query<Hold & { state: string; saved: number }>(
    `SELECT l.recording, l.token::text, l.attempt::text, l.state,
            coalesce((SELECT a.chunks_saved FROM unjam.attempt a WHERE a.id = l.attempt), 0) AS saved
       FROM unjam.lease l
      WHERE l.recording = $1 AND l.state <> 'parked' AND l.expires_at < now() FOR UPDATE OF l SKIP LOCKED`,
    [recording],
  )
  const hold = lease.rows[0]
  return hold === undefined ? null : reap(db, t, hold, row.rows[0]?.running === true, maxRetries)
}

async function reap(
  db: Queryable,
  t: TableSql,
  hold: Hold & { state: string; saved: number },
  running: boolean,
  maxRetries: number,
): Promise<Reaped> {
  if (!running) {
    await endAttempt(db, hold.attempt, 'lost')
    await endLease(db, hold)
    return 'dropped'
  }
  if (hold.state === 'cancelling') {
    await settleSkip(db, t, hold, { outcome: 'cancelled', reason: 'Cancelled.' })
    return 'skipped'
  }
  if (hold.saved === 0) {
    const { final } = await settleFailure(db, t, hold, { error: LOST, outcome: 'lost', maxRetries, final: false })
    return final ? 'failed' : 'queued'
  }
  await endAttempt(db, hold.attempt, 'lost', LOST)
  await db.query(
    `UPDATE unjam.lease SET state = 'parked', parked_at = expires_at, eta_ms = NULL WHERE recording = $1 AND token = $2`,
    [hold.recording, hold.token],
  )
  return 'parked'
}

async function exists(db: Queryable, t: TableSql, recording: string): Promise<boolean> {
  const { rowCount } = await db.query(`SELECT 1 FROM ${t.name} WHERE ${t.id} = $1`, [recording])
  return rowCount === 1
}
