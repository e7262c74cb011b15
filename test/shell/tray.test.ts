// The tray and its toasts: what a snapshot looks like from the taskbar.
import { rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Snapshot } from '../../electron/contract/snapshot.ts'
import { trayView } from '../../electron/shell/tray-view.ts'
import { parseRoute } from '../../renderer/route.ts'
import { app, nativeTheme, resetElectron, seen } from '../support/electron-double.ts'
import { criticalFinding } from '../support/fake-api.ts'
import { anAlert } from '../support/finding-builders.ts'
import {
  ago,
  counts,
  host,
  known,
  MINUTE,
  runningJob,
  snapshot,
  system,
  unknown,
} from '../support/snapshot-builders.ts'
import { queue } from '../support/stack-builders.ts'
import { until } from '../support/until.ts'
import { shellWorld, started, type World } from './shell-world.ts'

const noProgress = {
  ...{ audioDoneMs: null, audioTotalMs: null, speed: null, etaMs: null, chunksDone: null, chunksTotal: null },
  movedAgeMs: null,
}
/** What the page makes of the address that the window was given. */
const routeAt = (url = '') => parseRoute(new URL(url).hash)

describe('trayView', () => {
  const calls = system({ counts: known(counts({ queued: 20, running: 1, done: 1069 })) })
  const silent = system({ id: 'qc', counts: unknown(null) })
  const warning = criticalFinding({ severity: 'warning', headline: 'One 63-minute recording holds the only worker.' })
  const info = criticalFinding({ severity: 'info', headline: 'A model can be downloaded.' })

  test.each<[string, Snapshot | null, string, string]>([
    ['nobody to ask', null, 'unknown', 'Cannot look: the core does not answer yet.'],
    ['all is well', snapshot({ systems: [calls] }), 'clear', 'Nothing is stuck.'],
    ['something to know', snapshot({ findings: [info] }), 'clear', 'A model can be downloaded.'],
    ['look soon', snapshot({ findings: [warning] }), 'attention', 'One 63-minute recording holds the only worker.'],
    ['act now', snapshot({ findings: [criticalFinding(), warning] }), 'critical', 'No worker runs. 2 jobs wait.'],
    ['a source is silent', snapshot({ systems: [calls, silent] }), 'unknown', 'Cannot read qc.'],
    [
      'a sample in the window',
      snapshot({
        systems: [system({ id: 'sample-calls' }), calls],
        findings: [criticalFinding({ system: 'sample-calls' })],
      }),
      'clear',
      'Nothing is stuck.',
    ],
    ['silent and late', snapshot({ systems: [silent], findings: [warning] }), 'unknown', warning.headline],
    [
      'silent and critical',
      snapshot({ systems: [silent], findings: [criticalFinding()] }),
      'critical',
      'No worker runs. 2 jobs wait.',
    ],
  ])('%s', (_title, given, state, verdict) => {
    expect(trayView(given)).toMatchObject({ state, verdict, tooltip: `Unjam: ${verdict}` })
  })

  test('counts over all systems; what cannot be read is unknown, never zero', () => {
    expect(trayView(snapshot({ systems: [calls, calls] })).counts).toBe(
      'Queued 40 · Running 2 · Done 2138 · Failed 0 · Skipped 0',
    )
    expect(trayView(snapshot({ systems: [calls, silent] })).counts).toMatch(/^Queued unknown · /)
    expect(trayView(null).counts).toMatch(/^Queued unknown · /)
  })

  test('what runs with its end, and what is asked for most, each through its preview', () => {
    const job = runningJob({
      ...{ system: 'calls', id: '7', title: 'Call recording 5454' },
      progress: { ...noProgress, audioDoneMs: 52 * MINUTE, audioTotalMs: 63 * MINUTE, etaMs: 37 * MINUTE },
    })
    const queues = known([queue({ name: 'celery', messages: 93 }), queue({ name: 'crawl', messages: 0 })])
    const one = system({ id: 'calls', counts: known(counts({ failed: 4 })), running: known([job]), queues })
    const local = system({ id: 'local', kind: 'local' })
    const worker = { state: 'running', pid: 1, restarts: 0, because: null } as const
    const view = trayView(snapshot({ systems: [one, local], host: host({ worker }) }))
    expect(view.running.map(({ label }) => label)).toEqual([
      expect.stringMatching(/^Call recording 5454 · 82 % · ends \d\d:\d\d$/),
    ])
    expect(view.running.map(({ opens }) => parseRoute(opens))).toEqual([{ view: 'job', system: 'calls', id: '7' }])
    expect(view.actions.map(({ label }) => label)).toEqual([
      'Retry 4 failed jobs in calls…',
      'Purge queue celery in calls… (93)',
      'Pause the local worker…',
    ])
    expect(view.actions.map(({ opens }) => parseRoute(opens))).toMatchObject([
      { view: 'act', system: 'calls', action: 'retry-jobs', ids: null, params: {} },
      { view: 'act', system: 'calls', action: 'purge-queue', params: { queue: 'celery' } },
      { view: 'act', system: 'local', action: 'pause-worker' },
    ])
  })

  test('a tooltip fits what Windows shows', () => {
    const long = snapshot({ findings: [criticalFinding({ headline: 'x'.repeat(300) })] })
    expect(trayView(long).tooltip).toHaveLength(127)
    expect(trayView(long).tooltip.endsWith('…')).toBe(true)
  })
})

