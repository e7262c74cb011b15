// One database of jobs: every read and write is one transaction with limits, and fails with a Failure.
import { performance } from 'node:perf_hooks'
import type { Pool, Queryable } from '../../../worker/store/pool.ts'
import { FailureError } from '../../contract/failure.ts'
import type { BeforeCommit, TransactionOutcome } from '../../core/ports/jobs.ts'
import { outOfTime, sqlState, TOO_LONG, toFailureError } from './failures.ts'

/** `Shape` is what must be known of the tables before the first statement: their types and rights. */
export interface Source<Shape> {
  /** Ends with the signal, whatever the server does; the statement itself ends by its own timeout. */
  read<T>(
    tried: string,
    signal: AbortSignal,
    work: (db: Queryable, shape: Shape) => Promise<T>,
    statementMs?: number,
  ): Promise<T>
  /** Repeated when the database itself undid it because of another program (deadlock, serialization). */
  write<T>(tried: string, work: (db: Queryable, shape: Shape) => Promise<T>, beforeCommit?: BeforeCommit<T>): Promise<T>
  /** Outcome of a write whose reply was lost. `transaction` as `beforeCommit` got it. */
  outcome(transaction: string, signal: AbortSignal): Promise<TransactionOutcome>
}

const READ_MS = 10_000
const WRITE_MS = 60_000
/** How long a write waits for rows that another program has locked. */
const LOCK_WAIT = '5s'
/** Types and rights of a table change with deployments, not by the second. */
const SHAPE_AGE_MS = 15_000
const CONTENDED = ['40P01', '40001']

export function createSource<Shape>(options: {
  /** System and table, as failures name them. */
  on: string
  /** What timestamps without a zone mean. */
  timeZone: string
  pool(): Promise<Pool>
  readShape(db: Queryable): Promise<Shape>
  /** The index that would help most, as SQL; null when none is missing. */
  lacking(shape: Shape): string | null
}): Source<Shape> {
  const { on, timeZone, pool } = options
  let known: { shape: Shape; readAt: number } | null = null
  let lacking: string | null = null

  async function shapeOf(db: Queryable): Promise<Shape> {
    if (known !== null && performance.now() - known.readAt < SHAPE_AGE_MS) return known.shape
    const shape = await options.readShape(db)
    known = { shape, readAt: performance.now() }
    lacking = options.lacking(shape)
    return shape
  }

  async function transaction<T>(ms: number, work: (db: Queryable, shape: Shape) => Promise<T>): Promise<T> {
    try {
      return await (await pool()).transaction(ms, async (db) => work(db, await shapeOf(db)), timeZone)
    } catch (error) {
      known = null
      throw error
    }
  }

  /** A statement that took too long on a large table without an index has a better remedy than patience. */
  function failed(error: unknown, tried: string): FailureError {
    const failure = toFailureError(error, tried, on)
    if (sqlState(error) !== TOO_LONG || lacking === null) return failure
    const remedy = `Let a database administrator run: ${lacking}`
    return new FailureError({ ...failure.failure, remedy }, { cause: error })
  }

  const source: Source<Shape> = {
    async read(tried, signal, work, statementMs = READ_MS) {
      if (signal.aborted) throw outOfTime(tried, on, signal.reason)
      try {
        return await within(signal, transaction(statementMs, work))
      } catch (error) {
        throw signal.aborted ? outOfTime(tried, on, error) : failed(error, tried)
      }
    },
    async write(tried, work, beforeCommit) {
      for (let attempt = 1; ; attempt++) {
        try {
          const written = await transaction(WRITE_MS, async (db, shape) => {
            await db.query(`SELECT set_config('lock_timeout', $1, true)`, [LOCK_WAIT])
            const result = await work(db, shape)
            if (beforeCommit !== undefined) beforeCommit(result, await transactionOf(db))
            return result
          })
          // It may have brought a spelling of a state that the table had not.
          known = null
          return written
        } catch (error) {
          if (attempt < 3 && CONTENDED.includes(sqlState(error))) continue
          throw toFailureError(error, tried, on)
        }
      }
    },
    outcome: (transaction, signal) => source.read('Check the last write', signal, (db) => statusOf(db, transaction)),
  }
  return source
}

/** Assigned once for a transaction, never used again, and readable without any right (Postgres 10 and later). */
async function transactionOf(db: Queryable): Promise<string> {
  const { rows } = await db.query<{ id: string }>('SELECT txid_current()::text AS id')
  return rows[0]?.id ?? ''
}

/** Of the future (22023): the server was restored or replaced. Before Postgres 10 (42883); not allowed (42501). */
const CANNOT_KNOW = ['22023', '42883', '42501']

async function statusOf(db: Queryable, transaction: string): Promise<TransactionOutcome> {
  const { rows } = await db
    .query<{ status: string | null }>('SELECT txid_status($1::bigint) AS status', [transaction])
    .catch((error: unknown) => {
      if (CANNOT_KNOW.includes(sqlState(error))) return { rows: [] }
      throw error
    })
  const status = rows[0]?.status ?? 'unknown'
  return status === 'committed' || status === 'aborted' || status === 'in progress' ? status : 'unknown'
}

async function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
