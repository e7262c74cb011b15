// The whole broker as one port over a real Redis: what it reads together, and that it ends whatever has become of Redis.
import { afterEach, expect, it } from 'vitest'
import { celeryBroker } from '../../../electron/adapters/celery/celery-broker.ts'
import { SystemSettings } from '../../../electron/contract/settings.ts'
import type { Broker } from '../../../electron/core/ports/broker.ts'
import { celeryWorker, type TestWorker } from '../../support/celery.ts'
import { redisServer, type TestRedis } from '../../support/redis.ts'
import { until } from '../../support/until.ts'

let redis: TestRedis
let broker: Broker
let worker: TestWorker | null = null
const soon = () => AbortSignal.timeout(60_000)

async function open(more: { expireEveryMs?: number } = {}): Promise<void> {
  redis = await redisServer()
  const settings = SystemSettings.parse({ id: 'x', kind: 'recordings', database: 'postgres://x/x' })
  if (settings.kind !== 'recordings') throw new Error('not recordings')
  broker = celeryBroker({ broker: redis.url, results: redis.urlOf({ db: 1 }), app: settings.celery, ...more })
}

const readAll = () =>
  Promise.allSettled([
    broker.queues.queues(soon()),
    broker.control.workers(soon()),
    broker.control.tasks(soon()),
    broker.results.summary(soon()),
  ])

afterEach(async () => {
  await worker?.kill()
  worker = null
  await broker.close()
  await redis.stop()
})

it('knows who consumes a queue once the workers have told', async () => {
  await open()
  worker = await celeryWorker({ broker: redis.celeryUrl(), results: redis.celeryUrl(1), queues: ['celery', 'crawl'] })
  await until('the worker has answered', async () => (await broker.control.workers(soon()))[0]?.state === 'running')
  const queues = await broker.queues.queues(soon())
  expect(queues.map(({ name, consumers }) => [name, consumers]).sort()).toEqual([
    ['celery', 1],
    ['crawl', 1],
  ])
})

it('ends after an outage, with every connection', async () => {
  await open()
  expect((await readAll()).map(({ status }) => status)).toEqual(Array(4).fill('fulfilled'))
  await redis.stop()
  expect((await readAll()).map(({ status }) => status)).toContain('rejected')
  // It hung for ever on a command that waited for a connection.
  await broker.close()
})

it('deletes a quarantine whose 24 hours are over beside a reading of the queues, and keeps the others', async () => {
  await open({ expireEveryMs: 0 })
  for (const operation of ['old', 'young']) {
    await redis.cli('lpush', 'celery', 'a message')
    await broker.quarantine.move('celery', 'all', operation, soon())
  }
  await redis.cli('hset', 'unjam:kept', 'quarantine:old', '2026-01-01T00:00:00.000Z celery')
  const lists = async () => (await redis.cli('keys', 'unjam:quarantine:*:celery:0')).split('\n')
  expect(await lists()).toHaveLength(2)
  await broker.queues.queues(soon())
  await until('it is deleted', async () => (await lists()).length === 1)
  expect(await lists()).toEqual(['unjam:quarantine:young:celery:0'])
  expect((await broker.quarantine.kept(soon())).map(({ operation }) => operation)).toEqual(['young'])
})
