// The recordings table as it really is: columns it lacks are dropped from the mapping, words are spelled its way.
import type { RecordingsTable } from '../../electron/contract/worker-protocol.ts'
import type { Queryable } from './pool.ts'
import { quote, type State, type TableSql, tableSql } from './table.ts'

/** The table cannot be worked on; the message is the sentence that says why. */
export class WrongTable extends Error {}

interface Column {
  readonly name: string
  readonly type: string
  readonly category: string
  readonly labels: string[] | null
}

const required = ['id', 'status', 'title', 'heartbeat', 'createdAt'] as const
const optional = ['path', 'duration', 'retryCount', 'error', 'startedAt', 'completedAt', 'transcript'] as const

/**
 * Throws `WrongTable` when it is not there, lacks a column that must be there, or (an enum) has no word for a state.
 * A state's word to write is the first of the mapping that the table knows; the mapping's spelling gives way to the
 * table's (`PENDING`), because its own application compares with that.
 */
export async function readTable(db: Queryable, table: RecordingsTable): Promise<TableSql> {
  const full = `${table.schema}.${table.table}`
  const { rows } = await db.query<Column>(
    `SELECT a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type, t.typcategory::text AS category,
            (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
               FROM pg_enum e WHERE e.enumtypid = a.atttypid) AS labels
       FROM pg_attribute a
       JOIN pg_class c ON c.oid = a.attrelid
       JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_type t ON t.oid = a.atttypid
      WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped`,
    [table.schema, table.table],
  )
  if (rows.length === 0) throw new WrongTable(`The database has no table ${full}, or this user may not see it.`)
  const found = new Map(rows.map((row) => [row.name, row]))
  const missing = required.map((key) => table.columns[key]).filter((name) => !found.has(name))
  if (missing.length > 0)
    throw new WrongTable(`The table ${full} has no column ${missing.join(', ')}; name the right one in the settings.`)

  const columns = { ...table.columns }
  for (const key of optional) {
    const column = found.get(columns[key] ?? '')
    const text = column?.category === 'S'
    if (column === undefined || ((key === 'error' || key === 'transcript' || key === 'path') && !text))
      columns[key] = null
  }
  const known = found.get(columns.status)?.labels ?? (await spellings(db, table))
  const isEnum = found.get(columns.status)?.labels !== null
  const words = { ...table.words }
  for (const state of Object.keys(words) as State[]) words[state] = spelled(full, state, words[state], known, isEnum)
  const sql = tableSql({ ...table, columns, words }, found.get(columns.error ?? '')?.type ?? 'text')
  const skips = !isEnum || words.skipped.some((word) => known.includes(word))
  // A table that knows no skipping (an enum without the word) gets failed with the reason, which ends the job as well.
  return skips ? sql : { ...sql, word: (state) => sql.word(state === 'skipped' ? 'failed' : state) }
}

/** Status words among a bounded number of rows. */
async function spellings(db: Queryable, table: RecordingsTable): Promise<string[]> {
  const { rows } = await db.query<{ word: string }>(
    `SELECT DISTINCT word FROM (SELECT ${quote(table.columns.status)}::text AS word
       FROM ${quote(table.schema)}.${quote(table.table)} LIMIT 10000) AS sample WHERE word IS NOT NULL`,
  )
  return rows.map(({ word }) => word)
}

function spelled(full: string, state: State, words: string[], known: string[], isEnum: boolean): string[] {
  const own = words.flatMap((word) => known.filter((label) => label.toLowerCase() === word.toLowerCase()))
  if (own.length > 0) return [...own, ...words]
  if (isEnum && state === 'skipped') return words
  if (isEnum)
    throw new WrongTable(
      `The status column of ${full} has no word for ${state} (it knows ${known.join(', ')}); name it in the settings.`,
    )
  const shouting = known.length > 0 && known.every((word) => word === word.toUpperCase() && word !== word.toLowerCase())
  return shouting ? words.map((word) => word.toUpperCase()) : words
}
