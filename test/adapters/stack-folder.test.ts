// A new stack's files: secrets of their own, free ports, nothing over what exists, and taken away only where unchanged.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import {
  freePorts,
  newSecrets,
  plannedFiles,
  type StackSources,
  stackFiles,
  withValues,
  writeStack,
} from '../../electron/adapters/stack-folder.ts'
import { removeStack } from '../../electron/adapters/stack-removal.ts'
import { failureOf } from '../support/acting.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folders = temporaryFolder()
afterAll(() => folders.remove())
const ports = { postgres: 15_432, redis: 16_379, api: 18_000 }
let sources: StackSources
let folder: string

beforeEach(() => {
  const base = folders.path()
  sources = { stack: join(base, 'stack'), whisper: join(base, 'whisper') }
  mkdirSync(join(sources.stack, 'app', '__pycache__'), { recursive: true })
  mkdirSync(join(sources.whisper, 'build'), { recursive: true })
  writeFileSync(join(sources.stack, 'docker-compose.yml'), 'services: {}\n')
  writeFileSync(join(sources.stack, 'app', 'tasks.py'), '')
  writeFileSync(join(sources.stack, 'app', '__pycache__', 'tasks.pyc'), '')
  writeFileSync(join(sources.stack, '.env.example'), '# Of the database.\n# POSTGRES_PASSWORD=\nAPI_PORT=8000\n')
  writeFileSync(join(sources.whisper, 'CMakeLists.txt'), '')
  writeFileSync(join(sources.whisper, 'build', 'old.o'), '')
  folder = join(base, 'made', 'app')
})

const values = (secrets = newSecrets(), model: string | null = null) => ({ project: 'app', ports, secrets, model })
async function write(...given: Parameters<typeof values>) {
  const all = values(...given)
  const planned = await plannedFiles(sources, all)
  await writeStack(folder, sources, all)
  return planned
}

describe('writing', () => {
  it('makes the whole folder, with secrets nobody else has in a .env that only its owner reads', async () => {
    const [one, other] = [newSecrets(), newSecrets()]
    expect(new Set([one.postgres, one.redis, other.postgres, other.redis]).size).toBe(4)
    const written = await write(one)
    expect(written.map(({ path }) => path)).toEqual(stackFiles(sources))
    expect(readdirSync(folder).sort()).toEqual(
      ['.env', '.env.example', 'app', 'docker-compose.yml', 'models', 'recordings', 'whisper.cpp'].sort(),
    )
    expect(existsSync(join(folder, 'app', '__pycache__'))).toBe(false)
    expect(existsSync(join(folder, 'whisper.cpp', 'build'))).toBe(false)
    const env = readFileSync(join(folder, '.env'), 'utf8')
    expect(env).toContain(`# Of the database.\nPOSTGRES_PASSWORD=${one.postgres}\nAPI_PORT=18000\n`)
    expect(env).toContain(`REDIS_PASSWORD=${one.redis}`)
    expect(env).toContain('COMPOSE_PROJECT_NAME=app')
    if (process.platform !== 'win32') expect(statSync(join(folder, '.env')).mode & 0o077).toBe(0)
  })

  it('has the model of the worker, which its container may read; without one nothing stands for it', async () => {
    const model = join(sources.stack, '..', 'ggml-tiny.bin')
    writeFileSync(model, 'weights', { mode: 0o600 })
    const written = await write(newSecrets(), model)
    expect(written.at(-1)?.path).toBe('models/ggml-tiny.bin')
    expect(readFileSync(join(folder, 'models/ggml-tiny.bin'), 'utf8')).toBe('weights')
    if (process.platform !== 'win32') expect(statSync(join(folder, 'models/ggml-tiny.bin')).mode & 0o777).toBe(0o644)
    expect(readFileSync(join(folder, '.env'), 'utf8')).toContain('MODEL=ggml-tiny.bin')
    expect(await removeStack(folder, written, sources)).toEqual({ removed: written.length, kept: [] })
    expect(existsSync(folder)).toBe(false)
  })

  it('that cannot be finished leaves nothing', async () => {
    const without = values(newSecrets(), join(sources.stack, 'gone.bin'))
    for (const work of [() => plannedFiles(sources, without), () => writeStack(folder, sources, without)]) {
      const failure = await failureOf(work())
      expect(failure).toMatchObject({ kind: 'refused', because: expect.stringContaining('gone.bin') })
      expect(existsSync(folder)).toBe(false)
    }
  })

  it('is refused over anything that exists, and nothing of it changes', async () => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'docker-compose.yml'), 'mine')
    const failure = await failureOf(write())
    expect(failure).toMatchObject({ kind: 'refused', because: 'the folder is not empty (docker-compose.yml)' })
    expect(readdirSync(folder)).toEqual(['docker-compose.yml'])
    expect(readFileSync(join(folder, 'docker-compose.yml'), 'utf8')).toBe('mine')
  })
})

