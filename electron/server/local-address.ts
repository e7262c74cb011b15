// Where the core of a data directory can be met: socket or pipe, endpoint.json and token, readable by their owner only.
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import * as z from 'zod'

/** run/endpoint.json: who listens where. It may be older than the process it names; only an answer proves it. */
export const Endpoint = z.object({ path: z.string(), pid: z.int(), startedAt: z.string(), version: z.string() })
export type Endpoint = z.infer<typeof Endpoint>

/** sockaddr_un holds 104 bytes on macOS and 108 on Linux, its closing zero included. */
const MAX_SOCKET_PATH = 100
const TEMP_PREFIX = 'unjam-'

/**
 * A fresh address to listen on. A pipe's name is random, so that nobody can wait there first to be told the token;
 * a socket whose path is too long moves to a private folder in the temporary one.
 */
export async function newAddress(dataDir: string): Promise<string> {
  const run = await runFolder(dataDir)
  if (process.platform === 'win32') return `\\\\.\\pipe\\unjam-${randomBytes(16).toString('hex')}`
  const path = join(run, 'core.sock')
  // Left by a core that crashed before it could publish it; the caller holds the lock, so it is nobody's.
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) {
    await rm(path, { force: true })
    return path
  }
  return join(await mkdtemp(join(tmpdir(), TEMP_PREFIX)), 'core.sock')
}

/** Removes what an address left behind on disk; a pipe leaves nothing. */
export async function removeAddress(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = dirname(path)
  const ours = dirname(folder) === tmpdir() && basename(folder).startsWith(TEMP_PREFIX)
  await rm(ours ? folder : path, { recursive: ours, force: true })
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
  // The folder may be older than this rule. Windows has no modes: there the data directory's own rights decide.
  if (process.platform !== 'win32') await chmod(run, 0o700)
  return run
}

async function replace(file: string, text: string): Promise<void> {
  const next = `${file}.${process.pid}.new`
  await writeFile(next, text, { mode: 0o600 })
  await rename(next, file)
}
