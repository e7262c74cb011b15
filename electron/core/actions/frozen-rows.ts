// Rows of jobs as a frozen set: chosen, read once, written only where unchanged, put back from the trail.
import * as z from 'zod'
import type { ActionRequest } from '../../contract/action.ts'
import { FailureError, RETRIED } from '../../contract/failure.ts'
import { Job, type JobState } from '../../contract/job.ts'
import type { JobRow, JobWrite, Written } from '../ports/jobs.ts'
import type { System } from '../ports/system.ts'
import { count, number, plural } from '../wording.ts'
import type { Done, Frozen, FrozenItem, Operation, Settled, Undone, World } from './action.ts'
import { invalid, refuse } from './refuse.ts'
import { statement } from './statement.ts'

/** Their old rows are kept for undo; more than this is not one decision any more. */
export const MOST_ROWS = 50_000

export interface RowsPlan extends Frozen {
  readonly rows: readonly JobRow[]
  readonly write: JobWrite
  /** Sentences about jobs that were looked at and are not in the set. */
  readonly notTouched: readonly string[]
  readonly command: string | null
}

export interface Choice {
  /** As a clause: "Retry jobs". */
  readonly tried: string
  /** States of `all`, and those a chosen job may be in. */
  readonly all: readonly JobState[]
  readonly chosen: readonly JobState[]
  /** Refusal when nothing is in the set: "no job has failed". */
  readonly none: string
  readonly write: JobWrite
  /** Why a job in the right state is not taken all the same: a clause in the plural, counted; null takes it. */
  leaves?(row: JobRow): string | null
  note(row: JobRow): string
}

/** Reads the rows a request means and keeps those the action applies to. */
export async function freezeRows(request: ActionRequest, world: World, choice: Choice): Promise<RowsPlan> {
  const { system, signal } = world
  const { target } = request
  const states = wantedStates(request, choice, system.id)
  const selector = target === 'all' ? { kind: 'state' as const, states } : { kind: 'ids' as const, ids: target }
  const found = await system.jobs.rows(selector, MOST_ROWS + 1, signal)
  if (found.length > MOST_ROWS)
    throw refuse(choice.tried, system.id, `more than ${number(MOST_ROWS)} jobs are meant`, 'Choose fewer at a time.')
  const reasons = new Map<string, number>()
  const leave = (because: string) => reasons.set(because, (reasons.get(because) ?? 0) + 1)
  const rows = found.filter((row) => {
    const because = states.includes(row.job.state) ? (choice.leaves?.(row) ?? null) : `${row.job.state} now`
    if (because !== null) leave(because)
    return because === null
  })
  const gone = target === 'all' ? 0 : new Set(target).size - found.length
  const notTouched = [...reasons].map(
    ([because, n]) => `${count(n, 'job')} ${plural(n, 'that is', 'that are')} ${because}`,
  )
  if (gone > 0) notTouched.push(`${count(gone, 'chosen job')} that no longer ${plural(gone, 'exists', 'exist')}`)
  if (rows.length === 0) {
    const why = notTouched.length === 0 ? choice.none : `${choice.none}; not touched: ${notTouched.join(', ')}`
    throw refuse(choice.tried, system.id, why)
  }
  return {
    rows,
    write: choice.write,
    notTouched,
    command: system.jobs.table === undefined ? null : statement(system.jobs.table, rows, choice.write),
    items: rows.map((row) => item(row, choice)),
  }
}

/** Writes the frozen rows; each that changed since the preview is left with its reason. */
export async function writeRows(
  plan: RowsPlan,
  world: World,
  operation: Operation,
  summary: (changed: number) => string,
): Promise<Done> {
  const doneOf = (written: Written) => rowsDone(plan, written, summary)
  const written = await world.system.jobs.write(plan.rows, plan.write, (result, transaction) =>
    operation.record({ transaction, changed: result.changed.map(fingerprintsOf), done: doneOf(result) }),
  )
  return doneOf(written)
}

function rowsDone(plan: RowsPlan, { changed, left }: Written, summary: (changed: number) => string): Done {
  const known = new Set([...changed.map(({ before }) => before.id), ...left.map(({ id }) => id)])
  const rest = plan.rows.filter((row) => !known.has(row.id)).map(({ id }) => ({ id, because: 'it was not written' }))
  return {
    count: changed.length,
    left: [...left, ...rest],
    summary: summary(changed.length),
    trail: changed.length === 0 ? null : JSON.stringify({ changed }),
  }
}

