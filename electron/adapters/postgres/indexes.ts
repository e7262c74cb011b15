// Which indexes a table has and lacks: what decides between a walk and a scan, and the SQL that makes the difference.
import type { TableSql } from '../../../worker/store/table.ts'
import { titleKeyLength } from './cursor.ts'

/** SQL over `c` (pg_class): the keys of every usable btree, each as Postgres writes it. */
export const indexesSql = `(SELECT json_agg((
     SELECT json_agg(pg_get_indexdef(i.indexrelid, k, true) ORDER BY k) FROM generate_series(1, i.indnkeyatts) AS k))
  FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_am am ON am.oid = ic.relam
 WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL AND am.amname = 'btree')`

/** Below this many rows a scan is as good as any index. */
export const MANY_ROWS = 50_000

export type Keys = readonly string[]

/** As Postgres writes a name: quoted only where it must be. */
const plain = (quoted: string) => (/^"[a-z_][a-z0-9_]*"$/.test(quoted) ? quoted.slice(1, -1) : quoted)

/** Whether the rows of one state can be found without reading the others. */
export function statusIndexed(t: TableSql, indexes: readonly Keys[]): boolean {
  return indexes.some(([first]) => first === plain(t.status))
}

interface Wanted {
  readonly keys: Keys
  readonly include?: string
  /** What it makes fast, as a clause. */
  readonly for: string
}

/** What Unjam reads again and again, the most useful first: Unjam's own table has the same (migrations/local). */
function wanted(t: TableSql): readonly Wanted[] {
  const { status, createdAt, heartbeat, completedAt, duration, title, id } = t
  const ended = completedAt ?? heartbeat
  return [
    { keys: [status, createdAt, id], for: 'counts and the list by time' },
    { keys: [status, ended], ...(duration === null ? {} : { include: duration }), for: 'what finished lately' },
    { keys: [status, heartbeat, id], for: 'the list by last change' },
    { keys: [status, `"left"(lower(${plain(title)}::text), ${titleKeyLength})`, id], for: 'the list by name' },
    ...(duration === null ? [] : [{ keys: [status, duration, id], for: 'the list by length' }]),
  ]
}

/** What is known of a table's size and indexes. */
export interface Sized {
  readonly t: TableSql
  readonly estimate: number | null
  readonly indexes: readonly Keys[]
  readonly partitioned: boolean
}

export interface IndexAdvice {
  readonly sql: string
  readonly for: string
}

/** For a database administrator: the indexes a large table lacks; none for a small one, a view or one that has them. */
export function indexAdvice({ t, estimate: rows, indexes, partitioned }: Sized): IndexAdvice[] {
  if (rows === null || rows < MANY_ROWS) return []
  const there = indexes.map((keys) => keys.map(normal))
  return wanted(t).flatMap((one) => {
    const keys = one.keys.map((key) => normal(plain(key)))
    // The id at the end only breaks ties; an index without it serves nearly as well.
    const needed = keys.at(-1) === normal(plain(t.id)) ? keys.slice(0, -1) : keys
    if (there.some((have) => needed.every((key, n) => have[n] === key))) return []
    const include = one.include === undefined ? '' : ` INCLUDE (${plain(one.include)})`
    const name = t.name.split('.').map(plain).join('.')
    // Postgres makes an index of a partitioned table only while it locks it.
    const how = partitioned ? '' : ' CONCURRENTLY'
    return [{ sql: `CREATE INDEX${how} ON ${name} (${one.keys.map(plain).join(', ')})${include};`, for: one.for }]
  })
}

/** Casts that Postgres adds or leaves out by the column's type make no difference. */
const normal = (key: string) => key.replaceAll(/::(text|character varying(\(\d+\))?)|[\s"()]/g, '')
