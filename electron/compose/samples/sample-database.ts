// A database of a sample's own on the embedded server: made when the sample starts, dropped when it is left.
import { openPool, type Pool } from '../../../worker/store/pool.ts'
import type { LocalDatabase } from '../local-database.ts'

export interface SampleDatabase {
  readonly url: string
  readonly pool: Pool
  /** Ends the connections and drops it. */
  drop(): Promise<void>
}

const PREFIX = 'unjam_sample_'
const CONNECTIONS = 4
const START_MS = 90_000

export async function createSampleDatabase(
  local: LocalDatabase,
  name: string,
  onIdleError: (error: Error) => void,
): Promise<SampleDatabase> {
  const admin = await local.pool()
  // Of a process that was killed while a sample ran: one core has this server, so they are nobody's.
  const { rows } = await admin.query<{ datname: string }>(
    `SELECT datname FROM pg_database WHERE starts_with(datname, $1)`,
    [PREFIX],
  )
  for (const { datname } of rows) await dropDatabase(admin, datname)
  const database = `${PREFIX}${name.replaceAll('-', '_')}`
  await admin.query(`CREATE DATABASE ${quoted(database)}`)
  const url = new URL(await local.url(AbortSignal.timeout(START_MS)))
  url.pathname = `/${database}`
  let leaving = false
  const pool = openPool(url.href, CONNECTIONS, (error) => {
    // A connection that has not quite ended when its database goes says so: that is what was asked for.
    if (!leaving) onIdleError(error)
  })
  return {
    url: url.href,
    pool,
    async drop() {
      leaving = true
      await pool.close()
      await dropDatabase(await local.pool(), database)
    },
  }
}

async function dropDatabase(admin: Pool, database: string): Promise<void> {
  await admin.query(`DROP DATABASE IF EXISTS ${quoted(database)} WITH (FORCE)`)
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
