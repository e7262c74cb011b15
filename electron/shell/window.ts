// The one window: where it was, hidden instead of closed, and the port through which its page reaches the core.
import { readFileSync, writeFileSync } from 'node:fs'
import { app, BrowserWindow, type IpcMainEvent, type MessagePortMain, type Rectangle, screen } from 'electron'
import type { EmitterPort } from '../server/guard-port.ts'
import type { ServerLog } from '../server/server-log.ts'
import type { Address } from './address.ts'
import { isOurs, ORIGIN } from './origin.ts'

interface Place extends Rectangle {
  readonly maximized: boolean
}
const RELOAD_AT_MOST_EVERY_MS = 10_000

export interface WindowOptions {
  readonly preload: string
  readonly icon: string
  /** Where its place is remembered. */
  readonly placeFile: string
  /** Started with the session: stays in the tray until asked for. */
  readonly hidden: boolean
  readonly log: ServerLog
  serve(port: EmitterPort): Promise<void>
}
export interface AppWindow {
  load(): Promise<void>
  /** Brings it to the front, at this address where one is given. */
  open(at?: Address): void
  /** Blinks in the taskbar until it is looked at. */
  attract(): void
  /** From now on closing closes. */
  release(): void
}

/** Exists at once and unseen; `load` fills it. */
export function createWindow(options: WindowOptions): AppWindow {
  const { log } = options
  const place = placeFrom(options.placeFile)
  const window = new BrowserWindow({
    show: false,
    width: 1280,
    height: 800,
    minWidth: 800,
    minHeight: 560,
    ...place,
    icon: options.icon,
    autoHideMenuBar: true,
    backgroundColor: '#14171a',
    webPreferences: {
      preload: options.preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  })
  let released = false
  let reloadedAt = Number.NEGATIVE_INFINITY

  window.once('ready-to-show', () => {
    if (options.hidden) return
    if (place?.maximized) window.maximize()
    window.show()
  })
  window.on('close', (event) => {
    rememberPlace(window, options.placeFile, log)
    if (released) return
    // The tray goes on; quitting is in its menu.
    event.preventDefault()
    window.hide()
  })
  window.on('focus', () => window.flashFrame(false))
  // Windows ends the session: there are seconds to give jobs back.
  window.on('session-end', () => app.quit())
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    log.error('window', `The page ended by itself (${reason}).`)
    if (performance.now() - reloadedAt < RELOAD_AT_MOST_EVERY_MS) return
    reloadedAt = performance.now()
    window.webContents.reload()
  })
  acceptPorts(window, options)

  return {
    load: () => window.loadURL(`${ORIGIN}/`),
    open(at) {
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
      if (at === undefined) return
      // Another hash of the same page: the page stays and only its view changes.
      const gone = (error: unknown) => log.error('window', 'The page could not be opened there.', error)
      window.loadURL(`${ORIGIN}/${at}`).catch(gone)
    },
    attract: () => window.flashFrame(true),
    release: () => {
      released = true
    },
  }
}

/** On `webContents.ipc`, which no other window reaches. One port per window: a new one ends the one before. */
function acceptPorts(window: BrowserWindow, { serve, log }: WindowOptions): void {
  let current: MessagePortMain | null = null
  window.webContents.ipc.on('rpc:open', (event: IpcMainEvent) => {
    const [port] = event.ports
    if (port === undefined) return
    const frame = event.senderFrame
    if (frame === null || frame !== window.webContents.mainFrame || !isOurs(frame.url)) {
      log.warn('window', `A port from ${frame?.url ?? 'a frame that is gone'} was refused.`)
      port.close()
      return
    }
    current?.close()
    current = port
    serve(port).catch((error: unknown) => {
      log.error('window', 'The page could not be connected to the core.', error)
      port.close()
    })
  })
}

/** The place it had, when a screen still shows it. */
function placeFrom(file: string): Place | null {
  try {
    const place: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isPlace(place) && overlaps(place, screen.getDisplayMatching(place).workArea) ? place : null
  } catch {
    // The first start, or a damaged file: the default place does.
    return null
  }
}

function isPlace(value: unknown): value is Place {
  if (typeof value !== 'object' || value === null) return false
  const numbers = ['x', 'y', 'width', 'height'].map((key) => (key in value ? Reflect.get(value, key) : null))
  return numbers.every(Number.isInteger) && 'maximized' in value && typeof value.maximized === 'boolean'
}

function overlaps(a: Rectangle, b: Rectangle): boolean {
  const [MARGIN_X, MARGIN_Y] = [80, 40]
  const x = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const y = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  return x >= MARGIN_X && y >= MARGIN_Y
}

function rememberPlace(window: BrowserWindow, file: string, log: ServerLog): void {
  try {
    const place = { ...window.getNormalBounds(), maximized: window.isMaximized() }
    writeFileSync(file, JSON.stringify(place))
  } catch (error) {
    log.warn('window', 'The place of the window could not be remembered.', error)
  }
}
