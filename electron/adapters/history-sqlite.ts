// Receipts, their trails and open intents in SQLite: they survive restarts, crashes and a damaged file beside them.
import * as z from 'zod'
import { ActionId, Receipt } from '../contract/action.ts'
import { FailureError, Instant } from '../contract/failure.ts'
import { SystemId } from '../contract/job.ts'
import type { History, Intent } from '../core/ports/history.ts'
import { openSqlite, together } from './sqlite-file.ts'

// Position keeps the order of writing: receipts of one millisecond stay in order, and paging is exact.
const SCHEMA = `
  CREATE TABLE receipt (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    receipt  TEXT NOT NULL,
    trail    TEXT NOT NULL
  ) STRICT;
`
const INTENTS = `
  CREATE TABLE intent (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    intent   TEXT NOT NULL,
    recorded TEXT
  ) STRICT;
`
// Version 1 kept the whole .env as the trail of set-env. It is in a backup beside the .env, and has no place here.
const WITHOUT_ENV_TEXTS = `
  PRAGMA secure_delete = ON;
  UPDATE receipt SET trail = '' WHERE NOT json_valid(receipt);
  UPDATE receipt SET trail = '', receipt = json_set(receipt, '$.undoable', json('false'))
   WHERE CASE WHEN json_valid(receipt) THEN json_extract(receipt, '$.action') = 'set-env' END AND trail <> '';
`

export interface HistoryFile extends History {
  readonly notices: readonly string[]
  /** Whether a trail or an open intent contains the text: an undo may need what it names. */
  mentions(text: string): boolean
  close(): void
}

/** A file that is damaged is set aside, never deleted; `notices` says where it went. */
export function openHistory(file: string): HistoryFile {
  const { database, notices: opening } = openSqlite({
    ...{ file, name: 'history', version: 2, schema: SCHEMA + INTENTS },
    upgrades: { 1: INTENTS + WITHOUT_ENV_TEXTS },
  })
  const append = database.prepare('INSERT INTO receipt (id, receipt, trail) VALUES (?, ?, ?)')
  const get = database.prepare('SELECT receipt, trail FROM receipt WHERE id = ?')
  const replace = database.prepare('UPDATE receipt SET receipt = ? WHERE id = ?')
  const list = database.prepare(
    `SELECT receipt FROM receipt
     WHERE position < coalesce((SELECT position FROM receipt WHERE id = :before), 9223372036854775807)
     ORDER BY position DESC`,
  )
  // A repeated undo continues the interrupted one.
  const begin = database.prepare('INSERT INTO intent (id, intent) VALUES (?, ?) ON CONFLICT DO NOTHING')
  const record = database.prepare('UPDATE intent SET recorded = ? WHERE id = ?')
  const recorded = database.prepare('SELECT recorded FROM intent WHERE id = ?')
  const open = database.prepare('SELECT id, intent FROM intent ORDER BY position')
  const end = database.prepare('DELETE FROM intent WHERE id = ?')
  const mention = database.prepare(
    `SELECT EXISTS (SELECT 1 FROM receipt WHERE instr(trail, :text) > 0)
         OR EXISTS (SELECT 1 FROM intent WHERE instr(intent || coalesce(recorded, ''), :text) > 0) AS found`,
  )

  function put(receipt: Receipt): void {
    const { changes } = replace.run(JSON.stringify(receipt), receipt.id)
    if (Number(changes) === 0) throw new Error(`there is no receipt ${receipt.id}`)
  }

  /** @throws FailureError that names the file; the errors of SQLite say `database or disk is full` and no more. */
  function writing(work: () => void): void {
    try {
      work()
    } catch (error) {
      throw unwritable(file, error)
    }
  }

  return {
    append: (receipt, trail) => writing(() => append.run(receipt.id, JSON.stringify(receipt), trail)),
    get(id) {
      const row = get.get(id)
      if (row === undefined) return null
      const receipt = read(Receipt, row.receipt)
      if (receipt === null) throw damaged(file, id)
      return { receipt, trail: String(row.trail) }
    },
    replace: (receipt) => writing(() => put(receipt)),
    list(limit, before) {
      const receipts: Receipt[] = []
      if (limit <= 0) return receipts
      for (const row of list.iterate({ before })) {
        const receipt = read(Receipt, row.receipt)
        if (receipt !== null && receipts.push(receipt) >= limit) break
      }
      return receipts
    },
    begin: (intent) => writing(() => begin.run(intent.id, JSON.stringify(intent))),
    record: (id, text) => writing(() => record.run(text, id)),
    recorded(id) {
      const text = recorded.get(id)?.recorded
      return typeof text === 'string' ? text : null
    },
    mentions: (text) => mention.get({ text })?.found === 1,
    open: () => open.all().flatMap(({ intent }) => read(Begun, intent) ?? []),
    conclude: (id, receipt, trail) =>
      writing(() =>
        together(database, () => {
          if (trail === null) put(receipt)
          else append.run(receipt.id, JSON.stringify(receipt), trail)
          end.run(id)
        }),
      ),
    abandon: (id) => writing(() => end.run(id)),
    close: () => database.close(),
    notices: [...opening, ...unreadable(file, open.all())],
  }
}

/** null: damaged, edited by hand, or written by a newer Unjam. One such row must not hide the others. */
function read<T>(type: z.ZodType<T>, json: unknown): T | null {
  try {
    return type.parse(JSON.parse(String(json)))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null
    throw error
  }
}

/** They stay in the file: whoever wrote them may be able to settle them. */
function unreadable(file: string, rows: readonly Record<string, unknown>[]): string[] {
  return rows.flatMap(({ id, intent }) =>
    read(Begun, intent) === null
      ? `An interrupted change (${id}) in ${file} cannot be read, so what it did is not checked. Check the current state.`
      : [],
  )
}

function damaged(file: string, id: string): FailureError {
  return new FailureError({
    kind: 'invalid',
    tried: 'Read the history',
    on: file,
    because: `the receipt ${id} is damaged`,
    remedy: 'Other receipts are not affected.',
  })
}

const Begun: z.ZodType<Intent> = z.object({
  ...{ id: z.string(), kind: z.enum(['execute', 'undo']), action: ActionId, system: SystemId, title: z.string() },
  ...{ at: Instant, actor: z.string(), previewed: z.number() },
})

function unwritable(file: string, error: unknown): FailureError {
  const message = error instanceof Error ? error.message : String(error)
  const because = error instanceof FailureError ? error.failure.because : message
  return new FailureError(
    {
      kind: 'refused',
      tried: 'Write the history',
      on: file,
      because,
      remedy: 'Free disk space, or check the permissions of the data directory.',
    },
    { cause: error },
  )
}
