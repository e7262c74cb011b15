// Every action on a stack's jobs, queue and workers, each through all three doors: screen, HTTP and command; and its undo.
import { expect, type Page, test } from '@playwright/test'
import type { ActionId, Preview, Receipt } from '../../electron/contract/action.ts'
import type { Snapshot } from '../../electron/contract/snapshot.ts'
import { hangWorker } from '../support/hang-worker.ts'
import { type ServingHost, serveApp, TOKEN } from '../support/serving-host.ts'
import { type StackApp, stackApp } from '../support/stack-app.ts'

test.describe.configure({ mode: 'serial' })

let app: StackApp
let host: ServingHost

test.beforeAll(async () => {
  app = await stackApp()
  await app.worker({ STUCK_SECONDS: '900' }, { name: 'w1' })
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
  // One recording fills the worker's slot and one message waits inside it, so that the queue stands still.
  const long = await app.add({ title: 'Fills the slot.m4a', seconds: 3600 })
  await app.process(long)
  await expect.poll(async () => (await app.row(long)).status).toBe('processing')
  await app.enqueue()
  await expect.poll(queued).toBe(0)
})

test.afterAll(async () => {
  await host?.stop()
  await app?.end()
})

const origin = () => new URL(host.url).origin
const queued = async () => Number(await app.redis.cli('LLEN', 'celery'))
const queue = async () => (await app.redis.cli('LRANGE', 'celery', '0', '-1')).trim()
const system = async () => {
  const { systems } = (await host.api('/snapshot')) as Snapshot
  return systems[0]
}

async function post<T>(path: string, body: unknown): Promise<T> {
  const response = await fetch(`${origin()}/api${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(response.status, await response.clone().text()).toBe(200)
  return (await response.json()) as T
}

async function byHttp(action: ActionId, ids: readonly string[] | null, params: Record<string, string>) {
  const request = { action, system: 'calls', target: ids ?? 'all', params }
  const { fingerprint } = await post<Preview>('/actions/preview', request)
  return post<Receipt>('/actions/execute', { request, fingerprint })
}

async function byCommand(action: ActionId, ids: readonly string[] | null, params: Record<string, string>) {
  const target = ids === null ? ['--all'] : ['--ids', ids.join(',')]
  const given = Object.entries(params).flatMap(([key, value]) => ['--param', `${key}=${value}`])
  const { code, json, stderr } = await host.unjam('act', action, '--system', 'calls', ...target, ...given, '--yes')
  expect(code, stderr).toBe(0)
  return json as Receipt
}

/** What is set up before an action, whom it is about, and what it must change. */
interface Stage {
  readonly ids: readonly string[] | null
  readonly params: Record<string, string>
  /** What the action changes, and its undo puts back. */
  state(): Promise<unknown>
  /** On the screen, up to its dialog. */
  press(page: Page): Promise<void>
}

interface Row {
  readonly action: ActionId
  /** false: what a worker did cannot be taken back. */
  readonly undo: boolean
  stage(): Promise<Stage>
}

const go = (page: Page, hash: string) => page.goto(`${origin()}/${hash}`)
const button = (page: Page, name: RegExp) => page.getByRole('button', { name }).first().click()

/** One job in the state that the action is for. */
async function jobStage(columns: string, press: RegExp, params: Record<string, string> = {}): Promise<Stage> {
  const id = await app.add({ title: `Job of ${press.source}.m4a` })
  await app.database.pool.query(`UPDATE recordings SET ${columns} WHERE id = $1`, [id])
  return {
    ids: [id],
    params,
    // `updated_at` belongs to the table's own trigger.
    state: async () => ({ ...(await app.row(id)), updated_at: null }),
    async press(page) {
      await go(page, `#/jobs/calls/${id}`)
      await button(page, press)
    },
  }
}

/** Through Ctrl+K, where every action of a queue can be found by its words. */
async function found(page: Page, words: string): Promise<void> {
  await go(page, '#/overview')
  await expect(page.getByRole('table', { name: 'Systems' }).or(page.getByRole('main'))).toBeVisible()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Find' }).fill(words)
  await page.getByRole('option').filter({ hasText: 'calls' }).first().click()
}

