// The renderer's and the shell's bundles, built with vite when they are missing or older than their sources.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { waitForLock } from '../adapters/file-lock.ts'
import { FailureError } from '../contract/failure.ts'
import { ownNode } from './own-node.ts'

/** What the bundles are made of; a change in any of it makes them stale. */
const sources = ['renderer', 'electron', 'worker/store', 'vite.config.ts', 'package-lock.json']
/** The last file of each bundle; the preload is built last of all. */
const products = ['out/renderer/index.html', 'out/shell/main.js', 'out/shell/preload.cjs']

const buildWithinMs = 5 * 60_000

/** Builds when needed, with one sentence; a packaged Unjam has no sources and nothing to build. */
export async function buildInterface(
  root: string,
  say: (sentence: string) => void,
  signal: AbortSignal,
): Promise<void> {
  if (!stale(root)) return
  mkdirSync(join(root, 'out'), { recursive: true })
  // Two starts at the same moment: one builds, the other finds it done.
  const lock = await waitForLock(join(root, 'out', 'build.lock'), 'exclusive', buildWithinMs, signal)
  try {
    if (!stale(root)) return
    say('Building the interface; this takes a few seconds and is only done when its sources changed.')
    await build(root, AbortSignal.any([signal, AbortSignal.timeout(buildWithinMs)]))
  } finally {
    lock.release()
  }
}

/** In a process of its own: vite would stay in the memory of a host that runs for weeks. */
function build(root: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
    const child = spawn(ownNode(root), [vite, 'build', '--logLevel', 'error'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
      signal,
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    child.once('error', (cause) => reject(signal.aborted ? signal.reason : notBuilt(root, cause.message, cause)))
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(notBuilt(root, said.trim().split('\n')[0] || `vite ended with ${code}`, null))
    })
  })
}

function notBuilt(root: string, because: string, cause: unknown): FailureError {
  return new FailureError(
    {
      kind: 'missing',
      tried: 'Build the interface',
      on: join(root, 'renderer'),
      because,
      remedy: `Run npm ci in ${root}, then npm run build.`,
    },
    { cause },
  )
}

/** Whether a bundle is missing or a source is newer than it. */
export function stale(root: string): boolean {
  if (!existsSync(join(root, 'renderer'))) return false
  const built = products.map((product) => statSync(join(root, product), { throwIfNoEntry: false })?.mtimeMs ?? 0)
  const oldest = Math.min(...built)
  return sources.some((source) => newest(join(root, source)) > oldest)
}

function newest(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return 0
  if (!found.isDirectory()) return found.mtimeMs
  // A folder's own time tells of files that were removed or renamed.
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))))
}
