// The embedded cluster's folder: where everything in it lies, how it is made, and the settings it starts with.
import { randomBytes, randomUUID } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FailureError } from '../contract/failure.ts'
import { type Account, giveTo, giveTree } from './embedded-postgres-account.ts'
import { besideData, dataArgument, runTool } from './embedded-postgres-tools.ts'
import { keepPrivate } from './private-folder.ts'

/** The major version: another one gets a folder of its own (practice guide §7.9). */
const MAJOR = '18'
export const DATABASE = 'unjam'
/** Not `unjam`: a schema named like the user comes first in the search path, and ours holds no recordings. */
export const USER = 'app'
const LOG_LIMIT_BYTES = 5_000_000

export interface Cluster {
  readonly folder: string
  readonly data: string
  /** Written last when the cluster is made: without it, the data folder is half-made. Holds the instance's UUID. */
  readonly instanceFile: string
  readonly portFile: string
  readonly passwordFile: string
  readonly log: string
  readonly startLock: string
  readonly usersLock: string
}

export function clusterIn(folder: string): Cluster {
  const home = join(folder, MAJOR)
  return {
    folder,
    data: join(home, 'data'),
    instanceFile: join(home, 'instance'),
    portFile: join(home, 'port'),
    passwordFile: join(home, 'password'),
    log: join(folder, 'log'),
    startLock: join(folder, 'start.lock'),
    usersLock: join(folder, 'users.lock'),
  }
}

/** The folders exist, closed to others, owned by the account that will run Postgres. */
export function prepareFolders(cluster: Cluster, account: Account): void {
  for (const folder of [cluster.folder, join(cluster.data, '..')]) {
    if (!existsSync(folder)) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      keepPrivate(folder)
    }
    giveTo(account, folder)
  }
  const log = statSync(cluster.log, { throwIfNoEntry: false })
  if (log !== undefined && log.size > LOG_LIMIT_BYTES) renameSync(cluster.log, `${cluster.log}.1`)
  // Made here, so that it belongs to the account and is closed to others; pg_ctl appends to it.
  closeSync(openSync(cluster.log, 'a', 0o600))
  for (const file of [cluster.log, cluster.passwordFile]) if (existsSync(file)) giveTo(account, file)
  if (!existsSync(cluster.data)) return
  if (statSync(cluster.data).uid === 0) giveTree(account, cluster.data)
  // A copy or a restored backup may be open to others, and then Postgres refuses to start.
  // A link is left alone: the folder it leads to is not ours to close.
  const data = lstatSync(cluster.data)
  if (process.platform !== 'win32' && data.isDirectory() && (data.mode & 0o077) !== 0) chmodSync(cluster.data, 0o700)
}

/**
 * Makes the cluster unless it is complete. What a crash left half-made is moved aside, never reused and never
 * deleted: it might be a cluster whose marker was lost. Returns where it was moved, or null.
 */
export async function ensureMade(
  cluster: Cluster,
  native: string,
  account: Account,
  stamp: string,
): Promise<string | null> {
  if (existsSync(cluster.instanceFile) && existsSync(join(cluster.data, 'PG_VERSION'))) return null
  let aside: string | null = null
  if (existsSync(cluster.data)) {
    aside = `${cluster.data}.incomplete-${stamp}`
    renameSync(cluster.data, aside)
  }
  mkdirSync(cluster.data, { mode: 0o700 })
  giveTo(account, cluster.data)
  writePrivate(cluster.passwordFile, `${randomBytes(24).toString('base64url')}\n`, account)
  const { code, said } = await runTool(
    'initdb',
    [
      ...['-D', dataArgument(cluster.data), '-U', USER, `--pwfile=${besideData(cluster.data, 'password')}`],
      ...['--auth=scram-sha-256', '--data-checksums', '-E', 'UTF8'],
      // The built-in provider sorts the same on every machine and needs no locale of the system.
      ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'],
    ],
    { native, account, cwd: cluster.data, deadlineMs: 180_000, output: 'read' },
  )
  if (code !== 0) {
    throw new FailureError({
      kind: 'refused',
      tried: 'Make the embedded database',
      on: cluster.data,
      because: lastLine(said) ?? `initdb ended with ${code ?? 'no answer in 3 minutes'}`,
      remedy: 'Check that there is room on that disk and that its folder belongs to this user.',
    })
  }
  await appendFile(join(cluster.data, 'postgresql.conf'), "\ninclude 'app.conf'\n")
  writePrivate(cluster.instanceFile, `${randomUUID()}\n`, account)
  return aside
}

/** The UUID that tells this instance from every other Postgres; a damaged file gets a new one. */
export function instanceOf(cluster: Cluster, account: Account): string {
  const text = readFileSync(cluster.instanceFile, 'utf8').trim()
  if (/^[0-9a-f-]{36}$/.test(text)) return text
  const fresh = randomUUID()
  writePrivate(cluster.instanceFile, `${fresh}\n`, account)
  return fresh
}

export function storedPort(cluster: Cluster): number | null {
  if (!existsSync(cluster.portFile)) return null
  const port = Number(readFileSync(cluster.portFile, 'utf8'))
  return Number.isInteger(port) && port > 1023 && port < 65_536 ? port : null
}

export function passwordOf(cluster: Cluster): string {
  return readFileSync(cluster.passwordFile, 'utf8').trim()
}

/** Everything of ours is in app.conf, so postgresql.conf stays the administrator's. */
export function writeSettings(cluster: Cluster, account: Account, instance: string, port: number): void {
  writePrivate(cluster.portFile, `${port}\n`, account)
  const lines = [
    '# Written by Unjam at every start. Put your own settings after the include line of postgresql.conf.',
    "listen_addresses = '127.0.0.1'",
    `port = ${port}`,
    // node-postgres takes a host beginning with "/" as a socket; none is needed and Windows has none.
    "unix_socket_directories = ''",
    'max_connections = 40',
    'password_encryption = scram-sha-256',
    'logging_collector = off',
    'log_checkpoints = off',
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    'max_wal_size = 256MB',
    // A few connections need no I/O processes of their own.
    'io_method = sync',
    "cluster_name = 'unjam'",
    // Read back after connecting: on a port, any Postgres may answer.
    `unjam.instance = '${instance}'`,
  ]
  writePrivate(join(cluster.data, 'app.conf'), `${lines.join('\n')}\n`, account)
}

/** Why the server ended, by its log after `offset` bytes: the last complaint, and the line before it that led there. */
export async function lastComplaint(cluster: Cluster, offset: number): Promise<string | null> {
  const lines = (await readFile(cluster.log)).subarray(offset).toString('utf8').trim().split('\n')
  const last = lines.findLastIndex((line) => /\b(FATAL|PANIC|ERROR):/.test(line))
  if (last === -1) return lastLine(lines.join('\n'))
  const said = (line: string | undefined) => line?.replace(/^.*?\b(LOG|WARNING|FATAL|PANIC|ERROR):\s*/, '') ?? ''
  const cause = lines.slice(0, last).findLast((line) => /could not|invalid|unrecognized|denied|missing/i.test(line))
  return cause === undefined ? said(lines[last]) : `${said(lines[last])} (${said(cause)})`
}

function lastLine(text: string): string | null {
  return text.trim().split('\n').at(-1)?.trim() || null
}

function writePrivate(file: string, text: string, account: Account): void {
  const fresh = `${file}.new`
  const handle = openSync(fresh, 'w', 0o600)
  try {
    writeSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  giveTo(account, fresh)
  renameSync(fresh, file)
}
