// A job that is not to be done: cancelled by an operator, or longer than the settings allow.
import { assign, endAttempt, endLease, type Hold, lockJob } from './fence.ts'
import type { Queryable } from './pool.ts'
import type { TableSql } from './table.ts'

/** Needs a transaction in the table's zone. Accepts a lease that is being cancelled: this is how that ends. */
export async function skipJob(
  db: Queryable,
  t: TableSql,
  hold: Hold,
  skip: { outcome: 'cancelled' | 'skipped'; reason: string },
): Promise<void> {
  await lockJob(db, t, hold, 'accept')
  await settleSkip(db, t, hold, skip)
}

/** The part of `skipJob` after the locks. */
export async function settleSkip(
  db: Queryable,
  t: TableSql,
  hold: Hold,
  { outcome, reason }: { outcome: 'cancelled' | 'skipped'; reason: string },
): Promise<void> {
  await endAttempt(db, hold.attempt, outcome, reason)
  await endLease(db, hold)
  const values: unknown[] = [hold.recording, t.word('skipped')]
  const changes = assign(
    [t.completedAt, 'now()'],
    [t.error, t.error === null ? '' : `$${values.push(reason)}::text::${t.errorType}`],
  )
  await db.query(`UPDATE ${t.name} SET ${t.status} = $2, ${t.heartbeat} = now()${changes} WHERE ${t.id} = $1`, values)
}
