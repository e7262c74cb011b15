// A system of kind crawl from settings as short as the README's: its tables are read, absent parts are absent.
import { expect, it } from 'vitest'
import { crawlSystem } from '../../electron/compose/crawl-system.ts'
import { SystemSettings } from '../../electron/contract/settings.ts'
import { cast, createCrawlTables, seedRuns } from '../support/crawl-tables.ts'
import { emptyDatabase } from '../support/postgres.ts'

it('reads runbook 3’s tables, and takes its names for granted', async () => {
  const database = await emptyDatabase()
  await createCrawlTables(database.pool)
  await seedRuns(database.pool, cast)
  const settings = SystemSettings.parse({ id: 'crawl', kind: 'crawl', database: database.url })
  if (settings.kind !== 'crawl') throw new Error('it is a system of crawl runs')
  expect(settings.celery).toMatchObject({
    ...{ jobTask: 'apps.sources.tasks.crawl_source', defaultQueue: 'default', jobQueue: 'crawl' },
    jobArgument: { index: 1, name: 'crawl_job_id' },
  })
  const system = crawlSystem(settings, {
    ...{ dataDir: '/nowhere', heartbeatLimitMs: () => 900_000 },
    onProblem: () => undefined,
  })
  try {
    const signal = AbortSignal.timeout(60_000)
    expect(await system.jobs.counts(signal)).toMatchObject({ queued: 2, running: 6 })
    expect(await system.jobs.limits(signal)).toMatchObject({ taskTimeoutMs: 600_000 })
    expect([system.broker, system.stack, system.env, system.api]).toEqual([null, null, null, null])
  } finally {
    await system.close()
    await database.drop()
  }
})
