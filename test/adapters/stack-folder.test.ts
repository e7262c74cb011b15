// A new stack's files: secrets of their own, free ports, nothing over what exists, and taken away only where unchanged.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import {
  freePorts,
  newSecrets,
  removeStack,
  type StackSources,
  stackFiles,
  withValues,
  writeStack,
} from '../../electron/adapters/stack-folder.ts'
import { FailureError } from '../../electron/contract/failure.ts'
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

const failureOf = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    if (error instanceof FailureError) return error.failure
    throw error
  }
  throw new Error('it was not refused')
}

describe('writing', () => {
  it('makes the whole folder, with secrets nobody else has in a .env that only its owner reads', () => {
    const [one, other] = [newSecrets(), newSecrets()]
    expect(new Set([one.postgres, one.redis, other.postgres, other.redis]).size).toBe(4)
    const written = writeStack(folder, 'app', sources, ports, one)
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

  it('is refused over anything that exists, and nothing of it changes', () => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'docker-compose.yml'), 'mine')
    const failure = failureOf(() => writeStack(folder, 'app', sources, ports, newSecrets()))
    expect(failure).toMatchObject({ kind: 'refused', because: 'the folder is not empty (docker-compose.yml)' })
    expect(readdirSync(folder)).toEqual(['docker-compose.yml'])
    expect(readFileSync(join(folder, 'docker-compose.yml'), 'utf8')).toBe('mine')
  })
})

describe('taking away', () => {
  it('leaves nothing of a stack that nobody touched', () => {
    const written = writeStack(folder, 'app', sources, ports, newSecrets())
    expect(removeStack(folder, written)).toEqual({ removed: written.length, kept: [] })
    expect(existsSync(folder)).toBe(false)
  })

  it('keeps what was changed or added since, and says which', () => {
    const written = writeStack(folder, 'app', sources, ports, newSecrets())
    appendFileSync(join(folder, '.env'), 'TASK_TIMEOUT_SECONDS=7200\n')
    writeFileSync(join(folder, 'recordings', 'call.m4a'), 'x')
    expect(removeStack(folder, written)).toEqual({ removed: written.length - 1, kept: ['.env'] })
    expect(readdirSync(folder).sort()).toEqual(['.env', 'recordings'])
    expect(readdirSync(join(folder, 'recordings'))).toEqual(['call.m4a'])
  })
})

it('values take the place of their example, commented out or not, and a missing key comes last', () => {
  expect(withValues('# A=1\nB=2\n#AB=3\n', { A: 'x', B: 'y', C: 'z' })).toBe('A=x\nB=y\n#AB=3\nC=z\n')
})

it('a port that somebody listens on is passed over', async () => {
  const server = createServer()
  const { postgres } = await freePorts()
  await new Promise<void>((resolve) => server.listen(postgres, '127.0.0.1', resolve))
  expect((await freePorts()).postgres).toBeGreaterThan(postgres)
  await new Promise((resolve) => server.close(resolve))
})
