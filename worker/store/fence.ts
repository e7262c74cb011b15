// The fence: nothing is written for a recording except under the token of its lease, checked and locked first.
import type { Queryable } from './pool.ts'
import type { TableSql } from './table.ts'

/** What a worker holds: the right to write to one recording until the lease expires and somebody else takes it. */
export interface Hold {
  readonly recording: string
  readonly token: string
  /** Id of the attempt this hold is. */
  readonly attempt: string
}

/**
 * The right is gone. `taken`: another token or none; `moved`: the row was taken out of its running state by somebody
 * else (the runbooks' SQL, an operator), which counts as their decision; `cancelling`: only ending it is left.
 */
export class LeaseLost extends Error {
  readonly why: 'taken' | 'moved' | 'cancelling'
  constructor(why: LeaseLost['why'], hold: Hold) {
    super(`the lease on ${hold.recording} is lost (${why})`)
    this.why = why
  }
}

/**
 * Locks the row, then the lease, in this order everywhere (so that no two verbs wait for each other), and throws
 * `LeaseLost` unless both are still ours. Until the transaction ends nobody can take them away. `cancelling` tells
 * whether a lease whose cancelling was asked for is good enough.
 */
export async function lockJob(db: Queryable, t: TableSql, hold: Hold, cancelling: 'refuse' | 'accept'): Promise<void> {
  const row = await db.query<{ running: boolean }>(
    `SELECT lower(${t.status}::text) = ANY($2) AS running FROM ${t.name} WHERE ${t.id} = $1 FOR UPDATE`,
    [hold.recording, t.words('running')],
  )
  const lease = await db.query<{ state: string }>(
    `SELECT state FROM unjam.lease WHERE recording = $1 AND token = $2 AND state <> 'parked' FOR UPDATE`,
    [hold.recording, hold.token],
  )
  const state = lease.rows[0]?.state
  if (state === undefined) throw new LeaseLost('taken', hold)
  if (row.rows[0]?.running !== true) throw new LeaseLost('moved', hold)
  if (state === 'cancelling' && cancelling === 'refuse') throw new LeaseLost('cancelling', hold)
}

export type Outcome = 'parked' | 'done' | 'failed' | 'timeout' | 'cancelled' | 'lost' | 'released' | 'skipped'

/** Ends the attempt of a hold; an attempt that has ended stays as it ended. */
export async function endAttempt(
  db: Queryable,
  attempt: string,
  outcome: Outcome,
  error: string | null = null,
  final = false,
): Promise<void> {
  await db.query(
    `UPDATE unjam.attempt SET outcome = $2, error = $3, final = $4, ended_at = now()
      WHERE id = $1 AND outcome = 'running'`,
    [attempt, outcome, error, final],
  )
}

/** How an attempt stands; null when its job was removed. */
export async function readOutcome(db: Queryable, attempt: string): Promise<Outcome | 'running' | null> {
  const { rows } = await db.query<{ outcome: Outcome | 'running' }>('SELECT outcome FROM unjam.attempt WHERE id = $1', [
    attempt,
  ])
  return rows[0]?.outcome ?? null
}

export async function endLease(db: Queryable, hold: Hold): Promise<void> {
  await db.query('DELETE FROM unjam.lease WHERE recording = $1 AND token = $2', [hold.recording, hold.token])
}

/** `, "a" = x, "b" = y` for the columns that the table has. */
export function assign(...pairs: readonly (readonly [column: string | null, sql: string])[]): string {
  return pairs.flatMap(([column, sql]) => (column === null ? [] : [`, ${column} = ${sql}`])).join('')
}
