// A table of somebody else's under a role with few rights: what can be read is read, the rest is a sentence.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RecordingsTable } from '../../electron/contract/worker-protocol.ts'
import type { JobSystem } from '../../electron/core/ports/jobs.ts'
import { openPool, type Pool } from '../../worker/store/pool.ts'
import { emptyDatabase, type TestDatabase, testDatabase } from '../support/postgres.ts'
import { localTable, postgresSystem } from './postgres-stage.ts'

const signal = () => AbortSignal.timeout(60_000)
const foreign = { ...localTable, kind: 'recordings' as const }
let bare: TestDatabase
let full: TestDatabase
const pools: Pool[] = []

/** The four failed recordings of runbook 1, in a table with nothing but what it must have; statuses in capitals. */
const bareTable = `
  CREATE TABLE recordings (id varchar(40) PRIMARY KEY, status varchar(12), file_name text, created_at timestamp, updated_at timestamp);
  INSERT INTO recordings SELECT 'r' || n, CASE WHEN n <= 4 THEN 'FAILED' WHEN n = 5 THEN 'Archived' WHEN n = 6 THEN NULL ELSE 'PENDING' END,
    CASE WHEN n = 9 THEN NULL ELSE 'Call ' || n END, CASE WHEN n = 8 THEN NULL ELSE timestamp '2026-02-04 20:00:00.123456' END, timestamp '2026-02-04 22:18:32.654321'
    FROM generate_series(1, 9) n`

beforeAll(async () => {
  bare = await emptyDatabase()
  full = await testDatabase()
  await bare.pool.query(bareTable)
  await full.pool.query(`CREATE ROLE reader LOGIN PASSWORD 'pw'; GRANT SELECT ON recordings TO reader`)
})
afterAll(async () => {
  for (const pool of pools) await pool.close()
  await full.pool.query('DROP OWNED BY reader; DROP ROLE reader')
  await bare.drop()
  await full.drop()
})

function asReader(): JobSystem {
  const url = Object.assign(new URL(full.url), { username: 'reader', password: 'pw' })
  const pool = openPool(url.href, 1, () => undefined)
  pools.push(pool)
  return postgresSystem(pool, foreign)
}

test('a role that may only read: counts and pages, and a sentence for every write', async () => {
  const system = asReader()
  expect(await system.counts(signal())).toMatchObject({ queued: 0 })
  const abilities = await system.abilities(signal())
  for (const ability of ['retry', 'skip', 'fail', 'release', 'cancel'] as const)
    expect(abilities[ability], ability).toEqual({
      can: false,
      because: expect.stringMatching(
        /^The role reader may not change status.* of public\.recordings; ask a database administrator/,
      ),
    })
  expect(abilities.attempts).toEqual({
    can: false,
    because: expect.stringMatching(/^The role reader may not use schema unjam/),
  })
  await expect(system.write([], { verb: 'retry' })).rejects.toMatchObject({ failure: { kind: 'unsupported' } })
  await expect(system.attempts('x', signal())).rejects.toMatchObject({ failure: { kind: 'unsupported' } })
})

test('without schema unjam: attempts and workers are unknown, not none, and it is said whom to ask', async () => {
  const system = postgresSystem(bare.pool, foreign)
  const because = expect.stringMatching(
    /no schema unjam; a worker of Unjam makes it .* or a database administrator .*`unjam migrate --print`\.$/,
  )
  const abilities = await system.abilities(signal())
  expect(abilities).toMatchObject({ retry: { can: true }, skip: { can: true }, release: { can: true } })
  expect(abilities.attempts).toEqual({ can: false, because })
  expect(abilities.transcript).toEqual({ can: false, because })
  expect(abilities.cancel).toEqual({ can: false, because })
  const failure = {
    kind: 'unsupported',
    because: 'this database has no schema unjam',
    remedy: expect.stringMatching(
      /^A worker of Unjam makes it when it starts on this system, or a database administrator/,
    ),
  }
  for (const read of [
    () => system.workers(signal()),
    () => system.recentAttempts(1000, 10, signal()),
    () => system.attempts('r1', signal()),
    () => system.segments('r1', 0, 10, signal()),
  ])
    await expect(read()).rejects.toMatchObject({ failure })
  const detail = await system.detail('r1', signal())
  expect(detail?.attempts).toEqual([])
  expect(detail?.facts.at(-1)).toMatchObject({ label: 'attempts', value: expect.stringMatching(/^unknown: /) })
})