/** Enough to tell afterwards on which side of the write a row is. */
export function fingerprintsOf({ before, after }: Written['changed'][number]) {
  return { id: before.id, before: before.fingerprint, after: after?.fingerprint ?? null }
}

const Left = z.array(z.object({ id: z.string(), because: z.string() }))
const Recorded = z.object({
  transaction: z.string().nullable(),
  changed: z.array(z.object({ id: z.string(), before: z.string(), after: z.string().nullable() })),
  done: z.object({ count: z.number(), left: Left, summary: z.string(), trail: z.string().nullable() }),
})

/**
 * The rows are written when the transaction was committed; it was recorded right before that. A database that no longer
 * remembers the transaction is asked for the rows themselves.
 * @throws FailureError while the database still holds the transaction open.
 */
export async function settleRows({ system, signal }: World, operation: Operation): Promise<Settled> {
  const { transaction, changed, done } = Recorded.parse(JSON.parse(operation.recorded ?? 'null'))
  return (await isCommitted(system, transaction, changed, signal)) ? { state: 'done', done } : NOT_WRITTEN
}

export const NOT_WRITTEN: Settled = {
  state: 'nothing',
  summary: 'Interrupted: no row was changed.',
}

type Marks = readonly { id: string; before: string; after: string | null }[]

export async function isCommitted(
  system: System,
  transaction: string | null,
  changed: Marks,
  signal: AbortSignal,
): Promise<boolean> {
  const outcome = transaction === null ? 'unknown' : await system.jobs.outcome(transaction, signal)
  if (outcome === 'in progress')
    throw new FailureError({
      kind: 'busy',
      tried: 'Check the last write',
      on: system.id,
      because: 'its transaction is still open in the database',
      remedy: RETRIED,
    })
  if (outcome !== 'unknown') return outcome === 'committed'
  const ids = changed.map(({ id }) => id)
  const now = new Map((await system.jobs.rows({ kind: 'ids', ids }, ids.length, signal)).map((row) => [row.id, row]))
  return !changed.some(({ id, before }) => now.get(id)?.fingerprint === before)
}

const Row = z.object({ id: z.string(), title: z.string(), job: Job, image: z.string(), fingerprint: z.string() })
/** Rows before and after, as a trail keeps them. */
export const Changed = z.array(z.object({ before: Row, after: Row.nullable() }))
const Trail = z.object({ changed: Changed })

const RecordedUndo = z.object({ transaction: z.string().nullable(), restored: z.number(), left: Left })

/** Puts rows back where they are still as the action left them. */
export function putRowsBack(trail: string, world: World, operation: Operation): Promise<Undone> {
  return restoreRows(Trail.parse(JSON.parse(trail)).changed, world, operation)
}

/** The same for an action with more to undo than rows. Once, also when it is called again after an interruption. */
export async function restoreRows(changed: Written['changed'], world: World, operation: Operation): Promise<Undone> {
  const first = RecordedUndo.safeParse(JSON.parse(operation.recorded ?? 'null')).data
  if (first !== undefined) {
    // Seen from the undo, what the action wrote is what was there before.
    const marks = changed.map(({ before, after }) => ({ id: before.id, before: after?.fingerprint ?? '', after: null }))
    if (await isCommitted(world.system, first.transaction, marks, world.signal))
      return { restored: first.restored, left: first.left }
  }
  const { restored, left } = await world.system.jobs.restore(changed, (result, transaction) =>
    operation.record({ transaction, restored: result.restored, left: result.left }),
  )
  return { restored, left: [...left] }
}

/** `state=failed` narrows any job action to one state. */
function wantedStates(request: ActionRequest, choice: Choice, on: string): readonly JobState[] {
  const wanted = request.params.state
  const allowed = request.target === 'all' && wanted === undefined ? choice.all : choice.chosen
  if (wanted === undefined) return allowed
  const state = allowed.find((one) => one === wanted)
  if (state === undefined) throw invalid(choice.tried, on, `state=${wanted} is not one of ${allowed.join(', ')}`)
  return [state]
}

function item(row: JobRow, choice: Choice): FrozenItem {
  return { id: row.id, title: row.title, note: choice.note(row), fingerprint: row.fingerprint }
}
