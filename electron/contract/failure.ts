// The one error that may cross a boundary: what was tried, on what, why it did not work, what to do.
import * as z from 'zod'
import type { KnownSecrets } from './secrets/known-text.ts'
import { maskKnown } from './secrets/mask-text.ts'

/** ISO 8601 in UTC with milliseconds. Sorts as text, reads the same in JSON, logs and SQLite. */
export const Instant = z.iso.datetime()
export type Instant = z.infer<typeof Instant>

export const FailureKind = z.enum([
  'unreachable', // nothing answers there
  'refused', // it answers and says no (password, rights, policy)
  'timeout', // it did not answer within its deadline
  'missing', // a file, program, model or row that is needed is not there
  'invalid', // what was given is not what is needed
  'stale', // the world moved since it was read
  'busy', // somebody else holds it
  'unsupported', // this system cannot do that
  'bug', // Unjam's own fault; logged with its stack
])
export type FailureKind = z.infer<typeof FailureKind>

export const Failure = z.object({
  kind: FailureKind,
  /** What was tried, as a clause: "Start the embedded database". */
  tried: z.string(),
  /** What it was tried on: a path, a masked URL, a job title. */
  on: z.string(),
  /** The cause in one clause, without a full stop. */
  because: z.string(),
  /** What to do next, as a sentence; null when nothing helps but waiting. */
  remedy: z.string().nullable(),
})
export type Failure = z.infer<typeof Failure>

/** The remedy where nothing has to be done: a reading is repeated. An action is not (`core/operation-receipt.ts`). */
export const RETRIED = 'Retrying automatically.'

/** Carries a `Failure` through code that throws. Adapters throw this and nothing else. */
export class FailureError extends Error {
  readonly failure: Failure
  constructor(failure: Failure, options?: { cause?: unknown }) {
    const shown = maskFailure(failure)
    super(sentence(shown), options)
    this.name = 'FailureError'
    this.failure = shown
  }
}

/** The failure with what looks like a secret masked in every text of it; `known` are looked for besides. */
export function maskFailure(failure: Failure, known?: KnownSecrets): Failure {
  const { tried, on, because, remedy } = failure
  const shown = (text: string) => maskKnown(text, known)
  return {
    ...failure,
    ...{ tried: shown(tried), on: shown(on), because: shown(because) },
    remedy: remedy === null ? null : shown(remedy),
  }
}

/** A failure as a person reads it: one or two sentences. */
export function sentence(failure: Failure): string {
  const what = failure.on === '' ? failure.tried : `${failure.tried} (${failure.on})`
  return `${what}: ${failure.because}.${failure.remedy === null ? '' : ` ${failure.remedy}`}`
}

/** Whatever was thrown, as a `Failure`; anything that is not one is a bug of ours. */
export function toFailure(thrown: unknown, tried: string): Failure {
  if (thrown instanceof FailureError) return thrown.failure
  const because = thrown instanceof Error ? thrown.message : String(thrown)
  return maskFailure({
    kind: 'bug',
    tried,
    on: '',
    because,
    remedy: 'The details are in the log; restarting Unjam is safe.',
  })
}

/** Makes a missing case of a union a compile error. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`)
}
