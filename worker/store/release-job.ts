// A job goes back to the queue with its chunks: nobody's fault, no retry burned.
import { endAttempt, endLease, type Hold, lockJob } from './fence.ts'
import type { Queryable } from './pool.ts'
import type { TableSql } from './table.ts'

/** Needs a transaction in the table's zone. */
export async function releaseJob(db: Queryable, t: TableSql, hold: Hold): Promise<void> {
  await lockJob(db, t, hold, 'refuse')
  await endAttempt(db, hold.attempt, 'released')
  await endLease(db, hold)
  await requeue(db, t, hold.recording)
}

/** Parked jobs of a worker that ends: with nobody to keep their heartbeat they must not look running. */
export async function releaseParked(db: Queryable, t: TableSql, worker: string): Promise<string[]> {
  const { rows: own } = await db.query<{ recording: string }>(
    `SELECT recording FROM unjam.lease WHERE state = 'parked' AND worker = $1`,
    [worker],
  )
  const released: string[] = []
  for (const { recording } of own) {
    const row = await db.query(
      `SELECT 1 FROM ${t.name} WHERE ${t.id} = $1 AND lower(${t.status}::text) = ANY($2) FOR UPDATE SKIP LOCKED`,
      [recording, t.words('running')],
    )
    if (row.rowCount !== 1) continue
    const dropped = await db.query(
      `DELETE FROM unjam.lease WHERE recording = $1 AND worker = $2 AND state = 'parked'`,
      [recording, worker],
    )
    if (dropped.rowCount !== 1) continue
    await requeue(db, t, recording)
    released.push(recording)
  }
  return released
}

/**
 * Leases of a living worker that it knows nothing of: the connection broke between the commit of a claim and its
 * answer. `held` are the tokens it does know. Answers the recordings given back.
 */
export async function releaseStrays(
  db: Queryable,
  t: TableSql,
  worker: string,
  held: readonly string[],
): Promise<string[]> {
  const { rows } = await db.query<Hold>(
    `SELECT recording, token::text, attempt::text FROM unjam.lease
      WHERE worker = $1 AND state <> 'parked' AND token <> ALL($2::uuid[])`,
    [worker, held],
  )
  for (const stray of rows) await releaseJob(db, t, stray)
  return rows.map(({ recording }) => recording)
}

async function requeue(db: Queryable, t: TableSql, recording: string): Promise<void> {
  await db.query(`UPDATE ${t.name} SET ${t.status} = $2, ${t.heartbeat} = now() WHERE ${t.id} = $1`, [
    recording,
    t.word('queued'),
  ])
}
