// A newcomer without any stack: from the first screen into an incident, its remedy, its receipt, and out again.
import { expect, type Page, test } from '@playwright/test'
import { type ServingHost, serveApp } from '../support/serving-host.ts'

let host: ServingHost
test.describe.configure({ mode: 'serial' })
test.beforeAll(async () => {
  host = await serveApp()
})
test.afterAll(() => host?.stop())

async function open(page: Page, hash = '#/overview'): Promise<void> {
  await page.goto(await host.link())
  await page.goto(`${new URL(host.url).origin}/${hash}`)
}
const bar = (page: Page) => page.getByRole('region', { name: 'Sample incident', exact: true })
const verdict = (page: Page) => page.getByRole('heading', { level: 1 })

test('walks from the first screen through runbook 0, and the remedy visibly solves it', async ({ page }) => {
  await open(page)
  await expect(verdict(page)).toHaveText('Drop recordings here.')
  await page.getByRole('button', { name: /Walk through: Nothing finishes/ }).click()
  await expect(bar(page)).toContainText('All of it is made up.')
  await expect(verdict(page)).toContainText('63-minute recording holds the only worker')
  const table = page.getByRole('table').filter({ hasText: 'sample-calls' })
  await expect(table).toContainText('1069')
  await page.getByRole('button', { name: /Add a worker slot/ }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog).toContainText('Sample')
  await dialog.getByRole('button', { name: 'Add 1 process' }).click()
  await expect(verdict(page)).not.toContainText('holds the only worker')
  await expect(table).not.toContainText('1069')
  await page.keyboard.press('6')
  const receipt = page.getByRole('row').filter({ hasText: 'Grow the pool by 1' })
  await expect(receipt).toContainText('Sample')
  await expect(receipt.getByRole('button', { name: /Undo/ })).toBeVisible()
})

test('commands see the same sample, marked as one', async () => {
  const status = await host.unjam('status')
  expect(status.json).toMatchObject({ systems: [{ id: 'sample-calls', sample: true }, { id: 'local' }] })
  expect((await host.unjam('demo', 'failed-tasks')).json).toMatchObject({ already: true, sample: 'failed-tasks' })
  const diagnosed = await host.unjam('diagnose')
  expect(diagnosed.code).toBe(1)
  const [first] = (diagnosed.json as { findings: unknown[] }).findings
  expect(first).toMatchObject({ rule: 'timeout-below-duration', system: 'sample-failed' })
})

test('an address leads to each incident, and leaving it removes everything', async ({ page }) => {
  await open(page, '#/samples/stuck-qc')
  await expect(verdict(page)).toHaveText('Sample incidents')
  await expect(page.locator('[aria-keyshortcuts="Enter"]')).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(verdict(page)).toContainText('17 %')
  await bar(page).getByRole('button', { name: 'Leave the sample' }).click()
  await expect(bar(page)).toBeHidden()
  await expect(verdict(page)).toHaveText('Drop recordings here.')
  expect((await host.unjam('receipts')).json).toEqual({ receipts: [] })
  expect((await host.unjam('demo', '--list')).json).toMatchObject({
    samples: [{ running: false }, { running: false }, { running: false }, { running: false }, { running: false }],
  })
})
