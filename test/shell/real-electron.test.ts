// The packaged entry in a real Electron: only where its program was downloaded, the bundles were built and a display is.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, type ElectronApplication } from '@playwright/test'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CSP } from '../../electron/server/static-files.ts'

const root = join(import.meta.dirname, '../..')
const home = join(root, 'node_modules/electron')

/** null when it can run here; otherwise what is missing. */
function missing(): string | null {
  if (!existsSync(join(home, 'path.txt'))) return "Electron's program is not downloaded"
  if (!existsSync(join(root, 'out/shell/main.js'))) return 'out/shell/main.js is not built'
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no display'
  return null
}
const because = missing()

describe.skipIf(because !== null)(`real Electron${because === null ? '' : ` (skipped: ${because})`}`, () => {
  let desktop: ElectronApplication
  let dataDir: string
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'unjam-electron-'))
    writeFileSync(join(dataDir, 'settings.json'), JSON.stringify({ worker: { startWithApp: false } }))
    desktop = await _electron.launch({
      executablePath: join(home, 'dist', readFileSync(join(home, 'path.txt'), 'utf8').trim()),
      args: [root, '--data', dataDir, ...(process.platform === 'linux' ? ['--no-sandbox'] : [])],
    })
  })
  afterEach(async () => {
    await desktop.evaluate(({ app }) => app.quit()).catch(() => undefined)
    await desktop.close()
    rmSync(dataDir, { recursive: true, force: true })
  })

  test('the window shows the app from app://bundle with its policy, and reaches the core over its port', async () => {
    const page = await desktop.firstWindow()
    expect(new URL(page.url()).origin === 'null' ? page.url().slice(0, 12) : new URL(page.url()).origin).toBe(
      'app://bundle',
    )
    const answer = await page.evaluate(async () => {
      const response = await fetch('/')
      return { status: response.status, policy: response.headers.get('content-security-policy') }
    })
    expect(answer).toEqual({ status: 200, policy: CSP })
    await page.getByRole('heading').first().waitFor()
    await expect.poll(() => existsSync(join(dataDir, 'run/endpoint.json'))).toBe(true)
  })

  test('the page has no Node, no Electron, no permissions and no way out', async () => {
    const page = await desktop.firstWindow()
    const found = await page.evaluate(async () => ({
      globals: ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'electron'].filter(
        (name) => name in globalThis,
      ),
      opened: window.open('https://example.org') === null,
      fetched: await fetch('https://example.org').then(String, () => 'refused'),
      notifications: await Notification.requestPermission(),
    }))
    expect(found).toEqual({ globals: [], opened: true, fetched: 'refused', notifications: 'denied' })
  })

  test('closing the window keeps the app; it can be shown again', async () => {
    const page = await desktop.firstWindow()
    await page.waitForLoadState('domcontentloaded')
    const visible = () =>
      desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().map((one) => one.isVisible()))
    await expect.poll(visible).toEqual([true])
    await desktop.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await expect.poll(visible).toEqual([false])
    await desktop.evaluate(({ app }) => app.emit('second-instance'))
    await expect.poll(visible).toEqual([true])
  })
})
