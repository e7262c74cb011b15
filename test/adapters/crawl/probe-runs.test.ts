// The tables of crawl runs are tried for a form: what is there, what is missing, and words that no state claims.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { probeRuns } from '../../../electron/adapters/crawl/probe-runs.ts'
import { CrawlTables } from '../../../electron/contract/crawl-tables.ts'
import { failureOf } from '../../support/acting.ts'
import { cast, createCrawlTables, seedRuns } from '../../support/crawl-tables.ts'
import { emptyDatabase, type TestDatabase } from '../../support/postgres.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await emptyDatabase()
  await createCrawlTables(database.pool)
  await seedRuns(database.pool, cast)
})
afterAll(() => database.drop())

const probe = (tables: object = {}) => probeRuns(database.pool, CrawlTables.parse(tables))

test('tables as the runbook has them can do everything', async () => {
  expect(await probe()).toEqual({
    state: 'ok',
    sentence: 'public.crawl_jobs with public.crawl_job_source_results, 12 runs; everything can be done.',
  })
})

test('words that no state claims, and sources without names, limit what is seen', async () => {
  const told = await probe({ words: { skipped: ['dropped'] }, sources: { table: 'nowhere' } })
  expect(told.state).toBe('limited')
  expect(told.sentence).toMatch(/No state claims cancelled of status: such runs are in no list\./)
  expect(told.sentence).toMatch(/public\.nowhere gives no names/)
})

test('a table or a column that is not there is named', async () => {
  expect((await failureOf(probe({ jobs: { table: 'runs' } }))).because).toBe('there is no such table')
  expect((await failureOf(probe({ jobs: { columns: { taskId: 'celery_id' } } }))).because).toMatch(/celery_id/)
})
