// Which column of which table refers to which other one, within each schema.
import type { Queryable } from '../../../worker/store/pool.ts'

export interface ForeignKey {
  readonly schema: string
  readonly from: string
  readonly column: string
  readonly to: string
}

/** Those of one column, to a table of the same schema. */
export async function readForeignKeys(db: Queryable): Promise<ForeignKey[]> {
  const { rows } = await db.query<ForeignKey>(
    `SELECT n.nspname::text AS schema, c.relname::text AS "from", a.attname::text AS "column", f.relname::text AS "to"
       FROM pg_constraint k
       JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_class f ON f.oid = k.confrelid AND f.relnamespace = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
      WHERE k.contype = 'f' AND array_length(k.conkey, 1) = 1
      ORDER BY n.nspname, c.relname, a.attnum LIMIT 5000`,
  )
  return rows
}
