// What postmaster.pid claims, and whether the process it names really is the server of this data folder.
import { execFile } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, readlinkSync, renameSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'

/** From the lines of postmaster.pid (PG: src/include/utils/pidfile.h). A number that cannot be read is NaN. */
export interface PidFile {
  readonly pid: number
  readonly port: number
}

/** null when there is none. */
export function readPidFile(data: string): PidFile | null {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return null
  const lines = readFileSync(file, 'utf8').split('\n')
  // A server in single-user mode writes its pid negated.
  return { pid: Math.abs(Number.parseInt(lines[0] ?? '', 10)), port: Number.parseInt(lines[3] ?? '', 10) }
}

/** `ours`: the server of this data folder. `foreign`: another process that got the same number. `gone`: nobody. */
export async function whoIs(pid: number, data: string): Promise<'ours' | 'foreign' | 'gone'> {
  if (!Number.isInteger(pid) || pid <= 0) return 'gone'
  if (process.platform === 'linux') return whoIsOnLinux(pid, data)
  if (!exists(pid)) return 'gone'
  const command = (await commandLine(pid)).replaceAll('\\', '/').toLowerCase()
  const ours = command.includes('postgres') && command.includes(data.replaceAll('\\', '/').toLowerCase())
  return ours ? 'ours' : 'foreign'
}

/** The cheap question, for a server whose number is known to be right: whether it is still alive. */
export function isServing(pid: number, data: string): boolean {
  if (readPidFile(data)?.pid !== pid) return false
  return process.platform === 'linux' ? whoIsOnLinux(pid, data) === 'ours' : exists(pid)
}

/** On Linux the server stands in its data folder: same device and inode, and nothing to be fooled by. */
function whoIsOnLinux(pid: number, data: string): 'ours' | 'foreign' | 'gone' {
  try {
    // A zombie still counts as alive for kill(pid, 0), so Postgres itself would wait for it for ever; containers
    // whose first process does not reap have many.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const state = stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)
    if (state === 'Z' || state === 'X') return 'gone'
    // "postgres (deleted)" after its programs were replaced.
    if (!basename(readlinkSync(`/proc/${pid}/exe`)).startsWith('postgres')) return 'foreign'
    const standsIn = statSync(`/proc/${pid}/cwd`)
    const here = statSync(data)
    return standsIn.ino === here.ino && standsIn.dev === here.dev ? 'ours' : 'foreign'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOENT' || code === 'ESRCH') return 'gone'
    // Another user's process: the server runs as the owner of its data, which is us.
    if (code === 'EACCES' || code === 'EPERM') return 'foreign'
    throw error
  }
}

/**
 * Sets a stale postmaster.pid aside, when it can be opened for writing (Windows: a live server holds it).
 * The caller has proved that nobody serves this folder. Returns the new name.
 */
export function setPidFileAside(data: string, stamp: string): string {
  const file = join(data, 'postmaster.pid')
  closeSync(openSync(file, 'r+'))
  const aside = `${file}.stale-${stamp}`
  renameSync(file, aside)
  return aside
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function commandLine(pid: number): Promise<string> {
  const [command, ...args] =
    process.platform === 'win32'
      ? [
          'powershell.exe',
          '-NoProfile',
          '-NonInteractive',
          '-Command',
          `(Get-CimInstance Win32_Process -Filter 'ProcessId=${pid}').CommandLine`,
        ]
      : ['ps', '-ww', '-o', 'command=', '-p', String(pid)]
  return new Promise((resolve) => {
    // No answer is no proof: an empty command line counts as foreign, and the port decides.
    execFile(command ?? 'ps', args, { timeout: 10_000, windowsHide: true }, (_error, stdout) => resolve(stdout))
  })
}