async function queueStage(messages: () => Promise<unknown>, title: string): Promise<Stage> {
  await app.redis.cli('DEL', 'celery')
  await messages()
  return { ids: ['celery'], params: {}, state: queue, press: (page) => found(page, title) }
}

const consumed = async () => (await system())?.queues
const consumers = async () => {
  const reading = await consumed()
  return reading?.status === 'known' ? reading.value.find(({ name }) => name === 'celery')?.consumers : reading
}
const worker = async () => {
  const reading = (await system())?.workers
  return reading?.status === 'known' ? reading.value.find(({ name }) => name.startsWith('w1@')) : undefined
}

const rows: readonly Row[] = [
  {
    action: 'retry-jobs',
    undo: true,
    stage: () =>
      jobStage(
        "status = 'failed', retry_count = 3, error_message = 'Max retries exceeded', updated_at = now()",
        /^Retry/,
      ),
  },
  { action: 'skip-jobs', undo: true, stage: () => jobStage("status = 'queued'", /^Skip/) },
  {
    action: 'fail-jobs',
    undo: true,
    stage: () => jobStage("status = 'queued'", /^(Mark|Fail)/, { reason: 'the line was dead' }),
  },
  {
    action: 'release-jobs',
    undo: true,
    stage: () => jobStage("status = 'processing', updated_at = now() - interval '20 minutes'", /^Release/),
  },
  {
    action: 'purge-queue',
    undo: true,
    stage: () => queueStage(() => Promise.all([app.enqueue(), app.enqueue()]), 'purge celery'),
  },
  {
    action: 'collapse-periodic',
    undo: true,
    stage: () => queueStage(() => Promise.all([app.enqueue(), app.enqueue(), app.enqueue()]), 'collapse celery'),
  },
  {
    action: 'deduplicate-queue',
    undo: true,
    stage: () =>
      queueStage(async () => {
        const id = await app.add({ title: 'Twice.m4a' })
        await Promise.all([app.process(id), app.process(id)])
      }, 'de-duplicate celery'),
  },
  {
    action: 'enqueue-now',
    undo: true,
    async stage() {
      const stage = await queueStage(async () => undefined, 'enqueue')
      return {
        ...{ ...stage, ids: null, state: queued },
        async press(page) {
          await go(page, '#/queues?system=calls')
          await button(page, /^Enqueue now/)
        },
      }
    },
  },
  {
    action: 'pause-queue',
    undo: true,
    async stage() {
      const stage = await queueStage(async () => undefined, 'pause celery')
      await expect.poll(consumers).toBe(1)
      return { ...stage, state: consumers }
    },
  },
  {
    action: 'resume-queue',
    undo: true,
    async stage() {
      const stage = await queueStage(async () => undefined, 'resume celery')
      if ((await consumers()) !== 0) await byHttp('pause-queue', ['celery'], {})
      await expect.poll(consumers).toBe(0)
      return { ...stage, state: consumers }
    },
  },
  {
    action: 'resize-pool',
    undo: true,
    async stage() {
      const one = await worker()
      return {
        ids: [one?.name ?? ''],
        params: { by: '1' },
        state: async () => (await worker())?.slots,
        async press(page) {
          await go(page, '#/worker')
          await button(page, /^Grow/)
        },
      }
    },
  },
  {
    action: 'revoke-task',
    undo: false,
    async stage() {
      const task = (await system())?.tasks
      if (task?.status !== 'known') throw new Error('the tasks cannot be read')
      const active = task.value.find(({ state }) => state === 'active')
      return {
        ids: [active?.id ?? ''],
        params: { terminate: 'true' },
        async state() {
          const now = (await system())?.tasks
          return now?.status === 'known' && now.value.some(({ id }) => id === active?.id)
        },
        async press(page) {
          await go(page, '#/worker')
          await page
            .getByRole('table', { name: 'Tasks' })
            .getByRole('button')
            .filter({ hasText: 'running' })
            .first()
            .click()
          await button(page, /^Terminate/)
        },
      }
    },
  },
]

const doors = ['screen', 'HTTP', 'command'] as const

