// Runbooks 0–2 as they happened, on real Celery, Redis and Postgres: the verdict on screen, its remedy pressed, the end of it.
import { expect, type Page, test } from '@playwright/test'
import type { Finding } from '../../electron/contract/finding.ts'
import type { Snapshot } from '../../electron/contract/snapshot.ts'
import type { TestWorker } from '../support/celery.ts'
import { type ServingHost, serveApp } from '../support/serving-host.ts'
import { type StackApp, stackApp } from '../support/stack-app.ts'

test.describe.configure({ mode: 'serial' })

let app: StackApp
let host: ServingHost

test.beforeAll(async () => {
  app = await stackApp()
  // The first worker makes the table.
  await app.worker({}, { name: 'first' })
  host = await serveApp({
    settings: {
      systems: [
        {
          ...{ id: 'calls', kind: 'recordings', database: app.database.url },
          ...{ broker: app.redis.url, results: app.redis.urlOf({ db: 1 }) },
        },
      ],
    },
  })
})
test.beforeEach(() => app.quiet())
test.afterAll(async () => {
  await host?.stop()
  await app?.end()
})

const snapshot = async () => (await host.api('/snapshot')) as Snapshot
const found = async (rule: Finding['rule']) => (await snapshot()).findings.find((one) => one.rule === rule)
const verdict = (page: Page) => page.getByRole('heading', { level: 1 })
const sql = (text: string, values: unknown[] = []) => app.database.pool.query(text, values)

async function overview(page: Page): Promise<void> {
  await page.goto(await host.link())
  await page.goto(`${new URL(host.url).origin}/#/overview`)
}

/** 1069 recordings done until three hours ago, at 0.29 × of real time. */
async function seedDone(): Promise<void> {
  await sql(`
    INSERT INTO recordings (file_name, file_path, status, duration_seconds, started_at, completed_at, created_at, updated_at)
    SELECT 'Call ' || n || '.m4a', '/recordings/none', 'done', 300, at - interval '1034 seconds', at, at - interval '1 hour', at
    FROM (SELECT n, now() - interval '181 minutes' - n * interval '17 minutes' AS at FROM generate_series(0, 1068) n) seen`)
}

/** A worker whose one slot is taken by a recording of this length, begun so long ago. */
async function busyWith(title: string, duration: number, minutesAgo: number): Promise<[TestWorker, string]> {
  const worker = await app.worker({ STUCK_SECONDS: '900' }, { name: 'w1' })
  const id = await app.add({ title, duration, seconds: 3600 })
  await app.process(id)
  await expect.poll(async () => (await app.row(id)).status).toBe('processing')
  await sql(
    `UPDATE recordings SET started_at = now() - $2 * interval '1 minute', duration_seconds = $3 WHERE id = $1`,
    [id, minutesAgo, duration],
  )
  return [worker, id]
}

test('runbook 0: one 63-minute recording holds the only worker; a slot more, and the others pass it', async ({
  page,
}) => {
  await seedDone()
  const [, long] = await busyWith('Call recording 5454_210513_095857.m4a', 3780, 180)
  for (let n = 0; n < 20; n++) await app.add({ title: `Waiting ${n}.m4a`, duration: 200 })
  for (let n = 0; n < 5; n++) await app.enqueue()
  await overview(page)
  await expect(verdict(page)).toContainText('One 63-minute recording holds the only worker. 20 jobs wait behind it.')
  await expect(page.getByText(/Nothing has failed/).first()).toBeVisible()
  const { systems, findings } = await snapshot()
  expect(systems[0]?.counts).toMatchObject({ value: { done: 1069, queued: 20, running: 1, failed: 0 } })
  expect(findings.map(({ rule }) => rule)).toContain('periodic-pile-up')
  await page.screenshot({ path: 'test-results/runbook-0.png' })

  await page
    .getByRole('button', { name: /Add a worker slot/ })
    .first()
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('[data-confirm]').click()
  await expect(dialog).toHaveCount(0)
  await expect.poll(async () => (await found('long-job-holds-worker')) ?? null).toBeNull()
  await expect(verdict(page)).not.toContainText('holds the only worker')
  await expect
    .poll(async () => (await sql(`SELECT count(*)::int AS n FROM recordings WHERE status = 'done'`)).rows[0]?.n)
    .toBe(1089)
  expect((await app.row(long)).status).toBe('processing')
})

