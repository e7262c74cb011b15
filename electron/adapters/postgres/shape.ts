// The table as it really is: types, rights, its spelling of each state, and whether Unjam's own schema is beside it.

import type { Queryable } from '../../../worker/store/pool.ts'
import { readTable } from '../../../worker/store/read-table.ts'
import { quote, type TableSql } from '../../../worker/store/table.ts'
import type { JobState } from '../../contract/job.ts'
import type { RecordingsTable } from '../../contract/worker-protocol.ts'
import { indexesSql, type Keys, statusIndexed } from './indexes.ts'

export interface Column {
  readonly name: string
  /** As SQL, with its length: `character varying(20)`, `odd."Job State"`. */
  readonly type: string
  readonly base: string
  readonly labels: readonly string[] | null
  readonly mayRead: boolean
  readonly mayUpdate: boolean
  readonly generated: boolean
}

export interface Shape {
  readonly t: TableSql
  /** `schema.table` as it is shown. */
  readonly full: string
  readonly role: string
  readonly readOnly: boolean
  readonly mayInsert: boolean
  readonly mayDelete: boolean
  /** A view that Postgres cannot write through. */
  readonly fixed: boolean
  /** By the planner's statistics; null where it keeps none (a view, a table never analysed). */
  readonly estimate: number | null
  readonly indexes: readonly Keys[]
  readonly partitioned: boolean
  /** Schema unjam: there and usable, there but closed to this role, or absent. */
  readonly unjam: 'open' | 'closed' | 'absent'
  /** In the table's order. */
  readonly columns: readonly Column[]
  column(sql: string | null): Column | undefined
  /**
   * The words of a state exactly as the table spells them, or null when only a case-insensitive comparison is safe.
   * An exact word can use an index that begins with the status.
   */
  exact(state: JobState): readonly string[] | null
  words: TableSql['words']
}

interface Seen {
  readonly role: string
  readonly readOnly: boolean
  readonly mayInsert: boolean
  readonly mayDelete: boolean
  readonly fixed: boolean
  readonly estimate: number | null
  readonly indexes: readonly Keys[] | null
  readonly partitioned: boolean
  readonly open: boolean | null
  readonly columns: readonly Column[] | null
}

/** `ownWords`: the table is Unjam's own, whose CHECK allows the configured spelling only. Throws B's WrongTable. */
export async function readShape(db: Queryable, table: RecordingsTable, ownWords: boolean): Promise<Shape> {
  const t = await readTable(db, table)
  const { rows } = await db.query<Seen>(
    `SELECT current_user::text AS role,
            pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on' AS "readOnly",
            has_table_privilege(c.oid, 'INSERT') AS "mayInsert",
            has_table_privilege(c.oid, 'DELETE') AS "mayDelete",
            pg_relation_is_updatable(c.oid, true) & ${UPDATE} = 0 AS fixed,
            ${estimateSql} AS estimate,
            ${indexesSql} AS indexes,
            c.relkind = 'p' AS partitioned,
            (SELECT has_schema_privilege(un.oid, 'USAGE')
                    AND bool_and(has_table_privilege(uc.oid, 'SELECT') AND has_table_privilege(uc.oid, 'UPDATE'))
               FROM pg_namespace un JOIN pg_class uc ON uc.relnamespace = un.oid AND uc.relkind = 'r'
              WHERE un.nspname = 'unjam' GROUP BY un.oid HAVING bool_or(uc.relname = 'lease')) AS open,
            (SELECT json_agg(json_build_object(
                      'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'base', ty.typname,
                      'labels', (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)
                                   FROM pg_enum e WHERE e.enumtypid = a.atttypid),
                      'mayRead', has_column_privilege(c.oid, a.attnum, 'SELECT'),
                      'mayUpdate', has_column_privilege(c.oid, a.attnum, 'UPDATE'),
                      'generated', a.attgenerated <> '') ORDER BY a.attnum)
               FROM pg_attribute a JOIN pg_type ty ON ty.oid = a.atttypid
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2`,
    [table.schema, table.table],
  )
  const [seen] = rows
  if (seen === undefined || seen.columns === null) throw new Error('the table vanished while it was looked at')
  const columns = seen.columns
  const byName = new Map(columns.map((column) => [quote(column.name), column]))
  const labels = byName.get(t.status)?.labels ?? null
  const indexes = seen.indexes ?? []
  const stored = labels === null && !ownWords && statusIndexed(t, indexes) ? await storedWords(db, t) : null
  return {
    t,
    full: `${table.schema}.${table.table}`,
    role: seen.role,
    readOnly: seen.readOnly,
    mayInsert: seen.mayInsert,
    mayDelete: seen.mayDelete,
    fixed: seen.fixed,
    estimate: seen.estimate,
    indexes,
    partitioned: seen.partitioned,
    unjam: seen.open === null ? 'absent' : seen.open ? 'open' : 'closed',
    columns,
    column: (sql) => (sql === null ? undefined : byName.get(sql)),
    exact(state) {
      const words = t.words(state)
      if (labels !== null) return labels.filter((label) => words.includes(label.toLowerCase()))
      if (ownWords) return [...new Set(words)]
      // Those of the mapping too: a word that nobody has written yet may be written at any moment.
      const alike = stored?.filter((word) => words.includes(word.toLowerCase()))
      return alike === undefined ? null : [...new Set([...alike, ...words, t.word(state)])]
    },
    words: t.words,
  }
}

