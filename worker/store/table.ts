// A foreign recordings table as quoted SQL: names come from settings, values are always bound.
import type { RecordingsTable } from '../../electron/contract/worker-protocol.ts'

/** `we"ird` → `"we""ird"`; NUL cannot be part of a Postgres identifier. */
export function quote(identifier: string): string {
  if (identifier.includes('\0')) throw new Error('a Postgres name cannot contain NUL')
  return `"${identifier.replaceAll('"', '""')}"`
}

export type State = keyof RecordingsTable['words']

/**
 * The quoted names of one table; a column it does not have is null.
 *
 * Ids and words keep the table's own types without naming them: a parameter that is only compared with a column
 * (`id = $1`, `id = ANY($1)`) or only assigned to it (`SET status = $2`) gets the column's type from the server, be it
 * uuid, integer, text or an enum, and the index on the id serves. Reading goes through `::text`.
 */
export interface TableSql {
  readonly name: string
  readonly id: string
  readonly status: string
  readonly title: string
  readonly path: string | null
  readonly duration: string | null
  readonly retryCount: string | null
  readonly error: string | null
  readonly heartbeat: string
  readonly createdAt: string
  readonly startedAt: string | null
  readonly completedAt: string | null
  readonly transcript: string | null
  /** What timestamps without a zone mean: the time zone of every transaction on this table. */
  readonly timeZone: string
  /** SQL type of the error column, so that a varchar(n) shortens a long sentence and does not refuse it. */
  readonly errorType: string
  /** The words that mean a state, lower-case: compare with `lower(status::text) = ANY($n)`. */
  words(...states: State[]): string[]
  /** The word to write for a state; the server casts it to the column's own type. */
  word(state: State): string
}

export function tableSql(table: RecordingsTable, errorType = 'text'): TableSql {
  const c = table.columns
  const optional = (name: string | null) => (name === null ? null : quote(name))
  return {
    name: `${quote(table.schema)}.${quote(table.table)}`,
    id: quote(c.id),
    status: quote(c.status),
    title: quote(c.title),
    path: optional(c.path),
    duration: optional(c.duration),
    retryCount: optional(c.retryCount),
    error: optional(c.error),
    heartbeat: quote(c.heartbeat),
    createdAt: quote(c.createdAt),
    startedAt: optional(c.startedAt),
    completedAt: optional(c.completedAt),
    transcript: optional(c.transcript),
    timeZone: table.timeZone,
    errorType,
    words: (...states) => states.flatMap((state) => table.words[state].map((word) => word.toLowerCase())),
    word: (state) => {
      const [first] = table.words[state]
      if (first === undefined) throw new Error(`the table mapping has no word for ${state}`)
      return first
    },
  }
}
