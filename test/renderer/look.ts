// Screenshots of every view for the eye: `node test/renderer/look.ts FOLDER [name…]`.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'
import type { Scenario } from './fixture-data.ts'
import { serveFixture } from './fixture-host.ts'

interface Shot {
  readonly name: string
  readonly scenario: Scenario
  readonly hash: string
  readonly wide?: boolean
  /** The narrowest window, or 1280 px at 200 %. */
  readonly narrow?: boolean | '200 %'
  readonly dark?: boolean
  readonly act?: (page: Page) => Promise<void>
}

const shots: readonly Shot[] = [
  { name: 'overview', scenario: 'stuck', hash: '#/overview' },
  { name: 'overview-dark', scenario: 'stuck', hash: '#/overview', dark: true },
  { name: 'overview-wide', scenario: 'stuck', hash: '#/overview', wide: true },
  { name: 'overview-wide-dark', scenario: 'stuck', hash: '#/overview', wide: true, dark: true },
  {
    name: 'overview-said',
    scenario: 'stuck',
    hash: '#/overview',
    act: async (page) => {
      await page.keyboard.press('k')
      await page.getByText(/Acknowledged by/).waitFor()
      await page.keyboard.press('z')
      await page
        .getByText(/Snoozed until/)
        .first()
        .waitFor()
    },
  },
  { name: 'findings', scenario: 'stuck', hash: '#/findings' },
  { name: 'findings-wide-dark', scenario: 'stuck', hash: '#/findings', wide: true, dark: true },
  { name: 'clear', scenario: 'clear', hash: '#/overview' },
  { name: 'critical', scenario: 'critical', hash: '#/overview' },
  { name: 'first-run', scenario: 'fresh', hash: '#/overview' },
  { name: 'first-run-building', scenario: 'building', hash: '#/overview', dark: true },
  {
    name: 'jobs',
    scenario: 'stuck',
    hash: '#/jobs?system=calls&state=queued',
    act: async (page) => {
      for (const n of [2, 3, 5]) await page.getByRole('row').nth(n).getByRole('checkbox').click()
    },
  },
  { name: 'jobs-running', scenario: 'clear', hash: '#/jobs?system=local&state=running' },
  { name: 'jobs-failed', scenario: 'stuck', hash: '#/jobs?system=archive&state=failed' },
  { name: 'jobs-done-dark', scenario: 'stuck', hash: '#/jobs?system=calls&state=done', dark: true },
  { name: 'jobs-unknown', scenario: 'stuck', hash: '#/jobs?system=qc&state=queued' },
  { name: 'jobs-empty', scenario: 'clear', hash: '#/jobs?system=calls&state=queued' },
  {
    name: 'job',
    scenario: 'stuck',
    hash: '#/jobs/archive/done-1',
    act: async (page) => void (await page.getByText('Good evening').first().waitFor()),
  },
  { name: 'job-leftover-wide-dark', scenario: 'stuck', hash: '#/jobs/archive/done-1', dark: true, wide: true },
  { name: 'job-unread', scenario: 'stuck', hash: '#/jobs/crawl/queued-1' },
  { name: 'job-failed', scenario: 'stuck', hash: '#/jobs/archive/failed-1' },
  {
    name: 'job-running-dark',
    scenario: 'stuck',
    hash: '#/jobs/calls/e002b2e3-6c8f-4bb7-87ea-1ac0e6334e29',
    dark: true,
  },
  { name: 'queues', scenario: 'stuck', hash: '#/queues' },
  { name: 'queues-wide-dark', scenario: 'stuck', hash: '#/queues', wide: true, dark: true },
  { name: 'queues-storm', scenario: 'storm', hash: '#/queues?system=calls&queue=celery' },
  { name: 'queues-paused', scenario: 'storm', hash: '#/queues?system=calls&queue=priority', dark: true },
  { name: 'queues-lost', scenario: 'storm', hash: '#/queues?system=archive&queue=celery' },
  { name: 'queues-none', scenario: 'clear', hash: '#/queues' },
  { name: 'messages', scenario: 'storm', hash: '#/queues?system=calls&queue=celery&part=messages' },
  { name: 'unacked-dark', scenario: 'stuck', hash: '#/queues?system=calls&queue=celery&part=unacked', dark: true },
  {
    name: 'attempts',
    scenario: 'stuck',
    hash: '#/queues?system=archive&queue=celery&part=attempts',
    act: async (page) => page.getByRole('button', { name: 'WorkerLostError' }).click(),
  },
  {
    name: 'purge',
    scenario: 'stuck',
    hash: '#/queues?system=calls',
    act: async (page) => {
      await page.keyboard.press('Delete')
      await page.getByRole('dialog').getByText('Not touched').waitFor()
    },
  },
  { name: 'proof', scenario: 'stuck', hash: '#/proof?system=calls' },
  { name: 'proof-limits', scenario: 'stuck', hash: '#/proof?system=calls&part=limits' },
  {
    name: 'proof-limits-wide-dark',
    scenario: 'stuck',
    hash: '#/proof?system=calls&part=limits',
    wide: true,
    dark: true,
  },
  { name: 'proof-heartbeats', scenario: 'stuck', hash: '#/proof?system=calls&part=heartbeats' },
  { name: 'workers', scenario: 'stuck', hash: '#/workers' },
  { name: 'workers-storm', scenario: 'storm', hash: '#/workers' },
  { name: 'workers-storm-dark', scenario: 'storm', hash: '#/workers', dark: true, wide: true },
  { name: 'stack', scenario: 'stuck', hash: '#/stack' },
  { name: 'stack-storm', scenario: 'storm', hash: '#/stack?system=calls' },
  { name: 'stack-storm-dark', scenario: 'storm', hash: '#/stack?system=calls', dark: true, wide: true },
  { name: 'stack-lost', scenario: 'storm', hash: '#/stack?system=archive' },
  { name: 'stack-none', scenario: 'clear', hash: '#/stack', dark: true },
  { name: 'logs', scenario: 'storm', hash: '#/stack?system=calls&part=logs&service=worker' },
  { name: 'logs-dark', scenario: 'stuck', hash: '#/stack?system=calls&part=logs', dark: true, wide: true },
  { name: 'env', scenario: 'storm', hash: '#/stack?system=calls&part=env' },
  {
    name: 'env-raw',
    scenario: 'storm',
    hash: '#/stack?system=calls&part=env',
    act: async (page) => {
      await page.getByRole('checkbox', { name: 'Whole file' }).click()
      await page.getByRole('textbox', { name: 'C:' }).click()
      await page.keyboard.type('# tried at 3 a.m.\n')
    },
  },
  {
    name: 'env-raw-dark',
    scenario: 'stuck',
    hash: '#/stack?system=calls&part=env',
    dark: true,
    act: async (page) => {
      await page.keyboard.press('w')
      await page.getByRole('textbox', { name: 'C:' }).click()
    },
  },
  {
    name: 'set-env',
    scenario: 'stuck',
    hash: '#/stack?system=calls&part=env',
    act: async (page) => {
      await page.getByRole('button', { name: 'Set TASK_TIMEOUT_SECONDS' }).click()
      await page.getByRole('dialog').getByText('Not touched').waitFor()
    },
  },
  { name: 'queues-narrow', scenario: 'storm', hash: '#/queues?system=calls&queue=celery', narrow: true },
  {
    name: 'messages-200',
    scenario: 'storm',
    hash: '#/queues?system=calls&queue=celery&part=messages',
    narrow: '200 %',
  },
  { name: 'workers-narrow', scenario: 'storm', hash: '#/workers', narrow: true },
  { name: 'stack-narrow', scenario: 'storm', hash: '#/stack?system=calls', narrow: true },
  { name: 'logs-200', scenario: 'storm', hash: '#/stack?system=calls&part=logs', narrow: '200 %' },
  { name: 'env-narrow', scenario: 'storm', hash: '#/stack?system=calls&part=env', narrow: true },
  { name: 'system-200', scenario: 'stuck', hash: '#/system/calls', narrow: '200 %' },
  { name: 'job-narrow', scenario: 'stuck', hash: '#/jobs/archive/done-1', narrow: true },
  { name: 'worker', scenario: 'clear', hash: '#/worker' },
  { name: 'worker-stopped-dark', scenario: 'critical', hash: '#/worker', dark: true },
  { name: 'settings', scenario: 'clear', hash: '#/settings' },
  { name: 'systems', scenario: 'stuck', hash: '#/settings?part=systems' },
  { name: 'systems-dark', scenario: 'clear', hash: '#/settings?part=systems', dark: true, wide: true },
  { name: 'system-new', scenario: 'stuck', hash: '#/system' },
  {
    name: 'system-edit',
    scenario: 'stuck',
    hash: '#/system/calls',
    act: async (page) => {
      await page.getByText('Postgres 16.2').waitFor()
      await page.getByRole('radio', { name: 'public.call_recordings' }).click()
    },
  },
  {
    name: 'system-wrong-dark',
    scenario: 'stuck',
    hash: '#/system',
    dark: true,
    act: async (page) => {
      await page.getByLabel('Name').fill('My Calls')
      await page.getByLabel('Database').fill('postgresql://app:wrong@127.0.0.1/app')
      await page.getByLabel('Broker').fill('amqp://rabbit')
    },
  },
  {
    name: 'system-refused',
    scenario: 'stuck',
    hash: '#/system',
    wide: true,
    act: async (page) => {
      await page.getByLabel('Name').fill('calls-2')
      await page.getByLabel('Database').fill('postgresql://app:wrong@127.0.0.1/app')
      await page.getByText('was refused').waitFor()
    },
  },
  { name: 'history-empty', scenario: 'clear', hash: '#/history' },
  {
    name: 'preview',
    scenario: 'stuck',
    hash: '#/overview',
    act: async (page) => {
      await page.keyboard.press('h')
      await page.getByRole('dialog').getByText('Not touched').waitFor()
    },
  },
  {
    name: 'preview-remove-dark',
    scenario: 'stuck',
    dark: true,
    hash: '#/jobs?system=archive&state=failed',
    act: async (page) => {
      await page.getByRole('checkbox', { name: 'Select all 4' }).click()
      await page.getByRole('button', { name: 'Remove…' }).click()
      await page.getByLabel('Type the number of jobs').fill('4')
    },
  },
  {
    name: 'history',
    scenario: 'stuck',
    hash: '#/jobs?system=archive&state=failed',
    act: async (page) => {
      await page.getByRole('checkbox', { name: 'Select all 4' }).click()
      await page.keyboard.press('r')
      await page.getByRole('dialog').getByText('Not touched').waitFor()
      await page.keyboard.press('Control+Enter')
      await page.getByRole('button', { name: 'Undo…' }).waitFor()
      await page.keyboard.press('6')
      await page.getByRole('table', { name: 'Receipts' }).waitFor()
    },
  },
  {
    name: 'find',
    scenario: 'stuck',
    hash: '#/overview',
    act: async (page) => {
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox').fill('5454')
      await page.getByRole('option').nth(3).waitFor()
    },
  },
  { name: 'keys', scenario: 'stuck', hash: '#/overview', act: async (page) => page.keyboard.press('?') },
  {
    name: 'add',
    scenario: 'clear',
    hash: '#/jobs?system=local&state=queued',
    act: async (page) => {
      await page.keyboard.press('a')
      await page
        .getByRole('dialog')
        .locator('input[type=file]')
        .first()
        .setInputFiles(
          ['one.m4a', 'bad.m4a', 'twice.mp3'].map((name) => ({
            name,
            mimeType: 'audio/mp4',
            buffer: Buffer.alloc(90_000),
          })),
        )
      await page.getByText('1 added, 1 already here, 1 refused').waitFor()
    },
  },
]