/** CMD_UPDATE of pg_relation_is_updatable's bit mask. */
const UPDATE = 4

/** Rows of `c` as the planner believes; of a partitioned table, of its partitions. */
const estimateSql = `CASE c.relkind WHEN 'r' THEN nullif(c.reltuples, -1)::float8
  WHEN 'p' THEN (SELECT sum(greatest(p.reltuples, 0))::float8 FROM pg_partition_tree(c.oid) AS tree
                   JOIN pg_class p ON p.oid = tree.relid WHERE tree.isleaf) END`

/** Every word of the status column as it is spelled, by hopping along an index that begins with it. */
async function storedWords(db: Queryable, t: TableSql): Promise<string[] | null> {
  const { rows } = await db.query<{ word: string }>(
    `WITH RECURSIVE hop AS (
       (SELECT ${t.status} AS word FROM ${t.name} WHERE ${t.status} IS NOT NULL ORDER BY ${t.status} LIMIT 1)
       UNION ALL
       SELECT (SELECT n.${t.status} FROM ${t.name} n WHERE n.${t.status} > hop.word ORDER BY n.${t.status} LIMIT 1)
         FROM hop WHERE hop.word IS NOT NULL
     ) SELECT word::text AS word FROM hop WHERE word IS NOT NULL LIMIT ${MOST_WORDS}`,
  )
  // So many are no words of states.
  return rows.length < MOST_WORDS ? rows.map(({ word }) => word) : null
}

const MOST_WORDS = 100

/** Values bound to a statement, in the order they are named. */
export class Binds {
  readonly values: unknown[] = []
  add(value: unknown): string {
    this.values.push(value)
    return `$${this.values.length}`
  }
}

/** One predicate on `t.` for each spelling of a state: each can walk an index of its own, in order. */
export function branches(shape: Shape, binds: Binds, state: JobState): readonly string[] {
  const exact = shape.exact(state)
  if (exact === null) return [`lower(t.${shape.t.status}::text) = ANY(${binds.add(shape.words(state))}::text[])`]
  return exact.length === 0 ? ['false'] : exact.map((word) => `t.${shape.t.status} = ${binds.add(word)}`)
}

/** One predicate on `t.` for any of the states. */
export function inStates(shape: Shape, binds: Binds, states: readonly JobState[]): string {
  const exact = states.flatMap((state) => shape.exact(state) ?? [])
  if (shape.exact('queued') !== null) return `t.${shape.t.status} = ANY(${binds.add(exact)})`
  return `lower(t.${shape.t.status}::text) = ANY(${binds.add(shape.words(...states))}::text[])`
}

/** The state a word of the table means; null for a word that the mapping does not know. */
export function stateOf(shape: Shape, word: string | null): JobState | null {
  const states: readonly JobState[] = ['queued', 'running', 'done', 'failed', 'skipped']
  const lower = (word ?? '').toLowerCase()
  return states.find((state) => shape.words(state).includes(lower)) ?? null
}

/** Only ids that the id column's type can hold; any other text names no row there. */
export function validIds(shape: Shape, ids: readonly string[]): string[] {
  const base = shape.column(shape.t.id)?.base ?? 'text'
  return [...new Set(ids)].filter((id) => fits(base, id))
}

/** Whether the text can be a value of an id column of this base type. */
export function fits(base: string, id: string): boolean {
  if (base === 'uuid') return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)
  const bits = { int2: 15n, int4: 31n, int8: 63n }[base]
  if (bits === undefined) return base === 'numeric' ? /^-?\d{1,100}$/.test(id) : !id.includes('\0')
  if (!/^-?\d{1,19}$/.test(id)) return false
  const value = BigInt(id)
  return value >= -(2n ** bits) && value < 2n ** bits
}
