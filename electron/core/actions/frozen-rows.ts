// Rows of jobs as a frozen set: chosen, read once, written only where unchanged, put back from the trail.
import * as z from 'zod'
import type { ActionRequest } from '../../contract/action.ts'
import { Job, type JobState } from '../../contract/job.ts'
import type { JobRow, JobWrite, Written } from '../ports/jobs.ts'
import { count, number, plural } from '../wording.ts'
import type { Done, Frozen, FrozenItem, Undone, World } from './action.ts'
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

/** Writes the frozen rows; each that moved meanwhile is left with its reason. */
export async function writeRows(plan: RowsPlan, world: World, summary: (changed: number) => string): Promise<Done> {
  const { changed, left } = await world.system.jobs.write(plan.rows, plan.write)
  const told = new Set([...changed.map(({ before }) => before.id), ...left.map(({ id }) => id)])
  const silent = plan.rows.filter((row) => !told.has(row.id)).map(({ id }) => ({ id, because: 'it was not written' }))
  return {
    count: changed.length,
    left: [...left, ...silent],
    summary: summary(changed.length),
    trail: trailOf(changed),
  }
}

/** null when nothing was changed, or when the old rows are too large for one text: then there is no undo, but a receipt. */
function trailOf(changed: Written['changed']): string | null {
  if (changed.length === 0) return null
  try {
    return JSON.stringify({ changed })
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

const Row = z.object({ id: z.string(), title: z.string(), job: Job, image: z.string(), fingerprint: z.string() })
/** Rows before and after, as a trail keeps them. */
export const Changed = z.array(z.object({ before: Row, after: Row.nullable() }))
const Trail = z.object({ changed: Changed })

/** Puts rows back where they are still as the action left them. */
export async function putRowsBack(trail: string, world: World): Promise<Undone> {
  const { changed } = Trail.parse(JSON.parse(trail))
  const { restored, left } = await world.system.jobs.restore(changed)
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
