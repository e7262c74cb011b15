// Whatever Postgres or the way to it refuses, the operator reads what, on what, why and what to do; never a password.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sqlState, toFailureError } from '../../electron/adapters/postgres/failures.ts'
import { FailureError, toFailure } from '../../electron/contract/failure.ts'
import { maskText } from '../../electron/contract/secrets/mask-text.ts'
import { openPool } from '../../worker/store/pool.ts'
import { emptyDatabase, type TestDatabase } from '../support/postgres.ts'
import { localTable, postgresSystem } from './postgres-stage.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await emptyDatabase()
})
afterAll(() => database.drop())

async function failureAt(url: string) {
  const pool = openPool(url, 1, () => undefined)
  try {
    await postgresSystem(pool, localTable).counts(AbortSignal.timeout(60_000))
  } catch (error) {
    if (!(error instanceof FailureError)) throw error
    expect(JSON.stringify(error.failure)).not.toContain(new URL(url).password)
    expect(error.message).not.toContain(new URL(url).password)
    return error.failure
  } finally {
    await pool.close()
  }
  throw new Error('it was expected to fail')
}
const changed = (change: (url: URL) => void) => {
  const url = new URL(database.url)
  change(url)
  return url.href
}

test('nothing listens', async () => {
  const failure = await failureAt('postgres://app:s3cret@127.0.0.1:1/x')
  expect(failure).toMatchObject({ kind: 'unreachable', tried: 'Count the jobs', on: 'local: public.recordings' })
  expect(failure.because).toBe('nothing answers at 127.0.0.1:1')
  expect(failure.remedy).toMatch(/^Start the database/)
})
test('unknown host', async () => {
  expect(await failureAt('postgres://app:s3cret@no-such-host.invalid/x')).toMatchObject({ kind: 'unreachable' })
})
test('wrong password', async () => {
  const failure = await failureAt(changed((url) => Object.assign(url, { password: 'wr0ng' })))
  expect(failure).toMatchObject({ kind: 'refused', because: expect.stringMatching(/^password authentication failed/) })
})
test('a password with signs of a URL, and a machine that the server does not let in', async () => {
  const pool = openPool('postgres://app:s3c#ret@127.0.0.1:1/x', 1, () => undefined)
  const refused = await postgresSystem(pool, localTable)
    .counts(AbortSignal.timeout(60_000))
    .catch((error: unknown) => toFailure(error, 'Try'))
  await pool.close()
  expect(refused).toMatchObject({
    ...{ kind: 'invalid', because: 'its URL is invalid', remedy: expect.stringContaining('%23') },
  })
  expect(JSON.stringify(refused)).not.toMatch(/s3c|ret/)
  const barred = Object.assign(new Error('no pg_hba.conf entry for host "10.0.0.9"'), { code: '28000' })
  expect(toFailureError(barred, 'Try', 'this').failure.remedy).toContain('pg_hba.conf')
})
test('missing database', async () => {
  const failure = await failureAt(changed((url) => Object.assign(url, { pathname: '/nowhere' })))
  expect(failure).toMatchObject({ kind: 'missing', because: 'database "nowhere" does not exist' })
})
test('too many connections', async () => {
  await database.pool.query(`CREATE ROLE crowded LOGIN PASSWORD 'pw-crowded' CONNECTION LIMIT 0`)
  const failure = await failureAt(changed((url) => Object.assign(url, { username: 'crowded', password: 'pw-crowded' })))
  await database.pool.query('DROP ROLE crowded')
  expect(failure).toMatchObject({ kind: 'busy', because: 'the database has no connection left' })
})
test('missing table, then a missing column, then health: nothing is remembered wrongly', async () => {
  const system = postgresSystem(database.pool, localTable)
  const counts = () => system.counts(AbortSignal.timeout(60_000))
  await expect(counts()).rejects.toMatchObject({
    failure: { kind: 'missing', because: expect.stringMatching(/no table/) },
  })
  await database.pool.query(
    'CREATE TABLE recordings (id int PRIMARY KEY, status text, created_at timestamptz, updated_at timestamptz)',
  )
  await expect(counts()).rejects.toMatchObject({
    failure: { kind: 'missing', because: expect.stringMatching(/no column file_name/) },
  })
  await database.pool.query('ALTER TABLE recordings ADD file_name text')
  expect(await counts()).toMatchObject({ queued: 0 })
  await database.pool.query('ALTER TABLE recordings RENAME COLUMN status TO phase')
  await expect(counts()).rejects.toMatchObject({ failure: { kind: 'missing' } })
  await database.pool.query('ALTER TABLE recordings RENAME COLUMN phase TO status')
  expect(await counts()).toMatchObject({ queued: 0 })
})
test('a lock on the table ends the read at its deadline', async () => {
  const { release, held } = await lockTable()
  const system = postgresSystem(database.pool, localTable)
  await expect(system.counts(AbortSignal.timeout(50))).rejects.toMatchObject({
    failure: { kind: 'timeout', because: 'it did not answer in time' },
  })
  release()
  await held
})

