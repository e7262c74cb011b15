// The desktop app in the order of its start: identity, guards, core, page, window, tray, notifications, end.
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { app, dialog } from 'electron'
import { sentence, toFailure } from '../contract/failure.ts'
import type { ServerLog } from '../server/server-log.ts'
import { registerScheme, serveApp } from './app-protocol.ts'
import { type CoreLink, linkCore, type Opened } from './core-link.ts'
import { showAlerts } from './notifications.ts'
import { cannotKeepSecrets } from './secrets.ts'
import { createTray } from './tray.ts'
import { guardPages, guardSession } from './web-guards.ts'
import { type AppWindow, createWindow } from './window.ts'

/** Worker, whisper and database have their own deadlines below this. */
const END_WITHIN_MS = 20_000

export interface ShellParts {
  /** Equal to the installer's, or Windows shows no toasts. */
  readonly appId: string
  readonly toastClsid: string
  readonly dataDir: string
  /** The built renderer. */
  readonly assets: string
  readonly preload: string
  readonly icons: string
  readonly hidden: boolean
  readonly log: ServerLog
  open(signal: AbortSignal): Promise<Opened>
}

/** False when another window of this data directory is there already: it comes to the front instead. */
export async function startShell(parts: ShellParts): Promise<boolean> {
  const { log } = parts
  app.setAppUserModelId(parts.appId)
  if (process.platform === 'win32') app.setToastActivatorCLSID(parts.toastClsid)
  // Also what Electron's single instance goes by: one window per data directory.
  app.setPath('userData', join(parts.dataDir, 'desktop'))
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return false
  }
  app.enableSandbox()
  registerScheme()
  guardPages(log)
  await app.whenReady()
  guardSession(log)

  const place = join(app.getPath('userData'), 'window.json')
  const core = linkCore(parts.open, log, (snapshot) => {
    tray.show(snapshot)
    announce(snapshot)
  })
  serveApp(parts.assets, core.files)
  const window = createWindow({ ...parts, icon: join(parts.icons, 'unjam.png'), placeFile: place, serve: core.serve })
  const { icons } = parts
  const tray = createTray({ icons, open: window.open, snooze: core.snooze, attached: core.attached })
  const announce = showAlerts({ open: window.open, snooze: core.snooze, onRefused: window.attract }, log)
  app.on('second-instance', () => window.open())
  app.on('activate', () => window.open())
  app.on('window-all-closed', () => log.info('shell', 'The window is closed; the tray goes on.'))
  endWith(core, window, log)

  const noSecrets = await cannotKeepSecrets()
  if (noSecrets !== null) log.info('secrets', noSecrets)
  await window.load().catch((error: unknown) => log.error('window', 'The page could not be loaded.', error))
  await core.ready.catch((error: unknown) => {
    log.error('shell', 'No core could be opened.', error)
    dialog.showErrorBox('Unjam cannot start', sentence(toFailure(error, 'Start Unjam')))
    app.quit()
  })
  return true
}

/** Quitting gives the core its time to stop the worker and the database, and then ends in any case. */
function endWith(core: CoreLink, window: AppWindow, log: ServerLog): void {
  let ended = false
  app.on('before-quit', window.release)
  app.on('will-quit', (event) => {
    if (ended) return
    event.preventDefault()
    const late = wait(END_WITHIN_MS, undefined, { ref: false })
    Promise.race([core.close(), late])
      .catch((error: unknown) => log.error('shell', 'The core did not end as it should.', error))
      .finally(() => {
        ended = true
        app.quit()
      })
  })
}
