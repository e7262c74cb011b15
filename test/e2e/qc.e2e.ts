// Runbook 4 against a QC service over real HTTP, in both wire shapes: a job stuck at 15 %, its remedy pressed, cleared.
import { expect, type Page, test } from '@playwright/test'
import type { Receipt } from '../../electron/contract/action.ts'
import { type QcServer, qcServer, type Shape, TOKEN } from '../support/qc-server.ts'
import { type ServingHost, serveApp } from '../support/serving-host.ts'
import { MINUTE } from '../support/snapshot-builders.ts'

for (const shape of ['runbook', 'routes'] as const satisfies readonly Shape[])
  test.describe(`the wire shape of the ${shape}`, () => {
    let qc: QcServer
    let host: ServingHost
    test.describe.configure({ mode: 'serial' })

    test.beforeAll(async () => {
      qc = await qcServer(shape, [
        {
          ...{ id: 'j-15', file: 'promo_final.mov', status: 'running', progress: 15 },
          ...{ error: 'Google Drive access denied', stillMs: 7 * MINUTE, ageMs: 8 * MINUTE },
        },
        { id: 'j-done', file: 'trailer.mov', status: 'completed', progress: 100 },
      ])
      host = await serveApp({ settings: { systems: [{ id: 'checks', kind: 'qc', url: qc.url, token: TOKEN }] } })
    })
    test.afterAll(async () => {
      await host?.stop()
      await qc?.close()
    })

    async function open(page: Page, hash: string): Promise<void> {
      await page.goto(await host.link())
      await page.goto(`${new URL(host.url).origin}/${hash}`)
    }

    test('the verdict names the cause and what to do before the retry', async ({ page }) => {
      await open(page, '#/overview')
      const main = page.getByRole('main')
      await expect(main.getByText(/Google Drive/).first()).toBeVisible()
      await expect(main.getByText(/reconnect Google Drive in Settings, then retry/i).first()).toBeVisible()
      await page.screenshot({ path: `test-results/qc-${shape}.png` })
      expect(await page.content()).not.toContain(TOKEN)
    })

    test('its hints and contacts are changed in the settings, and stand beside the verdict', async ({ page }) => {
      await open(page, '#/settings?part=systems')
      await page.getByRole('button', { name: 'Edit checks' }).click()
      await page.getByText('Hints and contacts').click()
      await expect(page.getByLabel('Stuck at 15–20 %')).toHaveValue(/reconnects Google Drive in Settings/)
      await page.getByLabel('Contacts').fill('Ann, extension 12')
      await page.getByRole('button', { name: 'Keep the changes' }).click()
      // Kept: the list is back.
      await expect(page.getByRole('button', { name: 'Edit checks' })).toBeVisible()
      await page.goto(`${new URL(host.url).origin}/#/overview`)
      const hints = page.getByRole('main').getByText('Ann, extension 12')
      await expect(hints.first()).toBeVisible()
      await expect(page.getByText('#platform-oncall')).toHaveCount(0)
      const { findings } = (await host.api('/snapshot')) as { findings: { hints?: string[] }[] }
      expect(findings[0]?.hints).toContain('Ann, extension 12')
    })

    test('a job has its own screen: how far, for how long it stands still, what it last said', async ({ page }) => {
      await open(page, '#/jobs/checks/j-15')
      await expect(page.getByRole('region', { name: 'Running job promo_final.mov' })).toContainText('15 %')
      await expect(page.getByText('Google Drive access denied').first()).toBeVisible()
      await expect(page.getByRole('button', { name: 'Retry…' })).toBeVisible()
      for (const foreign of ['Audio', 'Transcript', 'Heartbeat'])
        await expect(page.getByText(foreign, { exact: true })).toHaveCount(0)
    })

    test('its remedy retries exactly that job, the finding clears, and the receipt is kept', async ({ page }) => {
      await open(page, '#/overview')
      await page
        .getByRole('button', { name: /^Retry/ })
        .first()
        .click()
      const dialog = page.getByRole('dialog')
      await expect(dialog.getByText(/retry_specific|reprocess/).first()).toBeVisible()
      await expect(dialog.getByText(TOKEN)).toHaveCount(0)
      await dialog.locator('[data-confirm]').click()
      await expect(dialog).toHaveCount(0)
      await expect.poll(() => qc.jobs.get('j-15')?.status).toBe('queued')
      expect(qc.jobs.get('j-done')).toMatchObject({ status: 'completed', progress: 100 })
      await expect(page.getByRole('main').getByText(/reconnect Google Drive in Settings/i)).toHaveCount(0)
      const { receipts } = (await host.unjam('receipts')).json as { receipts: Receipt[] }
      expect(receipts[0]).toMatchObject({ action: 'retry-jobs', count: 1, undoable: false })
      const { json } = await host.unjam('diagnose', '--system', 'checks')
      expect((json as { findings: { rule: string }[] }).findings.map(({ rule }) => rule)).not.toContain(
        'qc-stage-stuck',
      )
    })

    test('a service that answers with a page of its proxy is unknown with a sentence, never empty', async ({
      page,
    }) => {
      qc.fault = (_, response) =>
        response.writeHead(502, { 'content-type': 'text/html' }).end('<html><title>Bad Gateway</title></html>')
      await open(page, '#/overview')
      const main = page.getByRole('main')
      await expect(main.getByText(/it has trouble of its own \(502\)/).first()).toBeVisible()
      await expect(main.getByText('Cannot read checks.').first()).toBeVisible()
      const { code, json } = await host.unjam('diagnose', '--system', 'checks')
      expect({ code, json }).toMatchObject({
        code: 2,
        json: { systems: [{ counts: { queued: null, running: null } }] },
      })
      qc.fault = null
      await expect(main.getByText('1 job about to start.').first()).toBeVisible()
    })
  })
