// The history: receipts and trails that survive restarts, crashes and damage.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, test } from 'vitest'
import { openHistory } from '../../electron/adapters/history-sqlite.ts'
import type { Receipt } from '../../electron/contract/action.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folders = temporaryFolder()
const opened: { close(): void }[] = []
afterEach(() => {
  for (const history of opened.splice(0)) history.close()
  folders.remove()
})

function open(file: string) {
  const history = openHistory(file)
  let closed = false
  const close = () => {
    if (!closed) history.close()
    closed = true
  }
  opened.push({ close })
  return { ...history, close }
}

const receipt = (id: string, at = '2026-03-01T03:00:00.000Z'): Receipt => ({
  ...{ id, at, action: 'retry-jobs', system: 'local', title: 'Retry 2 jobs', summary: '2 jobs queued again.' },
  ...{ actor: 'ops', count: 2, previewed: 3, undoable: true, watch: null, undone: null },
  left: [{ id: 'c', because: 'It moved on — “ü”.' }],
})

test('what is appended is there after a restart, with its trail to the byte', () => {
  const file = join(folders.path(), 'history.sqlite')
  const trail = JSON.stringify({ rows: ['a\u0000b', '💥', '"'] })
  const first = open(file)
  first.append(receipt('r1'), trail)
  first.close()
  const second = open(file)
  expect(second.get('r1')).toEqual({ receipt: receipt('r1'), trail })
  expect(second.get('r2')).toBeNull()
  expect(second.notices).toEqual([])
})

test('newest first, in pages without gaps or doubles, also when many have one time', () => {
  const history = open(join(folders.path(), 'history.sqlite'))
  const ids = Array.from({ length: 25 }, (_, i) => `r${i}`)
  for (const id of ids) history.append(receipt(id), '')
  const seen: string[] = []
  for (let before: string | null = null; ; ) {
    const page = history.list(10, before)
    if (page.length === 0) break
    seen.push(...page.map(({ id }) => id))
    before = page.at(-1)?.id ?? null
  }
  expect(seen).toEqual(ids.toReversed())
  expect(history.list(10, 'never was').map(({ id }) => id)).toEqual(ids.toReversed().slice(0, 10))
})

test('an undo replaces the receipt and keeps trail and place; others are not touched', () => {
  const history = open(join(folders.path(), 'history.sqlite'))
  for (const id of ['r1', 'r2', 'r3']) history.append(receipt(id), `trail of ${id}`)
  const undone = { at: '2026-03-01T04:00:00.000Z', actor: 'ops', restored: 2, left: [] }
  history.replace({ ...receipt('r2'), undone })
  expect(history.get('r2')).toEqual({ receipt: { ...receipt('r2'), undone }, trail: 'trail of r2' })
  expect(history.list(10, null).map(({ id, undone }) => [id, undone !== null])).toEqual([
    ['r3', false],
    ['r2', true],
    ['r1', false],
  ])
  expect(() => history.replace(receipt('r9'))).toThrow('there is no receipt r9')
  expect(() => history.append(receipt('r1'), 'again')).toThrow()
  expect(history.get('r1')?.trail).toBe('trail of r1')
})

test('what was appended before a kill -9 is there', () => {
  const file = join(folders.path(), 'history.sqlite')
  const adapter = join(import.meta.dirname, '..', '..', 'electron', 'adapters', 'history-sqlite.ts')
  const { signal } = spawnSync(process.execPath, [
    '--input-type=module',
    '-e',
    `
    const { openHistory } = await import(${JSON.stringify(adapter)})
    openHistory(${JSON.stringify(file)}).append(${JSON.stringify(receipt('r1'))}, 'trail')
    process.kill(process.pid, 'SIGKILL')`,
  ])
  expect(signal).toBe('SIGKILL')
  expect(open(file).get('r1')?.trail).toBe('trail')
})

test('two processes may have it open', () => {
  const file = join(folders.path(), 'history.sqlite')
  const one = open(file)
  const two = open(file)
  one.append(receipt('r1'), 'a')
  two.append(receipt('r2'), 'b')
  expect(one.list(10, null).map(({ id }) => id)).toEqual(['r2', 'r1'])
})