for (const { action, undo, stage } of rows)
  for (const door of doors)
    test(`${action} by ${door}`, async ({ page }) => {
      if (action === 'revoke-task') await refill()
      const { ids, params, state, press } = await stage()
      const before = await state()
      const receipt = await through(door, page, action, ids, params, press)
      expect(receipt).toMatchObject({ action, system: 'calls', count: 1 + Number(receipt.count > 1), undoable: undo })
      await expect.poll(state).not.toEqual(before)
      if (!undo) return
      await back(door, page, receipt)
      await expect.poll(state).toEqual(before)
    })

const held = async () => {
  const tasks = (await system())?.tasks
  return tasks?.status === 'known' ? tasks.value : null
}

/** A recording in the slot, whatever the test before it ended; what else could run is out of the way. */
async function refill(): Promise<void> {
  if ((await held())?.some(({ state }) => state === 'active')) return
  await app.database.pool.query(`UPDATE recordings SET status = 'skipped' WHERE status = 'queued'`)
  await app.redis.cli('DEL', 'celery')
  await expect.poll(held).toEqual([])
  if ((await consumers()) === 0) await byHttp('resume-queue', ['celery'], {})
  const id = await app.add({ title: 'To be ended.m4a', seconds: 3600 })
  await app.process(id)
  await expect.poll(async () => (await app.row(id)).status).toBe('processing')
}

async function through(
  door: (typeof doors)[number],
  page: Page,
  action: ActionId,
  ids: readonly string[] | null,
  params: Record<string, string>,
  press: (page: Page) => Promise<void>,
): Promise<Receipt> {
  if (door === 'HTTP') return byHttp(action, ids, params)
  if (door === 'command') return byCommand(action, ids, params)
  await page.goto(await host.link())
  await press(page)
  const dialog = page.getByRole('dialog')
  await expect(dialog.locator('[data-confirm]')).toBeVisible()
  if (params.reason !== undefined) await dialog.locator('#param').fill(params.reason)
  const count = dialog.locator('#typed-count')
  if ((await count.count()) > 0) await count.fill(String(await queued()))
  await dialog.locator('[data-confirm]').click()
  await expect(dialog).toHaveCount(0)
  const [receipt] = (await host.api('/receipts?limit=1')) as Receipt[]
  if (receipt === undefined) throw new Error('there is no receipt')
  return receipt
}

async function back(door: (typeof doors)[number], page: Page, { id }: Receipt): Promise<void> {
  if (door === 'HTTP') await post(`/receipts/${id}/undo`, {})
  else if (door === 'command') expect((await host.unjam('undo', id, '--yes')).code).toBe(0)
  else {
    await go(page, '#/history')
    await page.getByRole('table', { name: 'Receipts' }).getByRole('button', { name: /^Undo/ }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.locator('[data-confirm]').click()
    await expect(dialog).toHaveCount(0)
  }
}

test('unhang-worker: a worker whose control consumer hangs is found, cut, and answers again', async ({ page }) => {
  const stateOf = async (name: string) => {
    const reading = (await system())?.workers
    return reading?.status === 'known' ? reading.value.find((one) => one.name === name)?.state : undefined
  }
  const ended = ['hung', 'lost']
  for (let turn = 0; ; turn++) {
    const name = `deaf${turn}@unjam`
    await app.worker({}, { name: `deaf${turn}`, queues: ['other'] })
    await expect.poll(() => stateOf(name)).toBe('running')
    await hangWorker(app.redis, name)
    await expect.poll(async () => ended.includes((await stateOf(name)) ?? '')).toBe(true)
    // Now and then such a message ends a worker instead (protocol reference §3.6).
    if ((await stateOf(name)) === 'lost' && turn < 4) continue
    await page.goto(await host.link())
    await go(page, '#/worker')
    await page.getByRole('table', { name: 'Celery workers' }).getByRole('button', { name }).click()
    await button(page, /^Unhang|^Cut|^Free/)
    const dialog = page.getByRole('dialog')
    await dialog.locator('[data-confirm]').click()
    await expect(dialog).toHaveCount(0)
    await expect.poll(() => stateOf(name)).toBe('running')
    return
  }
})
