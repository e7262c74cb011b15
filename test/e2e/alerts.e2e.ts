// An alert on its way: decided by the core, in the page as a notice and a notification, answered, told to History.
import { expect, test } from '@playwright/test'
import { type QcServer, qcServer, TOKEN } from '../support/qc-server.ts'
import { type ServingHost, serveApp } from '../support/serving-host.ts'

let host: ServingHost
let qc: QcServer

test.beforeAll(async () => {
  qc = await qcServer('runbook', [])
  host = await serveApp({
    settings: {
      systems: [{ id: 'checks', kind: 'qc', url: qc.url, token: TOKEN }],
      worker: { startWithApp: false },
    },
  })
})

test.afterAll(async () => {
  await host.stop()
  await qc.close()
})

test('a stuck job alerts once; a click opens its finding; acknowledged there, and kept in History', async ({
  page,
}) => {
  await page.addInitScript(() => {
    const shown: unknown[] = []
    class Recorded {
      static permission = 'granted'
      static requestPermission = async () => 'granted'
      onclick: (() => void) | null = null
      constructor(title: string, options: object) {
        shown.push({ title, ...options, click: () => this.onclick?.() })
      }
      close() {
        this.onclick = null
      }
    }
    Object.assign(window, { Notification: Recorded, shown })
    // As a page in the background.
    document.hasFocus = () => false
  })
  await page.goto(await host.link())
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  const notice = page.getByRole('listitem').filter({ hasText: 'Snooze 1 h' })
  await expect(notice).toHaveCount(0)

  qc.jobs.set('j1', { id: 'j1', file: 'a.mov', status: 'running', progress: 15, stillMs: 10 * 60_000 })
  await expect(notice).toHaveCount(1)
  const title = (await notice.locator('.font-semibold').first().textContent()) ?? ''
  // Of this alert: a machine that is busy enough may also be told that the system does not answer.
  const shown = () =>
    page.evaluate(() => {
      const all = Reflect.get(window, 'shown') as { tag: string }[]
      return all.filter(({ tag }) => tag === 'stuck:critical:checks').length
    })
  expect(await shown()).toBe(1)
  const first = await page.evaluate(() => (Reflect.get(window, 'shown') as { title: string; tag: string }[])[0])
  expect(first).toMatchObject({ title, tag: 'stuck:critical:checks' })

  await notice.getByRole('button', { name: /^Open/ }).click()
  await expect(page).toHaveURL(/#\/findings\/qc-stage-stuck/)
  await expect(notice).toHaveCount(0)
  await page.keyboard.press('k')
  await expect(page.getByText(/^Acknowledged by /)).toBeVisible()

  // What is said in the page is what a terminal and History know.
  const { findings } = (await host.unjam('findings')).json as { findings: { key: string; clearedAt: string | null }[] }
  expect(findings.find(({ key }) => key.startsWith('qc-stage-stuck'))?.clearedAt).toBeNull()
  expect(await host.api('/findings/history?limit=1')).toHaveLength(1)
  await page.goto(`${new URL(host.url).origin}/#/findings`)
  await expect(page.getByText(/acknowledged by/)).toBeVisible()
  expect(await shown()).toBeLessThanOrEqual(1)
})

test('quiet hours are kept, and half of them is not', async ({ page }) => {
  await page.goto(await host.link())
  await page.goto(`${new URL(host.url).origin}/#/settings`)
  await page.getByLabel('Quiet from').fill('22:00')
  await page.getByLabel('Quiet from').blur()
  await expect(page.getByText('Both times, or neither.')).toBeVisible()
  await page.getByLabel('Quiet to').fill('07:00')
  await page.getByLabel('Quiet to').blur()
  await expect(page.getByText('Kept.', { exact: true })).toBeVisible()
  expect(await host.api('/settings')).toMatchObject({ alerts: { quietHours: { from: '22:00', to: '07:00' } } })
  for (const field of ['Quiet from', 'Quiet to']) await page.getByLabel(field).fill('')
  await page.getByLabel('Quiet to').blur()
  await expect.poll(async () => host.api('/settings')).toMatchObject({ alerts: { quietHours: null } })
})
