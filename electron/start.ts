// `npm start`: what is missing is fetched and built, then the desktop window, or the browser where there is none.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { freshLink } from './compose/browser-address.ts'
import { buildInterface } from './compose/build-interface.ts'
import { desktopReady, hasDisplay } from './compose/desktop.ts'
import { installCompiler } from './compose/install-compiler.ts'
import { type ServeOptions, serve } from './serve.ts'

/** A window that is gone this soon, with an error, was never shown. */
const neverShownMs = 10_000

/** Resolves when the window was quit, or the browser host stopped. */
export async function start(options: ServeOptions): Promise<void> {
  const { root, dataDir, say, signal } = options
  await installCompiler(root, say, signal)
  await buildInterface(root, say, signal)
  const desktop = desktopReady(root)
  const because = desktop.can ? await openWindow(desktop.program, root, dataDir, signal) : desktop.because
  if (because === null) return
  say(`${because}; Unjam is served for a browser instead.`)
  await serve({
    ...options,
    running(address) {
      options.running(address)
      if (hasDisplay()) void openLink(dataDir, address.url, options.token !== null)
    },
  })
}

/** null when the window was used and quit; otherwise why none could be shown. */
function openWindow(program: string, root: string, dataDir: string, signal: AbortSignal): Promise<string | null> {
  const startedAt = performance.now()
  return new Promise((resolve) => {
    const window = spawn(program, [root, '--data', dataDir], {
      stdio: 'inherit',
      env: { ...process.env, UNJAM_DATA: dataDir },
    })
    const end = () => window.kill('SIGTERM')
    signal.addEventListener('abort', end, { once: true })
    window.once('error', (error) => resolve(`The desktop window cannot be started (${error.message})`))
    window.once('exit', (code) => {
      signal.removeEventListener('abort', end)
      const shown = code === 0 || signal.aborted || performance.now() - startedAt > neverShownMs
      resolve(shown ? null : `The desktop window cannot be shown here (Electron ended with ${code ?? 'a signal'})`)
    })
  })
}

const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  win32: [join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'rundll32.exe'), 'url.dll,FileProtocolHandler'],
  darwin: ['open'],
  linux: ['xdg-open'],
}

/** A chosen token in the address would stand in the opener's process list: it gets a link that works once. */
async function openLink(dataDir: string, url: string, chosen: boolean): Promise<void> {
  const link = chosen ? await freshLink(dataDir) : url
  if (link !== null) openBrowser(link)
}

/** Best effort: the address is printed as well. */
function openBrowser(url: string): void {
  const [program, ...args] = openers[process.platform] ?? ['xdg-open']
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true })
  // No browser, no opener: the printed address is what remains.
  child.once('error', () => child.unref())
  child.unref()
}