function viewportOf({ wide, narrow }: Shot): { width: number; height: number } {
  if (narrow === '200 %') return { width: 640, height: 400 }
  if (narrow) return { width: 1000, height: 700 }
  return wide ? { width: 1920, height: 1080 } : { width: 1280, height: 800 }
}

async function take(browser: Browser, folder: string, shot: Shot): Promise<void> {
  const host = await serveFixture({ scenario: shot.scenario, loud: true })
  const viewport = viewportOf(shot)
  const context = await browser.newContext({ viewport, timezoneId: 'UTC', colorScheme: shot.dark ? 'dark' : 'light' })
  const page = await context.newPage()
  page.on(
    'console',
    (message) => ['error', 'warning'].includes(message.type()) && console.error(shot.name, message.text()),
  )
  page.on('pageerror', (error) => console.error(shot.name, error.message))
  try {
    await page.goto(host.url)
    await page.evaluate((hash) => {
      location.hash = hash
    }, shot.hash)
    await page.getByText(/systems? read/).waitFor()
    await shot.act?.(page)
    await page.evaluate(() => document.fonts.ready)
    // Until dialogs have opened and bars have moved: the longest transition is 220 ms.
    await page.waitForTimeout(400)
    const overflow = await page.evaluate(() => {
      const main = document.querySelector('main')
      return main === null ? 0 : main.scrollHeight - main.clientHeight
    })
    if (overflow > 0) console.error(`${shot.name}: scrolls by ${overflow} px`)
  } catch (error) {
    console.error(shot.name, error instanceof Error ? error.message.split('\n')[0] : error)
  }
  await page.screenshot({ path: join(folder, `${shot.name}.png`) })
  await context.close()
  await host.close()
}

const [folder = 'shots', ...names] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
const browser = await chromium.launch({
  executablePath: process.env.UNJAM_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'],
})
for (const shot of shots) if (names.length === 0 || names.includes(shot.name)) await take(browser, folder, shot)
await browser.close()
