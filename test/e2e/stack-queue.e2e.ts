// Runbooks 0–2 on a real stack: Celery, Redis and Postgres as processes; every remedy by screen, HTTP and command.
import { expect, type Page, test } from '@playwright/test'
import type { Preview, Receipt } from '../../electron/contract/action.ts'
import type { TestWorker } from '../support/celery.ts'
import { type ServingHost, serveApp } from '../support/serving-host.ts'
import { type StackApp, stackApp } from '../support/stack-app.ts'

let app: StackApp
let host: ServingHost
let worker: TestWorker
let long: string

test.describe.configure({ mode: 'serial' })

test.beforeAll(async () => {
  app = await stackApp()
  worker = await app.worker({ STUCK_SECONDS: '900' }, { name: 'w1' })
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
  long = await app.add({ title: 'Call recording 5454_210513_095857.m4a', duration: 3780, seconds: 3600 })
  await app.process(long)
  for (let n = 0; n < 3; n++) await app.add({ title: `Short ${n}.m4a` })
  await expect.poll(async () => (await app.row(long)).status).toBe('processing')
})

test.afterAll(async () => {
  await host?.stop()
  await app?.end()
})

const queue = async () => (await app.redis.cli('LRANGE', 'celery', '0', '-1')).trim()
const unjam = async (...args: string[]) => {
  const { code, json, stderr } = await host.unjam(...args, '--system', 'calls')
  expect(code, stderr).toBe(0)
  return json as Receipt
}
const undo = async (receipt: Receipt) => {
  const { code, json } = await host.unjam('undo', receipt.id, '--yes')
  expect(code).toBe(0)
  return json as Receipt
}

async function open(page: Page, hash: string): Promise<void> {
  await page.goto(await host.link())
  await page.goto(`${new URL(host.url).origin}/${hash}`)
}

async function post(path: string, body: unknown): Promise<unknown> {
  const response = await fetch(`${new URL(host.url).origin}/api${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer e2e-token', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(response.status, await response.clone().text()).toBe(200)
  return response.json()
}

/** Preview and execute over HTTP. */
async function act(action: string, params: Record<string, string> = {}, target: unknown = 'all') {
  const request = { action, system: 'calls', target, params }
  const preview = (await post('/actions/preview', request)) as Preview
  const receipt = (await post('/actions/execute', { request, fingerprint: preview.fingerprint })) as Receipt
  return { preview, receipt }
}

test('a queue is emptied on screen and comes back byte for byte from History', async ({ page }) => {
  for (let n = 0; n < 4; n++) await app.enqueue()
  // One of them is taken into the worker's own memory; the others wait in the list.
  await expect.poll(async () => (await queue()).split('\n').length).toBe(3)
  const before = await queue()
  await open(page, '#/queues?system=calls')
  await expect(page.getByText('enqueue_pending_recordings').first()).toBeVisible()
  await page.getByRole('button', { name: /^Purge/ }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText(/RENAME celery/)).toBeVisible()
  await dialog.getByLabel('Type the number of messages').fill('3')
  await dialog.getByRole('button', { name: 'Quarantine 3 messages' }).click()
  await expect(dialog).toHaveCount(0)
  expect(await queue()).toBe('')

  await page.goto(`${new URL(host.url).origin}/#/history`)
  const receipts = page.getByRole('table', { name: 'Receipts' })
  await expect(receipts.getByText(/Move 3 messages out of queue celery/)).toBeVisible()
  await receipts.getByRole('button', { name: /Undo/ }).first().click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Undo|Put/ })
    .last()
    .click()
  await expect.poll(queue).toBe(before)
  expect((await app.redis.cli('TTL', 'celery')).trim()).toBe('-1')
})

test('a queue is read by job: which one waits more than once, and where its first message is', async ({ page }) => {
  const id = await app.add({ title: 'Sent twice.m4a', duration: 100 })
  await app.process(id)
  await app.process(id)
  await open(page, '#/queues?system=calls')
  await page.getByRole('link', { name: 'By job' }).click()
  const row = page.getByRole('table', { name: 'Messages by job' }).getByRole('row', { name: id.slice(0, 8) })
  await expect(row).toContainText('process_recording')
  await row.getByRole('link', { name: '2', exact: true }).click()
  await expect(page.getByText('2 messages')).toBeVisible()
  expect((await act('revoke-task', { by: 'job' }, [id])).receipt.count).toBe(2)
})

test('by command: a pile-up is collapsed, duplicates are moved, and both are undone', async () => {
  const before = await queue()
  const collapsed = await unjam('act', 'collapse-periodic', '--yes')
  expect(collapsed).toMatchObject({ count: 2, undoable: true })
  expect((await queue()).split('\n')).toHaveLength(1)
  await undo(collapsed)
  expect(await queue()).toBe(before)

  const short = await app.add({ title: 'Twice.m4a' })
  for (let n = 0; n < 3; n++) await app.process(short)
  const doubled = await queue()
  const deduplicated = await unjam('act', 'deduplicate-queue', '--param', 'queue=celery', '--yes')
  expect(deduplicated.count).toBe(2)
  await undo(deduplicated)
  expect(await queue()).toBe(doubled)
})

