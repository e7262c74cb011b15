// Real dockerds: one for the whole test run, started by the first test that needs it; and own ones, which a test may stop.
import { execFile, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { waitForLock } from '../../electron/adapters/file-lock.ts'
import { until } from './until.ts'

const run = promisify(execFile)

/** Names the daemon's folder to every process of the run. */
export const FOLDER = 'UNJAM_TEST_DOCKER'
/** In the daemon's folder: the addresses of its networks, chosen and held by its guard. */
export const RANGE = 'range'

export interface Dockerd {
  readonly socket: string
  /** unix://… */
  readonly host: string
  /** For child processes: DOCKER_HOST set, everything else that could lead elsewhere removed. */
  readonly env: NodeJS.ProcessEnv
  /** The docker CLI; answers its output without the last newline. */
  docker(...args: string[]): Promise<string>
  log(): string
}

/** A daemon of one test file: nothing else runs in it, and it may be stopped and started again on the same data. */
export interface OwnDockerd extends Dockerd {
  stop(): Promise<void>
  start(): Promise<void>
  /** Ends it with all that it holds. */
  remove(): Promise<void>
}

/** Why no container can run here, or null. */
export function dockerMissing(): string | null {
  if (process.platform !== 'linux') return 'containers are tested on Linux'
  if (process.getuid?.() !== 0) return 'dockerd needs root'
  if (!existsSync('/sys/fs/cgroup')) return 'there are no cgroups'
  for (const program of ['dockerd', 'docker', 'iptables'])
    if (spawnSync('which', [program]).status !== 0) return `${program} is not installed`
  return null
}

interface Guarded {
  readonly folder: string
  /** Stops the daemon of the folder, removes what it holds, and waits for it. */
  end(): Promise<void>
}

/**
 * A folder for a daemon, and its guard: a process whose input ends when this one ends, also by kill -9. Then it stops
 * the daemon and removes containers, networks and data.
 */
function guarded(): Guarded {
  // Short: the path of a unix socket has at most 107 characters.
  const folder = mkdtempSync(join(tmpdir(), 'unjam-test-docker-'))
  const guard = spawn(process.execPath, [join(import.meta.dirname, 'docker-guard-main.ts'), folder], {
    stdio: ['pipe', 'ignore', 'inherit'],
    // Its own group: Ctrl-C in the terminal must not end it before its work.
    detached: true,
  })
  guard.unref()
  const ended = new Promise<void>((resolve) => guard.once('exit', () => resolve()))
  return {
    folder,
    async end() {
      guard.ref()
      guard.stdin.end()
      await ended
    },
  }
}

/** The folder of the run's daemon, told to every process that this one starts. */
export function guardDocker(): Guarded {
  const guard = guarded()
  process.env[FOLDER] = guard.folder
  return guard
}

export async function ownDockerd(): Promise<OwnDockerd> {
  const { folder, end } = guarded()
  const daemon = dockerIn(folder)
  await start(folder, daemon)
  return {
    ...daemon,
    start: () => start(folder, daemon),
    async stop() {
      const pid = Number(readFileSync(join(folder, 'docker.pid'), 'utf8'))
      process.kill(pid, 'SIGTERM')
      await until('dockerd has ended', () => !isRunning(pid))
    },
    remove: end,
  }
}

let started: Promise<Dockerd> | null = null

/** The run's daemon. Several test processes may ask at once: one starts it, the others adopt it. */
export function dockerd(): Promise<Dockerd> {
  started ??= adopt(process.env[FOLDER] ?? guardDocker().folder)
  return started
}

/** The daemon in a folder as a client sees it, whether or not it runs. */
export function dockerIn(folder: string): Dockerd {
  const socket = join(folder, 'docker.sock')
  const rest = Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !/^(DOCKER_(?!CONFIG)|COMPOSE_)/.test(key)),
  )
  const host = `unix://${socket}`
  const env = { ...rest, DOCKER_HOST: host, DOCKER_BUILDKIT: '0' }
  return {
    socket,
    host,
    env,
    async docker(...args) {
      const { stdout } = await run('docker', args, { env, maxBuffer: 1 << 26 })
      return stdout.trimEnd()
    },
    log: () => readFileSync(join(folder, 'dockerd.log'), 'utf8'),
  }
}

async function adopt(folder: string): Promise<Dockerd> {
  const missing = dockerMissing()
  if (missing !== null) throw new Error(missing)
  const daemon = dockerIn(folder)
  const lock = await waitForLock(join(folder, 'start.lock'), 'exclusive', STARTING_MS, AbortSignal.timeout(STARTING_MS))
  try {
    if (!existsSync(daemon.socket)) await start(folder, daemon)
  } finally {
    lock.release()
  }
  return daemon
}

/** Another process may be starting it meanwhile. */
const STARTING_MS = 120_000

/** One at a time on this machine: each removes and makes the same chains of iptables, and fails where another is at it. */
async function start(folder: string, daemon: Dockerd): Promise<void> {
  const file = join(tmpdir(), 'unjam-test-dockerd-start.lock')
  const lock = await waitForLock(file, 'exclusive', STARTING_MS, AbortSignal.timeout(STARTING_MS))
  try {
    await startAlone(folder, daemon)
  } finally {
    lock.release()
  }
}

async function startAlone(folder: string, daemon: Dockerd): Promise<void> {
  mkdirSync(join(folder, 'data'), { recursive: true })
  const chosen = join(folder, RANGE)
  await until('the guard has chosen its addresses', () => existsSync(chosen))
  const range = readFileSync(chosen, 'utf8')
  const log = openSync(join(folder, 'dockerd.log'), 'a')
  const child = spawn(
    'dockerd',
    [
      ...['--host', daemon.host, '--pidfile', join(folder, 'docker.pid')],
      ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
      // No bridge of its own: another daemon on this machine has that address. Projects bring their networks.
      ...['--bridge=none', '--default-address-pool', `base=${range},size=24`],
    ],
    { stdio: ['ignore', log, log], detached: true },
  )
  child.unref()
  let over = false
  child.once('exit', () => {
    over = true
  })
  await until('dockerd answers', async () => {
    if (over) throw new Error(`dockerd ended:\n${daemon.log()}`)
    return existsSync(daemon.socket) && spawnSync('docker', ['version'], { env: daemon.env }).status === 0
  })
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
