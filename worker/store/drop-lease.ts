// After an operator's decision about a job: its lease is void, and whoever held it is fenced out.
import type { Queryable } from './pool.ts'

/** Ends the attempts of dropped leases as released; returns the ids that had a lease. */
export async function dropLeases(db: Queryable, ids: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ recording: string }>(
    `WITH dropped AS (
       DELETE FROM unjam.lease WHERE recording = ANY($1::text[]) RETURNING recording, attempt
     ), ended AS (
       UPDATE unjam.attempt a SET outcome = 'released', ended_at = now()
         FROM dropped d WHERE a.id = d.attempt AND a.outcome = 'running'
     )
     SELECT recording FROM dropped`,
    [ids],
  )
  return rows.map(({ recording }) => recording)
}
