// A real dockerd of its own, with an image of a few of this machine's programs: enough for services that start, fail and log.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { until } from '../../support/until.ts'

export interface SmallEngine {
  readonly url: string
  readonly socket: string
  /** For `docker` and `docker-compose`. */
  readonly environment: Record<string, string>
  docker(...words: string[]): string
  /** Ends the daemon and all containers; `start` begins it again on the same data. */
  stop(): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

export const IMAGE = 'small:1'
const PROGRAMS = ['dash', 'sleep', 'cat', 'seq', 'env', 'touch', 'test', 'mkdir', 'head', 'tail']

/** Why these tests cannot run here; null when they can. */
export function noEngine(): string | null {
  if (process.getuid?.() !== 0) return 'dockerd needs root'
  return spawnSync('dockerd', ['--version']).status === 0 ? null : 'there is no dockerd'
}

export async function smallEngine(): Promise<SmallEngine> {
  // Short: a unix socket's path may have 107 bytes.
  const folder = mkdtempSync(join(tmpdir(), 'dk-'))
  const socket = join(folder, 's')
  const url = `unix://${socket}`
  const environment = { ...(process.env as Record<string, string>), DOCKER_HOST: url }
  let daemon: ChildProcess | null = null

  async function start(): Promise<void> {
    const where = ['--data-root', join(folder, 'd'), '--exec-root', join(folder, 'x'), '--pidfile', join(folder, 'p')]
    // Another address pool for each of the files that run at once.
    const pool = `base=10.${220 + (Number(process.env.VITEST_POOL_ID ?? process.pid) % 20)}.0.0/16,size=24`
    const dockerd = ['dockerd', '--host', url, ...where, '--bridge=none', '--default-address-pool', pool]
    // It ends with the tests, however they end.
    const started = spawn('setpriv', ['--pdeathsig', 'TERM', ...dockerd], { stdio: 'ignore' })
    daemon = started
    await until(
      'dockerd answers',
      () => {
        if (started.exitCode !== null) throw new Error(`dockerd ended with ${started.exitCode}`)
        return spawnSync('docker', ['version'], { env: environment }).status === 0
      },
      30_000,
    )
  }

  async function stop(): Promise<void> {
    const running = daemon
    daemon = null
    if (running === null || running.exitCode !== null) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.kill('SIGTERM')
    await ended
  }

  const docker = (...words: string[]) => execFileSync('docker', words, { env: environment, encoding: 'utf8' }).trim()
  await start()
  execFileSync(
    'sh',
    ['-c', `tar -C "$1" -c . | docker import -c 'ENV PATH=/bin:/usr/bin' - ${IMAGE}`, 'sh', rootFolder(folder)],
    {
      env: environment,
    },
  )
  return {
    ...{ url, socket, environment, docker, start, stop },
    async remove() {
      const ids = docker('ps', '-aq').split('\n').filter(Boolean)
      if (ids.length > 0) docker('rm', '-f', '-v', ...ids)
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Programs of this machine with the libraries they are linked with: 3 MB, no registry. */
function rootFolder(folder: string): string {
  const root = join(folder, 'r')
  for (const name of PROGRAMS) {
    const program = execFileSync('sh', ['-c', `command -v ${name === 'test' ? '/usr/bin/test' : name}`], {
      encoding: 'utf8',
    }).trim()
    const libraries = execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+)/g)
    copy(program, join(root, 'usr/bin', name))
    for (const [, library] of libraries)
      if (library !== undefined && !library.endsWith(':')) copy(library, join(root, library))
  }
  mkdirSync(join(root, 'bin'), { recursive: true })
  mkdirSync(join(root, 'tmp'))
  symlinkSync('../usr/bin/dash', join(root, 'bin/sh'))
  return root
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(realpathSync(from), to)
}

export interface Project {
  readonly folder: string
  readonly name: string
  env(text: string): void
  file(text: string): void
  compose(...words: string[]): string
}

/** A compose project in `folder`, driven by v1 (`docker-compose`), or by v2 where `config` has its plugin. */
export function composeProject(engine: SmallEngine, folder: string, name: string): Project {
  return {
    folder,
    name,
    env: (text) => writeFileSync(join(folder, '.env'), text),
    file: (text) => writeFileSync(join(folder, 'docker-compose.yml'), text),
    compose: (...words) =>
      execFileSync('docker-compose', ['-p', name, ...words], {
        cwd: folder,
        env: engine.environment,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
  }
}

/** A worker that logs what it was given, ends at once where that is no number (`int('abc')`), and obeys SIGTERM. */
export const WORKER = `
    image: ${IMAGE}
    restart: unless-stopped
    environment:
      TASK_TIMEOUT_SECONDS: \${TASK_TIMEOUT_SECONDS:-}
    command:
      - sh
      - -c
      - |
        trap 'exit 0' TERM
        case "$$TASK_TIMEOUT_SECONDS" in
          *[!0-9]*) echo "ValueError: invalid literal for int() with base 10: '$$TASK_TIMEOUT_SECONDS'" >&2; exit 1;;
        esac
        echo "ready, limit=$$TASK_TIMEOUT_SECONDS"
        n=0
        while :; do sleep 0.1 & wait $$!; n=$$((n+1)); echo "line $$n"; done`

/** DOCKER_CONFIG with the v2 plugin, where there is one: UNJAM_DOCKER_CONFIG, or the machine's own. */
export function composeV2(): { config: string | null } | null {
  const config = process.env.UNJAM_DOCKER_CONFIG ?? null
  const env = config === null ? process.env : { ...process.env, DOCKER_CONFIG: config }
  return spawnSync('docker', ['compose', 'version'], { env }).status === 0 ? { config } : null
}
