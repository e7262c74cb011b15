// Many jobs and an operator: select, preview, undo, a dialog that went stale, a host that is killed, a page at 200 %.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { writeAudio } from '../support/audio.ts'
import { freshDataDir, type ServingHost, serveApp } from '../support/serving-host.ts'

const JOBS = 130 // more than one page of 100
const name = (n: number) => `Call recording ${3000 + n}_210513_09${String(n % 60).padStart(2, '0')}57.wav`

let host: ServingHost
let files: string

test.beforeAll(async () => {
  files = mkdtempSync(join(tmpdir(), 'unjam-e2e-many-'))
  for (let n = 0; n < JOBS; n++) await writeAudio(join(files, name(n)), [{ tone: 200 + n, ms: 300 }], { format: 'wav' })
  host = await serveApp({ dataDir: freshDataDir({ worker: { startWithApp: false } }) })
  await host.unjam('add', files)
})

test.afterAll(async () => {
  await host.stop()
  rmSync(files, { recursive: true, force: true })
})

const counts = async () => {
  const { json } = await host.unjam('status')
  return (json as { systems: { counts: Record<string, number> }[] }).systems[0]?.counts
}
const open = async (page: Page, hash: string) => {
  await page.goto(await host.link())
  await page.goto(`${new URL(host.url).origin}/${hash}`)
}
const dialogGone = (page: Page) => expect(page.getByRole('dialog')).toHaveCount(0)

test('all of a search are skipped by keys alone, and the undo brings every one back', async ({ page }) => {
  await open(page, '#/jobs?system=local&state=queued')
  await expect(page.getByText(`first 100 of ${JOBS} of unknown length`)).toBeVisible()
  await page.keyboard.press('/')
  await page.keyboard.type('recording 31')
  await expect(page.getByText('30 jobs of unknown length')).toBeVisible()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Control+a')
  await expect(page.getByRole('toolbar', { name: '30 selected jobs' })).toBeVisible()
  await page.keyboard.press('s')
  await expect(page.getByRole('dialog').getByText('and 25 more')).toBeVisible()
  await page.keyboard.press('Control+Enter')
  await dialogGone(page)
  expect(await counts()).toMatchObject({ queued: JOBS - 30, skipped: 30 })
  await page.keyboard.press('u')
  await expect(page.getByRole('button', { name: /Undo for 30/ })).toBeFocused()
  await page.keyboard.press('Control+Enter')
  await dialogGone(page)
  expect(await counts()).toMatchObject({ queued: JOBS, skipped: 0 })
})

test('a dialog that went stale is read again; a reason is kept; an undo that a terminal did is not done twice', async ({
  page,
}) => {
  await open(page, '#/jobs?system=local&state=queued')
  await page.getByRole('checkbox', { name: `Select ${name(0)}` }).check()
  await page.getByRole('checkbox', { name: `Select ${name(2)}` }).click({ modifiers: ['Shift'] })
  await page.getByRole('button', { name: /Mark as failed/ }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText('3 jobs', { exact: true })).toBeVisible()
  await dialog.getByLabel('Reason').fill(`it's "cut off"`)
  const { json } = await host.unjam('jobs', '--state', 'queued', '--limit', '1')
  const [first] = (json as { jobs: { id: string; title: string }[] }).jobs
  await host.unjam('act', 'skip-jobs', '--ids', first?.id ?? '', '--yes')
  await dialog.getByRole('button', { name: 'Mark 3 jobs as failed' }).click()
  await expect(dialog.getByText('The jobs changed while this dialog was open.', { exact: false })).toBeVisible()
  expect(await counts()).toMatchObject({ queued: JOBS - 1, failed: 0, skipped: 1 })
  await dialog.getByRole('button', { name: 'Mark 2 jobs as failed' }).click()
  await dialogGone(page)
  await page.goto(`${new URL(host.url).origin}/#/jobs?system=local&state=failed`)
  await expect(page.getByText(`Manually marked failed: it's "cut off"`).first()).toBeVisible()

  await page.goto(`${new URL(host.url).origin}/#/history`)
  const receipt = page.getByRole('row', { name: /Mark jobs as failed/ })
  await receipt.getByRole('button', { name: /Undo/ }).click()
  const [mine] = (
    (await host.unjam('receipts')).json as { receipts: { id: string; action: string }[] }
  ).receipts.filter(({ action }) => action === 'fail-jobs')
  await host.unjam('undo', mine?.id ?? '', '--yes')
  await dialog.getByRole('button', { name: /Undo for 2/ }).click()
  await expect(dialog.getByText(/it was undone already by/)).toBeVisible()
  await expect(dialog.getByRole('button', { name: /Undo for/ })).toHaveCount(0)
  await page.keyboard.press('Escape')
  await expect(receipt.getByText(/^undone .* 2 back$/)).toBeVisible()
})

test('a killed host is said at once, and everything is asked again when it is back', async ({ page }) => {
  await open(page, '#/overview')
  await expect(page.getByRole('heading', { name: /jobs wait/ })).toBeVisible()
  host.process.kill('SIGKILL')
  await expect(page.getByRole('alert').getByText(/Connection lost/)).toBeVisible()
  await expect(page.getByText('Last known', { exact: true })).toBeVisible()
  await page.keyboard.press('6')
  await expect(page.getByText(/Read the history/)).toBeVisible()
  host = await serveApp({ dataDir: host.dataDir, port: new URL(host.url).port })
  await expect(page.getByText(/Connection lost/)).toHaveCount(0)
  await expect(page.getByText(/Read the history/)).toHaveCount(0)
})

test('at 200 % nothing lies beside the window and every name can be read', async ({ page }) => {
  await page.setViewportSize({ width: 640, height: 400 })
  await open(page, '#/overview')
  for (const hash of ['overview', 'jobs?state=queued', 'worker', 'history', 'settings']) {
    await page.goto(`${new URL(host.url).origin}/#/${hash}`)
    await expect(page.getByRole('main')).toBeVisible()
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  }
  await page.goto(`${new URL(host.url).origin}/#/jobs?state=queued`)
  const link = page.getByRole('link', { name: name(5) })
  await expect(link).toBeVisible()
  expect((await link.boundingBox())?.width ?? 0).toBeGreaterThan(150)
})
