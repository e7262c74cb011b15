// The first command of a process, as of `unjam undo`: names are made as the app makes them, before anything else was read.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createQuarantine } from '../../../electron/adapters/celery/quarantine/quarantine.ts'
import { findWaiting, pushTask } from '../../../electron/adapters/celery/queues/enqueue.ts'
import { withdrawTask } from '../../../electron/adapters/celery/queues/once.ts'
import { connectRedis, type RedisSource } from '../../../electron/adapters/celery/redis/connect.ts'
import { readRedisUrl } from '../../../electron/adapters/celery/redis/url.ts'
import { redisServer, type TestRedis } from '../../support/redis.ts'
import { celeryApp, job, signal } from './queue-stage.ts'

const app = celeryApp()
let redis: TestRedis
const opened: RedisSource[] = []
beforeAll(async () => {
  redis = await redisServer({ persist: false })
})
beforeEach(async () => {
  await redis.cli('FLUSHALL')
  // An app with `sep: ':'`, whose workers have all been stopped.
  await redis.cli('SADD', '_kombu.binding.celery', 'celery::celery')
  await redis.cli('LPUSH', 'celery', job(1))
  await redis.cli('LPUSH', 'celery:7', job(2))
})
afterEach(async () => {
  for (const source of opened.splice(0)) await source.close()
})
afterAll(() => redis.stop())

/** Nothing has been sent over it. */
function fresh(): RedisSource {
  const source = connectRedis(readRedisUrl(redis.url, undefined), '', app.defaultQueue)
  opened.push(source)
  return source
}
const waiting = async () =>
  Promise.all(['celery', 'celery:7'].map(async (list) => (await redis.cli('LRANGE', list, '0', '-1')).split('\n')))
const queues = async () => (await redis.cli('KEYS', 'celery*')).split('\n').filter(Boolean).sort()

test('a purge moves every list, and an undo in another process puts every list back', async () => {
  const before = await waiting()
  const moved = await createQuarantine(fresh(), app).move('celery', 'all', 'r1', signal)
  expect(moved.moved).toBe(2)
  expect(await queues()).toEqual([])
  expect(await createQuarantine(fresh(), app).restore(moved, signal)).toEqual({ restored: 2, left: [] })
  expect(await waiting()).toEqual(before)
  expect(await queues()).toEqual(['celery', 'celery:7'])
})

test('a message is found, taken out and put back in the list that it was in', async () => {
  const found = await findWaiting(fresh(), app, ['celery'], { ids: ['2'], by: 'job' }, signal)
  expect(found).toMatchObject([{ job: '2', priority: 7 }])
  const [one] = found
  if (one === undefined) throw new Error('it is not found')
  expect(await withdrawTask(fresh(), 'celery', one.raw, 'r2', signal)).toBe(true)
  expect(await queues()).toEqual(['celery'])
  await pushTask(fresh(), { name: one.task ?? '', args: [], operation: 'r2', ...one, id: 'again' }, signal)
  expect(await queues()).toEqual(['celery', 'celery:7'])
})

test('nothing is sent to a list whose name would be a guess', async () => {
  await redis.cli('DEL', '_kombu.binding.celery')
  const task = { name: 'a.task', args: [], queue: 'celery', operation: 'r3' }
  await expect(pushTask(fresh(), { ...task, id: 'first', priority: 7 }, signal)).rejects.toMatchObject({
    failure: { kind: 'refused', because: expect.stringContaining('no binding in Redis shows the separator') },
  })
  expect(await queues()).toEqual(['celery', 'celery:7'])
  // A queue itself has the same name in every app.
  await pushTask(fresh(), { ...task, id: 'second' }, signal)
  expect(await redis.cli('LLEN', 'celery')).toBe('2')
})
