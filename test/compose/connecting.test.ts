// Setting up a system against a real Postgres and a real Redis: every part tried, passwords out of the settings.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openSettings, type SettingsFile } from '../../electron/adapters/settings-file.ts'
import { connecting } from '../../electron/compose/connecting.ts'
import type { Probes } from '../../electron/compose/test-system.ts'
import { FailureError } from '../../electron/contract/failure.ts'
import { MASK } from '../../electron/contract/secrets/mask.ts'
import { SystemSettings } from '../../electron/contract/settings.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { redisServer, type TestRedis } from '../support/redis.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folders = temporaryFolder()
const signal = () => AbortSignal.timeout(60_000)
let database: TestDatabase
let redis: TestRedis
let dataDir: string
let settings: SettingsFile
beforeAll(async () => {
  database = await testDatabase()
  redis = await redisServer({ password: 'br0ker', persist: false })
})
afterAll(async () => {
  await database.drop()
  await redis.stop()
})
beforeEach(() => {
  dataDir = folders.path()
  settings = openSettings(dataDir)
})
afterEach(() => folders.remove())

const probes: Probes = {
  stack: async ({ project }) => ({ state: 'ok', sentence: `project ${project}` }),
  envFile: async (path) => {
    throw new FailureError({ kind: 'missing', tried: 'Read .env', on: path, because: 'it is not there', remedy: null })
  },
}
const connect = () => connecting({ dataDir, settings, probes })
const draft = (part: object): SystemSettings =>
  SystemSettings.parse({ id: 'office', kind: 'recordings', database: database.url, ...part })
const file = () => JSON.parse(readFileSync(join(dataDir, 'settings.json'), 'utf8'))
const secrets = () => JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8'))
const password = () => decodeURIComponent(new URL(database.url).password)

