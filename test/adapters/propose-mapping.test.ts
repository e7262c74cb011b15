// Mappings proposed for real databases: whatever tables, columns and words are called, each guess says why.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { guessColumns } from '../../electron/adapters/postgres/guess-columns.ts'
import { guessWords } from '../../electron/adapters/postgres/guess-words.ts'
import { guessZone } from '../../electron/adapters/postgres/guess-zone.ts'
import { proposeMappings } from '../../electron/adapters/postgres/propose-mapping.ts'
import { RecordingsTable } from '../../electron/contract/worker-protocol.ts'
import { emptyDatabase, type TestDatabase } from '../support/postgres.ts'
import { createOddTable, localTable, oddTable, postgresSystem } from './postgres-stage.ts'

let database: TestDatabase
const sql = (text: string) => database.pool.query(text)
const propose = () => database.pool.transaction(10_000, (db) => proposeMappings(db, 'UTC'), 'UTC')
beforeAll(async () => {
  database = await emptyDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  const { rows } = await database.pool.query<{ name: string }>(
    `SELECT nspname AS name FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'`,
  )
  for (const { name } of rows) await sql(`DROP SCHEMA "${name.replaceAll('"', '""')}" CASCADE`)
  await sql('CREATE SCHEMA public')
})

test("the runbooks' table is proposed as the runbooks name it", async () => {
  await sql(`
    CREATE TABLE recordings (id uuid PRIMARY KEY, file_name text, file_path text, duration_seconds float, status text,
      retry_count int, error_message text, transcript text, created_at timestamptz, updated_at timestamptz,
      started_at timestamptz, completed_at timestamptz);
    INSERT INTO recordings (id, status) SELECT gen_random_uuid(), s FROM unnest('{queued,processing,done,done,failed,skipped}'::text[]) s;
    CREATE TABLE users (id int PRIMARY KEY, name text, status text, created_at timestamptz, updated_at timestamptz);
    INSERT INTO users VALUES (1, 'ann', 'member', now(), now())`)
  const proposals = await propose()
  expect(proposals).toHaveLength(1)
  expect(proposals[0]).toMatchObject({ fit: 1, rows: 6, unknownWords: [] })
  const { words, ...table } = proposals[0]!.table
  expect(table).toEqual((({ words: _, ...rest }) => rest)(RecordingsTable.parse({})))
  expect(words.running).toEqual(['processing'])
  expect(proposals[0]?.reasons[0]).toBe('status: 5 words seen: done, failed, processing, queued, skipped')
})

