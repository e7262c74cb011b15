// A real .env: its exact bytes, refusals that lose nothing, backups, and one winner among writers.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openEnvFile } from '../../electron/adapters/env-file.ts'
import { failureOf } from '../support/acting.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const folders = temporaryFolder()
afterEach(folders.remove)
const signal = new AbortController().signal
const root = process.getuid?.() === 0
const TEXT = '\uFEFFA=1\r\nB=é # two\n\nC=3'

function file(content: string | Uint8Array = TEXT) {
  const path = join(folders.path(), '.env')
  writeFileSync(path, content)
  return { path, env: openEnvFile(path), bytes: () => readFileSync(path) }
}
const backups = (path: string) => readdirSync(join(dirname(path), 'backups')).sort()

it('is read with byte order mark and line ends, and written back to the same bytes', async () => {
  const { env, bytes } = file()
  const before = bytes()
  const { text, hash } = await env.read(signal)
  expect(text).toBe(TEXT)
  const written = await env.replace(text, hash)
  expect(bytes().equals(before)).toBe(true)
  expect(written.hash).toBe(hash)
})

it('is replaced as a whole, with a backup of what it was, mode and owner kept', async () => {
  const { path, env, bytes } = file()
  chmodSync(path, 0o640)
  if (root) chownSync(path, 1234, 1235)
  const { hash } = await env.read(signal)
  const { backup, hash: now } = await env.replace('A=2\n', hash)
  expect(bytes().toString()).toBe('A=2\n')
  expect(readFileSync(backup, 'utf8')).toBe(TEXT)
  expect((await env.read(signal)).hash).toBe(now)
  const [after, copy, folder] = [statSync(path), statSync(backup), statSync(dirname(backup))]
  expect([after.mode & 0o777, copy.mode & 0o777, folder.mode & 0o777]).toEqual([0o640, 0o600, 0o700])
  if (root) expect([after.uid, after.gid, copy.uid]).toEqual([1234, 1235, 1234])
  expect(readdirSync(dirname(path)).sort()).toEqual(['.env', 'backups'])
})

it('keeps the last 20 backups, and files there that are none of its', async () => {
  const { path, env } = file('A=0\n')
  const folder = join(dirname(path), 'backups')
  mkdirSync(folder)
  for (const name of ['.env.by-hand', 'other.env.2020-01-01T00-00-00.000Z']) writeFileSync(join(folder, name), '')
  for (let n = 10; n < 32; n++) writeFileSync(join(folder, `.env.2020-01-01T00-00-${n}.000Z`), String(n))
  await env.replace('A=1\n', (await env.read(signal)).hash)
  const names = backups(path)
  expect(names).toHaveLength(22)
  expect(names).toContain('.env.by-hand')
  expect(names).not.toContain('.env.2020-01-01T00-00-12.000Z')
  expect(names).toContain('.env.2020-01-01T00-00-13.000Z')
})

it('stays a link where it is one', async () => {
  const { path } = file('A=1\n')
  const link = join(folders.path(), '.env')
  symlinkSync(path, link)
  const env = openEnvFile(link)
  await env.replace('A=2\n', (await env.read(signal)).hash)
  expect(readFileSync(path, 'utf8')).toBe('A=2\n')
  expect(backups(path)).toHaveLength(1)
})

it('of many writers at once only one wins; the others are told that it changed', async () => {
  const { env, bytes } = file('A=0\n')
  const { hash } = await env.read(signal)
  const results = await Promise.allSettled([1, 2, 3, 4].map((n) => env.replace(`A=${n}\n`, hash)))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected'])
  expect(bytes().toString()).toBe('A=1\n')
})

describe('refuses with a sentence, and loses nothing:', () => {
  it('a file changed since', async () => {
    const { path, env, bytes } = file()
    const { hash } = await env.read(signal)
    writeFileSync(path, 'A=by hand\n')
    expect(await failureOf(env.replace('A=2\n', hash))).toMatchObject({
      kind: 'stale',
      on: path,
      because: 'it was changed since it was read',
    })
    expect(bytes().toString()).toBe('A=by hand\n')
  })

  it.each([
    ['not UTF-8', Uint8Array.of(0x41, 0x3d, 0xe9, 0x0a), 'it is not UTF-8, so that writing it again would lose signs'],
    ['UTF-16', Uint8Array.of(0xff, 0xfe, 0x41, 0x00), 'it is UTF-16, which compose cannot read'],
    ['too large', new Uint8Array(1024 * 1024 + 1), 'it is larger than 1 MB'],
  ])('%s', async (_name, content, because) => {
    const { env, bytes } = file(content)
    expect(await failureOf(env.read(signal))).toMatchObject({ kind: 'invalid', because })
    expect((await failureOf(env.replace('A=1\n', ''))).because).toBe(because)
    expect(bytes().equals(content)).toBe(true)
  })

  it('a missing file, and a folder', async () => {
    const folder = folders.path()
    expect(await failureOf(openEnvFile(join(folder, 'no', '.env')).read(signal))).toMatchObject({ kind: 'missing' })
    expect(await failureOf(openEnvFile(folder).read(signal))).toMatchObject({ because: 'it is a folder' })
    expect(await failureOf(openEnvFile('app/.env').read(signal))).toMatchObject({ because: 'it is not a whole path' })
  })

  it('a read-only one', async () => {
    const { path, env, bytes } = file()
    chmodSync(path, 0o444)
    const { hash } = await env.read(signal)
    expect(await failureOf(env.replace('A=2\n', hash))).toMatchObject({
      kind: 'refused',
      because: 'it is marked read-only',
    })
    expect(bytes().toString()).toBe(TEXT)
    expect(readdirSync(dirname(path))).toEqual(['.env'])
  })

  it.runIf(root && canProtect())('one that cannot be replaced, after trying for 5 s', async () => {
    const { path, env, bytes } = file()
    const { hash } = await env.read(signal)
    // An immutable file answers to rename as a held one does on Windows.
    execFileSync('chattr', ['+i', path])
    try {
      expect(await failureOf(env.replace('A=2\n', hash))).toMatchObject({ kind: 'busy' })
    } finally {
      execFileSync('chattr', ['-i', path])
    }
    expect(bytes().toString()).toBe(TEXT)
    expect(readdirSync(dirname(path)).sort()).toEqual(['.env', 'backups'])
  })
})

it('a reader never sees half of it, however often it is written', async () => {
  const { path, env } = file(`A=${'x'.repeat(100_000)}\n`)
  const script = `const { readFileSync } = require('node:fs'); let n = 0; const seen = new Set()
    const look = () => { seen.add(readFileSync(process.argv[1], 'utf8').length); n++; if (n === 1) process.stdout.write('reading\\n'); setImmediate(look) }
    process.on('SIGTERM', () => { process.stdout.write(JSON.stringify([...seen])); process.exit() }); look()`
  const reader = spawn(process.execPath, ['-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  reader.stdout.on('data', (chunk) => {
    out += chunk
  })
  await until('the reader reads', () => out.includes('reading'))
  for (let n = 0; n < 10; n++)
    await env.replace(`A=${(n % 2 === 0 ? 'y' : 'x').repeat(100_000)}\n`, (await env.read(signal)).hash)
  reader.kill('SIGTERM')
  await once(reader, 'close')
  expect(JSON.parse(out.replace('reading\n', ''))).toEqual([100_003])
})

function canProtect(): boolean {
  const { path } = file()
  try {
    execFileSync('chattr', ['+i', path], { stdio: 'ignore' })
    execFileSync('chattr', ['-i', path], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
