// SQLite files: for their owner only, and the first error of a full disk rather than a later one.
import { chmodSync, existsSync, linkSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, test } from 'vitest'
import { openSqlite, together } from '../../electron/adapters/sqlite-file.ts'
import { FailureError } from '../../electron/contract/failure.ts'
import { canMount, smallDisks } from '../support/small-disk.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const folders = temporaryFolder()
const disks = smallDisks()
const open: DatabaseSync[] = []
afterEach(() => {
  for (const database of open.splice(0)) database.close()
  disks.remove()
  folders.remove()
})

const schema = 'CREATE TABLE note (text TEXT) STRICT;'
function openIn(folder: string): DatabaseSync {
  const { database } = openSqlite({ file: join(folder, 'notes.sqlite'), name: 'notes', version: 1, schema })
  open.push(database)
  return database
}
const add = (database: DatabaseSync, text: string) =>
  together(database, () => void database.prepare('INSERT INTO note VALUES (?)').run(text))
const notes = (database: DatabaseSync) => database.prepare('SELECT count(*) AS n FROM note').get()?.n

test('a database in memory creates no file', () => {
  open.push(openSqlite({ file: ':memory:', name: 'notes', version: 1, schema }).database)
  expect(existsSync(':memory:')).toBe(false)
})

describe.skipIf(process.platform === 'win32')('access', () => {
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)

  test('a new file, its log and its index are for their owner only, whatever the umask', () => {
    const before = process.umask(0)
    try {
      const folder = folders.path()
      add(openIn(folder), 'one')
      const names = readdirSync(folder).sort()
      expect(names).toEqual(['notes.sqlite', 'notes.sqlite-shm', 'notes.sqlite-wal'])
      expect(names.map((name) => mode(join(folder, name)))).toEqual(['600', '600', '600'])
    } finally {
      process.umask(before)
    }
  })

  test('one that an earlier version left open is closed, and keeps what it holds', () => {
    const folder = folders.path()
    const file = join(folder, 'notes.sqlite')
    add(openIn(folder), 'one')
    for (const part of ['', '-wal', '-shm']) chmodSync(file + part, 0o644)
    expect(notes(openIn(folder))).toBe(1)
    expect(['', '-wal', '-shm'].map((part) => mode(file + part))).toEqual(['600', '600', '600'])
  })

  test('the mode of a file elsewhere is left alone: behind a link, or under a second name', () => {
    const folder = folders.path()
    const [target, twin] = [join(folders.path(), 'target'), join(folders.path(), 'twin')]
    for (const file of [target, twin]) writeFileSync(file, '', { mode: 0o644 })
    symlinkSync(target, join(folder, 'notes.sqlite'))
    openIn(folder)
    const other = folders.path()
    linkSync(twin, join(other, 'notes.sqlite'))
    openIn(other)
    expect([mode(target), mode(twin)]).toEqual(['644', '644'])
  })
})

describe.skipIf(!canMount())('a full disk', () => {
  test('is the error that is thrown, and nothing of the transaction stays', () => {
    const disk = disks.mount(512)
    const database = openIn(disk.path)
    add(database, 'before')
    disk.fill()
    const failures: unknown[] = []
    for (const text of ['a'.repeat(100_000), 'b'.repeat(100_000)]) {
      try {
        add(database, text)
      } catch (error) {
        failures.push(error)
      }
    }
    expect(failures).toHaveLength(2)
    for (const failure of failures) {
      expect(failure).toBeInstanceOf(FailureError)
      expect(failure).toMatchObject({
        failure: { kind: 'refused', on: join(disk.path, 'notes.sqlite'), because: expect.stringMatching(/disk/) },
        cause: { errcode: expect.any(Number) },
      })
      expect(String(failure)).not.toMatch(/rollback|transaction/)
    }
    expect(notes(database)).toBe(1)
    disk.free()
    add(database, 'after')
    expect(notes(database)).toBe(2)
  })

  test('names the reason when a new file cannot be created', () => {
    const disk = disks.mount(64)
    disk.fill()
    expect(() => openIn(disk.path)).toThrow(/disk/)
  })
})

test('an error of the work itself is thrown as it is, and rolled back', () => {
  const database = openIn(folders.path())
  const mine = new Error('mine')
  const work = () =>
    together(database, () => {
      database.exec("INSERT INTO note VALUES ('x')")
      throw mine
    })
  expect(work).toThrow(mine)
  expect([notes(database), database.isTransaction]).toEqual([0, false])
  // Rolled back by the work: there is nothing left to undo, and that is no error of its own.
  const own = () =>
    together(database, () => {
      database.exec('ROLLBACK')
      throw mine
    })
  expect(own).toThrow(mine)
})

test('what cannot be opened at all is a failure with its file and its reason', () => {
  const folder = folders.path()
  mkdirSync(join(folder, 'notes.sqlite'))
  expect(() => openIn(folder)).toThrow(FailureError)
  expect(() => openIn(folder)).toThrow(/notes\.sqlite\): it cannot be opened/)
})