test('nothing is called or typed like the runbooks’: an enum, integers, capitals, naive times', async () => {
  await createOddTable(database.pool)
  await sql(`INSERT INTO "Odd ""schema"""."Call Recordings" ("The State", "Name", "Beat", "Made", "Length")
    VALUES ('RUNNING', 'a', now() AT TIME ZONE 'Etc/GMT+5', now() AT TIME ZONE 'Etc/GMT+5', 60)`)
  const [best] = await propose()
  const { schema, table, columns } = oddTable.table
  expect(best?.table).toMatchObject({ schema, table, columns: { ...columns, transcript: null }, timeZone: 'Etc/GMT+5' })
  expect(best?.table.words).toMatchObject({ queued: ['PENDING'], running: ['RUNNING'], done: ['COMPLETED'] })
  expect(best?.unknownWords).toEqual(['ARCHIVED'])
  expect(best?.reasons.join('\n')).toMatch(/5 h behind UTC \(a guess/)
  const system = postgresSystem(database.pool, { ...localTable, kind: 'recordings', table: best!.table })
  expect(await system.counts(AbortSignal.timeout(60_000))).toMatchObject({ running: 1 })
})

test('several candidates are ranked; a view and a partitioned table are candidates, partitions are not', async () => {
  await sql(`
    CREATE TABLE jobs (id bigint, state varchar(20), title text, attempts int, last_error text, created_at timestamp, updated_at timestamp)
      PARTITION BY RANGE (created_at);
    CREATE TABLE jobs_2026 PARTITION OF jobs FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    INSERT INTO jobs VALUES (1, 'In Progress', 'x', 1, NULL, '2026-02-01', '2026-02-01'), (2, 'Error', 'y', 3, 'boom', '2026-02-01', '2026-02-01');
    CREATE TABLE uploads (id text PRIMARY KEY, status text, created_at timestamptz);
    INSERT INTO uploads VALUES ('a', 'PENDING', now());
    CREATE VIEW open_jobs AS SELECT * FROM jobs WHERE state <> 'Done';
    CREATE MATERIALIZED VIEW old_jobs AS SELECT * FROM jobs`)
  const proposals = await propose()
  expect(proposals.map(({ table }) => table.table)).toEqual(['jobs', 'open_jobs', 'uploads'])
  const [jobs, view, uploads] = proposals
  expect(jobs?.table).toMatchObject({
    columns: { id: 'id', status: 'state', title: 'title', retryCount: 'attempts', error: 'last_error', duration: null },
    words: { running: ['In Progress'], failed: ['Error'] },
  })
  expect(view?.reasons.join()).toMatch(/it is a view/)
  expect(uploads?.reasons.join()).toMatch(/stuck job cannot be told.*the id is shown|id is shown/)
  expect(uploads?.table.words.done).toEqual(['DONE', 'COMPLETED'])
})

test('a duration in milliseconds, an interval, or a column of improbable lengths is not used, and it is said', async () => {
  const table = (name: string, column: string, value: string) => `
    CREATE TABLE ${name} (id int PRIMARY KEY, status text, name text, ${column}, updated_at timestamptz);
    INSERT INTO ${name} VALUES (1, 'done', 'a', ${value}, now());`
  await sql(
    table('a', 'duration_ms int', '60000') +
      table('b', 'duration interval', `'1 min'`) +
      table('c', 'duration int', '3600000'),
  )
  for (const {
    table: { columns },
    reasons,
  } of await propose()) {
    expect(columns.duration).toBeNull()
    expect(reasons.join()).toMatch(/milliseconds|interval|hardly in seconds/)
  }
})

test('a role sees what it may read, and no more', async () => {
  await sql(`
    CREATE TABLE recordings (id int PRIMARY KEY, status text, file_name text, secret text, updated_at timestamptz);
    CREATE ROLE looker; GRANT USAGE ON SCHEMA public TO looker; GRANT SELECT (id, status, updated_at) ON recordings TO looker`)
  const proposals = await database.pool.transaction(5000, async (db) => {
    await db.query('SET LOCAL ROLE looker')
    return proposeMappings(db, 'UTC')
  })
  await sql('DROP OWNED BY looker; DROP ROLE looker')
  expect(proposals[0]?.table.columns).toMatchObject({ id: 'id', title: 'id', heartbeat: 'updated_at' })
})

describe('guesses', () => {
  const column = (name: string, type: string, category: string, primary = false) => ({
    ...{ name, type, category, primary, labels: null, default: null },
  })
  test('no table without an id, a status and a time', () => {
    expect(guessColumns([])).toBeNull()
    expect(guessColumns([column('id', 'uuid', 'U', true), column('status', 'text', 'S')])).toBeNull()
    expect(guessColumns([column('status', 'text', 'S'), column('updated_at', 'date', 'D')])).toBeNull()
  })
  test('words in any case; two for one state keep the usual first', () => {
    expect(guessWords(['Pending', 'QUEUED', 'in-progress', 'Archived'], false)).toMatchObject({
      words: { queued: ['QUEUED', 'Pending'], running: ['in-progress'], done: ['done', 'completed'] },
      unknown: ['Archived'],
      known: ['queued', 'running'],
    })
  })
  test.each([
    [-1, null, 'UTC', /fits UTC/],
    [58.5, null, 'Europe/Berlin', /fits Europe\/Berlin/],
    [-7 * 60 - 1, null, 'Etc/GMT+7', /7 h behind UTC/],
    [9 * 60 - 0.5, null, 'Etc/GMT-9', /9 h ahead of UTC/],
    [-50_000, 'now()', 'Europe/Berlin', /filled by the database/],
    [-50_000, `timezone('utc', now())`, 'UTC', /no value is recent enough/],
    [null, null, 'UTC', /no value is recent enough/],
  ])('newest %s min ahead, default %s: %s', (aheadMinutes, given, timeZone, reason) => {
    const zones = [{ name: 'Europe/Berlin', offsetMinutes: 60 }]
    const guess = guessZone('updated_at', { aheadMinutes, default: given, zones })
    expect(guess).toEqual({ timeZone, reason: expect.stringMatching(reason) })
    expect(guess.reason).toMatch(/a guess/)
  })
})
