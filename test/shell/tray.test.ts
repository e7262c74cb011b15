// The tray and its toasts: what a snapshot looks like from the taskbar.
import { rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Snapshot } from '../../electron/contract/snapshot.ts'
import { trayView } from '../../electron/shell/tray-view.ts'
import { app, nativeTheme, resetElectron, seen } from '../support/electron-double.ts'
import { criticalFinding } from '../support/fake-api.ts'
import { counts, known, snapshot, system, unknown } from '../support/snapshot-builders.ts'
import { until } from '../support/until.ts'
import { shellWorld, started, type World } from './shell-world.ts'

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

  test('one toast per critical finding while it lasts; it goes when the cause has gone', async () => {
    const { window, tray } = await started(world)
    await looked(tray)
    const other = criticalFinding({ key: 'other', headline: 'Another cause.' })
    world.api.publish([criticalFinding({ severity: 'warning' })])
    world.api.publish([criticalFinding()])
    world.api.publish([criticalFinding()], 9)
    world.api.publish([criticalFinding(), other])
    await until('both were announced', () => seen.toasts.length === 2)
    expect(seen.toasts[0]?.options).toMatchObject({
      title: 'No worker runs. 2 jobs wait.',
      body: 'Nothing will be transcribed until a worker is started.',
      urgency: 'critical',
      timeoutType: 'never',
    })
    window.calls.length = 0
    seen.toasts[0]?.emit('click')
    expect(window.calls).toEqual(['show', 'focus'])
    world.api.publish([other])
    await until('the first toast is gone', () => seen.toasts[0]?.closed === true)
    expect(seen.toasts[1]?.closed).toBe(false)
    world.api.publish([criticalFinding(), other])
    await until('it came back, and so did its toast', () => seen.toasts.length === 3)
  })

  test.each([
    ['refused by the system', { supported: true, refuse: 'The notification platform is unavailable' }],
    ['none in this session', { supported: false, refuse: null }],
  ])('a toast that is not shown (%s) is logged, and the window blinks instead', async (_why, notifications) => {
    Object.assign(seen.notifications, notifications)
    const { window, tray } = await started(world)
    await looked(tray)
    world.api.publish([criticalFinding()])
    await until('the window draws attention', () => window.calls.includes('flash'))
    expect(world.log.lines).toMatchObject([{ level: 'warn', where: 'notification' }])
    window.emit('focus')
    expect(window.calls.at(-1)).toBe('calm')
  })
})
