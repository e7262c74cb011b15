// Redis goes away in the middle of a de-duplication: what the screen says, and that every message is back within seconds.
import { expect, test } from '@playwright/test'
import { Redis } from 'ioredis'
import { job } from '../adapters/celery/queue-stage.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { redisServer, type TestRedis } from '../support/redis.ts'
import { type ServingHost, serveApp } from '../support/serving-host.ts'

let redis: TestRedis
let database: TestDatabase
let host: ServingHost
const MESSAGES = 60_000

test.beforeAll(async () => {
  ;[redis, database] = await Promise.all([redisServer(), testDatabase()])
  const system = { id: 'calls', kind: 'recordings', database: database.url, broker: redis.url }
  host = await serveApp({ settings: { worker: { startWithApp: false }, systems: [system] } })
})
test.afterAll(async () => {
  await host?.stop()
  await Promise.all([redis?.stop(), database?.drop()])
})

test('a de-duplication that loses Redis is shown, rolled back, and listed in History', async ({ page }) => {
  const client = new Redis(redis.url)
  client.on('error', () => undefined)
  for (let n = 0; n < MESSAGES; n += 5000)
    await client.lpush('celery', ...Array.from({ length: 5000 }, (_, i) => job((n + i) % 600)))
  const before = await client.lrange('celery', 0, -1)

  await page.goto(await host.link())
  await page.goto(`${new URL(host.url).origin}/#/overview`)
  const acted = host.unjam('act', 'deduplicate-queue', '--system', 'calls', '--yes')
  const parts = () => client.keys('unjam:quarantine:*:keep')
  await expect.poll(async () => (await parts()).length, { timeout: 60_000, intervals: [2] }).toBeGreaterThan(0)
  await redis.kill()

  const { code, stderr } = await acted
  expect(code).not.toBe(0)
  expect(stderr).toContain('Unjam checks what was done, then completes it or rolls it back')
  await expect(page.getByText(/was interrupted; recovery is pending/).first()).toBeVisible()
  await page.screenshot({ path: test.info().outputPath('interrupted.png') })

  await redis.start()
  await expect.poll(() => client.llen('celery'), { timeout: 30_000 }).toBe(MESSAGES)
  expect((await client.lrange('celery', 0, -1)).join('\n') === before.join('\n')).toBe(true)
  await expect(page.getByText(/was interrupted; recovery is pending/)).toHaveCount(0)
  await page.goto(`${new URL(host.url).origin}/#/history`)
  await expect(page.getByText('Interrupted: no message of queue celery is set aside.').first()).toBeVisible()
  await page.screenshot({ path: test.info().outputPath('history.png') })
  client.disconnect()
})
