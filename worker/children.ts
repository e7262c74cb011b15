// Ownership of child processes: recorded while they live, killed as whole trees, swept when their owner has exited.
import { execFileSync, spawn } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import * as z from 'zod'

export interface OwnedChild {
  readonly pid: number
  readonly stdout: Readable
  readonly stderr: Readable
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Ends the whole tree; it is gone when this resolves (at most 2 s). */
  kill(): Promise<void>
}

export interface Children {
  /** Starts a recorded child with a plain environment and `env` on top. Throws when it cannot be started. */
  spawn(
    command: string,
    args: readonly string[],
    options: { cwd: string; env?: Readonly<Record<string, string>> },
  ): OwnedChild
  killAll(): Promise<void>
}

/** A process as it was seen: the start time tells it from a later process with the same pid. */
const Seen = z.object({ pid: z.int().min(2), start: z.string().nullable() })
type Seen = z.infer<typeof Seen>
const Ledger = z.object({ owner: Seen, children: z.array(Seen) })
type Ledger = z.infer<typeof Ledger>

/** In every child's environment, naming its owner: a ledger is a file and may be copied, damaged or forged. */
const OWNER = 'UNJAM_CHILD_OF'
const ownerMark = ({ pid, start }: Seen) => `${pid}/${start ?? ''}`

const killWithinMs = 2000
const windows = process.platform === 'win32'

