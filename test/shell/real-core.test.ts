// The shell on the real composition: it hosts a core, a second host attaches, and quitting gives everything back.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { takeCoreLock } from '../../electron/adapters/core-lock.ts'
import { openCore } from '../../electron/compose/open-core.ts'
import { app, resetElectron, seen } from '../support/electron-double.ts'
import { until } from '../support/until.ts'
import { clientOf, shellWorld, started } from './shell-world.ts'

const root = join(import.meta.dirname, '../..')
let dataDir: string
beforeEach(() => {
  resetElectron()
  dataDir = mkdtempSync(join(tmpdir(), 'unjam-desktop-'))
  // No worker, no database: what is tested here is the shell's hold on the core.
  const systems = [{ id: 'audits', kind: 'qc', url: 'http://127.0.0.1:9', token: 'env:NONE' }]
  writeFileSync(join(dataDir, 'settings.json'), JSON.stringify({ systems }))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

test('hosts the core of its data directory, is attached to, and gives the directory back', async () => {
  const open = (signal: AbortSignal) => openCore({ dataDir, root, host: 'desktop', signal })
  const world = shellWorld({ dataDir, open })
  const { window } = await started(world)
  const port = window.webContents.pageOpensPort()
  const client = clientOf(port)
  expect(await client.host.info()).toMatchObject({ host: 'desktop', dataDir })
  expect((await client.settings.get()).systems).toMatchObject([{ id: 'audits' }])

  // A command attaches to it instead of starting another.
  const command = await openCore({ dataDir, root, host: 'terminal', signal: AbortSignal.timeout(60_000) })
  expect(command.hosted).toBeNull()
  expect(await command.client.host.info()).toMatchObject({ host: 'desktop' })
  command.attached?.close()
  expect(takeCoreLock(dataDir)).toBeNull()

  const live = await client.live()
  expect((await live.next()).value).toMatchObject({ kind: 'snapshot' })
  let quit = false
  app.once('quit', () => {
    quit = true
  })
  seen.trays[0]?.choose('Quit Unjam')
  await until('it has quit', () => quit)
  expect(existsSync(join(dataDir, 'run/endpoint.json'))).toBe(false)
  const lock = takeCoreLock(dataDir)
  expect(lock).not.toBeNull()
  lock?.release()
  port.close()
  rmSync(world.dataDir, { recursive: true, force: true })
})

test('attaches where a core runs, and hosts its own when that one ends', async () => {
  const first = await openCore({ dataDir, root, host: 'terminal', signal: AbortSignal.timeout(60_000) })
  const open = (signal: AbortSignal) => openCore({ dataDir, root, host: 'desktop', signal })
  const world = shellWorld({ dataDir, open })
  const { window } = await started(world)
  const before = clientOf(window.webContents.pageOpensPort())
  expect(await before.host.info()).toMatchObject({ host: 'terminal' })

  await first.hosted?.close(0)
  const after = async () =>
    clientOf(window.webContents.pageOpensPort()).host.info(undefined, { signal: AbortSignal.timeout(60_000) })
  // A port of the moment in between is closed again, as a page finds out too.
  await until('it hosts its own', async () => (await after().catch(() => null))?.host === 'desktop')
  expect(await after()).toMatchObject({ host: 'desktop', dataDir })
  const { pid } = JSON.parse(readFileSync(join(dataDir, 'run/endpoint.json'), 'utf8'))
  expect(pid).toBe(process.pid)
  let quit = false
  app.once('quit', () => {
    quit = true
  })
  app.quit()
  await until('it has quit', () => quit)
  rmSync(world.dataDir, { recursive: true, force: true })
})
