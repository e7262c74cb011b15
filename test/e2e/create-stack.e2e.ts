// “Create stack” as a person does it: previewed, confirmed, told how far it is; what cannot be built leaves nothing.
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { composeCli } from '../support/compose-cli.ts'
import { type Dockerd, dockerd, dockerMissing } from '../support/dockerd.ts'
import { type ServingHost, serveApp } from '../support/serving-host.ts'

test.skip(dockerMissing() !== null, String(dockerMissing()))
test.skip(composeCli('v2') === null, 'compose v2 is not installed')

let daemon: Dockerd
let host: ServingHost
const root = mkdtempSync(join(tmpdir(), 'unjam-create-'))

/** A docker command whose password helper is missing: no image can be fetched, with a network or without one. */
function withoutPulls(compose: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const config = join(root, 'docker')
  mkdirSync(config)
  writeFileSync(join(config, 'config.json'), JSON.stringify({ credsStore: 'of-nobody' }))
  const own = compose.DOCKER_CONFIG
  if (own !== undefined) symlinkSync(join(own, 'cli-plugins'), join(config, 'cli-plugins'))
  return { ...compose, DOCKER_CONFIG: config }
}

test.beforeAll(async () => {
  daemon = await dockerd()
  host = await serveApp({
    env: { ...daemon.env, ...withoutPulls(composeCli('v2')?.env ?? {}) },
    settings: { systems: [{ id: 'local', kind: 'local' }], worker: { startWithApp: false } },
  })
})

test.afterAll(async () => {
  await host?.stop()
  rmSync(root, { recursive: true, force: true })
})

test('it is previewed with what it writes; a build that fails is told in compose’s words, and nothing is left', async ({
  page,
}) => {
  const folder = join(root, 'app')
  await page.goto(await host.link())
  await page.goto(`${new URL(host.url).origin}/#/settings?part=systems`)
  await page.getByLabel('Folder').fill(folder)
  await page.getByLabel('Project').fill('created-by-hand')
  await page.getByLabel('Name here').fill('made')
  await page.getByRole('button', { name: 'Create stack…' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText(/It has no model yet/)).toBeVisible()
  await expect(dialog.getByText(/docker compose -p created-by-hand/)).toBeVisible()
  await page.screenshot({ path: 'test-results/create-stack-preview.png' })
  expect(existsSync(folder)).toBe(false)
  await dialog.getByRole('button', { name: 'Create the stack created-by-hand' }).click()
  const told = dialog.getByText(/^Bring the stack up \(created-by-hand\): .*credentials/)
  await expect(told).toBeVisible({ timeout: 90_000 })
  await expect(told).not.toContainText('Pulling')
  await page.screenshot({ path: 'test-results/create-stack-failed.png' })
  expect(existsSync(folder)).toBe(false)
  expect(
    await daemon.docker('ps', '--all', '--quiet', '--filter', 'label=com.docker.compose.project=created-by-hand'),
  ).toBe('')
})

test('a folder that holds anything is refused before anything happens', async ({ page }) => {
  const folder = join(root, 'used')
  mkdirSync(folder)
  writeFileSync(join(folder, 'docker-compose.yml'), 'mine')
  await page.goto(await host.link())
  await page.goto(`${new URL(host.url).origin}/#/settings?part=systems`)
  await page.getByLabel('Folder').fill(folder)
  await page.getByRole('button', { name: 'Create stack…' }).click()
  await expect(page.getByText(/the folder is not empty \(docker-compose\.yml\)/)).toBeVisible()
})
