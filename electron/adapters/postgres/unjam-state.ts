// What Unjam knows beside a row, where a write or its undo touches it.
import type { Queryable } from '../../../worker/store/pool.ts'

interface Kept {
  readonly state: string | null
  readonly failures: string | null
}

/** Leases and chunk failures of jobs, by recording, before a write takes them away. */
export async function keepState(db: Queryable, ids: readonly string[]): Promise<Map<string, Kept>> {
  const { rows } = await db.query<{ id: string } & Kept>(
    `SELECT i.id, CASE WHEN l.recording IS NULL THEN NULL
                       ELSE jsonb_build_object('lease', jsonb_build_array(to_jsonb(l)))::text END AS state,
            (SELECT json_agg(json_build_object('plan', c.plan, 'start_ms', c.start_ms, 'failures', c.failures,
                                               'last_error', c.last_error))::text
               FROM unjam.chunk c WHERE c.recording = i.id AND c.failures > 0) AS failures
       FROM unnest($1::text[]) AS i(id) LEFT JOIN unjam.lease l ON l.recording = i.id`,
    [ids],
  )
  return new Map(rows.map(({ id, state, failures }) => [id, { state, failures }]))
}

/** Saved chunks stay, so that the job resumes; their failures go, so that a retry is a real one. */
export async function forgetFailures(db: Queryable, ids: readonly string[]): Promise<void> {
  await db.query(
    'UPDATE unjam.chunk SET failures = 0, last_error = NULL WHERE recording = ANY($1::text[]) AND failures > 0',
    [ids],
  )
}

/** The undo of `forgetFailures`. */
export async function recallFailures(db: Queryable, kept: readonly { id: string; failures: string }[]): Promise<void> {
  await db.query(
    `UPDATE unjam.chunk c SET failures = f.failures, last_error = f.last_error
       FROM unnest($1::text[], $2::text[]) AS k(id, failures)
      CROSS JOIN LATERAL json_to_recordset(k.failures::json) AS f(plan text, start_ms int, failures int, last_error text)
      WHERE c.recording = k.id AND c.plan = f.plan AND c.start_ms = f.start_ms`,
    [kept.map(({ id }) => id), kept.map(({ failures }) => failures)],
  )
}

type Parts = Record<string, Record<string, unknown>[]>

/** The JSON of several jobs' state → one JSON for each; its numbers are doubles and small integers, safe in JavaScript. */
export function splitState(json: string): Map<string, string> {
  const byJob = new Map<string, Parts>()
  for (const [table, records] of Object.entries(JSON.parse(json) as Parts))
    for (const record of records) {
      const id = String(record.recording)
      const parts = byJob.get(id) ?? {}
      const list = parts[table] ?? []
      list.push(record)
      parts[table] = list
      byJob.set(id, parts)
    }
  return new Map([...byJob].map(([id, parts]) => [id, JSON.stringify(parts)]))
}

/** The inverse of `splitState`. */
export function joinState(jsons: readonly string[]): string {
  const joined: Parts = {}
  for (const json of jsons)
    for (const [table, records] of Object.entries(JSON.parse(json) as Parts)) {
      const into = joined[table] ?? []
      for (const record of records) into.push(record)
      joined[table] = into
    }
  return JSON.stringify(joined)
}
