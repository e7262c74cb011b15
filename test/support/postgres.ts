// A real database for a test: one embedded server per run, started at first use, and a fresh migrated database per call.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { embeddedPostgres } from '../../electron/adapters/embedded-postgres.ts'
import { urlOf } from '../../electron/adapters/embedded-postgres-identity.ts'
import { migrate } from '../../electron/adapters/migrate.ts'
import { openPool, type Pool } from '../../worker/store/pool.ts'
import { FOLDER, guardServer } from './postgres-guard.ts'

const root = join(import.meta.dirname, '..', '..')
const TEMPLATE = 'unjam_migrated'

export interface TestDatabase {
  readonly url: string
  readonly pool: Pool
  /** Ends the pool and drops the database, whoever is still connected to it. */
  drop(): Promise<void>
}

/** With both migration sets applied. */
export async function testDatabase(): Promise<TestDatabase> {
  const admin = await template()
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await once(admin, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} STRATEGY file_copy`)
  const url = databaseUrl(admin, name)
  const pool = openPool(url, 6, () => undefined)
  return {
    url,
    pool,
    async drop() {
      await pool.close()
      await once(admin, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

/** An empty database on the same server: nothing migrated. */
export async function emptyDatabase(): Promise<TestDatabase> {
  const admin = await server()
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await once(admin, `CREATE DATABASE ${name}`)
  const url = databaseUrl(admin, name)
  const pool = openPool(url, 4, () => undefined)
  return {
    url,
    pool,
    async drop() {
      await pool.close()
      await once(admin, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    },
  }
}

let started: Promise<string> | null = null

/** The server's URL. Several test processes may ask at once: one starts it, the others adopt it. */
function server(): Promise<string> {
  started ??= (async () => {
    const folder = process.env[FOLDER] ?? guardServer().folder
    const url = await embeddedPostgres({ folder, onNotice: () => undefined }).url(AbortSignal.timeout(60_000))
    // A test's database need not survive a power cut.
    await once(
      url,
      'ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET synchronous_commit = off',
      'SELECT pg_reload_conf()',
    )
    return url
  })()
  return started
}

let prepared: Promise<string> | null = null

function template(): Promise<string> {
  prepared ??= (async () => {
    const admin = await server()
    const pool = openPool(admin, 1, () => undefined)
    try {
      // One process makes the template while the others wait; a session lock, for CREATE DATABASE takes no transaction.
      await pool.query('SELECT pg_advisory_lock(1)')
      const { rows } = await pool.query('SELECT FROM pg_database WHERE datname = $1', [TEMPLATE])
      if (rows.length === 0) {
        const half = `${TEMPLATE}_half`
        await pool.query(`DROP DATABASE IF EXISTS ${half} WITH (FORCE)`)
        await pool.query(`CREATE DATABASE ${half}`)
        for (const set of ['local', 'unjam'] as const) await migrate(databaseUrl(admin, half), set, root)
        await pool.query(`ALTER DATABASE ${half} RENAME TO ${TEMPLATE}`)
      }
    } finally {
      await pool.close()
    }
    return admin
  })()
  return prepared
}

function databaseUrl(admin: string, name: string): string {
  const { port, password } = new URL(admin)
  return urlOf(Number(port), decodeURIComponent(password), name)
}

async function once(url: string, ...statements: string[]): Promise<void> {
  const pool = openPool(url, 1, () => undefined)
  try {
    for (const statement of statements) for (const one of statement.split('; ')) await pool.query(one)
  } finally {
    await pool.close()
  }
}
