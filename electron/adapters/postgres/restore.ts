// The undo of a write: rows that are still as it left them become what they were; the rest is listed with its reason.

import { dropLeases } from '../../../worker/store/drop-lease.ts'
import { putState } from '../../../worker/store/drop-recording.ts'
import type { Queryable } from '../../../worker/store/pool.ts'
import { quote } from '../../../worker/store/table.ts'
import type { SystemId } from '../../contract/job.ts'
import type { JobRow, Restored, Written } from '../../core/ports/jobs.ts'
import { fromHead, headColumns, readImage } from './image.ts'
import { lockRows, readRows } from './rows.ts'
import type { Shape } from './shape.ts'
import { joinState, recallFailures } from './unjam-state.ts'
import { undoVerdict } from './verdict.ts'

export async function restore(
  db: Queryable,
  shape: Shape,
  system: SystemId,
  changed: Written['changed'],
): Promise<Restored> {
  const ids = changed.map(({ before }) => before.id)
  await lockRows(db, shape, ids)
  const now = new Map((await readRows(db, shape, system, { kind: 'ids', ids }, ids.length)).map((row) => [row.id, row]))
  const left: { id: string; because: string }[] = []
  const chosen: Record<'put back' | 'give back' | 'requeue' | 'insert', JobRow[]> = {
    ...{ 'put back': [], 'give back': [], requeue: [], insert: [] },
  }
  for (const { before, after } of changed) {
    const decided = undoVerdict(now.get(before.id) ?? null, after)
    if (decided.do === 'leave') left.push({ id: before.id, because: decided.because })
    else chosen[decided.do].push(before)
  }
  await putHeads(db, shape, [...chosen['put back'], ...chosen['give back']], null)
  await putHeads(db, shape, chosen.requeue, shape.t.word('queued'))
  const inserted = await insert(db, shape, chosen.insert)
  const taken = chosen.insert.filter(({ id }) => !inserted.has(id))
  for (const { id } of taken) left.push({ id, because: 'the same file was added again meanwhile' })
  const returned = chosen.insert.filter(({ id }) => inserted.has(id))
  if (shape.unjam === 'open') {
    await dropLeases(
      db,
      [...chosen.requeue, ...chosen['give back']].map(({ id }) => id),
    )
    await recall(db, [...chosen['put back'], ...chosen['give back'], ...returned])
  }
  return { restored: changed.length - left.length, left }
}

/** Every column that a write may have changed, from the image; `word` instead of the status it had. */
async function putHeads(db: Queryable, shape: Shape, rows: readonly JobRow[], word: string | null): Promise<void> {
  if (rows.length === 0) return
  const { t } = shape
  const sets = headColumns(shape).map((column) =>
    word !== null && column.key === 'status'
      ? `${t.status} = $4::text::${shape.column(t.status)?.type ?? 'text'}`
      : `${column.column} = ${fromHead(shape, 'i.head', column)}`,
  )
  await db.query(
    `UPDATE ${t.name} AS t SET ${sets.join(', ')}
       FROM unnest($1::text[], $2::text[]) AS i(id, head)
      WHERE t.${t.id} = ANY($3) AND t.${t.id}::text = i.id`,
    [
      rows.map(({ id }) => id),
      rows.map((row) => readImage(row).head),
      rows.map(({ id }) => id),
      ...(word === null ? [] : [word]),
    ],
  )
}

/** Removed rows return whole; not where their id or their bytes are there again. */
async function insert(db: Queryable, { t, columns }: Shape, rows: readonly JobRow[]): Promise<Set<string>> {
  if (rows.length === 0) return new Set()
  const images = rows.flatMap((row) => readImage(row).row ?? [])
  const own = columns.filter(({ generated }) => !generated).map(({ name }) => quote(name))
  const { rows: inserted } = await db.query<{ id: string }>(
    `INSERT INTO ${t.name} AS t (${own.join(', ')}) OVERRIDING SYSTEM VALUE
     SELECT ${own.map((name) => `r.${name}`).join(', ')}
       FROM unnest($1::text[]) AS i(image)
      CROSS JOIN LATERAL json_populate_record(NULL::${t.name}, i.image::json) AS r
     ON CONFLICT DO NOTHING RETURNING t.${t.id}::text AS id`,
    [images],
  )
  return new Set(inserted.map(({ id }) => id))
}

async function recall(db: Queryable, rows: readonly JobRow[]): Promise<void> {
  const images = rows.map((row) => ({ id: row.id, ...readImage(row) }))
  const states = images.flatMap(({ state }) => state ?? [])
  if (states.length > 0) await putState(db, joinState(states))
  const failures = images.flatMap(({ id, failures }) => (failures === null ? [] : [{ id, failures }]))
  if (failures.length > 0) await recallFailures(db, failures)
}
