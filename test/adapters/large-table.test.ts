// A table too large to be counted every second: estimates that say so, words of an index, and scans kept apart.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { counts } from '../../electron/adapters/postgres/counts.ts'
import { indexAdvice } from '../../electron/adapters/postgres/indexes.ts'
import { createPace } from '../../electron/adapters/postgres/pace.ts'
import { readShape } from '../../electron/adapters/postgres/shape.ts'
import { FailureError } from '../../electron/contract/failure.ts'
import { RecordingsTable } from '../../electron/contract/worker-protocol.ts'
import { emptyDatabase, type TestDatabase } from '../support/postgres.ts'
import { postgresSystem, stackTable } from './postgres-stage.ts'

const ROWS = 60_000
const signal = () => AbortSignal.timeout(60_000)
let database: TestDatabase
const sql = (text: string) => database.pool.query(text)
const look = <T>(
  work: (
    db: Parameters<Parameters<typeof database.pool.transaction>[1]>[0],
    shape: Awaited<ReturnType<typeof readShape>>,
  ) => Promise<T>,
) => database.pool.transaction(10_000, async (db) => work(db, await readShape(db, stackTable.table, false)), 'UTC')

beforeAll(async () => {
  database = await emptyDatabase()
  await sql(`CREATE TABLE recordings (id int PRIMARY KEY, status varchar(20), file_name varchar(100), duration_seconds float,
    created_at timestamp, updated_at timestamp, completed_at timestamp)`)
  await sql(`INSERT INTO recordings SELECT n, CASE WHEN n = 1 THEN 'Running' WHEN n % 10 = 0 THEN 'pending' ELSE 'Done' END,
    'call ' || n, 60, now(), now(), now() FROM generate_series(1, ${ROWS}) n`)
  await sql('ANALYZE recordings')
})
afterAll(() => database.drop())
beforeEach(() => sql('DROP INDEX IF EXISTS by_status'))

test('without an index they are counted while that is quick, and estimated and marked when it is not', async () => {
  expect(await look((db, shape) => counts(db, shape))).toEqual({
    queued: 6000,
    running: 1,
    done: 53_999,
    failed: 0,
    skipped: 0,
  })
  const shape = await look(async (_, shape) => shape)
  // A lock makes even a short scan take longer than it may.
  const estimate = await database.pool.transaction(10_000, async (other) => {
    await other.query('LOCK TABLE recordings IN ACCESS EXCLUSIVE MODE')
    return database.pool.transaction(10_000, (db) => counts(db, shape, 50), 'UTC')
  })
  expect(estimate.approximate).toBe(true)
  expect(Math.abs(estimate.queued - 6000)).toBeLessThan(1500)
  expect(Math.abs(estimate.done - 54_000)).toBeLessThan(1500)
})

test('with an index that begins with the status its own spellings are found, and every page walks them', async () => {
  expect(await look(async (_, shape) => shape.exact('done'))).toBeNull()
  await sql('CREATE INDEX by_status ON recordings (status, created_at, id)')
  const exact = await look(async (_, shape) => [shape.exact('done'), shape.exact('running'), shape.exact('failed')])
  expect(exact.map((words) => [...(words ?? [])].sort())).toEqual([
    ['Done', 'completed', 'done'],
    ['Running', 'processing', 'running'],
    ['failed'],
  ])
  const system = postgresSystem(database.pool, stackTable)
  expect(await system.counts(signal())).toEqual({ queued: 6000, running: 1, done: 53_999, failed: 0, skipped: 0 })
  expect(await system.running(10, signal())).toMatchObject([{ id: '1' }])
  // A spelling nobody had seen is found as soon as the shape is read again, and its own word always.
  await sql(`UPDATE recordings SET status = 'FAILED' WHERE id = 2`)
  expect(await look(async (_, shape) => shape.exact('failed'))).toContain('FAILED')
  await sql(`UPDATE recordings SET status = 'Done' WHERE id = 2`)
})

test('the advice names what is missing, in the table’s own names, and can be run as it stands', async () => {
  const advice = () => look(async (_, shape) => indexAdvice(shape))
  const before = await advice()
  expect(before[0]).toEqual({
    sql: 'CREATE INDEX CONCURRENTLY ON public.recordings (status, created_at, id);',
    for: 'counts and the list by time',
  })
  for (const one of before) await sql(one.sql)
  expect(await advice()).toEqual([])
  const { rows } = await database.pool.query<{ name: string }>(
    `SELECT indexrelid::regclass::text AS name FROM pg_index WHERE indrelid = 'recordings'::regclass AND NOT indisprimary`,
  )
  for (const { name } of rows) await sql(`DROP INDEX ${name}`)
})

test('a small table, a partitioned one and a statement that took too long: advice only where it helps', async () => {
  expect(indexAdvice({ ...(await look(async (_, shape) => shape)), estimate: 100 })).toEqual([])
  await sql(`CREATE TABLE parted (LIKE recordings) PARTITION BY RANGE (created_at)`)
  await sql(`CREATE TABLE parted_1 PARTITION OF parted DEFAULT`)
  await sql('INSERT INTO parted SELECT * FROM recordings')
  await sql('ANALYZE parted_1')
  const table = RecordingsTable.parse({ table: 'parted' })
  const parted = await database.pool.transaction(10_000, (db) => readShape(db, table, false), 'UTC')
  const [first] = indexAdvice(parted)
  expect(first?.sql).toBe('CREATE INDEX ON public.parted (status, created_at, id);')
  await sql(first?.sql ?? '')
  const system = postgresSystem(database.pool, stackTable)
  await system.counts(signal())
  await database.pool.transaction(20_000, async (other) => {
    await other.query('LOCK TABLE recordings IN ACCESS EXCLUSIVE MODE')
    const slow = system.running(10, signal())
    await expect(slow).rejects.toMatchObject({
      failure: { kind: 'timeout', remedy: expect.stringMatching(/^Let a database administrator run: CREATE INDEX/) },
    })
  })
})

test('what cost much is answered from memory for twenty times as long, a write forgets it, an outage never counts', async () => {
  let clock = 0
  let asked = 0
  let fails: unknown = null
  const pace = createPace(() => clock)
  const ask = (costMs: number) =>
    pace('counts', async (spend) => {
      // Waiting for a connection, or for the database to start, is not its work.
      clock += 60_000
      return spend(async () => {
        clock += costMs
        if (fails !== null) throw fails
        return ++asked
      })
    })
  expect(await ask(50)).toEqual({ value: 1, agedMs: 0 })
  expect(await ask(500)).toEqual({ value: 2, agedMs: 0 })
  clock += 9999
  expect(await ask(500)).toEqual({ value: 2, agedMs: 9999 })
  pace.forget()
  expect(await ask(500)).toEqual({ value: 3, agedMs: 0 })
  clock += 10_001
  expect(await ask(500)).toEqual({ value: 4, agedMs: 0 })
  clock += 10_001
  const failure = { kind: 'timeout' as const, tried: 'x', on: '', because: 'slow', remedy: null }
  fails = new FailureError(failure)
  await expect(ask(5000)).rejects.toBe(fails)
  fails = new FailureError(failure, { cause: Object.assign(new Error('canceled'), { code: '57014' }) })
  await expect(ask(4000)).rejects.toBe(fails)
  const first = fails
  fails = null
  clock += 79_000
  await expect(ask(1)).rejects.toBe(first)
  clock += 2000
  expect(await ask(1)).toEqual({ value: 5, agedMs: 0 })
})
