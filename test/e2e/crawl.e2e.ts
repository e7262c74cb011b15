// Runbook 3 on real engines: a crawl task killed at its time limit, its run marked failed, started anew and finished.
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import type { Receipt } from '../../electron/contract/action.ts'
import { type CeleryOptions, celerySend, celeryWorker, type TestWorker } from '../support/celery.ts'
import { createCrawlTables, idOf, seedRuns, sourceOf } from '../support/crawl-tables.ts'
import { emptyDatabase, type TestDatabase } from '../support/postgres.ts'
import { redisServer, type TestRedis } from '../support/redis.ts'
import { type ServingHost, serveApp } from '../support/serving-host.ts'

let database: TestDatabase
let redis: TestRedis
let worker: TestWorker
let host: ServingHost
let celery: CeleryOptions

test.describe.configure({ mode: 'serial' })

test.beforeAll(async () => {
  database = await emptyDatabase()
  redis = await redisServer({ persist: false })
  await createCrawlTables(database.pool)
  celery = {
    ...{ broker: redis.url, results: redis.urlOf({ db: 1 }), app: 'crawl' },
    folder: join(import.meta.dirname, '../support/crawl-app'),
    env: { DATABASE_URL: database.url },
  }
  worker = await celeryWorker({ ...celery, queues: ['default', 'crawl'] })
  host = await serveApp({
    settings: { systems: [{ id: 'crawl', kind: 'crawl', database: database.url, broker: redis.url }] },
  })
})

test.afterAll(async () => {
  await host?.stop()
  await worker?.kill()
  await redis?.stop()
  await database?.drop()
})

interface Row {
  readonly status: string
  readonly task_id: string
  readonly error_message: string
}
async function row(n: number): Promise<Row> {
  const { rows } = await database.pool.query<Row>('SELECT * FROM crawl_jobs WHERE id = $1', [idOf(n)])
  return rows[0]!
}
const whole = async (n: number) =>
  (await database.pool.query('SELECT to_json(t)::text AS row FROM crawl_jobs t WHERE id = $1', [idOf(n)])).rows[0]

async function open(page: Page, hash: string): Promise<void> {
  await page.goto(await host.link())
  await page.goto(`${new URL(host.url).origin}/${hash}`)
}

test('a run whose task was killed at its time limit still says running, and is found dead', async ({ page }) => {
  await seedRuns(database.pool, [{ n: 1, status: 'pending', createdMin: 80, task: 'task-1' }])
  // On the screen before it runs, and long enough there to be seen on a busy machine.
  await open(page, '#/jobs?system=crawl&state=running')
  const tree = page.getByRole('table', { name: 'Runs as a tree' })
  await expect(tree.getByText('task-1')).toBeVisible()
  await celerySend(celery, {
    task: 'apps.sources.tasks.crawl_source',
    args: [sourceOf(1)],
    kwargs: { crawl_job_id: idOf(1) },
    options: { task_id: 'task-1', time_limit: 12 },
  })
  await expect.poll(async () => (await row(1)).status).toBe('running')
  await expect(tree.getByText('worker w1@unjam is on it')).toBeVisible()
  await worker.said(/Hard time limit \(12(\.0)?s\) exceeded/)
  expect((await row(1)).status).toBe('running')
  await expect(tree.getByText('nowhere: no worker, no queue')).toBeVisible()
  await expect(tree.getByText('task-1')).toBeVisible()
  await expect(page.getByText('Audio', { exact: true })).toHaveCount(0)
  // An hour later, which nobody waits for here.
  await database.pool.query(`UPDATE crawl_jobs SET started_at = now() - interval '75 minutes' WHERE id = $1`, [idOf(1)])
  const { code, json } = await host.unjam('diagnose', '--system', 'crawl')
  expect(code).toBe(1)
  expect((json as { findings: object[] }).findings).toContainEqual(
    expect.objectContaining({ rule: 'run-overdue', severity: 'critical' }),
  )
})

test('it is marked as failed from the verdict, with the words of the runbook', async ({ page }) => {
  await open(page, '#/overview')
  await expect(page.getByText(/has been running for 75 min\. No worker has it\./).first()).toBeVisible()
  await page
    .getByRole('button', { name: /Mark the run as failed/ })
    .first()
    .click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText(/stuck for >1 hours/).first()).toBeVisible()
  await dialog.getByRole('button', { name: 'Mark 1 run as failed' }).click()
  await expect(dialog).toHaveCount(0)
  expect(await row(1)).toMatchObject({
    status: 'failed',
    error_message: 'Manually marked failed: stuck for >1 hours',
  })
})

