// cmake and a C++ compiler for the first build of whisper.cpp, where this account may install them.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { findEngine } from '../adapters/engine-build.ts'

/** Program → Debian package. */
const wanted = { cmake: 'cmake', 'g++': 'g++', make: 'make' } as const
const withinMs = 5 * 60_000

/** Whether a program of this name lies on the PATH. */
export function onPath(name: string): boolean {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : ['']
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.some((folder) => endings.some((ending) => existsSync(join(folder, name + ending))))
}

/** Only as root on Debian and only when the engine is not built; Unjam starts all the same when it fails. */
export async function installCompiler(
  root: string,
  say: (sentence: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const mayInstall = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/etc/debian_version')
  if (!mayInstall || findEngine(root) !== null) return
  const packages = Object.entries(wanted).flatMap(([program, name]) => (onPath(program) ? [] : [name]))
  if (packages.length === 0) return
  say(`Installing ${packages.join(', ')} from Debian, to build whisper.cpp for this computer.`)
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(withinMs)])
  const installed =
    (await aptGet(['update', '-qq'], deadline)) &&
    (await aptGet(['install', '-y', '-qq', '--no-install-recommends', ...packages], deadline))
  signal.throwIfAborted()
  if (!installed)
    say(`They could not be installed; when you have, whisper.cpp is built: apt-get install ${packages.join(' ')}`)
}

function aptGet(args: readonly string[], signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('apt-get', [...args], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      signal,
    })
    child.once('error', () => resolve(false))
    child.once('close', (code) => resolve(code === 0))
  })
}
