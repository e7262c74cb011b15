// An attempt ended without a transcript: back to the queue, or failed for good with its own error.
import { assign, endAttempt, endLease, type Hold, lockJob } from './fence.ts'
import type { Queryable } from './pool.ts'
import type { TableSql } from './table.ts'

export interface AttemptFailure {
  /** The specific cause; it is what the row keeps, never "Max retries exceeded" alone (runbook 1). */
  readonly error: string
  readonly outcome: 'failed' | 'timeout' | 'lost'
  readonly maxRetries: number
  /** No retry can help (bad input, a chunk that failed three times). */
  readonly final: boolean
}

/** Returns whether the job failed for good. Needs a transaction in the table's zone. */
export async function failAttempt(
  db: Queryable,
  t: TableSql,
  hold: Hold,
  failure: AttemptFailure,
): Promise<{ final: boolean }> {
  await lockJob(db, t, hold, 'refuse')
  return settleFailure(db, t, hold, failure)
}

/**
 * The part of `failAttempt` after the locks. The retry count is the number of retries given: it grows when a failed
 * attempt is given another, and an attempt that would make it exceed `maxRetries` is the last. An attempt that saved
 * chunks got the job further and is not counted.
 */
export async function settleFailure(
  db: Queryable,
  t: TableSql,
  hold: Hold,
  { error, outcome, maxRetries, final }: AttemptFailure,
): Promise<{ final: boolean }> {
  const attempts = await db.query<{ saved: number; earlier: number }>(
    `SELECT coalesce(max(chunks_saved) FILTER (WHERE id = $2), 0) AS saved,
            (count(*) FILTER (WHERE id <> $2 AND chunks_saved = 0 AND outcome IN ('failed', 'timeout', 'lost')))::int AS earlier
       FROM unjam.attempt
      WHERE recording = $1
        AND number > coalesce((SELECT max(number) FROM unjam.attempt WHERE recording = $1 AND final), 0)`,
    [hold.recording, hold.attempt],
  )
  const { saved, earlier } = attempts.rows[0] ?? { saved: 0, earlier: 0 }
  let retries = earlier
  if (t.retryCount !== null) {
    const row = await db.query<{ retries: number }>(
      `SELECT coalesce(${t.retryCount}, 0)::int AS retries FROM ${t.name} WHERE ${t.id} = $1`,
      [hold.recording],
    )
    retries = row.rows[0]?.retries ?? 0
  }
  const counted = saved === 0
  const forGood = final || (counted && retries + 1 > maxRetries)
  await endAttempt(db, hold.attempt, outcome, error, forGood)
  await endLease(db, hold)
  const values: unknown[] = [hold.recording, t.word(forGood ? 'failed' : 'queued')]
  const bind = (column: string | null, value: unknown, cast: string) =>
    [column, column === null ? '' : `$${values.push(value)}${cast}`] as const
  const changes = assign(
    bind(t.error, error, `::text::${t.errorType}`),
    bind(t.retryCount, counted && !forGood ? retries + 1 : retries, '::int'),
    [t.completedAt, forGood ? 'now()' : 'NULL'],
  )
  await db.query(`UPDATE ${t.name} SET ${t.status} = $2, ${t.heartbeat} = now()${changes} WHERE ${t.id} = $1`, values)
  return { final: forGood }
}
