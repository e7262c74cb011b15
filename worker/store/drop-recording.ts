// Everything Unjam knows of removed jobs: taken out as JSON for undo, and put back from it.
import type { Queryable } from './pool.ts'

const tables = ['lease', 'attempt', 'audio', 'chunk', 'segment'] as const
type State = Partial<Record<(typeof tables)[number], unknown[]>>

/** Call it in the transaction that removes the rows. The JSON is opaque; numbers and times survive exactly. */
export async function dropState(db: Queryable, ids: readonly string[]): Promise<string> {
  const parts: string[] = []
  for (const table of tables) {
    const { rows } = await db.query<{ gone: string }>(
      `WITH gone AS (DELETE FROM unjam.${table} WHERE recording = ANY($1::text[]) RETURNING *)
       SELECT coalesce(jsonb_agg(to_jsonb(gone)), '[]')::text AS gone FROM gone`,
      [ids],
    )
    parts.push(`"${table}":${rows[0]?.gone ?? '[]'}`)
  }
  return `{${parts.join(',')}}`
}

/** Puts back what `dropState` took. A lease that was held comes back parked: nobody works on it any more. */
export async function putState(db: Queryable, json: string): Promise<void> {
  const state: State = JSON.parse(json)
  for (const table of tables) {
    if ((state[table] ?? []).length === 0) continue
    await db.query(
      `INSERT INTO unjam.${table} ${table === 'attempt' ? 'OVERRIDING SYSTEM VALUE ' : ''}
       SELECT * FROM jsonb_populate_recordset(NULL::unjam.${table}, $1::jsonb -> '${table}')
       ON CONFLICT DO NOTHING`,
      [json],
    )
  }
  const ids = (state.lease ?? []).flatMap((lease) =>
    typeof lease === 'object' && lease !== null && 'recording' in lease ? [String(lease.recording)] : [],
  )
  await db.query(
    `UPDATE unjam.lease SET state = 'parked', parked_at = coalesce(parked_at, now()), expires_at = now(), worker = NULL
      WHERE recording = ANY($1::text[])`,
    [ids],
  )
}
