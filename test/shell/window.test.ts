// The window on a stand-in of electron: what its page may not do, what app:// serves, and who gets a port.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CSP } from '../../electron/server/static-files.ts'
import { isOurs, mayLoad } from '../../electron/shell/origin.ts'
import { app, resetElectron, seen } from '../support/electron-double.ts'
import { until } from '../support/until.ts'
import { clientOf, shellWorld, started, type World } from './shell-world.ts'

let world: World
beforeEach(() => {
  resetElectron()
  world = shellWorld()
})
afterEach(() => {
  app.quit()
  rmSync(world.dataDir, { recursive: true, force: true })
})

const get = async (url: string, init?: RequestInit) => {
  const handler = seen.handlers.get('app')
  if (handler === undefined) throw new Error('app:// is not served')
  return handler(new Request(url, init))
}

describe('guards', () => {
  test('isolation, sandbox and everything that Electron would allow otherwise', async () => {
    const { window } = await started(world)
    expect(window.options.webPreferences).toEqual({
      preload: '/x/preload.cjs',
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      devTools: false,
    })
  })

  test('no permission is granted', async () => {
    await started(world)
    const answers: boolean[] = []
    for (const permission of ['notifications', 'media', 'geolocation', 'clipboard-read'])
      seen.permissionRequest?.(null, permission, (granted) => answers.push(granted))
    expect(answers).toEqual([false, false, false, false])
    expect([seen.permissionCheck?.(), seen.deviceCheck?.()]).toEqual([false, false])
  })

  test('no page leaves, opens or embeds anything', async () => {
    const { window } = await started(world)
    const { webContents } = window
    expect(webContents.openHandler?.({ url: 'https://evil.example' })).toEqual({ action: 'deny' })
    expect(webContents.isStopped('will-navigate', 'https://evil.example')).toBe(true)
    expect(webContents.isStopped('will-navigate', 'file:///etc/passwd')).toBe(true)
    expect(webContents.isStopped('will-redirect', 'app://bundle.evil.example/')).toBe(true)
    expect(webContents.isStopped('will-frame-navigate', 'about:blank')).toBe(true)
    expect(webContents.isStopped('will-attach-webview', '')).toBe(true)
    expect(webContents.isStopped('will-navigate', 'app://bundle/#/jobs')).toBe(false)
  })

  test('nothing foreign is loaded', async () => {
    await started(world)
    const blocked = (url: string) => {
      let cancelled: boolean | undefined
      seen.beforeRequest?.({ url }, ({ cancel }) => {
        cancelled = cancel
      })
      return cancelled
    }
    for (const url of [
      'https://evil.example/x.js',
      'http://127.0.0.1/',
      'file:///c:/x',
      'app://other/',
      'devtools://x',
      '',
    ])
      expect([url, blocked(url)]).toEqual([url, true])
    for (const url of ['app://bundle/a.js', 'data:image/png;base64,AA', 'blob:app://bundle/1'])
      expect([url, blocked(url)]).toEqual([url, false])
    expect(mayLoad('devtools://devtools/x', false)).toBe(true)
    expect(isOurs('not a url')).toBe(false)
  })
})

describe('app://bundle', () => {
  test('the page with its policy; nothing outside, nothing of another host', async () => {
    await started(world)
    const page = await get('app://bundle/')
    expect([page.status, await page.text()]).toEqual([200, '<!doctype html><title>Unjam</title>'])
    expect(page.headers.get('content-security-policy')).toBe(CSP)
    expect(page.headers.get('x-content-type-options')).toBe('nosniff')
    const bad = [
      'app://other/',
      'app://bundle/..%2f..%2fetc/passwd.txt',
      'app://bundle/%00.js',
      'app://bundle/C:%5Cx.js',
    ]
    for (const url of bad) expect([url, (await get(url)).status]).toEqual([url, 404])
    expect((await get('app://bundle/', { method: 'DELETE' })).status).toBe(405)
  })

  test('uploads and recordings as in the browser', async () => {
    await started(world)
    const post = { method: 'POST', body: 'sound' }
    const foreign = await get('app://bundle/files?name=a.wav', { ...post, headers: { origin: 'https://evil.example' } })
    expect(foreign.status).toBe(403)
    const stored = await get('app://bundle/files?name=a.wav', { ...post, headers: { origin: 'app://bundle' } })
    expect(stored.status).toBe(201)
    const { path } = (await stored.json()) as { path: string }
    expect(readFileSync(path, 'utf8')).toBe('sound')
    world.api.media.set('1', path)
    const part = await get('app://bundle/media/local/1', { headers: { range: 'bytes=0-1' } })
    expect([part.status, await part.text(), part.headers.get('content-type')]).toEqual([206, 'so', 'audio/wav'])
    expect(part.headers.get('content-security-policy')).toBe(CSP)
  })
})

