// Tries the tables of crawl runs for a form: what is there, what this role can do, and what their words mean.
import type { Pool, Queryable } from '../../../worker/store/pool.ts'
import type { PartCheck } from '../../contract/connecting.ts'
import type { CrawlTables } from '../../contract/crawl-tables.ts'
import { FailureError } from '../../contract/failure.ts'
import { toFailureError } from '../postgres/failures.ts'
import { abilities } from './run-abilities.ts'
import { readShape, type Shape, stateOf } from './shape.ts'

type Told = Pick<PartCheck, 'state' | 'sentence'>
const PROBE_MS = 6000
/** Rows whose words are looked at: a form must not wait for a large table. */
const LOOKED_AT = 20_000

/** Both tables as mapped. Throws a FailureError. */
export async function probeRuns(pool: Pool, tables: CrawlTables): Promise<Told> {
  const on = `${tables.schema}.${tables.jobs.table}`
  try {
    return await pool.transaction(PROBE_MS, async (db) => lookAt(db, await readShape(db, tables)), tables.timeZone)
  } catch (error) {
    if (error instanceof FailureError) throw error
    throw toFailureError(error, 'Look at the tables of crawl runs', on)
  }
}

async function lookAt(db: Queryable, shape: Shape): Promise<Told> {
  const { rows } = await db.query<{ word: string | null; n: number }>(
    `SELECT s.word, count(*)::int AS n
       FROM (SELECT t.${shape.column.status.sql}::text AS word FROM ${shape.jobs} t LIMIT ${LOOKED_AT}) AS s
      GROUP BY s.word ORDER BY n DESC`,
  )
  const all = rows.reduce((sum, { n }) => sum + n, 0)
  const strangers = rows.flatMap(({ word }) => (stateOf(shape, word) === null ? [word ?? 'an empty one'] : []))
  const told = `${shape.full} with ${shape.results.full}, ${all === LOOKED_AT ? 'more than ' : ''}${all.toLocaleString('en')} runs`
  const can = abilities(shape)
  const reasons = new Set([can.retry, can.fail, can.finalize].flatMap((one) => (one.can ? [] : [one.because])))
  const limits = [
    ...reasons,
    ...(strangers.length === 0
      ? []
      : [`No state claims ${strangers.join(', ')} of ${shape.column.status.name}: such runs are in no list.`]),
    ...(shape.sources === null && shape.tables.sources !== null
      ? [
          `${shape.tables.schema}.${shape.tables.sources.table} gives no names: runs are called by the ids of their sources.`,
        ]
      : []),
  ]
  return limits.length === 0
    ? { state: 'ok', sentence: `${told}; everything can be done.` }
    : { state: 'limited', sentence: `${told}. ${limits.join(' ')}` }
}
