// The log of a real Celery worker, read as it grows: what ran, on which recording, and how it ended.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { emptyLog, type LoggedAttempt, readLog } from '../../electron/core/worker-log.ts'
import { celerySend, celeryWorker, type TestWorker } from '../support/celery.ts'
import { redisServer, type TestRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'

let redis: TestRedis
let worker: TestWorker
beforeAll(async () => {
  redis = await redisServer({ persist: false })
  worker = await celeryWorker({ broker: redis.celeryUrl(), concurrency: 2 })
})
afterAll(async () => {
  await worker?.kill()
  await redis?.stop()
})

test('done, failed, retried, killed by its time limit: each with its recording', async () => {
  const task = 'app.worker.tasks.process_recording'
  const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`
  const tasks = await celerySend(
    { broker: redis.celeryUrl() },
    { task, args: [id(1)] },
    { task, args: [id(2)], kwargs: { fail: 'not audio' } },
    { task, args: [id(3)], kwargs: { retry_in: 60 } },
    { task, args: [id(4)], kwargs: { seconds: 60 }, options: { time_limit: 1 } },
    { task, args: [id(5)], kwargs: { seconds: 60 } },
    { task: 'app.worker.tasks.enqueue_pending_recordings' },
  )
  const attempts = (): (LoggedAttempt | undefined)[] => {
    const lines = worker.log().split('\n')
    const log = readLog(
      emptyLog,
      lines.map((text) => ({ at: null, container: 'w1', level: 'info', text })),
    )
    return tasks.map((one) => log.attempts.get(one))
  }
  // Six tasks in several processes: their lines come in any order.
  const settled = ['done', 'failed', /retried|waiting/, 'failed', 'running', 'done']
  await until('each is where it stays', () =>
    attempts().every((one, n) => one !== undefined && new RegExp(settled[n] ?? '').test(one.outcome)),
  )
  expect(attempts()).toMatchObject([
    { outcome: 'done', job: id(1), name: task, error: null },
    { outcome: 'failed', job: id(2), error: 'ValueError: not audio' },
    {
      outcome: expect.stringMatching(/retried|waiting/),
      job: id(3),
      error: "ValueError('try later')",
    },
    { outcome: 'failed', job: id(4), error: 'TimeLimitExceeded(1)' },
    { outcome: 'running', job: id(5) },
    { outcome: 'done', job: null },
  ])
})
