// The tables of crawl runs as they really are: which columns are there, their types, and what this role may change.

import type { Queryable } from '../../../worker/store/pool.ts'
import { quote } from '../../../worker/store/table.ts'
import type { CrawlTables } from '../../contract/crawl-tables.ts'
import { FailureError } from '../../contract/failure.ts'
import type { JobState } from '../../contract/job.ts'

export interface Column {
  readonly name: string
  /** Quoted. */
  readonly sql: string
  readonly type: string
  readonly base: string
  readonly notNull: boolean
  readonly mayRead: boolean
  readonly mayUpdate: boolean
}

/** Those that the runbook's queries use. */
export type JobColumn = Exclude<keyof CrawlTables['jobs']['columns'], 'parent'>

export interface Shape {
  readonly tables: CrawlTables
  readonly role: string
  readonly readOnly: boolean
  /** `schema.table` as it is shown, and as SQL. */
  readonly full: string
  readonly jobs: string
  readonly columns: readonly Column[]
  readonly column: Readonly<Record<JobColumn, Column>>
  readonly parent: Column | null
  readonly results: {
    readonly full: string
    readonly sql: string
    readonly job: Column
    readonly status: Column
    readonly sourceId: Column | null
    readonly sourceName: Column | null
  }
  /** null where sources have no names that this role can read. */
  readonly sources: { readonly sql: string; readonly id: Column; readonly name: Column } | null
}

interface Seen {
  readonly table: string
  readonly role: string
  readonly readOnly: boolean
  readonly columns: readonly Omit<Column, 'sql'>[]
}

/** @throws `missing` with the table or column that is not there. */
export async function readShape(db: Queryable, tables: CrawlTables): Promise<Shape> {
  const { schema, jobs, results, sources } = tables
  const { rows } = await db.query<Seen>(
    `SELECT c.relname AS table, current_user::text AS role,
            pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on' AS "readOnly",
            json_agg(json_build_object(
              'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'base', ty.typname,
              'notNull', a.attnotnull, 'mayRead', has_column_privilege(c.oid, a.attnum, 'SELECT'),
              'mayUpdate', has_column_privilege(c.oid, a.attnum, 'UPDATE')) ORDER BY a.attnum) AS columns
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       JOIN pg_type ty ON ty.oid = a.atttypid
      WHERE n.nspname = $1 AND c.relname = ANY($2) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      GROUP BY c.relname`,
    [schema, [jobs.table, results.table, ...(sources === null ? [] : [sources.table])]],
  )
  const seen = (table: string) => rows.find((row) => row.table === table) ?? null
  const sqlOf = (table: string) => `${quote(schema)}.${quote(table)}`
  const find = (table: string, name: string | null): Column | null => {
    const column = seen(table)?.columns.find((one) => one.name === name && one.mayRead)
    return column === undefined ? null : { ...column, sql: quote(column.name) }
  }
  const need = (table: string, name: string): Column => {
    const column = find(table, name)
    if (column !== null) return column
    throw missing(
      `${schema}.${table}`,
      seen(table) === null ? 'there is no such table' : `it has no column ${name} that can be read`,
    )
  }
  const own = (key: JobColumn) => need(jobs.table, jobs.columns[key])
  const source = sources && { id: find(sources.table, sources.id), name: find(sources.table, sources.name) }
  return {
    tables,
    role: rows[0]?.role ?? '',
    readOnly: rows[0]?.readOnly ?? false,
    full: `${schema}.${jobs.table}`,
    jobs: sqlOf(jobs.table),
    column: {
      id: own('id'),
      sourceId: own('sourceId'),
      status: own('status'),
      startedAt: own('startedAt'),
      createdAt: own('createdAt'),
      completedAt: own('completedAt'),
      error: own('error'),
      taskId: own('taskId'),
      isMultiSource: own('isMultiSource'),
    },
    columns: (seen(jobs.table)?.columns ?? []).map((column) => ({ ...column, sql: quote(column.name) })),
    parent: find(jobs.table, jobs.columns.parent),
    results: {
      full: `${schema}.${results.table}`,
      sql: sqlOf(results.table),
      job: need(results.table, results.columns.job),
      status: need(results.table, results.columns.status),
      sourceId: find(results.table, results.columns.sourceId),
      sourceName: find(results.table, results.columns.sourceName),
    },
    sources:
      sources === null || source === null || source.id === null || source.name === null
        ? null
        : { sql: sqlOf(sources.table), id: source.id, name: source.name },
  }
}

function missing(on: string, because: string): FailureError {
  return new FailureError({
    kind: 'missing',
    tried: 'Read the crawl runs',
    on,
    because,
    remedy: 'Name the tables and their columns in the settings.',
  })
}

const STATES: readonly JobState[] = ['queued', 'running', 'done', 'failed', 'skipped']

/** Lower-case words that mean one of these states. */
export function wordsOf({ tables }: Shape, ...states: readonly JobState[]): string[] {
  return states.flatMap((state) => tables.words[state].map((word) => word.toLowerCase()))
}

/** The word of a state that is written. */
export function wordOf({ tables }: Shape, state: JobState): string {
  return tables.words[state][0] ?? state
}

/** null for a word that the mapping does not know. */
export function stateOf(shape: Shape, word: string | null): JobState | null {
  return STATES.find((state) => wordsOf(shape, state).includes((word ?? '').toLowerCase())) ?? null
}

/** SQL: equality of two columns, whatever their types. */
export function same(a: Column, aliasA: string, b: Column, aliasB: string): string {
  const cast = a.base === b.base ? '' : '::text'
  return `${aliasA}.${a.sql}${cast} = ${aliasB}.${b.sql}${cast}`
}
