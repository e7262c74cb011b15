// Runbook 1 on real containers: a value of .env set on screen and seen inside, a broken one rolled back, services by HTTP.
import { readFileSync } from 'node:fs'
import { expect, type Page, test } from '@playwright/test'
import type { Preview, Receipt } from '../../electron/contract/action.ts'
import type { Discovery } from '../../electron/contract/connecting.ts'
import type { Service } from '../../electron/contract/service.ts'
import { dockerMissing } from '../support/dockerd.ts'
import { type ServingHost, serveApp } from '../support/serving-host.ts'
import { type TestStack, testStack } from '../support/stack.ts'

test.describe.configure({ mode: 'serial' })
test.skip(dockerMissing() !== null, String(dockerMissing()))

let stack: TestStack
let host: ServingHost

test.beforeAll(async () => {
  stack = await testStack({ env: { TASK_TIMEOUT_SECONDS: '1800' } })
  host = await serveApp({
    env: stack.processEnv,
    settings: {
      systems: [
        {
          ...{ id: 'calls', kind: 'recordings', database: stack.database, broker: stack.broker },
          ...{ results: stack.results, api: stack.api, envFile: stack.envFile },
          stack: { project: stack.project, docker: stack.daemon.host },
        },
      ],
    },
  })
})

test.afterAll(async () => {
  await host?.stop()
  await stack?.down()
})

const file = () => readFileSync(stack.envFile, 'utf8')
const limit = async () =>
  (await stack.inspect('worker')).Config.Env.find((one) => one.startsWith('TASK_TIMEOUT_SECONDS='))

async function open(page: Page, hash: string): Promise<void> {
  await page.goto(await host.link())
  await page.goto(`${new URL(host.url).origin}/${hash}`)
}