test('it is started anew from its page under another task, and a real worker finishes it', async ({ page }) => {
  await open(page, `#/jobs/crawl/${idOf(1)}`)
  await page
    .getByRole('button', { name: /^(Retry|Start)/ })
    .first()
    .click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText(/crawl_source/).first()).toBeVisible()
  await dialog.locator('[data-confirm]').click()
  await expect(dialog).toHaveCount(0)
  await expect.poll(async () => (await row(1)).status).toBe('running')
  const { task_id: task } = await row(1)
  expect(task).not.toBe('task-1')
  await database.pool.query(`UPDATE crawl_jobs SET status = 'completed', completed_at = now() WHERE id = $1`, [idOf(1)])
  await worker.said(new RegExp(`\\[${task}\\] succeeded`))
  const { json } = await host.unjam('diagnose', '--system', 'crawl')
  expect((json as { findings: { rule: string }[] }).findings.map(({ rule }) => rule)).not.toContain('run-overdue')
})

test('parents are finalized by their children, one without a child is left alone, and undo is exact', async ({
  page,
}) => {
  await seedRuns(database.pool, [
    { n: 8, status: 'running', startedMin: 70, children: ['completed', 'completed'] },
    { n: 9, status: 'running', startedMin: 70, children: ['completed', 'failed'] },
    { n: 11, status: 'running', startedMin: 70, children: [] },
    { n: 12, status: 'failed', completedMin: 10, error: '1 of 1 sources failed', children: ['failed'] },
  ])
  const before = await Promise.all([8, 9, 11].map(whole))
  await open(page, '#/jobs?system=crawl&state=running')
  const tree = page.getByRole('table', { name: 'Runs as a tree' })
  await expect(tree.getByText('Source 9')).toHaveCount(2)
  await page.screenshot({ path: 'test-results/crawl-tree.png' })
  await tree.getByRole('button', { name: 'Children of 2 sources' }).first().click()
  await expect(tree.getByText('2 hidden')).toBeVisible()

  await page.goto(`${new URL(host.url).origin}/#/overview`)
  await page
    .getByRole('button', { name: /Finalize 2 parents/ })
    .first()
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('[data-confirm]').click()
  await expect(dialog).toHaveCount(0)
  expect([(await row(8)).status, (await row(9)).status, (await row(11)).status]).toEqual([
    'completed',
    'failed',
    'running',
  ])
  const receipts = (await host.unjam('receipts')).json as { receipts: Receipt[] }
  const undone = await host.unjam('undo', receipts.receipts[0]!.id, '--yes')
  expect(undone.code, undone.stderr).toBe(0)
  expect(await Promise.all([8, 9, 11].map(whole))).toEqual(before)

  const refused = await host.unjam('act', 'retry-jobs', '--system', 'crawl', '--ids', idOf(12), '--yes')
  expect(refused.code).toBe(4)
  expect((await row(12)).status).toBe('failed')
})

test('an automation finalizes them by itself once it is switched on, and says so in its receipt', async ({ page }) => {
  // Above what alerts say.
  await page.setViewportSize({ width: 1280, height: 1100 })
  await open(page, '#/settings?part=automation')
  await page.getByRole('button', { name: 'Finalize parents whose children have ended on crawl' }).click()
  await page.getByRole('group', { name: 'It has stood' }).getByRole('textbox').fill('0')
  await expect(page.getByText(/1 parent becomes completed; 1 parent becomes failed/).first()).toBeVisible()
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  const own = page.getByRole('checkbox', { name: 'Finalize parents is on' })
  await expect(own).not.toBeChecked()
  expect((await row(8)).status).toBe('running')
  await page.screenshot({ path: 'test-results/automation.png' })
  await own.click()
  await expect.poll(async () => (await row(8)).status).toBe('completed')
  expect([(await row(9)).status, (await row(11)).status]).toEqual(['failed', 'running'])
  await expect(page.getByRole('list', { name: 'Last runs of Finalize parents' })).toContainText('done')
  const { receipts } = (await host.unjam('receipts')).json as { receipts: Receipt[] }
  expect(receipts[0]).toMatchObject({ action: 'finalize-parent', actor: 'automation: Finalize parents', count: 2 })
})

test('with every finding at once the overview fits a small screen, and says nothing of audio', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 800 })
  await seedRuns(database.pool, [
    { n: 20, status: 'running', startedMin: 140, task: 'task-20' },
    { n: 21, status: 'pending', createdMin: 20, task: 'task-21' },
    { n: 22, status: 'running', startedMin: 70, children: ['completed', 'running'] },
    { n: 23, status: 'running', startedMin: 70, children: ['completed'] },
  ])
  await open(page, '#/overview')
  await expect(page.getByText(/1 of [5-9] findings/)).toBeVisible()
  await expect(page.getByText(/running for 2\sh\s2\d\smin\. No worker has it\./).first()).toBeVisible()
  const over = await page.getByRole('main').evaluate((main) => main.scrollHeight - main.clientHeight)
  expect(over).toBeLessThanOrEqual(0)
  await expect(page.getByRole('main').getByText(/audio|length unknown/i)).toHaveCount(0)
})