describe('test', () => {
  const tried = async (part: object) =>
    Object.fromEntries((await connect().test(draft(part), signal())).map(({ part, ...told }) => [part, told]))

  test('what answers says what it is; what is not configured is absent', async () => {
    const api = createServer((_, response) => response.end('{"queued":20,"processing":1}'))
    await new Promise<void>((up) => api.listen(0, '127.0.0.1', up))
    await redis.cli('SADD', '_kombu.binding.celery', 'x')
    const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
    const told = await tried({ broker: redis.url, api: url, stack: { project: 'app' }, envFile: 'C:\\app\\.env' })
    await new Promise((closed) => api.close(closed))
    expect(told).toEqual({
      database: {
        state: 'ok',
        sentence: expect.stringMatching(/^Postgres \d+[.\d]*, database test_\w+, as app\.$/),
      },
      table: { state: 'ok', sentence: expect.stringMatching(/^public\.recordings.*everything can be done\.$/) },
      broker: {
        state: 'ok',
        sentence: expect.stringMatching(/^Redis [\d.]+, database 0: a Celery broker, 0 messages/),
      },
      results: { state: 'ok', sentence: expect.stringMatching(/no result seen at a first look/) },
      api: { state: 'ok', sentence: 'It answers: 20 queued, 1 running, unknown done, unknown failed.' },
      stack: { state: 'ok', sentence: 'project app' },
      envFile: { state: 'failed', sentence: 'Read .env (C:\\app\\.env): it is not there.' },
    })
    expect(await tried({})).toMatchObject({ broker: { state: 'absent' }, results: { state: 'absent' } })
  })

  test('not a Celery, a wrong password, nobody there: each fails alone, and no password is in a sentence', async () => {
    await redis.cli('DEL', '_kombu.binding.celery')
    const told = await tried({ broker: redis.url, results: redis.url.replace('br0ker', 'wrong-pw') })
    expect(told.broker).toEqual({
      state: 'limited',
      sentence: expect.stringMatching(/No worker of Celery has ever bound/),
    })
    expect(told.results).toMatchObject({ state: 'failed', sentence: expect.stringMatching(/password/) })
    // A Celery whose workers know other queues than the one that was named.
    await redis.cli('SADD', '_kombu.binding.celery.pidbox', 'x')
    await redis.cli('SADD', '_kombu.binding.high', 'x')
    expect((await tried({ broker: redis.url, celery: { defaultQueue: 'hihg' } })).broker).toEqual({
      state: 'limited',
      sentence: expect.stringMatching(/a Celery broker\. No worker has ever bound the queue hihg: they know high\.$/),
    })
    await redis.cli('DEL', '_kombu.binding.celery.pidbox', '_kombu.binding.high')
    const gone = await tried({
      database: 'postgres://ann:s3cret@127.0.0.1:1/app',
      broker: 'redis://:s3cret@127.0.0.1:1/0',
    })
    expect(gone.database).toMatchObject({ state: 'failed', sentence: expect.stringMatching(/nothing answers/) })
    expect(JSON.stringify([told, gone])).not.toMatch(/s3cret|wrong-pw/)
  })

  test('a table that is not as mapped, a role that may only read, words that mean nothing', async () => {
    expect((await tried({ table: { table: 'nowhere' } })).table).toEqual({
      state: 'failed',
      sentence: expect.stringMatching(/has no table public\.nowhere/),
    })
    const { pool } = database
    await pool.query(
      `CREATE TABLE strange AS SELECT gen_random_uuid() AS id, 'Archived' AS status, 'a' AS file_name, now() AS updated_at, now() AS created_at`,
    )
    await pool.query(`CREATE ROLE onlooker LOGIN PASSWORD 'pw'; GRANT SELECT ON strange TO onlooker`)
    const url = Object.assign(new URL(database.url), { username: 'onlooker', password: 'pw' }).href
    const { table } = await tried({ database: url, table: { table: 'strange' } })
    await pool.query('DROP OWNED BY onlooker; DROP ROLE onlooker; DROP TABLE strange')
    expect(table?.state).toBe('limited')
    expect(table?.sentence).toMatch(/The role onlooker may not change status.* No state claims Archived of status/)
    expect(table?.sentence.match(/may not change status/g)).toHaveLength(1)
  })

  test('a broker that has stopped answering is given up in time, by its deadline', async () => {
    redis.freeze()
    const told = await connect().test(draft({ broker: redis.url }), AbortSignal.timeout(1000))
    redis.resume()
    expect(told.find(({ part }) => part === 'broker')?.state).toBe('failed')
    expect(told.find(({ part }) => part === 'database')?.state).not.toBe('absent')
  })
})

test('mapping: proposed over the stored password where the form shows a mask', async () => {
  await connect().save(draft({}), null)
  writeFileSync(
    join(dataDir, 'settings.json'),
    JSON.stringify({ systems: [{ id: 'office', kind: 'recordings', database: database.url }] }),
  )
  settings = openSettings(dataDir)
  const shown = database.url.replace(new URL(database.url).password, MASK)
  const [best] = await connect().mapping(shown, 'office', signal())
  expect(best?.table).toMatchObject({ schema: 'public', table: 'recordings' })
  const elsewhere = connect().mapping(shown.replace(/@[^/]+/, '@203.0.113.9:5432'), 'office', signal())
  await expect(elsewhere).rejects.toMatchObject({ failure: { kind: 'invalid', remedy: 'Type the password again.' } })
  await expect(connect().mapping(shown, null, signal())).rejects.toBeInstanceOf(FailureError)
})