describe('in the taskbar', () => {
  let world: World
  beforeEach(() => {
    resetElectron()
    world = shellWorld()
  })
  afterEach(() => {
    app.quit()
    rmSync(world.dataDir, { recursive: true, force: true })
  })
  const looked = (tray: { tooltip: string }) =>
    until('the tray has looked', () => tray.tooltip === 'Unjam: Nothing is stuck.')

  test('icon, tooltip, counts and first remedy follow the findings; the remedy opens the window', async () => {
    const { window, tray } = await started(world)
    await looked(tray)
    expect(tray.image).toMatch(/tray-clear-dark\.png$/)
    expect(tray.menu.map(({ label }) => label ?? '—')).toEqual([
      'Nothing is stuck.',
      '—',
      'Queued 2 · Running 0 · Done 0 · Failed 0 · Skipped 0',
      '—',
      'Pause the local worker…',
      '—',
      'Open Unjam',
      'Quit Unjam',
    ])
    world.api.publish([criticalFinding()], 7)
    await until('the tray is critical', () => /tray-critical-dark\.png$/.test(tray.image))
    expect(tray.tooltip).toBe('Unjam: No worker runs. 2 jobs wait.')
    expect(tray.menu.some(({ label }) => label?.startsWith('Queued 7 · '))).toBe(true)
    window.calls.length = 0
    tray.choose('Start the worker…')
    expect(window.calls).toEqual(['show', 'focus'])
    expect(routeAt(window.loaded.at(-1))).toMatchObject({ view: 'act', system: 'local', action: 'start-worker' })
    tray.choose('No worker runs. 2 jobs wait.')
    expect(routeAt(window.loaded.at(-1))).toMatchObject({ view: 'finding', key: criticalFinding().key })
  })

  test('it is not redrawn for nothing: that would close an open menu', async () => {
    const { tray } = await started(world)
    await looked(tray)
    const { draws } = tray
    world.api.publish([])
    world.api.publish([])
    world.api.publish([criticalFinding()])
    await until('the change arrived', () => tray.tooltip.includes('No worker'))
    expect(tray.draws).toBe(draws + 1)
  })

  test('the taskbar has a theme of its own', async () => {
    const { tray } = await started(world)
    await looked(tray)
    seen.dark = false
    nativeTheme.emit('updated')
    expect(tray.image).toMatch(/tray-clear-light\.png$/)
  })

  test('one toast per alert while it stands, in the place of the one before; it goes when it is answered', async () => {
    const { tray } = await started(world)
    await looked(tray)
    const other = anAlert({ group: 'slow:warning:local', kind: 'slow', severity: 'warning', title: 'It is slow.' })
    world.api.publish([criticalFinding()])
    world.api.publish([criticalFinding()], 3, [anAlert()])
    world.api.publish([criticalFinding()], 9, [anAlert({ title: 'One more joined.', keys: ['a', 'b'] })])
    world.api.publish([criticalFinding()], 9, [anAlert(), other])
    await until('both were announced', () => seen.toasts.length === 2)
    expect(seen.toasts.map(({ options }) => options)).toMatchObject([
      {
        ...{ id: 'stuck:critical:local', title: 'Call 7 is stuck.', urgency: 'critical', timeoutType: 'never' },
        body: 'It gave no sign of life for 16 min.',
      },
      { id: 'slow:warning:local', title: 'It is slow.', urgency: 'normal', timeoutType: 'default' },
    ])
    const later = anAlert({ at: ago(-15 * MINUTE), reason: 'unanswered' })
    world.api.publish([criticalFinding()], 9, [later, other])
    await until('it escalated', () => seen.toasts.length === 3)
    expect(seen.toasts.map(({ closed }) => closed)).toEqual([true, false, false])
    world.api.publish([criticalFinding()], 9, [])
    await until('all are gone', () => seen.toasts.every(({ closed }) => closed))
    expect(seen.toasts).toHaveLength(3)
  })

  test('a toast opens exactly its finding or the preview of its remedy, or snoozes all that it is about', async () => {
    const { window, tray } = await started(world)
    await looked(tray)
    const a = criticalFinding({ key: 'heartbeat-stale:local:a/b' })
    const b = criticalFinding({ key: 'b' })
    const [remedy = null] = a.remedies
    world.api.publish([a, b], 2, [anAlert({ keys: [a.key, b.key], remedy })])
    await until('it is announced', () => seen.toasts.length === 1)
    expect(seen.toasts[0]?.options.actions).toEqual([
      { type: 'button', text: 'Start the worker…' },
      { type: 'button', text: 'Open' },
      { type: 'button', text: 'Snooze 1 h' },
    ])
    for (const [event, details] of [['click'], ['action', { actionIndex: 1 }]] as const) {
      window.calls.length = 0
      seen.toasts[0]?.emit(event, details)
      expect(window.calls).toEqual(['show', 'focus'])
      expect(routeAt(window.loaded.at(-1))).toEqual({ view: 'finding', key: a.key })
    }
    window.calls.length = 0
    seen.toasts[0]?.emit('action', { actionIndex: 0 })
    expect(routeAt(window.loaded.at(-1))).toMatchObject({
      view: 'act',
      action: 'start-worker',
      label: 'Start the worker',
    })
    window.calls.length = 0
    seen.toasts[0]?.emit('action', { actionIndex: 2 })
    await until('both are snoozed', () => world.api.said.length === 2)
    expect(world.api.said.map((one) => one.replace(/ by .*/, ''))).toEqual([`snooze ${a.key} 60`, 'snooze b 60'])
    expect(window.calls).toEqual([])
  })

  test('an alert that stood for long when the shell came is on the screen, not in a toast', async () => {
    world.api.publish([], 2, [anAlert({ at: ago(2 * MINUTE) })])
    const { tray } = await started(world)
    await looked(tray)
    world.api.publish([], 2, [anAlert({ at: ago(2 * MINUTE) }), anAlert({ group: 'starved', at: ago(2 * MINUTE) })])
    await until('what came since is announced', () => seen.toasts.length === 1)
    expect(seen.toasts[0]?.options.id).toBe('starved')
    tray.choose('Snooze alerts for 1 h')
  })

  test.each([
    ['refused by the system', { supported: true, refuse: 'The notification platform is unavailable' }],
    ['none in this session', { supported: false, refuse: null }],
  ])('a toast that is not shown (%s) is logged, and the window blinks instead', async (_why, notifications) => {
    Object.assign(seen.notifications, notifications)
    const { window, tray } = await started(world)
    await looked(tray)
    world.api.publish([criticalFinding()], 2, [anAlert()])
    await until('the window draws attention', () => window.calls.includes('flash'))
    expect(world.log.lines).toMatchObject([{ level: 'warn', where: 'notification' }])
    window.emit('focus')
    expect(window.calls.at(-1)).toBe('calm')
  })
})
