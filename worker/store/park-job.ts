// A job steps aside between two chunks: still running for everybody else, its retry count untouched.
import { endAttempt, type Hold, lockJob } from './fence.ts'
import type { Queryable } from './pool.ts'
import type { TableSql } from './table.ts'

/** Needs a transaction in the table's zone. After it the token writes nothing any more. */
export async function parkJob(db: Queryable, t: TableSql, hold: Hold): Promise<void> {
  await lockJob(db, t, hold, 'refuse')
  await db.query(
    `UPDATE unjam.lease SET state = 'parked', parked_at = now(), expires_at = now(), eta_ms = NULL
      WHERE recording = $1 AND token = $2`,
    [hold.recording, hold.token],
  )
  await endAttempt(db, hold.attempt, 'parked')
  await db.query(`UPDATE ${t.name} SET ${t.heartbeat} = now() WHERE ${t.id} = $1`, [hold.recording])
}
