// When did it stop, told from the past: the slider, the report and the bundle of a real incident, and the bundle replayed.
import { readFileSync } from 'node:fs'
import { expect, type Page, test } from '@playwright/test'
import { type QcServer, qcServer, TOKEN } from '../support/qc-server.ts'
import { type ServingHost, serveApp } from '../support/serving-host.ts'
import { MINUTE } from '../support/snapshot-builders.ts'

test.describe.configure({ mode: 'serial' })

let qc: QcServer
let host: ServingHost

test.beforeAll(async () => {
  qc = await qcServer('runbook', [
    {
      ...{ id: 'j-15', file: 'promo_final.mov', status: 'running', progress: 15 },
      ...{ error: 'Google Drive access denied', stillMs: 7 * MINUTE, ageMs: 8 * MINUTE },
    },
  ])
  host = await serveApp({ settings: { systems: [{ id: 'checks', kind: 'qc', url: qc.url, token: TOKEN }] } })
})
test.afterAll(async () => {
  await host?.stop()
  await qc?.close()
})

async function open(page: Page): Promise<void> {
  await page.goto(await host.link())
  await page.goto(`${new URL(host.url).origin}/#/past`)
}

async function saved(page: Page, name: RegExp): Promise<{ path: string; text: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()])
  const path = await download.path()
  return { path, text: readFileSync(path, 'latin1') }
}

test('the past is recorded, and its slider moves by keyboard', async ({ page }) => {
  await open(page)
  const slider = page.getByRole('slider')
  await expect(slider).toBeVisible()
  const before = await slider.getAttribute('aria-valuetext')
  await slider.focus()
  await page.keyboard.press('Home')
  await expect(slider).not.toHaveAttribute('aria-valuetext', before ?? '')
  await expect(page.getByText(/Google Drive/).first()).toBeVisible()
  await page.screenshot({ path: 'test-results/past.png' })
})

test('one press makes the report, for reading and for printing, without a secret', async ({ page, context }) => {
  await open(page)
  await expect(page.getByRole('slider')).toBeVisible()
  const markdown = await saved(page, /^As Markdown/)
  const html = await saved(page, /^Incident report/)
  for (const { text } of [markdown, html]) {
    expect(text).toContain('Google Drive')
    expect(text).toMatch(/promo\\?_final.mov/)
    expect(text).not.toContain(TOKEN)
  }
  expect(html.text).toContain('<svg')
  // Nothing is fetched and nothing runs when it is opened.
  expect(html.text).not.toMatch(/<script|<link|\bsrc=|@import|url\(/)
  const printed = await context.newPage()
  await printed.setContent(Buffer.from(html.text, 'latin1').toString())
  await printed.screenshot({ path: 'test-results/report.png', fullPage: true })
})

test('the bundle of it is opened beside it: read-only, marked, with the same verdict', async ({ page, context }) => {
  await open(page)
  await expect(page.getByRole('slider')).toBeVisible()
  const bundle = await saved(page, /^Bundle/)
  expect(bundle.text).not.toContain(TOKEN)
  await page.getByLabel('File of a bundle').setInputFiles(bundle.path)
  const [replay] = await Promise.all([
    context.waitForEvent('page'),
    page.getByRole('link', { name: 'Show the bundle' }).click(),
  ])
  await expect(replay.getByText(/Google Drive/).first()).toBeVisible()
  await expect(replay.getByText(/read-only|bundle/i).first()).toBeVisible()
  await replay.screenshot({ path: 'test-results/replay.png' })
  await replay
    .getByRole('button', { name: /^Retry/ })
    .first()
    .click()
  await expect(
    replay
      .getByRole('dialog')
      .getByText(/bundle/i)
      .first(),
  ).toBeVisible()
  expect(qc.jobs.get('j-15')).toMatchObject({ status: 'running', progress: 15 })
})
