// What has become of the jobs a worker holds: still ours, to be cancelled, taken, or moved under us.
import type { Hold, LeaseLost } from './fence.ts'
import type { Queryable } from './pool.ts'
import type { TableSql } from './table.ts'

/** Cheap enough for several times a second: by lease alone. Returns only what is no longer simply held. */
export async function watchLeases(db: Queryable, holds: readonly Hold[]): Promise<Map<string, LeaseLost['why']>> {
  const { rows } = await db.query<{ token: string; state: string }>(
    `SELECT token::text, state FROM unjam.lease WHERE recording = ANY($1::text[])`,
    [holds.map(({ recording }) => recording)],
  )
  const states = new Map(rows.map(({ token, state }) => [token, state]))
  return new Map(
    holds.flatMap(({ token }): [string, LeaseLost['why']][] => {
      const state = states.get(token)
      if (state === 'held') return []
      return [[token, state === 'cancelling' ? 'cancelling' : 'taken']]
    }),
  )
}

/** Tokens of the holds whose row is no longer running: somebody else decided about the job. */
export async function findMoved(db: Queryable, t: TableSql, holds: readonly Hold[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT ${t.id}::text AS id FROM ${t.name} WHERE ${t.id} = ANY($1) AND lower(${t.status}::text) = ANY($2)`,
    [holds.map(({ recording }) => recording), t.words('running')],
  )
  const running = new Set(rows.map(({ id }) => id))
  return holds.flatMap(({ recording, token }) => (running.has(recording) ? [] : [token]))
}
