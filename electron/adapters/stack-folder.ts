// The files of a new stack: copied into an empty folder with secrets of their own.
import { createHash, randomBytes } from 'node:crypto'
import {
  cpSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { chmod, copyFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename, join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { FailureError } from '../contract/failure.ts'

export interface StackSources {
  /** resources/stack of this installation. */
  readonly stack: string
  /** The whisper.cpp source that its image is built from. */
  readonly whisper: string
}

export interface StackPorts {
  readonly postgres: number
  readonly redis: number
  readonly api: number
}

/** What was written, to be taken away again where nobody has changed it. */
export interface WrittenFile {
  /** From the folder, with `/`. */
  readonly path: string
  readonly sha256: string
}

const TRIED = 'Create the stack'
export const WHISPER = 'whisper.cpp'
/** Above the well-known ports, below those that the system gives away by itself. */
const PORTS: StackPorts = { postgres: 15_432, redis: 16_379, api: 18_000 }
const TRIES = 200

/** @throws when the folder holds anything: a stack that exists is never changed. */
export function refuseUsedFolder(folder: string): void {
  if (!existsSync(folder)) return
  if (!statSync(folder).isDirectory()) throw refused(folder, 'it is a file', 'Name a folder.')
  const [first, ...more] = readdirSync(folder)
  if (first === undefined) return
  const what = more.length === 0 ? first : `${first} and ${more.length} more`
  throw refused(folder, `the folder is not empty (${what})`, 'Name an empty folder, or one that is not there yet.')
}

/** Files of the stack as they will lie in the folder, without the engine's source. */
export function stackFiles({ stack }: StackSources): string[] {
  const files = readdirSync(stack, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('__pycache__'))
    .map((entry) => relative(stack, join(entry.parentPath, entry.name)).split(sep).join('/'))
  return [...files.filter((file) => file !== '.env.example'), '.env.example', '.env'].sort()
}

const isEngineSource = (path: string) => !/[\\/](build|\.git)$/.test(path)

/** Files of the engine's source as the stack gets them, from its folder, with `/`. */
export function engineSourceFiles(whisper: string): string[] {
  return readdirSync(whisper, { withFileTypes: true }).flatMap((entry) => {
    const path = join(whisper, entry.name)
    if (!isEngineSource(path)) return []
    if (entry.isDirectory()) return engineSourceFiles(path).map((below) => `${entry.name}/${below}`)
    return entry.isFile() ? [entry.name] : []
  })
}

/** The first free port at or above each wish, on loopback. */
export async function freePorts(): Promise<StackPorts> {
  const postgres = await freePort(PORTS.postgres)
  const redis = await freePort(PORTS.redis)
  return { postgres, redis, api: await freePort(PORTS.api) }
}

export interface StackSecrets {
  readonly postgres: string
  readonly redis: string
}

/** Letters and digits only: they stand in URLs and in YAML. */
export function newSecrets(): StackSecrets {
  const secret = () => randomBytes(18).toString('hex')
  return { postgres: secret(), redis: secret() }
}

export interface StackValues {
  readonly project: string
  readonly ports: StackPorts
  readonly secrets: StackSecrets
  /** A model file of Unjam's own, which is copied; null: recordings wait until somebody puts one there. */
  readonly model: string | null
}

/** What `writeStack` will write, without writing anything: an interrupted write can then be rolled back. */
export async function plannedFiles(sources: StackSources, values: StackValues): Promise<WrittenFile[]> {
  const { model } = values
  const env = createHash('sha256').update(envText(sources, values)).digest('hex')
  const planned: WrittenFile[] = []
  for (const path of stackFiles(sources))
    planned.push({ path, sha256: path === '.env' ? env : await sha256Of(join(sources.stack, path)) })
  if (model === null) return planned
  try {
    return [...planned, { path: modelPath(model), sha256: await sha256Of(model) }]
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error)
    throw refused(model, because, 'Choose a model under Workers; nothing was written.')
  }
}

/** Writes everything, or nothing; the .env is readable by its owner only. */
export async function writeStack(folder: string, sources: StackSources, values: StackValues): Promise<void> {
  refuseUsedFolder(folder)
  if (!existsSync(sources.whisper))
    throw refused(sources.whisper, 'the source of whisper.cpp is not there', 'Install Unjam again with npm ci.')
  try {
    await fill(folder, sources, values)
  } catch (error) {
    discard(folder, sources)
    const because = error instanceof Error ? error.message : String(error)
    throw refused(folder, because, 'Make room, or choose another folder; nothing was left there.')
  }
}

/** The folder was empty, but another program may have written to it since: only names of ours are removed. */
function discard(folder: string, sources: StackSources): void {
  const names = new Set([
    ...stackFiles(sources).map((path) => path.split('/')[0] ?? path),
    WHISPER,
    'recordings',
    'models',
  ])
  for (const name of names) rmSync(join(folder, name), { recursive: true, force: true })
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder)
}

async function fill(folder: string, sources: StackSources, values: StackValues): Promise<void> {
  const { model } = values
  mkdirSync(folder, { recursive: true })
  cpSync(sources.stack, folder, { recursive: true, filter: (path) => !path.includes('__pycache__') })
  cpSync(sources.whisper, join(folder, WHISPER), { recursive: true, filter: isEngineSource })
  for (const name of ['recordings', 'models']) mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, '.env'), envText(sources, values), { mode: 0o600 })
  if (model === null) return
  const copy = modelPath(model)
  await copyFile(model, join(folder, copy))
  // Read by the user of the container, who is not its owner.
  await chmod(join(folder, copy), 0o644)
}

function envText({ stack }: StackSources, { project, ports, secrets, model }: StackValues): string {
  const example = readFileSync(join(stack, '.env.example'), 'utf8')
  return withValues(example, {
    // So that a `docker compose` typed in that folder means the same project.
    COMPOSE_PROJECT_NAME: project,
    POSTGRES_PASSWORD: secrets.postgres,
    REDIS_PASSWORD: secrets.redis,
    POSTGRES_PORT: String(ports.postgres),
    REDIS_PORT: String(ports.redis),
    API_PORT: String(ports.api),
    ...(model === null ? {} : { MODEL: basename(model) }),
  })
}

/** Where the model lies in the folder. */
export function modelPath(model: string): string {
  return `models/${basename(model)}`
}

/** `KEY=` or `# KEY=` in the example becomes `KEY=value`; a key it does not have is added at its end. */
export function withValues(example: string, values: Readonly<Record<string, string>>): string {
  return Object.entries(values).reduce((text, [key, value]) => {
    const line = new RegExp(`^(?:# ?)?${key}=.*$`, 'm')
    return line.test(text) ? text.replace(line, `${key}=${value}`) : `${text.trimEnd()}\n${key}=${value}\n`
  }, example)
}

/** Streamed: a model may be larger than what can be read at once. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

async function freePort(wish: number): Promise<number> {
  for (let port = wish; port < wish + TRIES; port++) if (await isFree(port)) return port
  throw refused(String(wish), `no port from ${wish} to ${wish + TRIES} is free`, 'End a program that listens there.')
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })
}

function refused(on: string, because: string, remedy: string): FailureError {
  return new FailureError({ kind: 'refused', tried: TRIED, on, because, remedy })
}
