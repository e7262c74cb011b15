// Receipts and their trails in SQLite: they survive restarts, crashes and a damaged file beside them.
import { Receipt } from '../contract/action.ts'
import type { History } from '../core/ports/local.ts'
import { openSqlite } from './sqlite-file.ts'

// Position keeps the order of writing: receipts of one millisecond stay in order, and paging is exact.
const SCHEMA = `
  CREATE TABLE receipt (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    receipt  TEXT NOT NULL,
    trail    TEXT NOT NULL
  ) STRICT;
`

/** A file that is damaged is set aside, never deleted; `notices` says where it went. */
export function openHistory(file: string): History & { close(): void; readonly notices: readonly string[] } {
  const { database, notices } = openSqlite({ file, name: 'history', version: 1, schema: SCHEMA })
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
