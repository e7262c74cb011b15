// Migrations: applied once by any number of processes, and printable for an administrator.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { migrate, migrationSql } from '../../electron/adapters/migrate.ts'
import { emptyDatabase, type TestDatabase, testDatabase } from '../support/postgres.ts'

const root = join(import.meta.dirname, '..', '..')
const open: TestDatabase[] = []
async function empty() {
  const database = await emptyDatabase()
  open.push(database)
  return database
}
afterEach(async () => {
  for (const database of open.splice(0)) await database.drop()
})

const tables = async ({ pool }: TestDatabase, schema: string) => {
  const { rows } = await pool.query<{ name: string }>(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1 ORDER BY 1',
    [schema],
  )
  return rows.map(({ name }) => name)
}

test('each set is applied once and keeps its own books', async () => {
  const database = await empty()
  expect(await migrate(database.url, 'unjam', root)).toEqual(['0001_worker_state'])
  expect(await tables(database, 'public')).toEqual([])
  expect(await tables(database, 'unjam')).toContain('migrations')
  expect(await migrate(database.url, 'local', root)).toEqual(['0001_recordings'])
  expect(await tables(database, 'public')).toEqual(['recordings', 'unjam_local_migrations'])
  expect(await migrate(database.url, 'unjam', root)).toEqual([])
  expect(await migrate(database.url, 'local', root)).toEqual([])
})

test('processes that migrate at once wait for each other, and one of them does it', async () => {
  const database = await empty()
  const done = await Promise.all([1, 2, 3].map(() => migrate(database.url, 'unjam', root)))
  expect(done.flat()).toEqual(['0001_worker_state'])
})

test('a role without rights is refused with the way out, and is fine once an administrator has run the SQL', async () => {
  const database = await empty()
  const role = `plain_${process.pid}_${Date.now()}`
  await database.pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'p-1'`)
  const url = new URL(database.url)
  url.username = role
  url.password = 'p-1'
  await expect(migrate(url.href, 'unjam', root)).rejects.toThrow(/permission denied.*unjam migrate --print/)
  await expect(migrate(url.href, 'unjam', root)).rejects.not.toThrow(/p-1/)
  await database.pool.query(migrationSql('unjam', root))
  await expect(migrate(url.href, 'unjam', root)).rejects.toThrow(/permission denied.*the grants at its end/)
  const grants = migrationSql('unjam', root).match(/(?<=^-- )GRANT .* TO ROLE;$/gm)!
  await database.pool.query(grants.join('').replaceAll('ROLE', role))
  expect(await migrate(url.href, 'unjam', root)).toEqual([])
  const { rows } = await database.pool.query<{ table: string; may: boolean }>(
    `SELECT tablename AS table, bool_and(has_table_privilege($1, 'unjam.' || tablename, what)) AS may
     FROM pg_tables, unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) what WHERE schemaname = 'unjam' GROUP BY 1`,
    [role],
  )
  expect(rows.length).toBeGreaterThan(5)
  expect(rows.filter(({ may }) => !may)).toEqual([])
  await database.pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
})

test('the printed SQL makes exactly what migrating makes, and may be run twice', async () => {
  const migrated = await testDatabase()
  open.push(migrated)
  const printed = await empty()
  for (let i = 0; i < 2; i++)
    for (const set of ['local', 'unjam'] as const) await printed.pool.query(migrationSql(set, root))
  const shape = async ({ pool }: TestDatabase) =>
    (
      await pool.query(
        `SELECT table_schema, table_name, column_name, data_type, column_default, is_nullable
         FROM information_schema.columns WHERE table_schema IN ('public', 'unjam') ORDER BY 1, 2, 3`,
      )
    ).rows
  expect(await shape(printed)).toEqual(await shape(migrated))
  const names = async ({ pool }: TestDatabase) => (await pool.query('SELECT name FROM unjam.migrations')).rows
  expect(await names(printed)).toEqual(await names(migrated))
  expect(await migrate(printed.url, 'unjam', root)).toEqual([])
})

const psql = (() => {
  try {
    return execFileSync('psql', ['--version'], { encoding: 'utf8' })
  } catch {
    return null
  }
})()

test.runIf(psql !== null)('psql runs the printed SQL as it is', async () => {
  const database = await empty()
  const run = () =>
    execFileSync('psql', [database.url, '-v', 'ON_ERROR_STOP=1', '-q'], {
      input: migrationSql('unjam', root),
      stdio: ['pipe', 'pipe', 'ignore'],
    })
  run()
  run()
  expect(await migrate(database.url, 'unjam', root)).toEqual([])
})
