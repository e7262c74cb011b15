// One write on a frozen set of runs, and its undo: lock, compare, decide, change, read back; each in one transaction.
import type { Queryable } from '../../../worker/store/pool.ts'
import type { SystemId } from '../../contract/job.ts'
import type { JobRow, JobWrite, Written } from '../../core/ports/jobs.ts'
import { Binds } from '../postgres/shape.ts'
import { headColumns, lockRows, readRows } from './run-rows.ts'
import { type Column, type Shape, wordOf } from './shape.ts'

export async function writeRuns(
  db: Queryable,
  shape: Shape,
  system: SystemId,
  frozen: readonly JobRow[],
  order: JobWrite,
): Promise<Written> {
  const ids = frozen.map(({ id }) => id)
  await lockRows(db, shape, ids)
  const now = await byId(db, shape, system, ids)
  const left: { id: string; because: string }[] = []
  const chosen: JobRow[] = []
  for (const { id, fingerprint } of frozen) {
    const row = now.get(id)
    const because =
      row === undefined
        ? 'it is gone'
        : row.fingerprint !== fingerprint
          ? `it changed meanwhile and is ${row.job.state} now`
          : whyNot(row, order)
    if (because !== null) left.push({ id, because })
    else if (row !== undefined) chosen.push(row)
  }
  for (const row of chosen) await change(db, shape, row, order)
  const after = await byId(db, shape, system, ids)
  const changed = chosen.map((before) => {
    const written = after.get(before.id)
    if (written === undefined) throw new Error(`the run ${before.id} cannot be read back after the write`)
    return { before, after: written }
  })
  return { changed, left }
}

/** Why this run is left as it is; null takes it. */
function whyNot({ job, source }: JobRow, order: JobWrite): string | null {
  const { state, children } = job
  switch (order.verb) {
    case 'retry':
      if (children != null) return 'it has several sources, and its message alone would start none of them'
      if (source === undefined) return 'its row names no source'
      return state === 'running' || state === 'done' ? `it is ${state}` : null
    case 'fail':
      return state === 'queued' || state === 'running' ? null : `it is ${state}`
    case 'finalize':
      if (children == null) return 'it has no children'
      if (state !== 'running') return `it is ${state}`
      if (children.total === 0) return 'its children are not written yet'
      return children.active > 0 ? `${children.active} of its children have not ended` : null
    default:
      return 'crawl runs have no such write'
  }
}

async function change(db: Queryable, shape: Shape, row: JobRow, order: JobWrite): Promise<void> {
  const { column } = shape
  const binds = new Binds()
  const text = (value: string, { type }: Column) => `${binds.add(value)}::text::${type}`
  const none = ({ notNull }: Column) => (notNull ? `''` : 'NULL')
  const ended = (state: 'done' | 'failed', reason: string | null): [Column, string][] => [
    [column.status, text(wordOf(shape, state), column.status)],
    [column.completedAt, 'now()'],
    ...(reason === null ? [] : [[column.error, text(reason, column.error)] as [Column, string]]),
  ]
  const sets = ((): [Column, string][] => {
    switch (order.verb) {
      case 'retry': {
        const task = order.tasks?.[row.id]
        return [
          [column.status, text(wordOf(shape, 'queued'), column.status)],
          [column.startedAt, 'NULL'],
          [column.completedAt, 'NULL'],
          [column.error, none(column.error)],
          ...(task === undefined ? [] : [[column.taskId, text(task, column.taskId)] as [Column, string]]),
        ]
      }
      case 'fail':
        return ended('failed', order.reason)
      default: {
        const { failed, total } = row.job.children ?? { failed: 0, total: 0 }
        return failed > 0 ? ended('failed', `${failed} of ${total} sources failed`) : ended('done', null)
      }
    }
  })()
  const assignments = sets.map(([{ sql }, value]) => `${sql} = ${value}`)
  await db.query(
    `UPDATE ${shape.jobs} SET ${assignments.join(', ')} WHERE ${column.id.sql} = ${binds.add(row.id)}`,
    binds.values,
  )
}

/** Rows that are still as the write left them become what they were, to the microsecond. */
export async function restoreRuns(
  db: Queryable,
  shape: Shape,
  system: SystemId,
  changed: Written['changed'],
): Promise<{ restored: number; left: { id: string; because: string }[] }> {
  const ids = changed.map(({ before }) => before.id)
  await lockRows(db, shape, ids)
  const now = await byId(db, shape, system, ids)
  const left: { id: string; because: string }[] = []
  for (const { before, after } of changed) {
    const row = now.get(before.id)
    if (row === undefined) left.push({ id: before.id, because: 'it was removed meanwhile' })
    else if (row.fingerprint !== after?.fingerprint)
      left.push({ id: before.id, because: `it changed meanwhile and is ${row.job.state} now` })
    else await putBack(db, shape, before)
  }
  return { restored: changed.length - left.length, left }
}

async function putBack(db: Queryable, shape: Shape, { id, image }: JobRow): Promise<void> {
  const binds = new Binds()
  const json = binds.add(image)
  const sets = headColumns(shape).map(
    ({ sql, name, type }) => `${sql} = (${json}::json ->> ${binds.add(name)}::text)::${type}`,
  )
  const { sql } = shape.column.id
  await db.query(`UPDATE ${shape.jobs} SET ${sets.join(', ')} WHERE ${sql} = ${binds.add(id)}`, binds.values)
}

async function byId(db: Queryable, shape: Shape, system: SystemId, ids: readonly string[]) {
  return new Map((await readRows(db, shape, system, { kind: 'ids', ids }, ids.length)).map((row) => [row.id, row]))
}
