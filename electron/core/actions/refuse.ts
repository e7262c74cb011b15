// An action that cannot be done, as the failure an operator reads.
import { FailureError } from '../../contract/failure.ts'

/** @param because the cause, as a clause or a sentence. */
export function refuse(tried: string, on: string, because: string, remedy: string | null = null): FailureError {
  return new FailureError({ kind: 'refused', tried, on, because: because.replace(/\.$/, ''), remedy })
}

export function invalid(tried: string, on: string, because: string, remedy: string | null = null): FailureError {
  return new FailureError({ kind: 'invalid', tried, on, because, remedy })
}

/** The world moved since the preview; `now` says how it stands, when that is known. */
export function stale(tried: string, on: string, now: string | null): FailureError {
  return new FailureError({
    kind: 'stale',
    tried,
    on,
    because: `what it would touch has changed since the preview, so nothing was written${now === null ? '' : `; ${now}`}`,
    remedy: 'Look at a new preview and confirm that one.',
  })
}
