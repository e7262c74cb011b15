// How many jobs each state has: counted where that is cheap, estimated and marked as such where it is not.

import type { Queryable } from '../../../worker/store/pool.ts'
import type { Counts } from '../../contract/snapshot.ts'
import { sqlState, TOO_LONG } from './failures.ts'
import { MANY_ROWS, statusIndexed } from './indexes.ts'
import { type Shape, stateOf } from './shape.ts'

/** What one count may cost a table without an index for it; the transaction's own limit is longer. */
const SCAN_MS = 2000

/**
 * Grouped by the table's own words, so that an index beginning with the status answers alone. Rows whose word the
 * mapping does not know are in no count: their detail says which word that is.
 */
export async function counts(db: Queryable, shape: Shape, scanMs = SCAN_MS): Promise<Counts> {
  const scanned = shape.estimate !== null && shape.estimate > MANY_ROWS && !statusIndexed(shape.t, shape.indexes)
  if (!scanned) return counted(db, shape)
  await db.query('SAVEPOINT counting')
  try {
    await limit(db, scanMs)
    return await counted(db, shape)
  } catch (error) {
    if (sqlState(error) !== TOO_LONG) throw error
    await db.query('ROLLBACK TO SAVEPOINT counting')
    return { ...(await estimated(db, shape)), approximate: true }
  }
}

async function counted(db: Queryable, shape: Shape): Promise<Counts> {
  const { rows } = await db.query<{ word: string | null; jobs: number }>(
    `SELECT t.${shape.t.status}::text AS word, n::float8 AS jobs
       FROM (SELECT ${shape.t.status}, count(*) AS n FROM ${shape.t.name} GROUP BY ${shape.t.status}) AS t`,
  )
  return total(shape, rows)
}

/**
 * Of the planner's statistics: the common words and their share of the rows. A word too rare for them counts as none,
 * which is why the whole is marked.
 */
async function estimated(db: Queryable, shape: Shape): Promise<Counts> {
  const status = shape.column(shape.t.status)?.name
  const { rows } = await db.query<{ word: string; share: number }>(
    `SELECT word, share::float8
       FROM (SELECT most_common_vals::text::text[] AS words, most_common_freqs AS shares FROM pg_stats
              WHERE concat('"', replace(schemaname, '"', '""'), '"."', replace(tablename, '"', '""'), '"') = $1 AND attname = $2
              ORDER BY inherited DESC LIMIT 1) AS stats, unnest(words, shares) AS common(word, share)`,
    [shape.t.name, status],
  )
  const of = shape.estimate ?? 0
  return total(
    shape,
    rows.map(({ word, share }) => ({ word, jobs: Math.round(share * of) })),
  )
}

function total(shape: Shape, rows: readonly { word: string | null; jobs: number }[]): Counts {
  const counts: Counts = { queued: 0, running: 0, done: 0, failed: 0, skipped: 0 }
  for (const { word, jobs } of rows) {
    const state = stateOf(shape, word)
    if (state !== null) counts[state] += jobs
  }
  return counts
}

/** Tells the server; with the transaction it ends, so it holds behind PgBouncer. */
async function limit(db: Queryable, ms: number): Promise<void> {
  await db.query(`SELECT set_config('statement_timeout', $1, true)`, [`${ms}ms`])
}
