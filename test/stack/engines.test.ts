// The engines that tests of queues stand on: a real Redis and real Celery do what their supports promise.
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { celeryBeat, celeryCommand, celerySend, celeryWorker } from '../support/celery.ts'
import { redisServer, type TestRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'

let redis: TestRedis
beforeAll(async () => {
  redis = await redisServer()
})
afterAll(() => redis.stop())

const done = async () => (await redis.cli('-n', '15', 'LRANGE', 'done', '0', '-1')).split('\n')

const exists = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('a worker takes what a producer sends, freezes, resumes and is killed with its children', async () => {
  const options = { broker: redis.url, results: redis.urlOf({ db: 1 }) }
  const worker = await celeryWorker(options)
  const ids = await celerySend(options, { task: 'app.worker.tasks.process_recording', args: ['one'] })
  await until('the task ran', async () => (await done()).includes('one'))
  await worker.said(new RegExp(`Task app\\.worker\\.tasks\\.process_recording\\[${ids[0]}\\] received`))
  expect(await celeryCommand(options, 'inspect', 'ping')).toContain('w1@unjam: OK')

  worker.freeze()
  await celerySend(options, { task: 'app.worker.tasks.process_recording', args: ['two'] })
  expect(await celeryCommand(options, 'inspect', 'ping')).toContain('No nodes replied')
  worker.resume()
  await until('the second task ran', async () => (await done()).includes('two'))

  await celerySend(options, { task: 'sleep', args: [600] })
  await worker.said(/Task sleep\[/)
  await worker.kill()
  expect(worker.running()).toBe(false)
  await until('its children are gone', () => !exists(-worker.pid))
})

test('beat sends the enqueuer, which sends what is pending', async () => {
  await redis.cli('-n', '15', 'SADD', 'pending', 'three')
  const options = { broker: redis.url, env: { ENQUEUE_SECONDS: '0.2' } }
  const beat = await celeryBeat(options)
  const worker = await celeryWorker({ ...options, name: 'w2' })
  await until('the recording was worked on', async () => (await done()).includes('three'))
  await Promise.all([beat.stop(), worker.stop()])
  expect(beat.running()).toBe(false)
})

test('a password, an ACL user, TLS and another database', async () => {
  const locked = await redisServer({ password: 'pa ss', users: { reader: '~* &* +@read +ping' }, tls: true, db: 2 })
  try {
    expect(locked.url).toBe(`rediss://:pa%20ss@127.0.0.1:${locked.port}/2`)
    const worker = await celeryWorker({ broker: locked.celeryUrl() })
    await worker.stop()
    const as = ['--user', 'reader', '--pass', 'reader-secret', '--no-auth-warning']
    expect(await locked.cli(...as, 'PING')).toBe('PONG')
    expect(await locked.cli(...as, 'SET', 'a', '1')).toContain('NOPERM')
  } finally {
    await locked.stop()
  }
  expect(existsSync(dirname(locked.ca ?? '/'))).toBe(false)
})

test('data survive a kill; a frozen server answers nothing', async () => {
  await redis.cli('SET', 'kept', 'yes')
  await redis.kill()
  await expect(redis.cli('GET', 'kept')).rejects.toThrow('refused')
  await redis.start()
  expect(await redis.cli('GET', 'kept')).toBe('yes')
  redis.freeze()
  const answer = redis.cli('PING')
  redis.resume()
  expect(await answer).toBe('PONG')
})
