// A command after a crash: the change that was cut short has its receipt before the command reads anything.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openHistory } from '../../electron/adapters/history-sqlite.ts'
import type { Receipt } from '../../electron/contract/action.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { redisServer, type TestRedis } from '../support/redis.ts'
import { freshDataDir, runUnjam } from '../support/serving-host.ts'

let redis: TestRedis
let database: TestDatabase
beforeAll(async () => {
  ;[redis, database] = await Promise.all([redisServer(), testDatabase()])
})
afterAll(async () => {
  await Promise.all([redis.stop(), database.drop()])
})

/** What a kill between the intent and the first write leaves. */
function crashed(): string {
  const system = { id: 'calls', kind: 'recordings', database: database.url, broker: redis.url }
  const dataDir = freshDataDir({ systems: [system] })
  const history = openHistory(join(dataDir, 'history.sqlite'))
  history.begin({
    ...{ id: 'r1', kind: 'execute', action: 'purge-queue', system: 'calls', title: 'Purge queue celery' },
    ...{ at: '2026-03-01T03:00:00.000Z', actor: 'ops', previewed: 3 },
  })
  history.record('r1', JSON.stringify({ queue: 'celery', previewed: 3, queued: null }))
  history.close()
  return dataDir
}

test('receipts lists it, and the queue is as it was', async () => {
  await redis.cli('lpush', 'celery', 'a', 'b', 'c')
  const { code, stdout } = await runUnjam(crashed(), ['receipts', '--json'])
  expect(code).toBe(0)
  const { receipts } = JSON.parse(stdout) as { receipts: Receipt[] }
  expect(receipts).toMatchObject([
    { id: 'r1', count: 0, undoable: false, summary: 'Interrupted: no message of queue celery is set aside.' },
  ])
  expect(await redis.cli('lrange', 'celery', '0', '-1')).toBe('c\nb\na')
})

test('a broker that is away does not hold up the command, and the finding says what is open', async () => {
  const dataDir = crashed()
  await redis.halt()
  const { code, stdout } = await runUnjam(dataDir, ['diagnose', '--json'])
  await redis.start()
  expect(code).toBe(1)
  const { findings } = JSON.parse(stdout) as { findings: { rule: string }[] }
  expect(findings.map(({ rule }) => rule)).toContain('interrupted-operation')
})
