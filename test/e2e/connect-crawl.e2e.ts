// A system of crawl runs set up by its form, over tables that are called otherwise: proposed, corrected, watched.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { emptyDatabase, type TestDatabase } from '../support/postgres.ts'
import { type ServingHost, serveApp } from '../support/serving-host.ts'

let database: TestDatabase
let host: ServingHost

test.beforeAll(async () => {
  database = await emptyDatabase()
  for (const statement of [
    'CREATE TABLE sites (id integer PRIMARY KEY, title text, label text)',
    `CREATE TABLE site_runs (id integer PRIMARY KEY, site_id integer REFERENCES sites, state text, batch boolean DEFAULT false,
       origin integer, celery_task_id text DEFAULT '', error text DEFAULT '', created_at timestamptz DEFAULT now(),
       started_at timestamptz, finished_at timestamptz)`,
    'CREATE TABLE run_parts (id serial PRIMARY KEY, run_id integer REFERENCES site_runs, site_id integer, state text)',
    `INSERT INTO sites VALUES (1, 'example.org', 'The example')`,
    `INSERT INTO site_runs (id, site_id, state, origin, started_at) VALUES (1, 1, 'RUNNING', NULL, now()), (2, 1, 'FROZEN', 1, now())`,
    `INSERT INTO site_runs (id, state, batch, started_at) VALUES (3, 'RUNNING', true, now())`,
    `INSERT INTO run_parts (run_id, site_id, state) VALUES (3, 1, 'RUNNING')`,
  ])
    await database.pool.query(statement)
  host = await serveApp({ settings: { systems: [{ id: 'local', kind: 'local' }], worker: { startWithApp: false } } })
})

test.afterAll(async () => {
  await host?.stop()
  await database?.drop()
})

test('tables are proposed with reasons; a column and a word are corrected; the runs are watched', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 1700 })
  await page.goto(await host.link())
  await page.goto(`${new URL(host.url).origin}/#/settings?part=systems`)
  await page.getByRole('button', { name: /Add a system/ }).click()
  await page.getByRole('radio', { name: 'Crawl runs' }).click()
  await page.getByRole('textbox', { name: 'Name', exact: false }).first().fill('spiders')
  await page.getByLabel('Database').fill(database.url)
  // The runbook's names are not there, and the part says so until a proposal is chosen.
  await expect(page.getByText(/there is no such table/)).toBeVisible()
  const proposal = page.getByRole('radio', { name: /public\.site_runs, 3 rows/ })
  await expect(proposal).toBeVisible()
  await expect(page.getByText(/its children are in run_parts, by run_id/)).toBeVisible()
  await page.screenshot({ path: 'test-results/connect-crawl-proposed.png' })
  await proposal.click()
  await expect(page.getByText(/public\.site_runs with public\.run_parts, 3 runs/)).toBeVisible()
  await expect(page.getByText(/No state has the word “FROZEN”/)).toBeVisible()

  // Tab leaves a field, which is when it counts.
  for (const [field, text] of [
    ['Skipped of Words of each state, the first is written', 'FROZEN'],
    ['Parent run of Runs', 'origin'],
    ['Name of Names of sources', 'label'],
  ] as const) {
    await page.getByLabel(field).fill(text)
    await page.getByLabel(field).press('Tab')
  }
  await expect(page.getByText(/No state has the word/)).toHaveCount(0)
  await expect(page.getByText(/3 runs; everything can be done/)).toBeVisible()
  await page.screenshot({ path: 'test-results/connect-crawl-mapped.png' })
  await page.getByRole('button', { name: 'Watch this system' }).click()
  await expect(page.getByText('spiders is watched from now on.').first()).toBeVisible()

  const stored = JSON.parse(readFileSync(join(host.dataDir, 'settings.json'), 'utf8')) as { systems: object[] }
  expect(stored.systems.at(-1)).toMatchObject({
    ...{ id: 'spiders', kind: 'crawl', database: 'secret:spiders-database' },
    tables: {
      jobs: { table: 'site_runs', columns: { parent: 'origin', sourceId: 'site_id' } },
      sources: { table: 'sites', name: 'label' },
      words: { skipped: ['FROZEN'] },
    },
  })
  await page.goto(`${new URL(host.url).origin}/#/jobs?system=spiders&state=running`)
  await expect(page.getByText('The example').first()).toBeVisible()
})
