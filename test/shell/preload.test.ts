// The preload: one message of our own page, one port, nothing exposed.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { resetElectron, seen } from '../support/electron-double.ts'

const folder = join(import.meta.dirname, '../../electron/shell')

class Page extends EventTarget {
  says(data: unknown, ports: unknown[], source: unknown = this, origin = 'app://bundle') {
    this.dispatchEvent(Object.assign(new Event('message'), { data, ports, source, origin }))
  }
}

const page = new Page()
beforeAll(async () => {
  vi.stubGlobal('window', page)
  vi.stubGlobal('location', { origin: 'app://bundle' })
  await import('../../electron/shell/preload.ts')
})
afterAll(() => vi.unstubAllGlobals())
beforeEach(resetElectron)

test('hands on the port that our own page offers, again after each reconnect', () => {
  page.says('rpc:open', ['port 1'])
  page.says('rpc:open', ['port 2'])
  expect(seen.posted).toEqual([
    ['rpc:open', null, ['port 1']],
    ['rpc:open', null, ['port 2']],
  ])
})

test('nothing of another window, another origin, another message, or without a port', () => {
  page.says('rpc:open', ['port'], {})
  page.says('rpc:open', ['port'], page, 'https://evil.example')
  page.says('other', ['port'])
  page.says({ type: 'rpc:open' }, ['port'])
  page.says('rpc:open', [])
  expect(seen.posted).toEqual([])
})

test('it is short and exposes nothing, and no window of ours asks for weaker rules', () => {
  const preload = readFileSync(join(folder, 'preload.ts'), 'utf8')
  expect(preload.split('\n').length).toBeLessThanOrEqual(25)
  expect(preload).not.toMatch(/contextBridge|exposeInMainWorld/)
  for (const file of readdirSync(folder)) {
    const source = readFileSync(join(folder, file), 'utf8')
    expect([file, /allowRunningInsecureContent|experimentalFeatures|enableBlinkFeatures/.test(source)]).toEqual([
      file,
      false,
    ])
    expect([file, /contextIsolation: false|sandbox: false|openExternal/.test(source)]).toEqual([file, false])
  }
})