test.each([
  ['text', Buffer.from('this is not a database at all '.repeat(50))],
  ['half', null],
])('a damaged file (%s) is set aside whole, said once, and a new history begins', (_name, bytes) => {
  const folder = folders.path()
  const file = join(folder, 'history.sqlite')
  let content = bytes
  if (content === null) {
    const before = open(file)
    for (let i = 0; i < 200; i++) before.append(receipt(`r${i}`), 'x'.repeat(500))
    before.close()
    const whole = readFileSync(file)
    content = Buffer.concat([whole.subarray(0, 8192), Buffer.alloc(whole.length - 8192, 0xaa)])
  }
  writeFileSync(file, content)
  const history = open(file)
  expect(history.list(10, null)).toEqual([])
  history.append(receipt('new'), '')
  const aside = readdirSync(folder).find((name) => name.startsWith('history.sqlite.corrupt-')) ?? ''
  expect(readFileSync(join(folder, aside)).equals(content)).toBe(true)
  expect(history.notices).toEqual([expect.stringContaining(join(folder, aside))])
})

test('a history of a newer Unjam is refused and left as it is', () => {
  const file = join(folders.path(), 'history.sqlite')
  const newer = new DatabaseSync(file)
  newer.exec('CREATE TABLE future (x); PRAGMA user_version = 99')
  newer.close()
  const before = readFileSync(file)
  expect(() => openHistory(file)).toThrow(/newer Unjam wrote it/)
  expect(new DatabaseSync(file).prepare('PRAGMA user_version').get()).toEqual({ user_version: 99 })
  expect(readFileSync(file).length).toBe(before.length)
})

test('intents and receipts that cannot be read hide no others, and an interrupted change is reported', () => {
  const file = join(folders.path(), 'history.sqlite')
  const first = open(file)
  const intent = { kind: 'execute', action: 'retry-jobs', system: 'local', title: 'Retry' } as const
  for (const id of ['i1', 'i2', 'i3'])
    first.begin({ ...intent, id, at: '2026-03-01T03:00:00.000Z', actor: 'ops', previewed: 1 })
  for (const id of ['r1', 'r2', 'r3', 'r4']) first.append(receipt(id), '')
  first.close()
  const database = new DatabaseSync(file)
  database.exec(`UPDATE intent SET intent = '{"half' WHERE id = 'i1';
    UPDATE intent SET intent = json_set(intent, '$.action', 'of-a-newer-unjam') WHERE id = 'i2';
    UPDATE receipt SET receipt = 'x' WHERE id = 'r3'; UPDATE receipt SET receipt = '{}' WHERE id = 'r2'`)
  database.close()
  const history = open(file)
  expect(history.open().map(({ id }) => id)).toEqual(['i3'])
  expect(history.notices).toEqual([
    expect.stringContaining('interrupted change (i1)'),
    expect.stringContaining('interrupted change (i2)'),
  ])
  expect(history.list(2, null).map(({ id }) => id)).toEqual(['r4', 'r1'])
  expect(() => history.get('r3')).toThrow(/the receipt r3 is damaged/)
})

test('a file of version 1 is opened, also where a receipt in it is damaged, and keeps no text of a .env', () => {
  const file = join(folders.path(), 'history.sqlite')
  const database = new DatabaseSync(file)
  database.exec(`CREATE TABLE receipt (position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    receipt TEXT NOT NULL, trail TEXT NOT NULL) STRICT; PRAGMA user_version = 1`)
  const insert = database.prepare('INSERT INTO receipt (id, receipt, trail) VALUES (?, ?, ?)')
  insert.run('r1', JSON.stringify(receipt('r1')), 'trail')
  insert.run('r2', JSON.stringify({ ...receipt('r2'), action: 'set-env' }), 'API_TOKEN=s3cret-of-a-stack')
  insert.run('r3', '{"half', 'API_TOKEN=s3cret-of-a-stack')
  database.close()
  const history = open(file)
  expect(history.list(10, null)).toEqual([{ ...receipt('r2'), action: 'set-env', undoable: false }, receipt('r1')])
  expect(history.get('r1')?.trail).toBe('trail')
  history.close()
  expect(readFileSync(file).includes('s3cret-of-a-stack')).toBe(false)
})
