// Runbook 3: runs that say running for over an hour, pending ones that never start, parents that nobody finalized.
import { randomUUID } from 'node:crypto'
import type { Pool } from '../../../worker/store/pool.ts'
import { crawlJobs } from '../../adapters/crawl/crawl-jobs.ts'
import { type MemoryBroker, memoryBroker } from '../../adapters/memory-broker/memory-broker.ts'
import { sampleId } from '../../contract/sample.ts'
import { SystemSettings } from '../../contract/settings.ts'
import { createCrawlTables, type SeedRun, seedRun, sourceOf } from './crawl-rows.ts'
import { crawlWorld, REFRESH, TIME_LIMIT_MS } from './crawl-world.ts'
import type { Incident, IncidentParts, Staged } from './incident.ts'

const MINUTE = 60_000
const WORKING = { run: randomUUID(), task: randomUUID(), startedMin: 41 }
const WAITING = { run: randomUUID(), task: randomUUID() }
const done = (source: string, n: number): SeedRun => ({
  ...{ id: randomUUID(), source, status: 'completed', createdMin: 90 + n * 31, startedMin: 89 + n * 31 },
  completedMin: 84 + n * 31,
})
const sources = ['City council minutes', 'Court calendar', 'Port authority notices', 'School board', 'Transit alerts']

/** One in each situation of the runbook. */
const runs: readonly SeedRun[] = [
  {
    id: randomUUID(),
    source: 'County records',
    status: 'running',
    task: randomUUID(),
    createdMin: 138,
    startedMin: 137,
  },
  { id: randomUUID(), source: 'Press releases', status: 'running', task: randomUUID(), createdMin: 79, startedMin: 78 },
  {
    id: WORKING.run,
    source: 'Land registry',
    status: 'running',
    task: WORKING.task,
    createdMin: 42,
    startedMin: WORKING.startedMin,
  },
  { id: randomUUID(), source: 'Planning permits', status: 'pending', task: randomUUID(), createdMin: 34 },
  { id: randomUUID(), source: 'Public tenders', status: 'pending', task: randomUUID(), createdMin: 27 },
  { id: WAITING.run, source: 'Weather bulletins', status: 'pending', task: WAITING.task, createdMin: 22 },
  {
    ...{ id: randomUUID(), source: '', status: 'running', task: randomUUID(), createdMin: 71, startedMin: 70 },
    children: [
      ['City council minutes', 'completed'],
      ['School board', 'completed'],
      ['Transit alerts', 'completed'],
    ],
  },
  {
    ...{ id: randomUUID(), source: '', status: 'running', task: randomUUID(), createdMin: 66, startedMin: 65 },
    children: [
      ['Court calendar', 'completed'],
      ['Port authority notices', 'failed'],
    ],
  },
  ...Array.from({ length: 40 }, (_, n) => done(sources[n % sources.length] ?? '', n)),
]

export const stuckRuns: Incident = {
  name: 'stuck-runs',
  title: 'Crawl runs neither end nor begin',
  summary:
    'Running for over an hour without a worker, pending for over 15 minutes, two parents whose children have ended.',
  attempt: 'Mark the dead runs as failed, start the lost ones anew, finalize the parents.',
  runbook: 3,
  stage,
}

async function stage({ clock, database, heartbeatLimitMs }: IncidentParts): Promise<Staged> {
  const { nowMs } = clock
  const settings = SystemSettings.parse({ id: sampleId('crawl'), kind: 'crawl', database: 'env:SAMPLE' })
  if (settings.kind !== 'crawl') throw new Error('a system of crawl runs was asked for')
  const { id, celery: app, tables } = settings
  const own = await database()
  await createCrawlTables(own.pool)
  for (const run of runs) await seedRun(own.pool, run)
  const broker = memoryBroker({ app, tasks: [app.jobTask, REFRESH], nowMs })
  await fill(broker, own.pool, nowMs())
  const jobs = crawlJobs({
    ...{ id, tables, heartbeatLimitMs, pool: async () => own.pool, taskTimeoutMs: TIME_LIMIT_MS },
  })
  return {
    systems: [
      {
        ...{ id, kind: 'crawl', jobs, broker, stack: null, env: null },
        ...{ api: null, dependencies: null, recovery: null },
        // Its parts end with the sample.
        close: async () => undefined,
      },
    ],
    tick: crawlWorld({ pool: own.pool, broker, nowMs }).tick,
    async close() {
      await broker.close()
      await own.drop()
    },
  }
}

/** A worker of one process that forgot `-Q default`, with a run that takes too long; behind it a run that waits. */
async function fill({ app, workers, lists }: MemoryBroker, pool: Pool, nowMs: number): Promise<void> {
  const queue = app.jobQueue ?? app.defaultQueue
  const call = async (run: string, source: string) => ({
    args: [await sourceOf(pool, source)],
    kwargs: { crawl_job_id: run },
  })
  const { args } = await call(WORKING.run, 'Land registry')
  workers.add({
    ...{ name: 'celery@crawler-1', slots: 1, queues: [queue], startedMs: nowMs - 9 * 60 * MINUTE },
    tasks: [
      {
        ...{ id: WORKING.task, name: app.jobTask, job: WORKING.run, queue, raw: null, timeLimitMs: null },
        args: `('${args[0]}',) {'crawl_job_id': '${WORKING.run}'}`,
        startedMs: nowMs - WORKING.startedMin * MINUTE,
      },
    ],
  })
  lists.send({
    ...{ id: WAITING.task, name: app.jobTask, ...(await call(WAITING.run, 'Weather bulletins')) },
    ...{ queue, origin: 'gen7@web-1' },
  })
  for (let n = 0; n < 6; n++)
    lists.send({ id: randomUUID(), name: REFRESH, args: [], queue: app.defaultQueue, origin: 'gen1@beat-1' })
}
