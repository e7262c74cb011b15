// Runs as rows: what a plan freezes, what a write compares, what an undo puts back.
import { createHash } from 'node:crypto'
import type { Queryable } from '../../../worker/store/pool.ts'
import type { SystemId } from '../../contract/job.ts'
import type { JobRow, JobSelector } from '../../core/ports/jobs.ts'
import { Binds, fits } from '../postgres/shape.ts'
import { type RunRecord, runColumns, runJoins, toJob } from './run-columns.ts'
import { type Column, type Shape, wordsOf } from './shape.ts'

/** The columns that a write may change. */
export function headColumns({ column }: Shape): readonly Column[] {
  const { status, startedAt, completedAt, error, taskId } = column
  return [status, startedAt, completedAt, error, taskId]
}

/** Runs whose status word is unknown to the mapping are left out: no action applies to them. */
export async function readRows(
  db: Queryable,
  shape: Shape,
  system: SystemId,
  selector: JobSelector,
  limit: number,
): Promise<JobRow[]> {
  const { column } = shape
  const binds = new Binds()
  const where =
    selector.kind === 'ids'
      ? `t.${column.id.sql} = ANY(${binds.add(validIds(shape, selector.ids))})`
      : `lower(t.${column.status.sql}::text) = ANY(${binds.add(wordsOf(shape, ...selector.states))}::text[])`
  const head = headColumns(shape).map(({ name, sql }) => `'${name.replaceAll("'", "''")}', t.${sql}`)
  const { rows } = await db.query<RunRecord & { head: string }>(
    `SELECT ${runColumns(shape)}, json_build_object(${head.join(', ')})::text AS head
       FROM ${shape.jobs} t ${runJoins(shape, binds)}
      WHERE ${where} ORDER BY t.${column.createdAt.sql}, t.${column.id.sql} LIMIT ${binds.add(limit)}`,
    binds.values,
  )
  return rows.flatMap((row) => {
    const job = toJob(shape, system, row)
    if (job === null) return []
    const { id, source } = row
    return [
      {
        ...{ id, title: job.title, job, image: row.head, fingerprint: fingerprint(row) },
        ...(source === null ? {} : { source }),
      },
    ]
  })
}

/** Children too: a parent is finalized from what its children were when it was previewed. */
function fingerprint({ id, word, task, error, total, active, failed }: RunRecord): string {
  const text = JSON.stringify([id, word, task, error, total, active, failed])
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

/** In order, so that no two writers wait in a circle. */
export async function lockRows(db: Queryable, shape: Shape, ids: readonly string[]): Promise<void> {
  const { id } = shape.column
  await db.query(`SELECT 1 FROM ${shape.jobs} t WHERE t.${id.sql} = ANY($1) ORDER BY t.${id.sql} FOR UPDATE`, [
    validIds(shape, ids),
  ])
}

/** Only ids that the id column's type can hold; any other text names no run there. */
export function validIds({ column }: Shape, ids: readonly string[]): string[] {
  return [...new Set(ids)].filter((id) => fits(column.id.base, id))
}
