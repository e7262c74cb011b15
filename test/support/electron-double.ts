// Stand-in for the `electron` module in tests: records what the shell asks for and plays what Electron would do.
// The checks at the end keep it in step with electron.d.ts.
import { EventEmitter } from 'node:events'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type * as E from 'electron'

type Permission = (contents: unknown, permission: string, answer: (granted: boolean) => void) => void
type BeforeRequest = (details: { url: string }, answer: (response: { cancel?: boolean }) => void) => void

const fresh = () => ({
  lock: true,
  dark: true,
  encryption: { available: true, backend: 'gnome_libsecret' as string },
  notifications: { supported: true, refuse: null as string | null },
  appId: '',
  toastClsid: '',
  sandboxed: false,
  quits: 0,
  exits: [] as number[],
  paths: {} as Record<string, string>,
  schemes: [] as E.CustomScheme[],
  handlers: new Map<string, (request: Request) => Response | Promise<Response>>(),
  permissionRequest: null as Permission | null,
  permissionCheck: null as (() => boolean) | null,
  deviceCheck: null as (() => boolean) | null,
  beforeRequest: null as BeforeRequest | null,
  windows: [] as BrowserWindow[],
  trays: [] as Tray[],
  toasts: [] as Notification[],
  errorBoxes: [] as [string, string][],
  posted: [] as [string, unknown, unknown[]][],
})

/** What the shell did, and the switches of the world it runs in. */
export const seen = fresh()

/** A new world, as for a new process. */
export function resetElectron(): void {
  Object.assign(seen, fresh())
  for (const emitter of [app, nativeTheme]) emitter.removeAllListeners()
}

class App extends EventEmitter {
  isPackaged = true
  setAppUserModelId(id: string) {
    seen.appId = id
  }
  setToastActivatorCLSID(id: string) {
    seen.toastClsid = id
  }
  setPath(name: string, path: string) {
    seen.paths[name] = path
  }
  getPath(name: string) {
    return seen.paths[name] ?? ''
  }
  requestSingleInstanceLock() {
    return seen.lock
  }
  enableSandbox() {
    seen.sandboxed = true
  }
  whenReady() {
    return Promise.resolve()
  }
  /** As Electron: before-quit, the windows, will-quit, and quit unless one of them prevents it. */
  quit() {
    seen.quits++
    this.emit('before-quit', { preventDefault: () => undefined })
    if (seen.windows.some((window) => !window.closeByUser())) return
    let prevented = false
    this.emit('will-quit', { preventDefault: () => (prevented = true) })
    if (!prevented) this.emit('quit')
  }
  exit(code: number) {
    seen.exits.push(code)
  }
}
export const app = new App()

export const protocol = {
  registerSchemesAsPrivileged(schemes: E.CustomScheme[]) {
    seen.schemes.push(...schemes)
  },
  handle(scheme: string, handler: (request: Request) => Response | Promise<Response>) {
    seen.handlers.set(scheme, handler)
  },
}

export const session = {
  defaultSession: {
    setPermissionRequestHandler(handler: Permission) {
      seen.permissionRequest = handler
    },
    setPermissionCheckHandler(handler: () => boolean) {
      seen.permissionCheck = handler
    },
    setDevicePermissionHandler(handler: () => boolean) {
      seen.deviceCheck = handler
    },
    webRequest: {
      onBeforeRequest(handler: BeforeRequest) {
        seen.beforeRequest = handler
      },
    },
  },
}

/** A Node port dressed as Electron's MessagePortMain: messages arrive as `{ data, ports }`. */
class PortMain extends EventEmitter {
  readonly #inner: MessagePort
  constructor(inner: MessagePort) {
    super()
    this.#inner = inner
    inner.on('close', () => this.emit('close'))
  }
  postMessage(data: unknown) {
    this.#inner.postMessage(data)
  }
  start() {
    this.#inner.on('message', (data: unknown) => this.emit('message', { data, ports: [] }))
  }
  close() {
    this.#inner.close()
  }
}

type Cancellable = 'will-navigate' | 'will-frame-navigate' | 'will-redirect' | 'will-attach-webview'

class WebContents extends EventEmitter {
  readonly ipc = new EventEmitter()
  readonly mainFrame = { url: '' }
  reloads = 0
  openHandler: ((details: { url: string }) => { action: string }) | null = null
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }) {
    this.openHandler = handler
  }
  reload() {
    this.reloads++
  }
  /** For tests: what the preload's ipcRenderer.postMessage('rpc:open', null, [port]) causes; the page's end of it. */
  pageOpensPort(frame: { url: string } | null = this.mainFrame): MessagePort {
    const { port1, port2 } = new MessageChannel()
    this.ipc.emit('rpc:open', { ports: [new PortMain(port1)], senderFrame: frame })
    return port2
  }
  /** For tests: fires a cancellable event, and says whether it was stopped. */
  isStopped(event: Cancellable, url: string): boolean {
    let stopped = false
    this.emit(event, { url, preventDefault: () => (stopped = true) })
    return stopped
  }
}

