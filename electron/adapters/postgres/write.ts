// One write on a frozen set: lock, compare, decide, change, read back; all in the caller's one transaction.

import { requestCancel } from '../../../worker/store/cancel-lease.ts'
import { dropLeases } from '../../../worker/store/drop-lease.ts'
import { dropState } from '../../../worker/store/drop-recording.ts'
import { parkForeign } from '../../../worker/store/park-foreign.ts'
import type { Queryable } from '../../../worker/store/pool.ts'
import type { SystemId } from '../../contract/job.ts'
import type { JobRow, JobWrite, Written } from '../../core/ports/jobs.ts'
import { type Image, readImage } from './image.ts'
import { lockRows, readRows, type StandingRow } from './rows.ts'
import { Binds, type Shape } from './shape.ts'
import { forgetFailures, keepState, splitState } from './unjam-state.ts'
import { verdict } from './verdict.ts'

/** Written as the reason of a job that needed no worker to end it. */
export const CANCELLED = 'Cancelled.'

export async function write(
  db: Queryable,
  shape: Shape,
  system: SystemId,
  frozen: readonly JobRow[],
  order: JobWrite,
): Promise<Written> {
  const ids = frozen.map(({ id }) => id)
  await lockRows(db, shape, ids)
  const now = new Map((await readRows(db, shape, system, { kind: 'ids', ids }, ids.length)).map((row) => [row.id, row]))
  const left: { id: string; because: string }[] = []
  const chosen: Record<'move' | 'ask' | 'remove' | 'take', StandingRow[]> = { move: [], ask: [], remove: [], take: [] }
  for (const { id, fingerprint } of frozen) {
    const row = now.get(id)
    if (row === undefined) left.push({ id, because: 'it is gone' })
    else if (row.fingerprint !== fingerprint) left.push({ id, because: `it changed meanwhile and is ${row.state} now` })
    else {
      const decided = verdict(row, order)
      if (decided.do === 'leave') left.push({ id, because: decided.because })
      else chosen[decided.do].push(row)
    }
  }
  const changed = [
    ...(await move(db, shape, system, chosen.move, order)),
    ...(await ask(db, shape, system, chosen.ask)),
    ...(await remove(db, shape, chosen.remove)),
    ...(await take(db, shape, system, chosen.take)),
  ]
  return { changed, left }
}

const idsOf = (rows: readonly JobRow[]) => rows.map(({ id }) => id)
const withImage = (row: StandingRow, more: Partial<Image>): JobRow => ({
  ...plain(row),
  image: JSON.stringify({ ...readImage(row), ...more }),
})
const plain = ({ id, title, job, image, fingerprint }: JobRow): JobRow => ({ id, title, job, image, fingerprint })

async function move(db: Queryable, shape: Shape, system: SystemId, rows: readonly StandingRow[], order: JobWrite) {
  if (rows.length === 0) return []
  const ids = idsOf(rows)
  const kept = shape.unjam === 'open' ? await keepState(db, ids) : new Map()
  const binds = new Binds()
  const sets = changes(shape, binds, order).map(([column, sql]) => `${column} = ${sql}`)
  await db.query(
    `UPDATE ${shape.t.name} SET ${sets.join(', ')} WHERE ${shape.t.id} = ANY(${binds.add(ids)})`,
    binds.values,
  )
  if (shape.unjam === 'open') {
    await dropLeases(db, ids)
    if (order.verb === 'retry') await forgetFailures(db, ids)
  }
  return pairs(rows, await readBack(db, shape, system, ids), (row) => withImage(row, kept.get(row.id) ?? {}))
}

/** What each verb writes: `retry` is runbook 1's SQL to the letter, on the columns the table has. */
function changes({ t }: Shape, binds: Binds, order: JobWrite): [column: string, sql: string][] {
  const set = (column: string | null, sql: () => string): [string, string][] =>
    column === null ? [] : [[column, sql()]]
  const ended = (state: 'skipped' | 'failed', reason: string | null): [string, string][] => [
    ...set(t.status, () => binds.add(t.word(state))),
    ...(reason === null ? [] : set(t.error, () => `${binds.add(reason)}::text::${t.errorType}`)),
    ...set(t.completedAt, () => 'now()'),
    ...set(t.heartbeat, () => 'now()'),
  ]
  switch (order.verb) {
    case 'retry':
      return [
        ...set(t.status, () => binds.add(t.word('queued'))),
        ...set(t.error, () => 'NULL'),
        ...set(t.retryCount, () => '0'),
      ]
    case 'release':
      return set(t.status, () => binds.add(t.word('queued')))
    case 'skip':
      return ended('skipped', order.reason)
    case 'cancel':
      return ended('skipped', CANCELLED)
    case 'fail':
      return ended('failed', order.reason)
    case 'remove':
    case 'take-over':
    case 'finalize':
      return []
  }
}

/** `after` says "cancelling": what will have become of the row is the worker's to write, and undo knows both. */
async function ask(db: Queryable, shape: Shape, system: SystemId, rows: readonly StandingRow[]) {
  if (rows.length === 0) return []
  const ids = idsOf(rows)
  const kept = await keepState(db, ids)
  await requestCancel(db, ids)
  return pairs(rows, await readBack(db, shape, system, ids), (row) => withImage(row, kept.get(row.id) ?? {}))
}

async function remove(db: Queryable, shape: Shape, rows: readonly StandingRow[]) {
  if (rows.length === 0) return []
  const { t } = shape
  const ids = idsOf(rows)
  const whole = await db.query<{ id: string; row: string }>(
    `DELETE FROM ${t.name} t WHERE t.${t.id} = ANY($1) RETURNING t.${t.id}::text AS id, row_to_json(t)::text AS row`,
    [ids],
  )
  const rowOf = new Map(whole.rows.map(({ id, row }) => [id, row]))
  const stateOf = shape.unjam === 'open' ? splitState(await dropState(db, ids)) : new Map<string, string>()
  return rows.map((row) => ({
    before: withImage(row, { row: rowOf.get(row.id) ?? null, state: stateOf.get(row.id) ?? null }),
    after: null,
  }))
}

/** The row runs without anybody: whoever had it writes no more where it knows leases, and a worker of ours comes for it. */
async function take(db: Queryable, shape: Shape, system: SystemId, rows: readonly StandingRow[]) {
  if (rows.length === 0) return []
  const ids = idsOf(rows)
  const kept = await keepState(db, ids)
  await parkForeign(db, shape.t, ids)
  return pairs(rows, await readBack(db, shape, system, ids), (row) => withImage(row, kept.get(row.id) ?? {}))
}

async function readBack(db: Queryable, shape: Shape, system: SystemId, ids: readonly string[]) {
  return new Map((await readRows(db, shape, system, { kind: 'ids', ids }, ids.length)).map((row) => [row.id, row]))
}

function pairs(
  rows: readonly StandingRow[],
  after: ReadonlyMap<string, StandingRow>,
  before: (row: StandingRow) => JobRow,
): { before: JobRow; after: JobRow | null }[] {
  return rows.map((row) => {
    const written = after.get(row.id)
    // A trigger of the table may have answered with something the mapping does not know; then nothing can be undone.
    if (written === undefined) throw new Error(`the row ${row.id} cannot be read back after the write`)
    return { before: before(row), after: plain(written) }
  })
}
