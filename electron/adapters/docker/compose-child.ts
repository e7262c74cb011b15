// The compose command as a child process that survives the end of this one, and how a later process recognises it.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, fstatSync, openSync, readFileSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ComposeProcess {
  readonly pid: number
  /** When it started, in the system's own notation: tells it from a later process of the same id. null: unknown here. */
  readonly start: string | null
}

export interface Ended {
  readonly code: number
  readonly output: string
}

const windows = process.platform === 'win32'
const OUTPUT_BYTES = 2_000_000
/** From the request to end until it is killed. */
const END_MS = 15_000

/**
 * Output goes to a file without a name, not to a pipe: were this process to end, the next line of output would end the
 * command in the middle of a replacement (SIGPIPE). A process group of its own, so that Ctrl-C in a terminal does not.
 * Resolves when the whole command has ended, also after an abort; null when there is no such program.
 */
export async function runDetached(
  command: readonly string[],
  env: Record<string, string>,
  signal: AbortSignal,
  started: (child: ComposeProcess) => Promise<void>,
): Promise<Ended | null> {
  const [program = '', ...rest] = command
  const path = join(tmpdir(), `unjam-compose-${randomUUID()}`)
  const output = openSync(path, 'wx+', 0o600)
  try {
    rmSync(path)
    const child = spawn(program, rest, {
      env,
      stdio: ['ignore', output, output],
      detached: !windows,
      windowsHide: true,
    })
    const ended = exitOf(child)
    const stop = () => end(child)
    signal.addEventListener('abort', stop, { once: true })
    try {
      if (child.pid !== undefined) await started({ pid: child.pid, start: processStart(child.pid) })
      const code = await ended
      return code === null ? null : { code, output: tail(output) }
    } catch (error) {
      end(child)
      await ended
      throw error
    } finally {
      signal.removeEventListener('abort', stop)
    }
  } finally {
    closeSync(output)
  }
}

/** The exit code, 1 for a signal; null when there is no such program. */
function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      if ('code' in error && error.code === 'ENOENT') resolve(null)
      else if (child.pid === undefined) reject(error)
    })
    child.once('close', (code) => resolve(code ?? 1))
  })
}

function end(child: ChildProcess): void {
  kill(child, 'SIGTERM')
  const timer = setTimeout(() => kill(child, 'SIGKILL'), END_MS)
  child.once('close', () => clearTimeout(timer))
}

/** The whole group: `docker compose` is a program that starts another. */
function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    if (windows) child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

function tail(file: number): string {
  const { size } = fstatSync(file)
  const buffer = Buffer.alloc(Math.min(size, OUTPUT_BYTES))
  readSync(file, buffer, 0, buffer.length, size - buffer.length)
  return buffer.toString('utf8').trim()
}

/** Whether that very command, or a program that it started, still runs on this machine. */
export function stillRuns({ pid, start }: ComposeProcess): boolean {
  const now = processStart(pid)
  if (now !== null && start !== null) return now === start
  try {
    // A group outlives its first process, and no new process gets the group's number meanwhile.
    process.kill(windows ? pid : -pid, 0)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error) return error.code === 'EPERM'
    throw error
  }
}

/** proc_pid_stat(5): field 22 is the start in ticks since this boot; the name in field 2 may hold anything. */
function processStart(pid: number): string | null {
  if (process.platform !== 'linux') return null
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    if (fields[0] === 'Z' || fields[19] === undefined) return null
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`
  } catch (error) {
    if (error instanceof Error) return null
    throw error
  }
}
