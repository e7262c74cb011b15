// Asks whoever holds a job to end it; the worker polls for this and kills its processes.
import type { Queryable } from './pool.ts'

/**
 * Held leases become cancelling. Returns the ids that a worker will end (their lease is live); a parked or expired
 * lease needs no worker: the caller writes the row and drops it.
 */
export async function requestCancel(db: Queryable, ids: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ recording: string }>(
    `UPDATE unjam.lease SET state = 'cancelling'
      WHERE recording = ANY($1::text[]) AND state <> 'parked' AND expires_at > now() RETURNING recording`,
    [ids],
  )
  return rows.map(({ recording }) => recording)
}
