// Where a run's task is, asked of real workers and queues: on a worker, in a queue, taken by one that is gone, nowhere.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { celeryBroker } from '../../electron/adapters/celery/celery-broker.ts'
import { crawlJobs } from '../../electron/adapters/crawl/crawl-jobs.ts'
import { SystemSettings } from '../../electron/contract/settings.ts'
import type { Broker } from '../../electron/core/ports/broker.ts'
import type { System } from '../../electron/core/ports/system.ts'
import { readRunTree } from '../../electron/core/read-run-tree.ts'
import { readRuns } from '../../electron/core/watch-runs.ts'
import { bareSystem } from '../support/bare-system.ts'
import { type CeleryOptions, celerySend, celeryWorker, type TestWorker } from '../support/celery.ts'
import { createCrawlTables, idOf, seedRuns, sourceOf } from '../support/crawl-tables.ts'
import { emptyDatabase, type TestDatabase } from '../support/postgres.ts'
import { redisServer, type TestRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'

let database: TestDatabase
let redis: TestRedis
let celery: CeleryOptions
let broker: Broker
let worker: TestWorker
let system: System
const soon = () => AbortSignal.timeout(60_000)

beforeAll(async () => {
  database = await emptyDatabase()
  await createCrawlTables(database.pool)
  redis = await redisServer({ persist: false })
  celery = {
    ...{ broker: redis.celeryUrl(), results: redis.celeryUrl(1), app: 'crawl' },
    folder: join(import.meta.dirname, '..', 'support', 'crawl-app'),
    env: { DATABASE_URL: database.url },
  }
  const settings = SystemSettings.parse({ id: 'crawl', kind: 'crawl', database: database.url })
  if (settings.kind !== 'crawl') throw new Error('it is a system of crawl runs')
  broker = celeryBroker({ broker: redis.url, results: redis.urlOf({ db: 1 }), app: settings.celery })
  const jobs = crawlJobs({
    ...{ id: 'crawl', tables: settings.tables, pool: async () => database.pool },
    ...{ heartbeatLimitMs: () => 900_000, taskTimeoutMs: 600_000 },
  })
  system = bareSystem(jobs, { broker })
  worker = await celeryWorker({ ...celery, queues: ['default', 'crawl'] })
})
afterAll(async () => {
  await broker.close()
  await worker.kill()
  await redis.stop()
  await database.drop()
})

const send = (n: number, options: Record<string, unknown> = {}) =>
  celerySend(celery, {
    task: 'apps.sources.tasks.crawl_source',
    args: [sourceOf(n)],
    kwargs: { crawl_job_id: idOf(n) },
    options: { task_id: `task-${n}`, ...options },
  })
async function places(): Promise<Record<string, string>> {
  const { nodes } = await readRunTree(system, soon())
  const all = nodes.flatMap(({ run, place, runs }) => [{ run, place }, ...runs])
  return Object.fromEntries(all.map(({ run, place }) => [run.id, [place.at, place.by].filter(Boolean).join(' ')]))
}

it('is told by its task id or by the run in its arguments, in any queue, held for later, or with a worker that died', async () => {
  await seedRuns(
    database.pool,
    [1, 2, 3, 4, 5].map((n) => ({ n, status: 'pending', createdMin: 80, task: n === 4 ? '' : `task-${n}` })),
  )
  await send(2, { countdown: 900 })
  await until('run 2 is kept for later', async () => (await places())[idOf(2)] === `scheduled ${worker.name}`)
  await send(1)
  await until('run 1 crawls', async () => (await places())[idOf(1)] === `active ${worker.name}`)
  await send(3, { queue: 'default' })
  // Its row names no task: the message names the run.
  await send(4)
  const alive = await places()
  expect(alive[idOf(3)]).toBe('queue default')
  expect(alive[idOf(4)]).toBe('queue crawl')
  expect(alive[idOf(5)]).toBe('nowhere')

  await worker.kill()
  await until('it is gone', async () => (await broker.control.workers(soon())).every(({ state }) => state === 'lost'))
  const dead = await places()
  expect([dead[idOf(1)], dead[idOf(2)], dead[idOf(5)]]).toEqual(['taken', 'taken', 'nowhere'])
  // Run 1 has only just begun: nobody asks after it yet.
  const { waiting, taken } = await readRuns(system, soon())
  expect({ waiting, taken }).toEqual({ waiting: [3, 4].map(idOf), taken: [idOf(2)] })
})