describe('ports', () => {
  test('only our own main frame gets one', async () => {
    const { window } = await started(world)
    for (const frame of [{ url: 'https://evil.example' }, { url: 'app://bundle/' }, null]) {
      const port = window.webContents.pageOpensPort(frame)
      const closed = new Promise((resolve) => port.once('close', resolve))
      port.start()
      await closed
    }
    const { mainFrame } = window.webContents
    mainFrame.url = 'https://evil.example'
    const port = window.webContents.pageOpensPort(mainFrame)
    await new Promise((resolve) => {
      port.once('close', resolve)
      port.start()
    })
    expect(world.log.lines.filter(({ message }) => message.includes('was refused'))).toHaveLength(4)
    window.webContents.ipc.emit('rpc:open', { ports: [], senderFrame: mainFrame })
  })

  test('a page that connects again gives up its first port, and its streams end', async () => {
    const { window } = await started(world)
    const first = window.webContents.pageOpensPort()
    const live = await clientOf(first).live()
    await live.next()
    const { closed } = world.api.streams
    const gone = new Promise((resolve) => first.once('close', resolve))
    const second = clientOf(window.webContents.pageOpensPort())
    await gone
    expect((await second.jobs.page({ system: 'local', state: 'queued' })).jobs).toHaveLength(2)
    await until('the first stream ended', () => world.api.streams.closed === closed + 1)
  })

  test('garbage costs the port and is logged', async () => {
    const { window } = await started(world)
    const port = window.webContents.pageOpensPort()
    const closed = new Promise((resolve) => port.once('close', resolve))
    port.start()
    port.postMessage('{garbage')
    await closed
    expect(world.log.lines).toMatchObject([{ level: 'warn', where: 'port' }])
  })
})

describe('place', () => {
  const file = () => join(world.dataDir, 'desktop', 'window.json')

  test('remembered when it closes, restored when it opens', async () => {
    const { window } = await started(world)
    expect(window.options).toMatchObject({ width: 1280, height: 800 })
    window.bounds = { x: 100, y: 50, width: 1000, height: 700 }
    window.maximized = true
    window.closeByUser()
    app.quit()
    resetElectron()
    const again = await started(world)
    expect(again.window.options).toMatchObject({ x: 100, y: 50, width: 1000, height: 700 })
    expect(again.window.calls).toEqual(['maximize', 'show'])
  })

  test.each([
    ['damaged', '{"x":'],
    ['of another kind', '{"x":"0","y":0,"width":9,"height":9,"maximized":false}'],
    ['on a screen that is gone', '{"x":5000,"y":0,"width":900,"height":700,"maximized":false}'],
    ['above every screen', '{"x":0,"y":-690,"width":900,"height":700,"maximized":false}'],
  ])('%s: the default place', async (_why, text) => {
    writeFileSync(file(), text)
    const { window } = await started(world)
    expect(window.options).toMatchObject({ width: 1280, height: 800 })
    expect(window.options.x).toBeUndefined()
  })

  test('started hidden it stays in the tray until asked for', async () => {
    const { window, tray } = await started({ ...world, parts: { ...world.parts, hidden: true } })
    expect(window.calls).toEqual([])
    tray.choose('Open Unjam')
    expect(window.calls).toEqual(['show', 'focus'])
  })

  test('a page that dies is loaded again, but not in a loop', async () => {
    const { window } = await started(world)
    window.webContents.emit('render-process-gone', {}, { reason: 'oom' })
    window.webContents.emit('render-process-gone', {}, { reason: 'oom' })
    expect(window.webContents.reloads).toBe(1)
    expect(world.log.lines.map(({ message }) => message)).toEqual(Array(2).fill('The page ended by itself (oom).'))
  })
})
