// The connection to Postgres, and transactions whose limits hold behind PgBouncer: SET LOCAL only.
import pg from 'pg'

/** Anything that runs a statement: a pool, or one client inside a transaction. */
export interface Queryable {
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ rows: Row[]; rowCount: number | null }>
}

export interface Pool extends Queryable {
  /** One transaction with a statement timeout in ms; rolled back when `work` throws. */
  transaction<T>(statementTimeoutMs: number, work: (client: Queryable) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** `max` connections at most; a connection that cannot be had in 5 s is an error, never a wait for ever. */
export function openPool(url: string, max: number, onIdleError: (error: Error) => void): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 5000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'unjam',
  })
  // A server that goes away ends idle connections; without a listener that would end this process.
  pool.on('error', onIdleError)
  return {
    query: (text, values) => pool.query(text, values === undefined ? undefined : [...values]),
    async transaction(statementTimeoutMs, work) {
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        await client.query(`SELECT set_config('statement_timeout', $1, true)`, [`${Math.round(statementTimeoutMs)}ms`])
        const result = await work(client)
        await client.query('COMMIT')
        client.release()
        return result
      } catch (error) {
        await client.query('ROLLBACK').then(
          () => client.release(),
          (broken: Error) => client.release(broken),
        )
        throw error
      }
    },
    close: () => pool.end(),
  }
}
