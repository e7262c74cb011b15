// The connection to Postgres, and transactions whose limits hold behind PgBouncer: SET LOCAL only.
import pg from 'pg'
import { CheckedClient } from './checked-client.ts'

/** Anything that runs a statement: a pool, or one client inside a transaction. */
export interface Queryable {
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ rows: Row[]; rowCount: number | null }>
}

export interface Pool extends Queryable {
  /**
   * One transaction with a statement timeout in ms; rolled back when `work` throws. `timeZone` is what timestamps
   * without a zone mean inside it, so that `now()` may be compared with them and written to them as it is.
   */
  transaction<T>(statementTimeoutMs: number, work: (client: Queryable) => Promise<T>, timeZone?: string): Promise<T>
  close(): Promise<void>
}

/** No answer at all for this long: the server or the way to it is gone, whatever the statement timeout says. */
const SILENCE_MS = 60_000

/** `max` connections at most; a connection that cannot be had in 5 s is an error, never a wait for ever. */
export function openPool(url: string, max: number, onIdleError: (error: Error) => void): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 30_000,
    query_timeout: SILENCE_MS,
    keepAlive: true,
    application_name: 'unjam',
    // It has a listener for errors from its first moment on: between the pool and its next owner nobody else has one.
    Client: CheckedClient,
  })
  // A server that goes away ends idle connections; without a listener that would end this process.
  pool.on('error', onIdleError)
  return {
    query: (text, values) => pool.query(text, values === undefined ? undefined : [...values]),
    async transaction(statementTimeoutMs, work, timeZone) {
      const client = await pool.connect()
      // A connection that breaks while it is lent out says so here too; the statement in flight carries the error.
      client.on('error', onIdleError)
      const giveBack = (broken?: Error) => {
        client.off('error', onIdleError)
        client.release(broken)
      }
      try {
        await client.query('BEGIN')
        await client.query(
          `SELECT set_config('statement_timeout', $1, true), set_config('TimeZone', coalesce($2, current_setting('TimeZone')), true)`,
          [`${Math.round(statementTimeoutMs)}ms`, timeZone ?? null],
        )
        const result = await work(client)
        await client.query('COMMIT')
        giveBack()
        return result
      } catch (error) {
        // After silence the statement may still run there: nothing more can be said on this connection.
        if (error instanceof Error && error.message === 'Query read timeout') giveBack(error)
        else
          await client.query('ROLLBACK').then(
            () => giveBack(),
            (broken: Error) => giveBack(broken),
          )
        throw error
      }
    },
    close: () => pool.end(),
  }
}
