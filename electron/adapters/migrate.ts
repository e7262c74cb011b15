// Brings a database to the version this Unjam needs, or prints the SQL for somebody who may.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runner } from 'node-pg-migrate'
import { openPool, type Queryable } from '../../worker/store/pool.ts'
import { FailureError } from '../contract/failure.ts'
import { maskUrl } from '../contract/secrets/url-display.ts'

/** `local`: the recordings table, on the embedded database only. `unjam`: our own schema, wherever we may create it. */
export type MigrationSet = 'local' | 'unjam'

// Each set keeps its own books: the two may live in one database or in two.
const BOOKS: Record<MigrationSet, { schema: string; table: string }> = {
  local: { schema: 'public', table: 'unjam_local_migrations' },
  unjam: { schema: 'unjam', table: 'migrations' },
}

/** Any number, but the same for everybody who migrates: Unjam processes wait for each other. */
const LOCK = 7_113_218_400
const LOCK_WAIT_MS = 60_000

/** All that a role needs that may create nothing; only its administrator knows its name. */
const GRANTS = [
  '-- When Unjam connects as another role, in the place of ROLE:',
  '-- GRANT USAGE ON SCHEMA unjam TO ROLE;',
  '-- GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA unjam TO ROLE;',
]

/**
 * Runs what has not run yet, all or nothing, and returns its names. Needs no rights at all when nothing is missing,
 * so a database administrator may run the printed SQL and grant Unjam's role no more than the rows.
 */
export async function migrate(url: string, set: MigrationSet, root: string): Promise<string[]> {
  const pool = openPool(url, 1, () => undefined)
  try {
    if ((await missing(pool, set, root)).length === 0) return []
    // The lock belongs to a transaction: one of a session would be lost behind PgBouncer.
    return await pool.transaction(LOCK_WAIT_MS, async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK])
      const toRun = await missing(client, set, root)
      return toRun.length === 0 ? [] : await run(url, set, root)
    })
  } catch (error) {
    if (error instanceof FailureError) throw error
    throw new FailureError(
      {
        kind: isRefusal(error) ? 'refused' : 'unreachable',
        tried: `Prepare the database (${set} migrations)`,
        on: maskUrl(url),
        because: error instanceof Error ? error.message : String(error),
        remedy: isRefusal(error)
          ? `Let a database administrator run what "unjam migrate --print --set ${set}" prints, and the grants at its end.`
          : null,
      },
      { cause: error },
    )
  } finally {
    await pool.close()
  }
}

/** The whole set as SQL for psql or any other client. Running it again, or after a part of it, does only the rest. */
export function migrationSql(set: MigrationSet, root: string): string {
  const { schema, table } = BOOKS[set]
  const books = `"${schema}"."${table}"`
  const blocks = names(set, root).map((name) => {
    const sql = readFileSync(join(folderOf(set, root), `${name}.sql`), 'utf8').trim()
    const quote = unusedQuote(sql)
    return [
      `DO ${quote}block${'$'}`,
      'BEGIN',
      `  IF NOT EXISTS (SELECT FROM ${books} WHERE name = '${name}') THEN`,
      `    EXECUTE ${quote}sql${'$'}`,
      sql,
      `${quote}sql${'$'};`,
      `    INSERT INTO ${books} (name, run_on) VALUES ('${name}', now());`,
      '  END IF;',
      'END',
      `${quote}block${'$'};`,
    ].join('\n')
  })
  return [
    `-- Unjam, ${set} migrations: ${names(set, root).join(', ')}`,
    '-- May be run again: what has been run already is left alone.',
    'BEGIN;',
    `SELECT pg_advisory_xact_lock(${LOCK});`,
    `CREATE SCHEMA IF NOT EXISTS "${schema}";`,
    `CREATE TABLE IF NOT EXISTS ${books} (id SERIAL PRIMARY KEY, name varchar(255) NOT NULL, run_on timestamp NOT NULL);`,
    ...blocks,
    'COMMIT;',
    ...(set === 'unjam' ? GRANTS : []),
    '',
  ].join('\n')
}

async function run(databaseUrl: string, set: MigrationSet, root: string): Promise<string[]> {
  const { schema, table } = BOOKS[set]
  const done = await runner({
    databaseUrl,
    dir: folderOf(set, root),
    direction: 'up',
    migrationsSchema: schema,
    migrationsTable: table,
    // `public` exists, and an ordinary role may not create schemas.
    createMigrationsSchema: schema !== 'public',
    singleTransaction: true,
    noLock: true,
    log: () => undefined,
  })
  return done.map(({ name }) => name)
}

async function missing(db: Queryable, set: MigrationSet, root: string): Promise<string[]> {
  const { schema, table } = BOOKS[set]
  const books = `"${schema}"."${table}"`
  const { rows: found } = await db.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [books])
  if (found[0]?.there !== true) return names(set, root)
  const { rows } = await db.query<{ name: string }>(`SELECT name FROM ${books}`)
  const applied = new Set(rows.map(({ name }) => name))
  return names(set, root).filter((name) => !applied.has(name))
}

function folderOf(set: MigrationSet, root: string): string {
  return join(root, 'resources', 'migrations', set)
}

function names(set: MigrationSet, root: string): string[] {
  return readdirSync(folderOf(set, root))
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort()
}

/** The beginning of a dollar quote that does not occur in the text: `$unjam_`, `$unjam1_`, … */
function unusedQuote(sql: string): string {
  let n = 0
  while (sql.includes(`$unjam${n === 0 ? '' : n}_`)) n++
  return `$unjam${n === 0 ? '' : n}_`
}

/** insufficient_privilege. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '42501'
}
