// The tables of a database as a role sees them, and quick looks into one: words, size, time zone. All bounded.
import type { Queryable } from '../../../worker/store/pool.ts'
import { quote } from '../../../worker/store/table.ts'
import { sqlState, TOO_LONG } from './failures.ts'
import type { SeenColumn } from './guess-columns.ts'
import type { Words } from './guess-words.ts'
import { guessZone } from './guess-zone.ts'

export interface SeenTable {
  readonly schema: string
  readonly name: string
  readonly kind: 'r' | 'p' | 'v'
  /** By statistics; null for a view or a table never analysed. */
  readonly estimate: number | null
  readonly columns: readonly SeenColumn[]
}

const TABLES = 1000
export const SAMPLE_ROWS = 10_000
const SAMPLE_MS = 1500
/** A column with more different values holds no states. */
export const MOST_WORDS = 30

export async function readTables(db: Queryable): Promise<SeenTable[]> {
  const { rows } = await db.query<SeenTable>(
    `SELECT n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind,
            CASE c.relkind WHEN 'r' THEN nullif(c.reltuples, -1)::float8
              WHEN 'p' THEN (SELECT sum(greatest(p.reltuples, 0))::float8 FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhrelid
                              WHERE h.inhparent = c.oid) END AS estimate,
            json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
              'category', t.typcategory, 'default', pg_get_expr(d.adbin, d.adrelid),
              'primary', coalesce(a.attnum = ANY(k.conkey), false),
              'labels', (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = a.atttypid))
              ORDER BY a.attnum) AS columns
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       JOIN pg_type t ON t.oid = a.atttypid
       LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
       LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
      WHERE c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
        AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'unjam') AND n.nspname NOT LIKE 'pg\\_%'
        AND has_schema_privilege(n.oid, 'USAGE') AND has_column_privilege(c.oid, a.attnum, 'SELECT')
      GROUP BY n.nspname, c.oid, c.relname, c.relkind, c.reltuples ORDER BY n.nspname, c.relname LIMIT ${TABLES}`,
  )
  return rows
}

export type Source = Omit<SeenTable, 'columns'>
export const nameOf = ({ schema, name }: Source) => `${quote(schema)}.${quote(name)}`

/** Blocks from the whole table, so that old and new rows are among them; of a view its first rows. */
export function sampled(table: Source): string {
  const share =
    table.kind === 'v' || table.estimate === null
      ? 100
      : Math.min(100, (100 * 2 * SAMPLE_ROWS) / Math.max(1, table.estimate))
  return table.kind === 'v' || share === 100 ? nameOf(table) : `${nameOf(table)} TABLESAMPLE SYSTEM (${share})`
}

/** Words of a status column, the most frequent first, bounded; rare ones may be missing. */
export async function sampleWords(db: Queryable, table: Source, status: string): Promise<string[]> {
  const { rows } = await db.query<{ word: string }>(
    `SELECT word FROM (
       SELECT word, n FROM (SELECT s.${quote(status)}::text AS word, count(*) AS n
         FROM (SELECT ${quote(status)} FROM ${sampled(table)} LIMIT ${SAMPLE_ROWS}) AS s GROUP BY 1) AS sample
       UNION ALL
       SELECT unnest(most_common_vals::text::text[]), 1 FROM pg_stats
        WHERE schemaname = $1 AND tablename = $2 AND attname = $3
     ) AS words WHERE word IS NOT NULL AND length(word) < 60 GROUP BY word ORDER BY max(n) DESC, word LIMIT ${MOST_WORDS}`,
    [table.schema, table.name, status],
  )
  return rows.map(({ word }) => word)
}

export function wordsReason(column: string, seen: readonly string[] | null, { known }: Words, isEnum: boolean): string {
  if (seen === null) return `${column}: its words could not be read in time; the usual ones are proposed`
  if (seen.length === 0) return `${column}: the table is empty, so the usual words are proposed`
  const shown = seen.slice(0, 8).join(', ')
  const lack = isEnum && known.length < 5 ? '; not every state has one' : ''
  return `${column}: ${seen.length} ${seen.length === 1 ? 'word' : 'words'} ${isEnum ? 'possible' : 'seen'}: ${shown}${lack}`
}

export async function zoneOf(db: Queryable, table: SeenTable, heartbeat: string, machineZone: string) {
  const column = table.columns.find(({ name }) => name === heartbeat)
  if (column === undefined || !column.type.includes('without time zone')) return null
  const newest = await within(db, async () => {
    const { rows } = await db.query<{ minutes: number | null }>(
      `SELECT extract(epoch FROM max(${quote(heartbeat)}) - (now() AT TIME ZONE 'UTC'))::float8 / 60 AS minutes
         FROM ${nameOf(table)} WHERE isfinite(${quote(heartbeat)})`,
    )
    return rows[0]?.minutes ?? null
  })
  const { rows: zones } = await db.query<{ name: string; offsetMinutes: number }>(
    `SELECT z.name, extract(epoch FROM (now() AT TIME ZONE z.name) - (now() AT TIME ZONE 'UTC'))::float8 / 60 AS "offsetMinutes"
       FROM unnest(ARRAY[(SELECT reset_val FROM pg_settings WHERE name = 'TimeZone'), $1]) WITH ORDINALITY AS z(name, n)
      WHERE z.name IN (SELECT name FROM pg_timezone_names) ORDER BY z.n`,
    [machineZone],
  )
  return guessZone(heartbeat, { aheadMinutes: newest, default: column.default, zones })
}

/** Counted where that is quick, else what the statistics say; null when nobody knows. */
export async function rowsOf(db: Queryable, table: SeenTable): Promise<number | null> {
  if (table.estimate !== null && table.estimate > SAMPLE_ROWS) return Math.round(table.estimate)
  const counted = await within(db, async () => {
    const { rows } = await db.query<{ n: number }>(`SELECT count(*)::float8 AS n FROM ${nameOf(table)}`)
    return rows[0]?.n ?? null
  })
  return counted ?? (table.estimate === null ? null : Math.round(table.estimate))
}

/** Null when it takes too long: one large table must not hide the others. */
export async function within<T>(db: Queryable, work: () => Promise<T>): Promise<T | null> {
  await db.query('SAVEPOINT look')
  try {
    await db.query(`SELECT set_config('statement_timeout', $1, true)`, [`${SAMPLE_MS}ms`])
    return await work()
  } catch (error) {
    if (sqlState(error) === TOO_LONG) return null
    throw error
  } finally {
    // Back to the limits of the transaction, whatever came of it; nothing was written.
    await db.query('ROLLBACK TO SAVEPOINT look')
  }
}
