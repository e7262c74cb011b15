// A chunk that did not work out: counted, so that the third time fails the job, on whichever worker that is.
import { type Hold, LeaseLost } from './fence.ts'
import type { Queryable } from './pool.ts'

/** Returns how often a chunk beginning there has failed by now. */
export async function recordChunkFailure(
  db: Queryable,
  hold: Hold,
  chunk: { plan: string; startMs: number; endMs: number; error: string },
): Promise<number> {
  const { rows } = await db.query<{ failures: number }>(
    `WITH held AS (
       SELECT recording FROM unjam.lease WHERE recording = $1 AND token = $2 AND state <> 'parked' FOR UPDATE
     )
     INSERT INTO unjam.chunk (recording, plan, start_ms, end_ms, failures, last_error)
     SELECT recording, $3, $4, $5, 1, $6 FROM held
     ON CONFLICT (recording, plan, start_ms) DO UPDATE SET failures = unjam.chunk.failures + 1, last_error = excluded.last_error
     RETURNING failures`,
    [hold.recording, hold.token, chunk.plan, Math.round(chunk.startMs), Math.round(chunk.endMs), chunk.error],
  )
  if (rows[0] === undefined) throw new LeaseLost('taken', hold)
  return rows[0].failures
}