test('runbook 1: a real time limit ends four long recordings, each of their attempts counted; then they go through', async ({
  page,
}) => {
  await seedDone()
  const limited = await app.worker({ TASK_TIMEOUT_SECONDS: '1', TASK_MAX_RETRIES: '1' }, { name: 'w1', concurrency: 4 })
  const lengths = [38, 47, 56, 68]
  const victims = await Promise.all(
    lengths.map((minutes) => app.add({ title: `Long ${minutes}.m4a`, duration: minutes * 60, seconds: 3600 })),
  )
  const failed = async () =>
    (await sql(`SELECT count(*)::int AS n FROM recordings WHERE status = 'failed'`)).rows[0]?.n as number
  // As the enqueuer does: what was given back is sent again.
  for (const _ of [1, 2]) {
    const before = await sql('SELECT coalesce(sum(retry_count), 0)::int AS n FROM recordings')
    const gone = await failed()
    for (const id of victims) await app.process(id)
    await expect
      .poll(async () => {
        const now = await sql('SELECT coalesce(sum(retry_count), 0)::int AS n FROM recordings')
        return now.rows[0]?.n - before.rows[0]?.n + (await failed()) - gone
      })
      .toBe(4)
  }
  expect(await failed()).toBe(4)
  await overview(page)
  await expect(verdict(page)).toContainText('The 1 s limit ended 4 long recordings. A retry alone ends there again.')
  const { findings } = await snapshot()
  expect(findings.find(({ rule }) => rule === 'attempts-vs-jobs')?.headline).toContain('4 jobs have failed, not 8')
  await page.screenshot({ path: 'test-results/runbook-1.png' })
  expect((await host.unjam('diagnose', '--system', 'calls')).code).toBe(1)

  // The limit goes, the four are retried from the screen, and this time they are worked on.
  await limited.kill()
  await app.worker({ STUCK_SECONDS: '900' }, { name: 'w2', concurrency: 4 })
  await page.goto(`${new URL(host.url).origin}/#/jobs?system=calls&state=failed`)
  await page.getByRole('button', { name: /^Retry all/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('[data-confirm]').click()
  await expect(dialog).toHaveCount(0)
  for (const id of victims) await app.process(id)
  for (const id of victims) await expect.poll(async () => (await app.row(id)).status).toBe('processing')
  await expect.poll(async () => (await found('timeout-below-duration')) ?? null).toBeNull()
})

test('runbook 2: a worker dies in the middle; its job is stuck, is released on screen, and done by another', async ({
  page,
}) => {
  const [worker, id] = await busyWith('Interrupted.m4a', 600, 20)
  await worker.kill()
  // Fifteen minutes without a heartbeat have passed.
  await sql(`UPDATE recordings SET updated_at = now() - interval '16 minutes' WHERE id = $1`, [id])
  await overview(page)
  await expect.poll(async () => (await found('heartbeat-stale'))?.severity).toBe('critical')
  await expect(verdict(page)).toContainText(/no sign of life|heartbeat|stuck/i)
  await page.screenshot({ path: 'test-results/runbook-2.png' })
  await page
    .getByRole('button', { name: /Release|Give|Put/ })
    .first()
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('[data-confirm]').click()
  await expect(dialog).toHaveCount(0)
  expect((await app.row(id)).status).toBe('queued')
  await expect.poll(async () => (await found('heartbeat-stale')) ?? null).toBeNull()
  await expect(page.getByText(/20 jobs wait|no worker/i).first()).toBeVisible()
})

test('a frozen worker is told from a busy one and from a dead one', async ({ page }) => {
  const [worker] = await busyWith('Held.m4a', 600, 1)
  await overview(page)
  const unreachable = async () => (await snapshot()).findings.filter(({ rule }) => rule === 'worker-unreachable')
  expect((await unreachable()).filter(({ headline }) => headline.startsWith('w1@unjam'))).toEqual([])
  worker.freeze()
  await expect(page.getByText(/w1@unjam is connected and silent/).first()).toBeVisible()
  worker.resume()
  await expect.poll(async () => (await found('worker-unreachable')) ?? null).toBeNull()
  await worker.kill()
  await expect(page.getByText(/w1@unjam is gone/).first()).toBeVisible()
})
