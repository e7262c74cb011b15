// A new user: no model yet, files added by the interface, a model brought, transcripts read and exported, bad files named.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { writeAudio } from '../support/audio.ts'
import { type ServingHost, serveApp } from '../support/serving-host.ts'
import { tinyModel, tinySpeech } from '../support/tiny-model.ts'

let host: ServingHost
let files: string

test.beforeAll(async () => {
  files = mkdtempSync(join(tmpdir(), 'unjam-e2e-files-'))
  mkdirSync(join(files, 'folder'))
  await writeAudio(join(files, 'Call 100 % Grüße.m4a'), [{ tone: 440, ms: 20_000 }], { format: 'm4a' })
  await writeAudio(join(files, 'folder', '"second" call.mp3'), [{ tone: 300, ms: 8000 }], { format: 'mp3' })
  writeFileSync(join(files, 'not audio.m4a'), 'minutes of the meeting')
  host = await serveApp()
})

test.afterAll(async () => {
  await host.stop()
  rmSync(files, { recursive: true, force: true })
})

test('from an empty machine to exported transcripts', async ({ page }) => {
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))

  await test.step('the token leaves the address, and the one missing step is offered', async () => {
    await page.goto(host.url)
    await expect(page).not.toHaveURL(/token/)
    await page.goto(`${new URL(host.url).origin}/#/overview`)
    await expect(page.getByText(/no model/i).first()).toBeVisible()
  })

  await test.step('files are added by the interface; they wait and no retry is burned', async () => {
    await page.goto(`${new URL(host.url).origin}/#/jobs?system=local&state=queued`)
    await page.getByRole('button', { name: 'Add files…' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog
      .getByLabel('Files', { exact: true })
      .first()
      .setInputFiles([join(files, 'Call 100 % Grüße.m4a'), join(files, 'not audio.m4a')])
    await expect(dialog.getByText('2 added')).toBeVisible()
    await dialog.getByLabel('Path on this computer').fill(join(files, 'folder'))
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(dialog.getByText('3 added')).toBeVisible()
    await dialog.getByLabel('Path on this computer').fill(join(files, 'Call 100 % Grüße.m4a'))
    await dialog.getByRole('button', { name: 'Add', exact: true }).click()
    await expect(dialog.getByText('1 already here')).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('link', { name: '"second" call.mp3' })).toBeVisible()
  })

  await test.step('a model is imported, and everything is worked off without another click', async () => {
    await page.goto(`${new URL(host.url).origin}/#/worker`)
    await page.getByLabel('Path of a model file').fill(await tinyModel())
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await page.goto(`${new URL(host.url).origin}/#/jobs?system=local&state=done`)
    await expect(page.getByRole('link', { name: 'Call 100 % Grüße.m4a' })).toBeVisible()
    await expect(page.getByRole('link', { name: '"second" call.mp3' })).toBeVisible()
  })

  await test.step('the bad file failed alone, with its sentence', async () => {
    await page.goto(`${new URL(host.url).origin}/#/jobs?system=local&state=failed`)
    await expect(page.getByRole('link', { name: 'not audio.m4a' })).toBeVisible()
    await expect(page.getByTitle(/is not audio or video/)).toBeVisible()
    const { json } = await host.unjam('status')
    expect((json as { systems: { counts: object }[] }).systems[0]?.counts).toEqual({
      queued: 0,
      running: 0,
      done: 2,
      failed: 1,
      skipped: 0,
    })
  })

  await test.step('the transcript is read with its times, and exported', async () => {
    await page.goto(`${new URL(host.url).origin}/#/jobs?system=local&state=done`)
    await page.getByRole('link', { name: 'Call 100 % Grüße.m4a' }).click()
    await expect(page.getByRole('region', { name: 'Transcript' }).getByText(tinySpeech[1].trim())).toBeVisible()
    await page.getByRole('button', { name: /Export/ }).click()
    const download = page.waitForEvent('download')
    await page.getByRole('menuitem', { name: /srt/i }).click()
    const saved = await (await download).path()
    const text = readFileSync(saved, 'utf8')
    expect(text).toContain('00:00:10,020 --> ')
    expect(text).toContain('equally grün')
  })

  expect(problems).toEqual([])
})
