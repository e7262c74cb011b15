// Receipts and their trails in SQLite: they survive restarts, crashes and a damaged file beside them.
import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Receipt } from '../contract/action.ts'
import { FailureError } from '../contract/failure.ts'
import type { History } from '../core/ports/local.ts'

// Position keeps the order of writing: receipts of one millisecond stay in order, and paging is exact.
const VERSION = 1
const SCHEMA = `
  CREATE TABLE receipt (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    receipt  TEXT NOT NULL,
    trail    TEXT NOT NULL
  ) STRICT;
  PRAGMA user_version = ${VERSION};
`

/** A file that is damaged is set aside, never deleted; `notices` says where it went. */
export function openHistory(file: string): History & { close(): void; readonly notices: readonly string[] } {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const notices: string[] = []
  const database = openOrSetAside(file, notices)
  const append = database.prepare('INSERT INTO receipt (id, receipt, trail) VALUES (?, ?, ?)')
  const get = database.prepare('SELECT receipt, trail FROM receipt WHERE id = ?')
  const replace = database.prepare('UPDATE receipt SET receipt = ? WHERE id = ?')
  const list = database.prepare(
    `SELECT receipt FROM receipt
     WHERE position < coalesce((SELECT position FROM receipt WHERE id = :before), 9223372036854775807)
     ORDER BY position DESC LIMIT :limit`,
  )

  return {
    append: (receipt, trail) => void append.run(receipt.id, JSON.stringify(receipt), trail),
    get(id) {
      const row = get.get(id)
      return row === undefined ? null : { receipt: toReceipt(row.receipt), trail: String(row.trail) }
    },
    replace(receipt) {
      const { changes } = replace.run(JSON.stringify(receipt), receipt.id)
      if (Number(changes) === 0) throw new Error(`there is no receipt ${receipt.id}`)
    },
    list: (limit, before) => list.all({ before, limit }).map((row) => toReceipt(row.receipt)),
    close: () => database.close(),
    notices,
  }
}

function toReceipt(json: unknown): Receipt {
  return Receipt.parse(JSON.parse(String(json)))
}

function openOrSetAside(file: string, notices: string[]): DatabaseSync {
  try {
    return open(file)
  } catch (error) {
    if (!isDamaged(error)) throw error
    const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-')
    const aside = `${file}.corrupt-${stamp}`
    for (const part of ['', '-wal', '-shm']) if (existsSync(file + part)) renameSync(file + part, aside + part)
    notices.push(`The history could not be read and was set aside as ${aside}; a new one begins.`)
    return open(file)
  }
}

function open(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 5000 })
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    const version = Number(database.prepare('PRAGMA user_version').get()?.user_version)
    if (version > VERSION) throw tooNew(file, version)
    if (version === 0) create(database)
    const check = database.prepare('PRAGMA quick_check(1)').get()?.quick_check
    if (check !== 'ok') throw new Damaged(String(check))
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Two processes may open a new file at once: the second finds the table made. */
function create(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE')
  const made = Number(database.prepare('PRAGMA user_version').get()?.user_version) !== 0
  database.exec(made ? 'COMMIT' : `${SCHEMA} COMMIT`)
}

class Damaged extends Error {}

/** SQLITE_CORRUPT (11) and SQLITE_NOTADB (26), with their extended codes. */
function isDamaged(error: unknown): boolean {
  if (error instanceof Damaged) return true
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0
  return code === 11 || code === 26
}

function tooNew(file: string, version: number): FailureError {
  return new FailureError({
    kind: 'unsupported',
    tried: 'Open the history',
    on: file,
    because: `a newer Unjam wrote it (version ${version}, this one knows ${VERSION})`,
    remedy: 'Use the newer Unjam, or another data directory.',
  })
}