async function lockTable() {
  const locked = Promise.withResolvers<void>()
  const free = Promise.withResolvers<void>()
  const held = database.pool.transaction(10_000, async (db) => {
    await db.query('LOCK TABLE recordings IN ACCESS EXCLUSIVE MODE')
    locked.resolve()
    await free.promise
  })
  await locked.promise
  return { release: () => free.resolve(), held }
}

test.each([
  ['42501', 'refused'],
  ['57014', 'timeout'],
  ['55P03', 'busy'],
  ['40P01', 'busy'],
  ['57P03', 'busy'],
  ['57P01', 'unreachable'],
  ['25006', 'refused'],
  ['53100', 'refused'],
  ['23503', 'refused'],
  ['22P02', 'invalid'],
  ['08006', 'unreachable'],
  ['XX000', 'refused'],
  ['ECONNRESET', 'unreachable'],
  ['ETIMEDOUT', 'unreachable'],
])('%s is %s', (code, kind) => {
  const error = toFailureError(Object.assign(new Error('what it says'), { code }), 'Try', 'this')
  expect(error.failure).toMatchObject({ kind, tried: 'Try', on: 'this' })
  expect(error.failure.because).not.toMatch(/\.$/)
})

test('several addresses refused are one refusal; a failure stays itself; a bug is a bug', () => {
  const refused = (address: string) => Object.assign(new Error('x'), { code: 'ECONNREFUSED', address, port: 5432 })
  const both = toFailureError(new AggregateError([refused('::1'), refused('127.0.0.1')]), 'Try', 'this')
  expect(both.failure).toMatchObject({ kind: 'unreachable', because: 'nothing answers at ::1:5432' })
  expect(toFailureError(both, 'Other', 'that')).toBe(both)
  expect(toFailureError(new TypeError('x is not a function'), 'Try', 'this').failure.kind).toBe('bug')
  expect(sqlState('text')).toBe('')
})
test('what the driver says in words', () => {
  const kind = (message: string) => toFailureError(new Error(message), 'Try', 'this').failure.kind
  // Not tried for real: the driver leaves that connection open until the server gives up on it.
  expect(kind('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string')).toBe('refused')
  expect(kind('timeout exceeded when trying to connect')).toBe('unreachable')
  expect(kind('Connection terminated unexpectedly')).toBe('unreachable')
  expect(kind('The server does not support SSL connections')).toBe('refused')
  expect(kind('Query read timeout')).toBe('timeout')
})
test('passwords are masked wherever a URL stands in a text', () => {
  expect(maskText('at postgres://app:p@ss:w@host:5432/x and redis://:pw@r')).not.toMatch(/p@ss|:pw@/)
  expect(maskText('postgres://app@host/x')).toBe('postgres://app@host/x')
  expect(maskText('postgres://host/x?user=a&password=p@ss&b=1')).toBe('postgres://host/x?user=a&password=••••••&b=1')
})
