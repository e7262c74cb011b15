// Images for the stack's services, made of this machine's files: the run's daemon has no registry and needs none.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findBinaries, prepareBinaries } from '../../electron/adapters/embedded-postgres-binaries.ts'
import { waitForLock } from '../../electron/adapters/file-lock.ts'
import type { Dockerd } from './dockerd.ts'
import { rootfsOf } from './image-rootfs.ts'
import { quickTools } from './recording-file.ts'

const root = join(import.meta.dirname, '../..')
const PACKAGES = ['dash', 'coreutils', 'sed', 'grep', 'procps', 'redis-server', 'redis-tools']
const PYTHON_PACKAGES = ['python3-celery', 'python3-redis', 'python3-psycopg2']

/** Names of images, by what they were made of: the same files, the same name, and nothing is made twice. */
export interface StackImages {
  /** Debian's shell, coreutils, procps, Python 3.11 with Celery 5.2 and psycopg2, redis-server and redis-cli. */
  readonly base: string
  /** The stack's app at /app, with quick tools for ffprobe, ffmpeg and whisper-cli; user recordings (1000). */
  readonly app: string
  /** The embedded Postgres behind the official image's interface (POSTGRES_USER, …_PASSWORD, …_DB, pg_isready). */
  readonly postgres: string
  readonly redis: string
}

let made: Promise<StackImages> | null = null

/** About 4 s in a fresh daemon, nothing once they are there. ffmpeg (400 MB with its libraries) is left out. */
export function stackImages(daemon: Dockerd): Promise<StackImages> {
  made ??= make(daemon)
  return made
}

async function make(daemon: Dockerd): Promise<StackImages> {
  const lock = await waitForLock(`${daemon.socket}.images.lock`, 'exclusive', 300_000, AbortSignal.timeout(300_000))
  try {
    const base = await importBase(daemon)
    const [app, postgres] = await Promise.all([buildApp(daemon, base), buildPostgres(daemon, base)])
    return { base, app, postgres, redis: base }
  } finally {
    lock.release()
  }
}

async function importBase(daemon: Dockerd): Promise<string> {
  const { files, digest } = rootfsOf([...PACKAGES, ...PYTHON_PACKAGES])
  const tag = `unjam-test-base:${digest}`
  if (await exists(daemon, tag)) return tag
  await withFolder(async (folder) => {
    const list = join(folder, 'list')
    writeFileSync(list, files.map((file) => file.slice(1)).join('\n'))
    const own = join(folder, 'own')
    mkdirSync(join(own, 'etc'), { recursive: true })
    mkdirSync(join(own, 'tmp'))
    chmodSync(join(own, 'tmp'), 0o1777)
    for (const name of ['bin', 'lib', 'sbin', 'lib64']) symlinkSync(`usr/${name}`, join(own, name))
    cpSync('/etc/ld.so.cache', join(own, 'etc/ld.so.cache'))
    const users = { root: 0, recordings: 1000, postgres: 70 }
    const each = (line: (name: string, id: number) => string) =>
      Object.entries(users)
        .map(([name, id]) => `${line(name, id)}\n`)
        .join('')
    writeFileSync(
      join(own, 'etc/passwd'),
      each((name, id) => `${name}:x:${id}:${id}::/tmp:/bin/sh`),
    )
    writeFileSync(
      join(own, 'etc/group'),
      each((name, id) => `${name}:x:${id}:`),
    )
    writeFileSync(join(own, 'etc/nsswitch.conf'), 'hosts: files dns\n')
    const tar = spawn(
      'tar',
      ['-c', '-C', '/', '--no-recursion', '-T', list, '--recursion', '-C', own, ...readdirSync(own)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const docker = spawn('docker', ['import', '--change', 'ENV LANG=C.UTF-8', '-', tag], {
      env: daemon.env,
      stdio: [tar.stdout, 'ignore', 'inherit'],
    })
    await Promise.all([succeeded('tar', tar), succeeded('docker import', docker)])
  })
  return tag
}

function buildApp(daemon: Dockerd, base: string): Promise<string> {
  const app = join(root, 'resources/stack/app')
  return build(daemon, 'unjam-test-app', base, [app, quickTools], (folder) => {
    cpSync(app, join(folder, 'app'), { recursive: true, filter: (path) => !path.endsWith('__pycache__') })
    // As the user of the container could not.
    spawnSync('/usr/bin/python3', [
      '-m',
      'compileall',
      '-q',
      '--invalidation-mode',
      'unchecked-hash',
      join(folder, 'app'),
    ])
    cpSync(quickTools, join(folder, 'tools'), { recursive: true })
    mkdirSync(join(folder, 'state'))
    return [
      'COPY app /app/app',
      'COPY tools /usr/local/bin',
      'COPY --chown=1000:1000 state /state',
      'WORKDIR /app',
      'USER recordings',
      'ENV PYTHONUNBUFFERED=1 PYTHONPATH=/app',
    ]
  })
}

function buildPostgres(daemon: Dockerd, base: string): Promise<string> {
  const files = join(import.meta.dirname, 'image-files')
  const binaries = findBinaries()
  return build(daemon, 'unjam-test-postgres', base, [files, join(binaries, '../package.json')], (folder) => {
    const native = prepareBinaries(binaries, folder, null)
    for (const part of ['bin', 'lib', 'share'])
      cpSync(join(native, part), join(folder, 'pg', part), { recursive: true, verbatimSymlinks: true })
    cpSync(files, join(folder, 'files'), { recursive: true })
    mkdirSync(join(folder, 'data'))
    return [
      'COPY pg /usr/local',
      'COPY files /usr/local/bin',
      'COPY --chown=70:70 data /var/lib/postgresql/data',
      'USER postgres',
      'ENTRYPOINT ["postgres-entry"]',
      // A fast shutdown, as the official image has it.
      'STOPSIGNAL SIGINT',
    ]
  })
}

/** `contents` fills the build's folder and answers with the lines after FROM: COPY alone, for there is no network. */
async function build(
  daemon: Dockerd,
  name: string,
  base: string,
  sources: readonly string[],
  contents: (folder: string) => readonly string[],
): Promise<string> {
  const digest = createHash('sha256').update(base).update(contents.toString())
  for (const source of sources) addTo(digest, source)
  const tag = `${name}:${digest.digest('hex').slice(0, 12)}`
  if (await exists(daemon, tag)) return tag
  await withFolder(async (folder) => {
    const lines = contents(folder)
    writeFileSync(join(folder, 'Dockerfile'), `${[`FROM ${base}`, ...lines].join('\n')}\n`)
    await daemon.docker('build', '--quiet', '--tag', tag, folder)
  })
  return tag
}

function addTo(digest: ReturnType<typeof createHash>, path: string): void {
  if (statSync(path).isFile()) {
    digest.update(readFileSync(path))
    return
  }
  for (const one of readdirSync(path, { withFileTypes: true, recursive: true })) {
    if (!one.isFile() || one.parentPath.endsWith('__pycache__')) continue
    digest.update(one.name).update(readFileSync(join(one.parentPath, one.name)))
  }
}

async function exists(daemon: Dockerd, tag: string): Promise<boolean> {
  return (await daemon.docker('images', '--quiet', tag)) !== ''
}

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'unjam-test-image-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function succeeded(what: string, child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${what} ended with ${code}`))))
  })
}