describe('a plan', () => {
  it('names each file as it will be written, so that a write interrupted anywhere can be rolled back', async () => {
    const all = values()
    const planned = await plannedFiles(sources, all)
    expect(existsSync(folder)).toBe(false)
    await writeStack(folder, sources, all)
    for (const gone of ['docker-compose.yml', '.env']) rmSync(join(folder, gone))
    expect(await removeStack(folder, planned, sources)).toEqual({ removed: planned.length - 2, kept: [] })
    expect(existsSync(folder)).toBe(false)
  })
})

describe('taking away', () => {
  it('leaves nothing of a stack that nobody touched', async () => {
    const written = await write()
    expect(await removeStack(folder, written, sources)).toEqual({ removed: written.length, kept: [] })
    expect(existsSync(folder)).toBe(false)
  })

  it('keeps what was changed or added since, and says which', async () => {
    const written = await write()
    appendFileSync(join(folder, '.env'), 'TASK_TIMEOUT_SECONDS=7200\n')
    writeFileSync(join(folder, 'recordings', 'call.m4a'), 'x')
    expect(await removeStack(folder, written, sources)).toEqual({ removed: written.length - 1, kept: ['.env'] })
    expect(readdirSync(folder).sort()).toEqual(['.env', 'recordings'])
    expect(readdirSync(join(folder, 'recordings'))).toEqual(['call.m4a'])
  })

  it('keeps a whisper.cpp that was changed', async () => {
    const written = await write()
    writeFileSync(join(folder, 'whisper.cpp', 'mine.txt'), 'x')
    expect(await removeStack(folder, written, sources)).toEqual({ removed: written.length, kept: ['whisper.cpp'] })
    expect(readdirSync(join(folder, 'whisper.cpp'))).toEqual(['mine.txt'])
  })

  it('removes nothing that a receipt alone names: other folders, other files, whatever a link leads to', async () => {
    const outside = join(folder, '..', 'outside')
    const other = join(folder, '..', 'other')
    for (const at of [outside, join(other, 'whisper.cpp', 'src')]) mkdirSync(at, { recursive: true })
    const [secret, source] = [join(outside, 'docker-compose.yml'), join(other, 'whisper.cpp', 'src', 'main.cpp')]
    for (const file of [secret, source]) writeFileSync(file, 'services: {}\n')
    const written = await write()
    const { sha256 } = written.find(({ path }) => path === 'docker-compose.yml')!
    rmSync(join(folder, 'app'), { recursive: true })
    symlinkSync(outside, join(folder, 'app'))
    symlinkSync(secret, join(folder, 'models', 'a.bin'))
    writeFileSync(join(folder, 'notes.txt'), 'services: {}\n')
    const paths = ['../outside/docker-compose.yml', 'app/../../outside/docker-compose.yml', 'app/docker-compose.yml']
    const forged = [...paths, 'notes.txt', 'models/a.bin'].map((path) => ({ path, sha256 }))
    expect((await removeStack(folder, forged, sources)).removed).toBe(0)
    // A receipt that names another folder: it has a folder of that name, which is not the one that was copied.
    expect((await removeStack(other, [{ path: secret, sha256 }], sources)).removed).toBe(0)
    expect([secret, source, join(folder, 'notes.txt')].map(existsSync)).toEqual([true, true, true])
  })
})

it('values take the place of their example, commented out or not, and a missing key comes last', async () => {
  expect(withValues('# A=1\nB=2\n#AB=3\n', { A: 'x', B: 'y', C: 'z' })).toBe('A=x\nB=y\n#AB=3\nC=z\n')
})

it('a port that somebody listens on is passed over', async () => {
  const server = createServer()
  const { postgres } = await freePorts()
  await new Promise<void>((resolve) => server.listen(postgres, '127.0.0.1', resolve))
  expect((await freePorts()).postgres).toBeGreaterThan(postgres)
  await new Promise((resolve) => server.close(resolve))
})
