// Where the core of a data directory can be met: socket or pipe, endpoint.json and token, readable by their owner only.
import { createHash, randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, mkdtemp, readFile, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import * as z from 'zod'
import { FailureError } from '../contract/failure.ts'

/** run/endpoint.json: who listens where. It may be older than the process it names; only an answer proves it. */
export const Endpoint = z.object({ path: z.string(), pid: z.int(), startedAt: z.string(), version: z.string() })
export type Endpoint = z.infer<typeof Endpoint>

/** sockaddr_un holds 104 bytes on macOS and 108 on Linux, its closing zero included. */
const MAX_SOCKET_PATH = 100
const TEMP_PREFIX = 'unjam-'
const SOCKET = 'core.sock'

/**
 * A new address to listen on; the caller holds the core lock. A pipe's name is random, so that no other program can
 * listen there first and receive the token. A socket is in the run folder, or in a private folder of the temporary one
 * where that path is too long. Nothing that a file names is removed: endpoint.json may have been copied or damaged.
 */
export async function newAddress(dataDir: string): Promise<string> {
  const run = await runFolder(dataDir)
  if (process.platform === 'win32') return `\\\\.\\pipe\\unjam-${randomBytes(16).toString('hex')}`
  const path = join(run, SOCKET)
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH && (await removeSocket(path))) return path
  return join(await shortFolder(run), SOCKET)
}

/** Removes what `newAddress` made, and only that: the socket, and its folder in the temporary one when empty. */
export async function removeAddress(dataDir: string, path: string): Promise<void> {
  if (process.platform === 'win32') return
  await removeSocket(path)
  if (dirname(path) === join(dataDir, 'run')) return
  await rmdir(dirname(path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTEMPTY') throw error
  })
}

/** Whether the path is free now. Only a socket of this account is removed; a crashed core leaves one. */
async function removeSocket(path: string): Promise<boolean> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (found === null) return true
  if (!found.isSocket() || found.uid !== process.getuid?.()) return false
  await unlink(path)
  return true
}

/**
 * The name follows from the data directory, so the next start finds the folder that a crash left. Any account can
 * create a name in the temporary folder first; then a random one is used.
 */
async function shortFolder(run: string): Promise<string> {
  const name = createHash('sha256').update(resolve(run)).digest('hex').slice(0, 12)
  const folder = join(tmpdir(), `${TEMP_PREFIX}${process.getuid?.()}-${name}`)
  try {
    await mkdir(folder, { mode: 0o700 })
    return folder
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const found = await lstat(folder)
  const ours = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0
  if (ours && (await removeSocket(join(folder, SOCKET)))) return folder
  return mkdtemp(join(tmpdir(), TEMP_PREFIX))
}

/** Makes the address known: token first, so that whoever reads the endpoint finds the token that belongs to it. */
export async function publish(dataDir: string, endpoint: Endpoint, token: string): Promise<void> {
  const run = await runFolder(dataDir)
  await replace(join(run, 'token'), token)
  await replace(join(run, 'endpoint.json'), `${JSON.stringify(endpoint, null, 2)}\n`)
}

/** Takes the address back, unless another core has published its own since. */
export async function unpublish(dataDir: string, endpoint: Endpoint): Promise<void> {
  const now = await published(dataDir)
  if (now !== null && (now.endpoint.path !== endpoint.path || now.endpoint.startedAt !== endpoint.startedAt)) return
  for (const file of ['endpoint.json', 'token']) await rm(join(dataDir, 'run', file), { force: true })
}

/** What is published, or null when nothing is, or nothing that can be read. */
export async function published(dataDir: string): Promise<{ endpoint: Endpoint; token: string } | null> {
  const read = (file: string) => readFile(join(dataDir, 'run', file), 'utf8').catch(() => null)
  const [text, token] = await Promise.all([read('endpoint.json'), read('token')])
  if (text === null || token === null) return null
  try {
    return { endpoint: Endpoint.parse(JSON.parse(text)), token: token.trim() }
  } catch {
    // A damaged file names nobody; the next core writes a new one.
    return null
  }
}

async function runFolder(dataDir: string): Promise<string> {
  const run = join(dataDir, 'run')
  await mkdir(run, { recursive: true, mode: 0o700 })
  // Windows has no modes: there the data directory's own rights decide.
  if (process.platform === 'win32') return run
  const { mode } = await realFolder(run)
  if ((mode & 0o077) !== 0) await chmod(run, 0o700)
  return run
}

/** A link would have the mode of a folder elsewhere changed, and files written there. */
async function realFolder(path: string) {
  const found = await lstat(path)
  if (found.isDirectory()) return found
  throw new FailureError({
    kind: 'invalid',
    tried: 'Open the local endpoint',
    on: path,
    because: found.isSymbolicLink() ? 'it is a symbolic link' : 'it is not a folder',
    remedy: 'Remove it; Unjam creates the folder itself.',
  })
}

async function replace(file: string, text: string): Promise<void> {
  const next = `${file}.${randomBytes(6).toString('hex')}.new`
  try {
    await writeFile(next, text, { mode: 0o600, flag: 'wx' })
    await rename(next, file)
  } catch (error) {
    await rm(next, { force: true })
    throw error
  }
}
