// Tables of crawl runs of any names are found in a real database, with their children, their sources and the reasons.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { probeRuns } from '../../../electron/adapters/crawl/probe-runs.ts'
import { proposeRuns } from '../../../electron/adapters/crawl/propose-runs.ts'
import { CrawlTables } from '../../../electron/contract/crawl-tables.ts'
import { cast, createCrawlTables, seedRuns } from '../../support/crawl-tables.ts'
import { emptyDatabase, type TestDatabase } from '../../support/postgres.ts'

const opened: TestDatabase[] = []
async function database(): Promise<TestDatabase> {
  const made = await emptyDatabase()
  opened.push(made)
  return made
}
const propose = ({ pool }: TestDatabase, zone = 'UTC') => pool.transaction(10_000, (db) => proposeRuns(db, zone), 'UTC')

let odd: TestDatabase
beforeAll(async () => {
  odd = await database()
  for (const statement of [
    'CREATE SCHEMA spiders',
    `CREATE TYPE spiders.run_state AS ENUM ('NEW', 'ACTIVE', 'FINISHED', 'BROKEN', 'CANCELLED', 'FROZEN')`,
    'CREATE TABLE spiders.sites (key integer PRIMARY KEY, title text)',
    `CREATE TABLE spiders."Runs" (run_key bigint PRIMARY KEY, site_id integer REFERENCES spiders.sites, run_state spiders.run_state,
       batch boolean, parent_run_id bigint, celery_task_id text, last_error text,
       queued_on timestamp DEFAULT now(), begun timestamp, finished_on timestamp)`,
    `CREATE TABLE spiders.pieces (id serial PRIMARY KEY, belongs bigint REFERENCES spiders."Runs", site_name text, state text)`,
    `INSERT INTO spiders.sites VALUES (1, 'example.org')`,
    `INSERT INTO spiders."Runs" SELECT n, 1, 'ACTIVE', false, NULL, 'task', '', now() AT TIME ZONE 'UTC' FROM generate_series(1, 3) n`,
    `INSERT INTO spiders.pieces (belongs, state) VALUES (1, 'finished'), (1, 'ACTIVE')`,
    // What Django and Celery put beside them is no table of runs.
    `CREATE TABLE task_results (id serial PRIMARY KEY, task_id text, status text, date_created timestamptz)`,
  ])
    await odd.pool.query(statement)
})
afterAll(() => Promise.all(opened.map((one) => one.drop())))

test("runbook 3's tables are proposed as it names them, and can do everything", async () => {
  const usual = await database()
  await createCrawlTables(usual.pool)
  await seedRuns(usual.pool, cast)
  const proposals = await propose(usual)
  expect(proposals).toHaveLength(1)
  const [best] = proposals
  const expected = CrawlTables.parse({ jobs: { columns: { parent: null } } })
  expect(best?.tables).toMatchObject({ jobs: expected.jobs, sources: expected.sources })
  expect(best?.tables.results).toEqual({
    ...{ table: 'crawl_job_source_results' },
    columns: { job: 'crawl_job_id', status: 'status', sourceId: 'source_id', sourceName: null },
  })
  expect(best).toMatchObject({ rows: 12, fit: 1, unknownWords: [] })
  expect(best?.reasons.join('. ')).toMatch(
    /words seen: .*its children are in crawl_job_source_results, by crawl_job_id/,
  )
  expect(await probeRuns(usual.pool, best!.tables)).toMatchObject({ state: 'ok' })
})

test('nothing is called or typed like the runbook’s: the mapping is found, and reads the runs', async () => {
  const proposals = await propose(odd)
  expect(proposals.map(({ tables }) => tables.jobs.table)).toEqual(['Runs'])
  const [best] = proposals
  expect(best?.tables).toMatchObject({
    schema: 'spiders',
    jobs: {
      columns: {
        ...{ id: 'run_key', sourceId: 'site_id', status: 'run_state', isMultiSource: 'batch', parent: 'parent_run_id' },
        ...{ taskId: 'celery_task_id', error: 'last_error', createdAt: 'queued_on', startedAt: 'begun' },
        completedAt: 'finished_on',
      },
    },
    results: { table: 'pieces', columns: { job: 'belongs', status: 'state', sourceName: 'site_name' } },
    sources: { table: 'sites', id: 'key', name: 'title' },
    timeZone: 'UTC',
  })
  expect(best?.tables.words.queued).toEqual(['NEW'])
  expect(best?.tables.words.done.map((word) => word.toUpperCase())).toContain('FINISHED')
  expect(best?.unknownWords).toEqual(['BROKEN', 'FROZEN'])
  // A word that no state claims is what stands between this proposal and everything.
  const told = await probeRuns(odd.pool, best!.tables)
  expect(told.sentence).toMatch(/^spiders\.Runs with spiders\.pieces, 3 runs/)
})

test('what is missing is said, and a database without runs has none', async () => {
  const bare = await database()
  await bare.pool.query(`CREATE TABLE crawls (id int PRIMARY KEY, source_id int, status text, task_id text)`)
  const [best] = await propose(bare)
  expect(best?.reasons).toEqual([
    'status: the table is empty, so the usual words are proposed',
    'no column found for whether a run has several sources, the error, the start, the end, when it was added: name them, or runs cannot be read',
    'no table of children refers to it: name it, or runs cannot be read',
    'no table names the sources',
  ])
  await bare.pool.query('DROP TABLE crawls')
  expect(await propose(bare)).toEqual([])
})