async function post<T>(path: string, body: unknown, method = 'POST'): Promise<T> {
  const response = await fetch(`${new URL(host.url).origin}/api${path}`, {
    method,
    headers: { authorization: 'Bearer e2e-token', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(response.status, await response.clone().text()).toBe(200)
  return (await response.json()) as T
}

async function act(action: string, params: Record<string, string>): Promise<Receipt> {
  const request = { action, system: 'calls', target: 'all', params }
  const { fingerprint } = await post<Preview>('/actions/preview', request)
  return post<Receipt>('/actions/execute', { request, fingerprint })
}

interface Watched {
  readonly id: string
  readonly counts: object
  readonly services: { readonly value: Service[] | null }
}

async function watched(id: string): Promise<Watched | undefined> {
  const { systems } = (await host.api('/snapshot')) as { systems: Watched[] }
  return systems.find((system) => system.id === id)
}

const services = async () => (await watched('calls'))?.services.value ?? []
const replicas = async (name: string) => (await services()).filter(({ service }) => service === name)

test('five healthy services, the worker’s log, and the API that agrees with the database', async ({ page }) => {
  await open(page, '#/stack?system=calls')
  const table = page.getByRole('table', { name: 'Services' })
  for (const name of ['postgres', 'redis', 'api', 'worker', 'beat'])
    await expect(table.getByText(name, { exact: true }).first()).toBeVisible()
  await expect.poll(async () => (await services()).map(({ health }) => health)).toEqual(Array(5).fill('healthy'))
  await expect(page.getByText(/Its own API says/)).toBeVisible()
  await page.getByRole('link', { name: /^Logs?/ }).click()
  await expect(page.getByText(/enqueue_pending_recordings.* received/).first()).toBeVisible()
})

test('TASK_TIMEOUT_SECONDS is set on screen, read back from the new container, and undone byte for byte', async ({
  page,
}) => {
  const before = file()
  expect(await limit()).toBe('TASK_TIMEOUT_SECONDS=1800')
  await open(page, '#/stack?system=calls')
  await page.getByRole('link', { name: /\.env/ }).click()
  await page
    .getByRole('button', { name: /^Set TASK_TIMEOUT_SECONDS/ })
    .first()
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('#param').fill('7200')
  await expect(dialog.getByText(/A restart would not do/)).toBeVisible()
  await expect(dialog.getByText('TASK_TIMEOUT_SECONDS=7200')).toBeVisible()
  await dialog.locator('[data-confirm]').click()
  await expect(dialog).toHaveCount(0)
  expect(await limit()).toBe('TASK_TIMEOUT_SECONDS=7200')
  expect(file()).toBe(before.replace('TASK_TIMEOUT_SECONDS=1800', 'TASK_TIMEOUT_SECONDS=7200'))

  const row = page.getByRole('table', { name: 'Variables' }).getByRole('row', { name: /^TASK_TIMEOUT_SECONDS/ })
  // In the file and in the container.
  await expect(row.getByText('7200', { exact: true })).toHaveCount(2)

  await page.goto(`${new URL(host.url).origin}/#/history`)
  const receipts = page.getByRole('table', { name: 'Receipts' })
  await expect(receipts.getByText(/worker has TASK_TIMEOUT_SECONDS=7200/)).toBeVisible()
  await receipts.getByRole('button', { name: /Undo/ }).first().click()
  await dialog.locator('[data-confirm]').click()
  await expect(dialog).toHaveCount(0)
  expect(file()).toBe(before)
  expect(await limit()).toBe('TASK_TIMEOUT_SECONDS=1800')
})

test('by command: a value that makes no sense goes back, file and container', async () => {
  const before = file()
  const { code, stderr } = await host.unjam(
    ...['act', 'set-env', '--system', 'calls', '--param', 'TASK_TIMEOUT_SECONDS=abc', '--yes'],
  )
  expect(code).not.toBe(0)
  expect(stderr).toContain('The file is as it was')
  expect(stderr).toContain("TASK_TIMEOUT_SECONDS is 'abc', but must be a number of seconds")
  expect(file()).toBe(before)
  expect(await limit()).toBe('TASK_TIMEOUT_SECONDS=1800')
  await expect.poll(async () => (await stack.inspect('worker')).State.Health?.Status).toBe('healthy')
})

test('on screen: the same value is told with the worker’s own words, and nothing of it stays', async ({ page }) => {
  const before = file()
  await open(page, '#/stack?system=calls')
  await page.getByRole('link', { name: /\.env/ }).click()
  await page
    .getByRole('button', { name: /^Set TASK_TIMEOUT_SECONDS/ })
    .first()
    .click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('#param').fill('abc')
  await expect(dialog.getByText(/it must be a whole number of seconds/)).toBeVisible()
  await dialog.locator('[data-confirm]').click()
  const told = dialog.getByText(/TASK_TIMEOUT_SECONDS is 'abc', but must be a number of seconds/)
  await expect(told).toBeVisible({ timeout: 120_000 })
  await expect(dialog.getByText(/The file is as it was/)).toBeVisible()
  expect(file()).toBe(before)
  expect(await limit()).toBe('TASK_TIMEOUT_SECONDS=1800')
})

test('over HTTP: a value is set and undone', async () => {
  const before = file()
  const receipt = await act('set-env', { TASK_TIMEOUT_SECONDS: '14400' })
  expect(receipt.summary).toContain('worker has TASK_TIMEOUT_SECONDS=14400')
  expect(await limit()).toBe('TASK_TIMEOUT_SECONDS=14400')
  await post(`/receipts/${receipt.id}/undo`, {})
  expect(await limit()).toBe('TASK_TIMEOUT_SECONDS=1800')
  expect(file()).toBe(before)
})

test('over HTTP: a second worker and back, beat stopped and started again, the API restarted', async () => {
  const scaled = await act('scale-service', { service: 'worker', replicas: '2' })
  expect(await replicas('worker')).toHaveLength(2)
  await post(`/receipts/${scaled.id}/undo`, {})
  await expect.poll(async () => (await replicas('worker')).length).toBe(1)

  const stopped = await act('stop-service', { service: 'beat' })
  expect(await replicas('beat')).toMatchObject([{ state: 'exited' }])
  await post(`/receipts/${stopped.id}/undo`, {})
  await expect.poll(() => replicas('beat')).toMatchObject([{ state: 'running' }])

  const before = await stack.inspect('api')
  await act('restart-service', { service: 'api' })
  const after = await stack.inspect('api')
  expect(after.Id).toBe(before.Id)
  expect(after.State.StartedAt).not.toBe(before.State.StartedAt)
})

test('by screen and by command: beat is stopped, started and restarted, the worker scaled and undone', async ({
  page,
}) => {
  await open(page, '#/stack?system=calls')
  const table = page.getByRole('table', { name: 'Services' })
  const dialog = page.getByRole('dialog')
  const press = async (service: string, name: RegExp) => {
    await table
      .getByRole('button', { name: new RegExp(`^${service}`) })
      .first()
      .click()
    await page.getByRole('button', { name }).first().click()
    await dialog.locator('[data-confirm]').click()
    await expect(dialog).toHaveCount(0)
  }
  const command = async (action: string, ...params: string[]) => {
    const given = params.flatMap((param) => ['--param', param])
    const { code, json, stderr } = await host.unjam('act', action, '--system', 'calls', ...given, '--yes')
    expect(code, stderr).toBe(0)
    return json as Receipt
  }
  const started = async () => (await stack.inspect('beat')).State
  await press('beat', /^Stop/)
  await expect.poll(() => replicas('beat')).toMatchObject([{ state: 'exited' }])
  await press('beat', /^Start/)
  await expect.poll(() => replicas('beat')).toMatchObject([{ state: 'running' }])
  const first = (await started()).StartedAt
  await press('beat', /^Restart/)
  const second = (await started()).StartedAt
  expect(second).not.toBe(first)
  await command('restart-service', 'service=beat')
  expect((await started()).StartedAt).not.toBe(second)
  await command('stop-service', 'service=beat')
  expect((await started()).Status).toBe('exited')
  await command('start-service', 'service=beat')
  expect((await started()).Status).toBe('running')

  const scaled = await command('scale-service', 'service=worker', 'replicas=2')
  await expect.poll(async () => (await replicas('worker')).length).toBe(2)
  expect((await host.unjam('undo', scaled.id, '--yes')).code).toBe(0)
  await expect.poll(async () => (await replicas('worker')).length).toBe(1)
  await press('worker', /^Scale/)
  await expect.poll(async () => (await replicas('worker')).length).toBe(2)
  await page.goto(`${new URL(host.url).origin}/#/history`)
  await page.getByRole('table', { name: 'Receipts' }).getByRole('button', { name: /^Undo/ }).first().click()
  await dialog.locator('[data-confirm]').click()
  await expect.poll(async () => (await replicas('worker')).length).toBe(1)
})

test('a worker that crashes is counted, one that is killed is a finding until it is started', async ({ page }) => {
  const { Id, State } = await stack.inspect('worker')
  process.kill(State.Pid, 'SIGKILL')
  await expect.poll(() => replicas('worker')).toMatchObject([{ restarts: 1, health: 'healthy' }])
  await open(page, '#/stack?system=calls')
  const row = page.getByRole('table', { name: 'Services' }).getByRole('row', { name: /worker/ })
  await expect(row.getByRole('cell', { name: '1', exact: true })).toBeVisible()

  // By the engine's own kill it stays down: no restart policy brings it back.
  await stack.daemon.docker('kill', Id)
  await page.goto(`${new URL(host.url).origin}/#/overview`)
  const finding = page.getByText(/worker ended with exit code 137/)
  await expect(finding.first()).toBeVisible()
  await act('start-service', { service: 'worker' })
  await expect(finding).toHaveCount(0)
  expect((await stack.inspect('worker')).State.Status).toBe('running')
})

test('a worker that is frozen is a finding, and goes on by its button', async ({ page }) => {
  const { Id, State } = await stack.inspect('worker')
  // The kernel does not freeze a container while its health check is being started in it.
  await expect(() => stack.daemon.docker('pause', Id)).toPass()
  await open(page, '#/overview')
  await expect(page.getByText(/Service worker is paused/).first()).toBeVisible()
  await page
    .getByRole('button', { name: /^Let worker go on/ })
    .first()
    .click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByText('1 paused container goes on where it was paused.')).toBeVisible()
  await dialog.locator('[data-confirm]').click()
  await expect(dialog).toHaveCount(0)
  expect((await stack.inspect('worker')).State).toMatchObject({ Status: 'running', StartedAt: State.StartedAt })
  await expect(page.getByText(/Service worker is paused/)).toHaveCount(0)
})

test('the stack is found, and its proposal is a system that can be read', async () => {
  const found = (await host.api(`/systems/discover?docker=${encodeURIComponent(stack.daemon.host)}`)) as Discovery[]
  const proposal = found.find(({ project }) => project === stack.project)?.proposal
  expect(proposal).toMatchObject({ kind: 'recordings', api: stack.api, envFile: stack.envFile })
  for (const url of [stack.database, stack.broker])
    expect(JSON.stringify(proposal)).not.toContain(new URL(url).password)
  const checks = await post<{ part: string; state: string }[]>('/systems/test', { system: proposal })
  for (const part of ['database', 'broker', 'stack', 'envFile'])
    expect(checks).toContainEqual(expect.objectContaining({ part, state: 'ok' }))

  await post('/systems', { system: proposal }, 'PUT')
  const id = proposal?.id ?? ''
  await expect.poll(async () => (await watched(id))?.counts).toMatchObject({ status: 'known' })
  const known = { status: 'known' }
  expect(await watched(id)).toMatchObject({ queues: known, services: known, env: known, api: known })
  const second = (await watched(id))?.services.value?.map(({ service }) => service).sort()
  expect(second).toEqual((await services()).map(({ service }) => service).sort())
  expect((await host.unjam('status')).json).toMatchObject({ systems: [{ id: 'calls' }, { id }] })
})
