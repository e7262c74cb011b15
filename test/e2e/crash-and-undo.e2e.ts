// A worker that is killed in the middle of a long file, a retry that is undone, and a job that is cancelled.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { writeAudio } from '../support/audio.ts'
import { freshDataDir, runUnjam, type ServingHost, serveApp } from '../support/serving-host.ts'
import { tinyModel } from '../support/tiny-model.ts'

interface Local {
  systems: { running: { value: { phase: string; progress: { chunksDone: number } | null }[] } }[]
  host: { worker: { pid: number | null } }
}

let host: ServingHost
let files: string

test.beforeAll(async () => {
  files = mkdtempSync(join(tmpdir(), 'unjam-e2e-files-'))
  const tones = [440, 450, 460, 470, 480].map((tone) => ({ tone, ms: 59_000 }))
  await writeAudio(
    join(files, 'long call.wav'),
    tones.flatMap((tone) => [tone, { silence: true as const, ms: 1000 }]),
    { format: 'wav' },
  )
  writeFileSync(join(files, 'broken.wav'), 'no sound at all')
  const dataDir = freshDataDir({ worker: { chunkMinutes: 1 } })
  await runUnjam(dataDir, ['models', 'import', await tinyModel()])
  host = await serveApp({ dataDir })
})

test.afterAll(async () => {
  await host.stop()
  rmSync(files, { recursive: true, force: true })
})

const local = async () => (await host.api('/snapshot')) as Local
const chunksDone = async () => (await local()).systems[0]?.running.value[0]?.progress?.chunksDone ?? 0

test('kill -9 in the middle costs at most the chunk in flight', async ({ page }) => {
  await host.unjam('add', join(files, 'long call.wav'))
  await page.goto(await host.link())
  await page.goto(`${new URL(host.url).origin}/#/overview`)
  const strip = page.getByRole('region', { name: /Running job long call/ })
  await expect(strip).toBeVisible()

  await expect.poll(chunksDone, { timeout: 90_000 }).toBeGreaterThanOrEqual(2)
  const { pid } = (await local()).host.worker
  expect(pid).not.toBeNull()
  process.kill(pid as number, 'SIGKILL')

  await page.goto(`${new URL(host.url).origin}/#/jobs?system=local&state=done`)
  const done = page.getByRole('link', { name: 'long call.wav' })
  await expect(done).toBeVisible({ timeout: 150_000 })
  await done.click()
  const attempts = page.getByRole('table', { name: 'Attempts' })
  await expect(attempts.getByRole('row')).not.toHaveCount(2)
  const { json } = await host.unjam('jobs', '--state', 'done')
  const [job] = (json as { jobs: { id: string }[] }).jobs
  const detail = (await host.unjam('job', job?.id ?? '')).json as {
    attempts: { outcome: string; chunksSaved: number }[]
  }
  expect(detail.attempts.map(({ outcome }) => outcome)).toEqual(['lost', 'done'])
  expect(detail.attempts.reduce((sum, { chunksSaved }) => sum + chunksSaved, 0)).toBe(5)
})

test('a failed job is retried through its preview, and the retry is undone', async ({ page }) => {
  await page.goto(await host.link())
  await page.goto(`${new URL(host.url).origin}/#/worker`)
  await page.getByRole('button', { name: 'Pause the worker' }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Pause/ })
    .click()
  await expect(page.getByRole('button', { name: /Resume the worker/ })).toBeEnabled()
  await host.unjam('add', join(files, 'broken.wav'))

  await page.getByRole('button', { name: /Resume the worker/ }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Resume/ })
    .click()
  await page.goto(`${new URL(host.url).origin}/#/jobs?system=local&state=failed`)
  await expect(page.getByRole('link', { name: 'broken.wav' })).toBeVisible()

  await page.goto(`${new URL(host.url).origin}/#/worker`)
  await page.getByRole('button', { name: 'Pause the worker' }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Pause/ })
    .click()
  await expect(page.getByRole('button', { name: /Resume the worker/ })).toBeEnabled()
  await page.goto(`${new URL(host.url).origin}/#/jobs?system=local&state=failed`)

  await page.getByRole('checkbox', { name: 'Select broken.wav' }).check()
  await page.getByRole('toolbar').getByRole('button', { name: /Retry/ }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText(/status = 'queued'/)).toBeVisible()
  await dialog.getByRole('button', { name: 'Retry 1 job' }).click()
  await expect(page.getByRole('link', { name: 'broken.wav' })).toHaveCount(0)

  await page.goto(`${new URL(host.url).origin}/#/history`)
  await page.getByRole('table', { name: 'Receipts' }).getByRole('button', { name: /Undo/ }).first().click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Undo|Put/ })
    .last()
    .click()
  await page.goto(`${new URL(host.url).origin}/#/jobs?system=local&state=failed`)
  await expect(page.getByRole('link', { name: 'broken.wav' })).toBeVisible()
  const { json } = await host.unjam('jobs', '--state', 'failed')
  expect((json as { jobs: { title: string; error: string }[] }).jobs).toEqual([
    expect.objectContaining({ title: 'broken.wav', error: expect.stringContaining('not audio') }),
  ])
})