/** When a process started, in the system's own notation; null when it is gone or cannot be told. */
export function processStart(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      // proc_pid_stat(5): the name in field 2 may hold anything, field 22 is the start in ticks since this boot.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
      if (fields[0] === 'Z') return null
      return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`
    }
    if (windows) return null // libuv's job object ends children with their owner (libuv src/win/process.c): nothing to sweep
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', timeout: 2000 }).trim()
    return text === '' ? null : text
  } catch {
    return null
  }
}

function alive({ pid, start }: Seen): boolean {
  const now = processStart(pid)
  return now !== null && now === start
}

/** Whether the process itself says that `owner` started it: same account, leader of its own group, marked as its child. */
function isChildOf(owner: Seen, pid: number): boolean {
  const mark = `${OWNER}=${ownerMark(owner)}`
  try {
    if (process.platform === 'linux') {
      const group = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[2]
      if (group !== String(pid) || statSync(`/proc/${pid}`).uid !== process.getuid?.()) return false
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark)
    }
    const [group, ...rest] = execFileSync('ps', ['eww', '-o', 'pgid=', '-o', 'command=', '-p', String(pid)], {
      encoding: 'utf8',
      timeout: 2000,
    })
      .trim()
      .split(/\s+/)
    return group === String(pid) && ` ${rest.join(' ')} `.includes(` ${mark.replaceAll(/\s+/g, ' ')} `)
  } catch {
    // Exited meanwhile, or not readable: not proven.
    return false
  }
}

/** Kills the process group that the child leads (or, on Windows, its tree). One that is gone already is no error. */
function killTree(pid: number): void {
  try {
    if (windows) execFileSync('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore', timeout: killWithinMs })
    else process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if (processStart(pid) !== null) throw error
  }
}

let deathSignal: boolean | null = null
/** Whether this system's setpriv can tie a child's life to its parent's, so that even a kill -9 of us takes it along. */
function canTieToParent(): boolean {
  if (process.platform !== 'linux') return false
  if (deathSignal === null) {
    try {
      execFileSync('setpriv', ['--pdeathsig', 'KILL', 'true'], { stdio: 'ignore', timeout: 5000 })
      deathSignal = true
    } catch {
      deathSignal = false
    }
  }
  return deathSignal
}

const passedOn = ['PATH', 'Path', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR', 'HOME', 'LANG', 'LC_ALL', 'OMP_WAIT_POLICY']
/** No NODE_OPTIONS, no GGML_BACKEND_PATH: nothing may change what an engine loads (practice guide §1.3). */
function plainEnv(): Record<string, string> {
  return Object.fromEntries(passedOn.flatMap((name) => [[name, process.env[name] ?? '']]).filter(([, v]) => v !== ''))
}

/** Children recorded in `ledgerFile` (JSON, one file per owner process); the file is there only while a child lives. */
export function ownChildren(ledgerFile: string): Children {
  const living = new Map<number, { seen: Seen; child: OwnedChild }>()
  const owner: Seen = { pid: process.pid, start: processStart(process.pid) }

  function write(): void {
    if (living.size === 0) {
      rmSync(ledgerFile, { force: true })
      return
    }
    mkdirSync(dirname(ledgerFile), { recursive: true, mode: 0o700 })
    const ledger: Ledger = { owner, children: [...living.values()].map(({ seen }) => seen) }
    writeFileSync(`${ledgerFile}.new`, JSON.stringify(ledger))
    renameSync(`${ledgerFile}.new`, ledgerFile)
  }

  return {
    spawn(command, args, { cwd, env }) {
      const [program, argv] = canTieToParent()
        ? ['setpriv', ['--pdeathsig', 'KILL', '--', command, ...args]]
        : [command, [...args]]
      const child = spawn(program, argv, {
        cwd,
        env: { ...plainEnv(), ...env, [OWNER]: ownerMark(owner) },
        stdio: ['ignore', 'pipe', 'pipe'],
        // A group of its own: its whole tree can be killed, and Ctrl-C in a terminal is ours to handle.
        detached: !windows,
        windowsHide: true,
      })
      const { pid } = child
      const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
        child.once('close', (code, signal) => resolve({ code, signal }))
        child.once('error', () => resolve({ code: 127, signal: null }))
      })
      if (pid === undefined) throw new Error(`${basename(command)} could not be started (${command})`)
      const owned: OwnedChild = {
        pid,
        stdout: child.stdout,
        stderr: child.stderr,
        exited,
        async kill() {
          if (!living.has(pid)) return
          killTree(pid)
          // Unread output would hold back the end of the streams, and with it `exited`.
          child.stdout.resume()
          child.stderr.resume()
          await Promise.race([exited, setTimeout(killWithinMs, undefined, { ref: false })])
        },
      }
      living.set(pid, { seen: { pid, start: processStart(pid) }, child: owned })
      void exited.then(() => {
        living.delete(pid)
        // A ledger that cannot be shortened names a process that no longer exists, which a sweep recognises.
        attempt(write)
      })
      try {
        write()
      } catch (error) {
        // A full disk: a child without a record would outlive a crash of its owner.
        void owned.kill()
        throw error
      }
      return owned
    },
    async killAll() {
      await Promise.all([...living.values()].map(({ child }) => child.kill()))
    },
  }
}

function readLedger(file: string): Ledger | null {
  try {
    return Ledger.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

function attempt(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
  }
}

/**
 * Kills the recorded children of owners that have exited, and removes their ledgers. Pid and start time must match, and
 * the process itself must carry its owner's mark: what a ledger alone names is left alone.
 * Returns how many were killed; they have exited when it resolves.
 */
export async function sweepChildren(ledgerFolder: string): Promise<number> {
  mkdirSync(ledgerFolder, { recursive: true, mode: 0o700 })
  // Through a link, files of another folder would be removed.
  if (!lstatSync(ledgerFolder).isDirectory()) return 0
  const killed: Seen[] = []
  for (const { name } of readdirSync(ledgerFolder, { withFileTypes: true }).filter((one) => one.isFile())) {
    if (!name.endsWith('.json')) continue
    const file = join(ledgerFolder, name)
    const ledger = readLedger(file)
    if (ledger !== null && alive(ledger.owner)) continue
    for (const child of ledger?.children ?? []) {
      if (ledger === null || !alive(child) || !isChildOf(ledger.owner, child.pid)) continue
      killTree(child.pid)
      killed.push(child)
    }
    rmSync(file, { force: true })
  }
  const until = Date.now() + killWithinMs
  while (killed.some(alive) && Date.now() < until) await setTimeout(20)
  return killed.length
}
