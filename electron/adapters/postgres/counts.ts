// How many jobs each state has.

import type { Queryable } from '../../../worker/store/pool.ts'
import type { Counts } from '../../contract/snapshot.ts'
import { type Shape, stateOf } from './shape.ts'

/**
 * Grouped by the table's own words, so that an index beginning with the status answers alone. Rows whose word the
 * mapping does not know are in no count: their detail says which word that is.
 */
export async function counts(db: Queryable, shape: Shape): Promise<Counts> {
  const { rows } = await db.query<{ word: string | null; jobs: number }>(
    `SELECT t.${shape.t.status}::text AS word, n::float8 AS jobs
       FROM (SELECT ${shape.t.status}, count(*) AS n FROM ${shape.t.name} GROUP BY ${shape.t.status}) AS t`,
  )
  const total: Counts = { queued: 0, running: 0, done: 0, failed: 0, skipped: 0 }
  for (const { word, jobs } of rows) {
    const state = stateOf(shape, word)
    if (state !== null) total[state] += jobs
  }
  return total
}
