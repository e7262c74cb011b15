// Receipts of operations: what was done, confirmed after an interruption, or still open.
import type { Receipt, Watch } from '../contract/action.ts'
import { FailureError, RETRIED, toFailure } from '../contract/failure.ts'
import type { Done } from './actions/action.ts'
import type { History, Intent } from './ports/history.ts'
import type { Clock } from './ports/local.ts'

export const CONFIRMED = 'It was interrupted; its outcome was verified afterwards.'

export function undoIntentId(receipt: string): string {
  return `undo:${receipt}`
}

export function receiptIdOf({ id }: Intent): string {
  return id.slice('undo:'.length)
}

export function nothing(summary: string): Done {
  return { count: 0, left: [], summary, trail: null }
}

export function receiptOf(intent: Intent, done: Done, clock: Clock): Receipt {
  return {
    id: intent.id,
    action: intent.action,
    system: intent.system,
    title: intent.title,
    summary: done.summary,
    at: clock.now(),
    actor: intent.actor,
    count: done.count,
    previewed: intent.previewed,
    left: [...done.left],
    undoable: done.trail !== null,
    watch: done.watch === undefined ? null : watching(done.watch, clock),
    undone: null,
  }
}

function watching({ withinMs, sentence: promise }: NonNullable<Done['watch']>, clock: Clock): Watch {
  return { state: 'watching', until: new Date(clock.nowMs() + withinMs).toISOString(), sentence: promise }
}

export function entryOf(history: History, id: string): { receipt: Receipt; trail: string } {
  const entry = history.get(id)
  if (entry !== null) return entry
  throw new FailureError({
    kind: 'missing',
    tried: 'Undo',
    on: id,
    because: 'no receipt has this ID',
    remedy: 'History lists those that exist.',
  })
}

/** The error of a change whose outcome is not known yet, with what happens next. */
export function interruptedError(error: unknown): FailureError {
  const failure = toFailure(error, 'Carry out the change')
  return new FailureError(
    {
      ...failure,
      remedy: 'Unjam checks what was done, then completes it or rolls it back. History shows the result.',
    },
    { cause: error },
  )
}

/** Readings are repeated, and the remedies of their failures say so. A change is not: the remedy says that instead. */
export function notRetried(error: unknown, instead = 'Nothing was changed; try again.'): unknown {
  if (!(error instanceof FailureError) || error.failure.remedy?.endsWith(RETRIED) !== true) return error
  const remedy = error.failure.remedy.replace(RETRIED, instead)
  return new FailureError({ ...error.failure, remedy }, { cause: error })
}