export class BrowserWindow extends EventEmitter {
  readonly webContents = new WebContents()
  readonly calls: string[] = []
  readonly loaded: string[] = []
  readonly options: E.BrowserWindowConstructorOptions
  bounds: E.Rectangle = { x: 10, y: 20, width: 1280, height: 800 }
  minimized = false
  maximized = false
  constructor(options: E.BrowserWindowConstructorOptions) {
    super()
    this.options = options
    seen.windows.push(this)
    app.emit('web-contents-created', {}, this.webContents)
  }
  async loadURL(url: string) {
    this.webContents.mainFrame.url = url
    this.loaded.push(url)
    this.emit('ready-to-show')
  }
  isMinimized() {
    return this.minimized
  }
  isMaximized() {
    return this.maximized
  }
  getNormalBounds() {
    return this.bounds
  }
  restore() {
    this.calls.push('restore')
  }
  maximize() {
    this.calls.push('maximize')
  }
  show() {
    this.calls.push('show')
  }
  hide() {
    this.calls.push('hide')
  }
  focus() {
    this.calls.push('focus')
  }
  flashFrame(on: boolean) {
    this.calls.push(on ? 'flash' : 'calm')
  }
  /** For tests: the person closes it; whether it went. */
  closeByUser(): boolean {
    let prevented = false
    this.emit('close', { preventDefault: () => (prevented = true) })
    return !prevented
  }
}

export const screen = {
  getDisplayMatching: (_rectangle: E.Rectangle) => ({ workArea: { x: 0, y: 0, width: 1920, height: 1040 } }),
}

export class Tray extends EventEmitter {
  image: string
  tooltip = ''
  menu: E.MenuItemConstructorOptions[] = []
  draws = 0
  constructor(image: string) {
    super()
    this.image = image
    seen.trays.push(this)
  }
  setImage(image: string) {
    this.image = image
    this.draws++
  }
  setToolTip(text: string) {
    this.tooltip = text
  }
  setContextMenu(menu: { template: E.MenuItemConstructorOptions[] }) {
    this.menu = menu.template
  }
  /** For tests: chooses the line with this label. */
  choose(label: string) {
    const item = this.menu.find((one) => one.label === label)
    if (item?.click === undefined) throw new Error(`no such line: ${label} in ${this.menu.map((one) => one.label)}`)
    ;(item.click as () => void)()
  }
}

export const Menu = {
  buildFromTemplate: (template: E.MenuItemConstructorOptions[]) => ({ template }),
}

class NativeTheme extends EventEmitter {
  get shouldUseDarkColorsForSystemIntegratedUI() {
    return seen.dark
  }
}
export const nativeTheme = new NativeTheme()

export class Notification extends EventEmitter {
  static isSupported() {
    return seen.notifications.supported
  }
  closed = false
  readonly options: E.NotificationConstructorOptions
  constructor(options: E.NotificationConstructorOptions) {
    super()
    this.options = options
    seen.toasts.push(this)
  }
  show() {
    if (seen.notifications.refuse !== null) this.emit('failed', {}, seen.notifications.refuse)
  }
  close() {
    this.closed = true
  }
}

/** The preload's side. */
export const ipcRenderer = {
  postMessage(channel: string, message: unknown, ports: unknown[]) {
    seen.posted.push([channel, message, ports])
  },
}

export const dialog = {
  showErrorBox(title: string, content: string) {
    seen.errorBoxes.push([title, content])
  },
}

export const safeStorage = {
  isAsyncEncryptionAvailable: async () => seen.encryption.available,
  getSelectedStorageBackend: () => seen.encryption.backend as ReturnType<E.SafeStorage['getSelectedStorageBackend']>,
  encryptStringAsync: async (text: string) => Buffer.from([...Buffer.from(text)].reverse()),
  async decryptStringAsync(bytes: Buffer) {
    if (bytes.length === 0) throw new Error('Error while decrypting the ciphertext')
    return { result: Buffer.from([...bytes].reverse()).toString(), shouldReEncrypt: false }
  },
}

// What the shell calls must exist in Electron with a signature that takes what the double takes.
type Methods<T, K extends keyof T> = {
  [P in K]: T[P] extends (...given: infer A) => unknown ? (...given: A) => unknown : T[P]
}
app satisfies Methods<
  E.App,
  | 'isPackaged'
  | 'setAppUserModelId'
  | 'setToastActivatorCLSID'
  | 'requestSingleInstanceLock'
  | 'enableSandbox'
  | 'whenReady'
  | 'quit'
  | 'setPath'
>
protocol satisfies Methods<E.Protocol, 'registerSchemesAsPrivileged' | 'handle'>
safeStorage satisfies Pick<
  E.SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>
dialog satisfies Methods<E.Dialog, 'showErrorBox'>
nativeTheme satisfies Pick<E.NativeTheme, 'shouldUseDarkColorsForSystemIntegratedUI'>
type WindowMethods =
  | 'isMinimized'
  | 'isMaximized'
  | 'getNormalBounds'
  | 'restore'
  | 'maximize'
  | 'show'
  | 'hide'
  | 'focus'
  | 'flashFrame'
type Expect<Holds extends true> = Holds
export type Checked = [
  Expect<BrowserWindow extends Methods<E.BrowserWindow, WindowMethods> ? true : false>,
  Expect<Tray extends Record<'setImage' | 'setToolTip' | 'setContextMenu', unknown> ? true : false>,
  Expect<Notification extends Methods<E.Notification, 'show' | 'close'> ? true : false>,
]