test('over HTTP: a queue is paused and resumed, the enqueuer is sent and withdrawn, a stale preview is refused', async () => {
  const paused = await act('pause-queue', { queue: 'celery' })
  const snapshot = (await host.api('/snapshot')) as {
    systems: { queues: { value: { name: string; paused: boolean; consumers: number }[] } }[]
  }
  expect(snapshot.systems[0]?.queues.value.find(({ name }) => name === 'celery')).toMatchObject({ paused: true })
  const resumed = await act('resume-queue', { queue: 'celery' })
  expect([paused.receipt.count, resumed.receipt.count]).toEqual([1, 1])

  const before = await queue()
  const sent = await act('enqueue-now')
  expect((await queue()).split('\n')).toHaveLength(before.split('\n').length + 1)
  await undo(sent.receipt)
  expect(await queue()).toBe(before)

  const request = { action: 'purge-queue', system: 'calls', target: 'all', params: {} }
  const response = await fetch(`${new URL(host.url).origin}/api/actions/execute`, {
    method: 'POST',
    headers: { authorization: 'Bearer e2e-token', 'content-type': 'application/json' },
    body: JSON.stringify({ request, fingerprint: 'of another world' }),
  })
  expect(response.status).toBe(422)
  expect(await queue()).toBe(before)
})

test('the long recording is seen to hold the worker, and one more slot lets the others pass', async ({ page }) => {
  await open(page, '#/worker')
  const table = page.getByRole('region', { name: 'Celery workers' }).or(page.getByRole('main'))
  await expect(table.getByText('w1@unjam').first()).toBeVisible()
  await expect(table.getByText('1 of 1', { exact: true }).first()).toBeVisible()
  await page.getByRole('button', { name: /^Grow/ }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText(/pool_grow 1/)).toBeVisible()
  await dialog
    .getByRole('button', { name: /^Grow|^Add|^Start/ })
    .last()
    .click()
  await expect(dialog).toHaveCount(0)
  await expect
    .poll(
      async () =>
        (await app.database.pool.query(`SELECT count(*)::int AS n FROM recordings WHERE status = 'done'`)).rows[0]?.n,
    )
    .toBeGreaterThanOrEqual(3)
  expect((await app.row(long)).status).toBe('processing')
})

test('a job is found in its three ledgers, its task is terminated, the row is retried as runbook 1 does', async ({
  page,
}) => {
  await open(page, `#/jobs/calls/${long}`)
  await expect(page.getByText('w1@unjam').first()).toBeVisible()
  await page.screenshot({ path: 'test-results/ledgers.png' })
  const ledgers = (await host.api(`/jobs/calls/${long}/ledgers`)) as { tasks: { id: string; state: string }[] }
  expect(ledgers.tasks).toMatchObject([{ state: 'active' }])
  const revoked = await unjam(
    'act',
    'revoke-task',
    '--ids',
    ledgers.tasks[0]?.id ?? '',
    '--param',
    'terminate=true',
    '--yes',
  )
  expect(revoked.undoable).toBe(false)
  await expect
    .poll(async () => ((await host.api(`/jobs/calls/${long}/ledgers`)) as { tasks: unknown[] }).tasks, {
      timeout: 15_000,
    })
    .toEqual([])

  await app.database.pool.query(
    `UPDATE recordings SET status = 'failed', error_message = 'Max retries exceeded', retry_count = 3 WHERE id = $1`,
    [long],
  )
  const failed = await app.row(long)
  const retried = await unjam('act', 'retry-jobs', '--all', '--yes')
  expect(await app.row(long)).toMatchObject({ status: 'queued', error_message: null, retry_count: 0 })
  await undo(retried)
  expect(await app.row(long)).toMatchObject({ status: 'failed', error_message: 'Max retries exceeded', retry_count: 3 })
  expect((await app.row(long)).updated_at).toEqual(failed.updated_at)
})

test('a frozen and a killed worker look different, and unknown is never zero', async ({ page }) => {
  worker.freeze()
  await open(page, '#/worker')
  await expect(page.getByText(/frozen/).first()).toBeVisible()
  worker.resume()
  await expect(page.getByText(/frozen/)).toHaveCount(0)
  await worker.kill()
  await expect(page.getByText(/gone|lost/).first()).toBeVisible()
  await app.redis.stop()
  await page.goto(`${new URL(host.url).origin}/#/overview`)
  await expect(page.getByText(/Cannot read .*(broker|queues|workers|tasks)/).first()).toBeVisible()
  const status = (await host.unjam('status')).json as { systems: { queues: unknown; counts: { queued: number } }[] }
  expect(status.systems[0]?.queues).toBeNull()
  expect(status.systems[0]?.counts.queued).toBeGreaterThanOrEqual(0)
})
