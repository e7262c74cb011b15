// A real dockerd of its own, with an image of a few of this machine's programs: enough for services that start, fail and log.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ownDockerd } from '../../support/dockerd.ts'

export interface SmallEngine {
  readonly url: string
  readonly socket: string
  /** For `docker` and `docker-compose`. */
  readonly environment: NodeJS.ProcessEnv
  docker(...words: string[]): string
  /** Ends the daemon and all containers; `start` begins it again on the same data. */
  stop(): Promise<void>
  start(): Promise<void>
  remove(): Promise<void>
}

export const IMAGE = 'small:1'
const PROGRAMS = ['dash', 'sleep', 'cat', 'seq', 'env', 'touch', 'test', 'mkdir', 'head', 'tail']

export async function smallEngine(): Promise<SmallEngine> {
  const { host, socket, env, ...daemon } = await ownDockerd()
  const root = rootFolder()
  try {
    const words = ['-c', `tar -C "$1" -c . | docker import -c 'ENV PATH=/bin:/usr/bin' - ${IMAGE}`, 'sh', root]
    execFileSync('sh', words, { env })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
  return {
    ...{ url: host, socket, environment: env },
    docker: (...words) => execFileSync('docker', words, { env, encoding: 'utf8' }).trim(),
    ...{ start: daemon.start, stop: daemon.stop, remove: daemon.remove },
  }
}

/** Programs of this machine with the libraries they are linked with: 3 MB, no registry. */
function rootFolder(): string {
  const root = mkdtempSync(join(tmpdir(), 'unjam-test-root-'))
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

/** A compose project in `folder`, driven by v1 (`docker-compose`). */
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
