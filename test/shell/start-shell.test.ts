// The desktop app on a stand-in of electron: its order of start, the core behind it, and its end.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FailureError } from '../../electron/contract/failure.ts'
import { attachLocal, serveLocal } from '../../electron/server/local-endpoint.ts'
import { createRouter } from '../../electron/server/router.ts'
import { startShell } from '../../electron/shell/start-shell.ts'
import { clientSuite } from '../server/client-suite.ts'
import { app, resetElectron, seen } from '../support/electron-double.ts'
import { criticalFinding } from '../support/fake-api.ts'
import { until } from '../support/until.ts'
import { clientOf, shellWorld, started, type World } from './shell-world.ts'

const worlds: World[] = []
function world(...change: Parameters<typeof shellWorld>): World {
  const made = shellWorld(...change)
  worlds.push(made)
  return made
}
beforeEach(resetElectron)
afterEach(async () => {
  app.quit()
  for (const { dataDir } of worlds.splice(0)) rmSync(dataDir, { recursive: true, force: true })
})

describe('starting', () => {
  test('a second instance quits before it opens anything, and the first comes to the front', async () => {
    seen.lock = false
    const second = world()
    expect(await startShell(second.parts)).toBe(false)
    expect([seen.quits, seen.windows.length, seen.trays.length, second.life]).toEqual([1, 0, 0, []])

    seen.lock = true
    const { window } = await started(world())
    window.minimized = true
    window.calls.length = 0
    app.emit('second-instance')
    expect(window.calls).toEqual(['restore', 'show', 'focus'])
  })

  test('identity, sandbox and scheme, with one instance per data directory', async () => {
    const { dataDir, parts } = world()
    await startShell(parts)
    expect(seen.appId).toBe('dev.unjam.test')
    expect(seen.sandboxed).toBe(true)
    expect(seen.paths.userData).toBe(join(dataDir, 'desktop'))
    expect(seen.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
    ])
  })

  test('no core can be opened: said in a box, then the app ends', async () => {
    const failure = {
      kind: 'busy' as const,
      tried: 'Open the data directory',
      on: '/data',
      because: 'another Unjam holds it and does not answer',
      remedy: 'End that process.',
    }
    const { parts } = world({ open: () => Promise.reject(new FailureError(failure)) })
    await startShell(parts)
    expect(seen.errorBoxes).toEqual([
      [
        'Unjam cannot start',
        'Open the data directory (/data): another Unjam holds it and does not answer. End that process.',
      ],
    ])
    expect(seen.quits).toBe(1)
  })

  test('a system without a place for secrets is told once', async () => {
    seen.encryption.available = false
    const { log, parts } = world()
    await startShell(parts)
    expect(log.lines.filter(({ where }) => where === 'secrets')).toMatchObject([
      { message: expect.stringContaining('env:NAME') },
    ])
  })
})

describe('the core behind the window', () => {
  test('hosted: the suite through the real shell code', async () => {
    const { api, life, parts, ...rest } = world()
    const { window } = await started({ api, life, parts, ...rest })
    expect(life).toEqual(['start'])
    const port = window.webContents.pageOpensPort()
    await clientSuite(clientOf(port), api, 'window')
    expect(rest.log.lines).toEqual([])
    port.close()
  })

  test('attached: the suite through shell, relay and socket; when that core ends, another is opened', async () => {
    const other = world()
    const { api, dataDir, log } = other
    const endpoint = await serveLocal({ api, router: createRouter(api, log), dataDir, log })
    const attached = await attachLocal(dataDir, 'window')
    if (attached === null) return expect.fail('nobody answered')
    const own = world()
    let opens = 0
    const open = async (signal: AbortSignal) => {
      opens++
      return opens === 1 ? { client: attached.client, attached, hosted: null } : own.parts.open(signal)
    }
    const { window, tray } = await started({ ...own, parts: { ...own.parts, open } })
    const port = window.webContents.pageOpensPort()
    await clientSuite(clientOf(port), api, 'window')
    // The tray follows the attached core …
    api.publish([criticalFinding({ headline: 'Said by the other core.' })])
    await until('the tray heard it', () => tray.tooltip === 'Unjam: Said by the other core.')
    expect(tray.menu.at(-1)?.label).toBe('Quit; the worker keeps running')

    const closed = new Promise((resolve) => port.once('close', resolve))
    await endpoint.close()
    await closed
    await until('its own core was started', () => own.life.includes('start'))
    await until('the tray follows it', () => tray.tooltip === 'Unjam: Nothing is stuck.')
    expect(tray.menu.at(-1)?.label).toBe('Quit Unjam')
    const next = clientOf(window.webContents.pageOpensPort())
    expect((await next.jobs.page({ system: 'local', state: 'queued' })).jobs).toHaveLength(2)
    expect(opens).toBe(2)
  })

  test('a live stream that breaks is taken up again', async () => {
    const it = world()
    const { tray } = await started(it)
    await until('the tray has looked', () => tray.tooltip === 'Unjam: Nothing is stuck.')
    it.api.breakStreams(new Error('broken'))
    await until('the tray says so', () => tray.tooltip.includes('Cannot look'))
    expect(tray.image).toContain('tray-unknown')
    await until('the tray looks again', () => tray.tooltip === 'Unjam: Nothing is stuck.')
  })
})

describe('the end', () => {
  test('closing the window keeps the tray and the core; quitting gives the core its time', async () => {
    const { life, parts, ...rest } = world()
    const { window, tray } = await started({ life, parts, ...rest })
    window.calls.length = 0
    expect(window.closeByUser()).toBe(false)
    expect(window.calls).toEqual(['hide'])
    expect(life).toEqual(['start'])
    tray.emit('click')
    expect(window.calls).toEqual(['hide', 'show', 'focus'])

    let quit = false
    app.once('quit', () => (quit = true))
    tray.choose('Quit Unjam')
    expect(quit).toBe(false)
    await until('it quit after the core had closed', () => quit)
    expect(life).toEqual(['start', 'close'])
    expect(window.closeByUser()).toBe(true)
  })

  test('the end of the Windows session is an end like any other', async () => {
    const { life, parts, ...rest } = world()
    const { window } = await started({ life, parts, ...rest })
    window.emit('session-end', {})
    await until('the core was closed', () => life.includes('close'))
  })
})