test('a table without optional columns: everything else still works', async () => {
  const system = postgresSystem(bare.pool, foreign)
  expect(await system.counts(signal())).toEqual({ queued: 3, running: 0, done: 0, failed: 4, skipped: 0 })
  expect(await system.running(10, signal())).toEqual([])
  expect(await system.throughput(signal())).toMatchObject({
    doneToday: 0,
    audioTodayMs: 0,
    speed: null,
    lastDoneAt: null,
  })
  for (const sort of ['created', 'updated', 'title', 'audio'] as const)
    for (const descending of [true, false]) {
      const ids: string[] = []
      let cursor: string | null = null
      do {
        const query = { system: 'office', state: 'queued' as const, search: '', sort, descending, limit: 1, cursor }
        const page = await system.page(query, signal())
        ids.push(...page.jobs.map(({ id }) => id))
        cursor = page.cursor
      } while (cursor !== null)
      expect(ids.sort(), sort).toEqual(['r7', 'r8', 'r9'])
    }
  const titled = await system.detail('r9', signal())
  expect(titled?.job).toMatchObject({ title: 'r9', retryCount: null, audioMs: null })
  expect((await system.detail('r8', signal()))?.job).toMatchObject({ createdAt: null, waitingMs: null })

  const before = await bare.pool.query('SELECT * FROM recordings ORDER BY id')
  const rows = await system.rows({ kind: 'state', states: ['failed'] }, 10, signal())
  const { changed } = await system.write(rows, { verb: 'retry' })
  expect(changed).toHaveLength(4)
  const { rows: words } = await bare.pool.query(`SELECT DISTINCT status FROM recordings WHERE id <= 'r4'`)
  expect(words).toEqual([{ status: 'PENDING' }])
  expect(await system.restore(changed)).toEqual({ restored: 4, left: [] })
  expect((await bare.pool.query('SELECT * FROM recordings ORDER BY id')).rows).toEqual(before.rows)
})

test('a status word the mapping does not know: in no count, in no list, and named when looked at', async () => {
  const system = postgresSystem(bare.pool, foreign)
  expect(await system.rows({ kind: 'ids', ids: ['r5', 'r6', 'r7'] }, 10, signal())).toMatchObject([{ id: 'r7' }])
  const looked = async (id: string) => system.detail(id, signal())
  await expect(looked('r5')).rejects.toMatchObject({
    failure: {
      kind: 'invalid',
      because: expect.stringContaining('"Archived"'),
      remedy: expect.stringContaining('settings'),
    },
  })
  await expect(looked('r6')).rejects.toMatchObject({ failure: { because: expect.stringContaining('is empty') } })
  const told = postgresSystem(bare.pool, {
    ...foreign,
    table: RecordingsTable.parse({ words: { skipped: ['archived'] } }),
  })
  expect((await told.detail('r5', signal()))?.job.state).toBe('skipped')
})

test('an enum without a word for skipped: skipping is refused, the rest is possible', async () => {
  await bare.pool.query(`
    CREATE SCHEMA small; CREATE TYPE small.s AS ENUM ('queued', 'processing', 'done', 'failed');
    CREATE TABLE small.recordings (id bigint PRIMARY KEY, status small.s, file_name text, created_at timestamptz, updated_at timestamptz);
    INSERT INTO small.recordings VALUES (9223372036854775807, 'failed', 'a', now(), now())`)
  const system = postgresSystem(bare.pool, { ...foreign, table: RecordingsTable.parse({ schema: 'small' }) })
  const abilities = await system.abilities(signal())
  expect(abilities.skip).toEqual({ can: false, because: expect.stringMatching(/no word for skipped/) })
  expect(abilities.retry).toEqual({ can: true })
  expect(await system.counts(signal())).toMatchObject({ failed: 1, skipped: 0 })
  const skipped = {
    system: 'office',
    state: 'skipped' as const,
    search: '',
    sort: 'created' as const,
    descending: false,
    limit: 9,
  }
  expect(await system.page(skipped, signal())).toEqual({ jobs: [], cursor: null })
  expect(await system.detail('9223372036854775808', signal())).toBeNull()
  const rows = await system.rows({ kind: 'ids', ids: ['9223372036854775807'] }, 10, signal())
  expect(await system.write(rows, { verb: 'retry' })).toMatchObject({
    changed: [{ after: { job: { state: 'queued' } } }],
  })
})

test('a read-only copy says so', async () => {
  await bare.pool.query('ALTER ROLE CURRENT_USER SET default_transaction_read_only = on')
  const pool = openPool(bare.url, 1, () => undefined)
  pools.push(pool)
  const abilities = await postgresSystem(pool, foreign).abilities(signal())
  await bare.pool.query('ALTER ROLE CURRENT_USER RESET default_transaction_read_only')
  expect(abilities.retry).toEqual({ can: false, because: expect.stringMatching(/read-only copy/) })
})

test('a role that may not ask what became of a transaction: unknown, so that the rows are asked', async () => {
  await full.pool.query('REVOKE EXECUTE ON FUNCTION txid_status(bigint) FROM PUBLIC')
  expect(await asReader().outcome('1', signal())).toBe('unknown')
})
