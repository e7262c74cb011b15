// A result that names neither task nor arguments, in a real Redis: only the row that keeps its task's id ties it to a job.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { celeryBroker } from '../../electron/adapters/celery/celery-broker.ts'
import type { Broker } from '../../electron/core/ports/broker.ts'
import { readLedgers } from '../../electron/core/read-ledgers.ts'
import { celeryApp } from '../adapters/celery/queue-stage.ts'
import { acting, signal } from '../support/acting.ts'
import { bareSystem } from '../support/bare-system.ts'
import { redisServer, type TestRedis } from '../support/redis.ts'
import { failedJob } from '../support/stack-builders.ts'

let redis: TestRedis
let broker: Broker
beforeAll(async () => {
  redis = await redisServer({ persist: false })
  broker = celeryBroker({ broker: redis.url, results: redis.urlOf({ db: 1 }), app: celeryApp() })
})
afterAll(async () => {
  await broker?.close()
  await redis?.stop()
})

it('ties the attempt to the job, and says that the database told', async () => {
  const result = { status: 'FAILURE', result: { exc_type: 'ValueError', exc_message: ['no page'] }, task_id: 'task-7' }
  await redis.cli('-n', '1', 'SETEX', 'celery-task-meta-task-7', '1000', JSON.stringify(result))
  const system = bareSystem(acting().jobs, { broker })
  const unknown = await readLedgers(system, failedJob({ id: 'run-1' }), signal)
  expect(unknown?.results).toEqual([])
  const known = await readLedgers(system, failedJob({ id: 'run-1', task: 'task-7' }), signal)
  expect(known?.results).toMatchObject([{ id: 'task-7', job: 'run-1', jobFrom: 'database', message: 'no page' }])
})
