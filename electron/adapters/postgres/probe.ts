// Tries a database for a form: what answers, what this role can do with the table, and what its words mean.
import type { Pool, Queryable } from '../../../worker/store/pool.ts'
import { WrongTable } from '../../../worker/store/read-table.ts'
import type { PartCheck } from '../../contract/connecting.ts'
import type { RecordingsTable } from '../../contract/worker-protocol.ts'
import { abilities } from './abilities.ts'
import { toFailureError } from './failures.ts'
import { indexAdvice } from './indexes.ts'
import { sampleWords } from './seen-tables.ts'
import { readShape, type Shape, stateOf } from './shape.ts'

type Told = Pick<PartCheck, 'state' | 'sentence'>
const PROBE_MS = 6000

/** Version, role and rows of whatever answers. Throws a FailureError. */
export async function probeDatabase(pool: Pool, on: string): Promise<Told> {
  return probe(pool, 'Connect to the database', on, async (db) => {
    const { rows } = await db.query<{ version: string; database: string; role: string; recovering: boolean }>(
      `SELECT current_setting('server_version') AS version, current_database()::text AS database,
              current_user::text AS role, pg_is_in_recovery() AS recovering`,
    )
    const { version = '', database = '', role = '', recovering = false } = rows[0] ?? {}
    const told = `Postgres ${version.split(' ')[0]}, database ${database}, as ${role}`
    if (recovering) return { state: 'limited', sentence: `${told}: a read-only copy, so nothing can be changed here.` }
    return { state: 'ok', sentence: `${told}.` }
  })
}

/** The table as mapped. Throws a FailureError. */
export async function probeTable(pool: Pool, table: RecordingsTable): Promise<Told> {
  const full = `${table.schema}.${table.table}`
  return probe(
    pool,
    'Look at the table',
    full,
    async (db) => {
      try {
        return await lookAt(db, table, await readShape(db, table, false))
      } catch (error) {
        if (error instanceof WrongTable) return { state: 'failed', sentence: error.message }
        throw error
      }
    },
    table.timeZone,
  )
}

async function lookAt(db: Queryable, table: RecordingsTable, shape: Shape): Promise<Told> {
  const limits = [...rights(shape), ...(await strangers(db, table, shape)), ...slowness(shape)]
  const rows = shape.estimate === null ? '' : `, about ${Math.round(shape.estimate).toLocaleString('en')} rows`
  if (limits.length === 0) return { state: 'ok', sentence: `${shape.full}${rows}; everything can be done.` }
  return { state: 'limited', sentence: `${shape.full}${rows}. ${limits.join(' ')}` }
}

/** Each reason once, however many abilities lack it; what only Unjam's own schema gives is said last. */
function rights(shape: Shape): string[] {
  const all = abilities(shape, 'recordings', false)
  const wanted = [all.retry, all.skip, all.fail, all.release, all['take-over'], all.attempts]
  const reasons = new Map<string, string>()
  for (const can of wanted) {
    if (can.can) continue
    // Several verbs lack columns of their own: the sentence that names most of them stands for all.
    const [about = ''] = can.because.split(/(?<=may not change) /)
    if (can.because.length > (reasons.get(about)?.length ?? 0)) reasons.set(about, can.because)
  }
  return [...reasons.values()]
}

async function strangers(db: Queryable, table: RecordingsTable, shape: Shape): Promise<string[]> {
  const seen = { schema: table.schema, name: table.table, kind: 'r' as const, estimate: shape.estimate }
  const words = await sampleWords(db, seen, table.columns.status)
  const unknown = words.filter((word) => stateOf(shape, word) === null)
  if (unknown.length === 0) return []
  return [`No state claims ${unknown.join(', ')} of ${table.columns.status}: such jobs are in no list.`]
}

function slowness(shape: Shape): string[] {
  const [first, ...more] = indexAdvice(shape)
  if (first === undefined) return []
  const rest = more.length === 0 ? '' : ` (and ${more.length} more for other lists)`
  return [
    `Without an index ${first.for} are slow or estimates; a database administrator could run: ${first.sql}${rest}`,
  ]
}

async function probe(
  pool: Pool,
  tried: string,
  on: string,
  work: (db: Queryable) => Promise<Told>,
  timeZone?: string,
): Promise<Told> {
  try {
    return await pool.transaction(PROBE_MS, work, timeZone)
  } catch (error) {
    throw toFailureError(error, tried, on)
  }
}
