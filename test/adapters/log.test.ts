// The log: JSON lines that tell what happened and never a secret, in a file that cannot grow without end.
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { createLog } from '../../electron/adapters/log.ts'
import { FailureError } from '../../electron/contract/failure.ts'
import { MASK } from '../../electron/contract/secrets/mask.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folders = temporaryFolder()
afterEach(() => folders.remove())

function open(secrets: readonly string[] = []) {
  const file = join(folders.path(), 'logs', 'unjam.log')
  const log = createLog({ file, stderr: false, secrets: () => secrets })
  const text = () => readFileSync(file, 'utf8')
  const lines = () =>
    text()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  return { file, log, text, lines }
}

test('a line has its time, level, place, message and details', () => {
  const { log, lines, file } = open()
  log.info('worker', 'It started.', { pid: 7 })
  log.warn('worker', 'It is slow.')
  const [first, second] = lines()
  expect(first).toMatchObject({ level: 'info', where: 'worker', msg: 'It started.', details: { pid: 7 } })
  expect(Date.parse(first.time)).toBeGreaterThan(Date.now() - 60_000)
  expect(second).not.toHaveProperty('details')
  expect(statSync(file).mode & 0o077).toBe(0)
})

test('errors keep their code, failure, cause and stack', () => {
  const { log, lines } = open()
  const cause = Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' })
  const failure = { kind: 'unreachable' as const, tried: 'Connect', on: 'db', because: 'no route', remedy: null }
  log.error('database', 'It is away.', new FailureError(failure, { cause }))
  expect(lines()[0].details).toMatchObject({ failure, cause: { message: 'no route', code: 'EHOSTUNREACH' } })
  expect(lines()[0].details.stack).toContain('log.test.ts')
})

test('secrets are masked by name, by value, in URLs and in headers, wherever they stand', () => {
  const { log, text } = open(['hunter2', 'tok-123'])
  log.error('where hunter2', 'said hunter2 and postgres://app:other@h/db', {
    password: 'by-name-1',
    nested: [{ apiKey: 'by-name-2', authorization: 'by-name-3', PGPASSWORD: 'by-name-4' }],
    text: 'Authorization: Bearer by-header',
    error: new Error('cannot reach redis://:by-url@h with tok-123'),
    'key hunter2': 1,
    keyboard: 'kept',
  })
  expect(text()).not.toMatch(/hunter2|tok-123|by-name|by-header|by-url|:other@/)
  expect(text()).toContain(MASK)
  expect(text()).toContain('kept')
})

test('a known secret never appears, whatever it looks like and wherever it is put', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 4, maxLength: 20 }).filter((secret) => secret.trim().length > 3 && !MASK.includes(secret)),
      fc.string(),
      (secret, around) => {
        const { log, lines } = open([secret])
        const line = `${around}${secret}${around}`
        log.info(line, line, { a: line, b: [line], c: new Error(line) })
        const { where, msg, details } = lines()[0]
        for (const value of [where, msg, details.a, details.b[0], details.c.message])
          expect(value.includes(secret)).toBe(around.includes(secret) ? value.includes(secret) : false)
      },
    ),
    { numRuns: 50 },
  )
})

test('anything can be a detail: cycles, depths, dates, bytes, numbers JSON does not know', () => {
  const { log, lines } = open()
  const cycle: Record<string, unknown> = {
    big: 12n,
    at: new Date(0),
    never: new Date(Number.NaN),
    bytes: new Uint8Array(3),
  }
  cycle.self = cycle
  log.info('x', 'odd', cycle)
  log.info('x', 'map', new Map([['a', 1]]))
  log.info('x', 'plain', null)
  log.info('x', 'function', () => 1)
  expect(lines()).toHaveLength(4)
  expect(lines()[0].details).toMatchObject({ big: '12', at: '1970-01-01T00:00:00.000Z', bytes: '3 bytes' })
})

test('a file that is too large is kept as .1 at the start', () => {
  const file = join(folders.path(), 'unjam.log')
  writeFileSync(file, 'x'.repeat(10_000_001))
  createLog({ file, stderr: false, secrets: () => [] }).info('x', 'new')
  expect(statSync(`${file}.1`).size).toBe(10_000_001)
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(2)
})

test('a file that grows too large while it is written is turned over, and no line is lost', () => {
  const { file, log } = open()
  const long = 'y'.repeat(30_000)
  for (let i = 0; i < 600; i++) log.info('x', `${i} ${long}`)
  expect(existsSync(`${file}.1`)).toBe(true)
  const both = readFileSync(`${file}.1`, 'utf8') + readFileSync(file, 'utf8')
  const numbers = [...both.matchAll(/"msg":"(\d+) /g)].map(([, n]) => Number(n))
  expect(numbers).toEqual(Array.from({ length: 600 }, (_, i) => i))
})

test('a log that cannot be written stops nothing', () => {
  const folder = folders.path()
  mkdirSync(join(folder, 'unjam.log'))
  const log = createLog({ file: join(folder, 'unjam.log'), stderr: false, secrets: () => [] })
  expect(() => log.error('x', 'y', new Error('z'))).not.toThrow()
  expect(() => createLog({ file: null, stderr: false, secrets: () => [] }).info('x', 'y')).not.toThrow()
})