describe('save and remove', () => {
  test('passwords move to secrets.json, readable by the owner only; the local system stays', async () => {
    const shown = await connect().save(draft({ broker: redis.url, api: 'http://127.0.0.1:1/queue' }), null)
    expect(file().systems).toEqual([
      { id: 'local', kind: 'local' },
      {
        ...{ id: 'office', kind: 'recordings', database: 'secret:office-database', broker: 'secret:office-broker' },
        api: 'http://127.0.0.1:1/queue',
      },
    ])
    expect(secrets()).toEqual({ 'office-database': database.url, 'office-broker': redis.url })
    expect(statSync(join(dataDir, 'secrets.json')).mode & 0o777).toBe(0o600)
    expect(JSON.stringify(shown)).not.toContain(password())
    const checks = await connect().test(settings.get().systems[1]!, signal())
    expect(checks.find(({ part }) => part === 'database')?.state).toBe('ok')
  })

  test('unknown keys and unusable neighbours are kept; what the form left out is gone; defaults are not written', async () => {
    const before = {
      ...{ later: { kept: true } },
      systems: [
        {
          id: 'office',
          kind: 'recordings',
          database: 'postgres://a@h/d',
          api: 'http://h/q',
          envFile: '/x',
          note: 'ours',
        },
        { id: 'broken', kind: 'recordings' },
      ],
    }
    writeFileSync(join(dataDir, 'settings.json'), JSON.stringify(before))
    settings = openSettings(dataDir)
    await connect().save(draft({ database: 'postgres://a@h/e', table: { timeZone: 'Europe/Berlin' } }), 'office')
    const { systems, later } = file()
    expect(later).toEqual({ kept: true })
    expect(systems[0]).toMatchObject({
      note: 'ours',
      id: 'office',
      database: 'postgres://a@h/e',
      table: { timeZone: 'Europe/Berlin' },
    })
    expect(Object.keys(systems[0]).sort()).toEqual(['database', 'id', 'kind', 'note', 'table'])
    expect(systems[1]).toEqual({ id: 'broken', kind: 'recordings' })
    expect(existsSync(join(dataDir, 'secrets.json'))).toBe(false)
  })

  test('a masked password is kept, another database on the same server too, a new host is refused', async () => {
    const url = 'postgres://ann:s3cret@db.example:5432/app'
    writeFileSync(
      join(dataDir, 'settings.json'),
      JSON.stringify({ systems: [{ id: 'office', kind: 'recordings', database: url }] }),
    )
    settings = openSettings(dataDir)
    const masked = (rest: string) => draft({ database: `postgres://ann:${MASK}@${rest}` })
    await expect(connect().save(masked('evil.example:5432/app'), 'office')).rejects.toMatchObject({
      failure: { kind: 'invalid' },
    })
    expect(file().systems[0].database).toBe(url)
    await connect().save(masked('db.example:5432/other'), 'office')
    expect(file().systems[0].database).toBe('secret:office-database')
    expect(secrets()['office-database']).toBe('postgres://ann:s3cret@db.example:5432/other')
  })

  test('two systems cannot have one name; renaming keeps the secret, removing takes it away', async () => {
    await connect().save(draft({}), null)
    await expect(connect().save(draft({}), null)).rejects.toMatchObject({ failure: { kind: 'invalid' } })
    await expect(connect().save(draft({ id: 'local' }), 'office')).rejects.toMatchObject({
      failure: { kind: 'invalid' },
    })
    await expect(connect().save(draft({ id: 'new' }), 'nobody')).rejects.toMatchObject({ failure: { kind: 'missing' } })
    await connect().save(draft({ id: 'branch', database: 'secret:office-database' }), 'office')
    expect(secrets()).toEqual({ 'office-database': database.url })
    await connect().save(draft({ id: 'branch' }), 'branch')
    expect(secrets()).toMatchObject({ 'branch-database': database.url })
    const left = await connect().remove('branch')
    expect(left.systems.map(({ id }) => id)).toEqual(['local'])
    expect(secrets()).not.toHaveProperty('branch-database')
    await expect(connect().remove('branch')).rejects.toMatchObject({ failure: { kind: 'missing' } })
  })

  test('settings that cannot be written leave the secrets as they were', async () => {
    await connect().save(draft({}), null)
    const failing = { ...settings, updateSystems: async () => Promise.reject(new Error('disk full')) }
    const other = draft({ database: 'postgres://ann:other@h/d' })
    await expect(connecting({ dataDir, settings: failing, probes }).save(other, 'office')).rejects.toThrow('disk full')
    expect(secrets()).toEqual({ 'office-database': database.url })
  })
})
