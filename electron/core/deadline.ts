// Waiting that ends: a deadline, an abort, a nap that can be cut short. Timers only through the Clock.
import { FailureError, RETRIED } from '../contract/failure.ts'
import type { Clock } from './ports/local.ts'

export interface Asked {
  readonly tried: string
  readonly on: string
  /** What to do when it takes too long; absent: it is a reading, which is taken again by itself. */
  readonly remedy?: string
}

/**
 * Does `work` with a signal that fires after `ms` or when `outer` does. Answers at that moment even when the work
 * ignores its signal; what it still brings is dropped.
 * @throws FailureError of kind `timeout`; the reason of `outer`; or what the work throws.
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  outer: AbortSignal | null,
  what: Asked,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer?.throwIfAborted()
  const inner = new AbortController()
  const timer = new AbortController()
  let cut: (reason: unknown) => void = () => undefined
  const cutShort = new Promise<never>((_, reject) => {
    cut = (reason) => {
      reject(reason)
      inner.abort(reason)
    }
  })
  const onAbort = () => cut(outer?.reason)
  outer?.addEventListener('abort', onAbort, { once: true })
  void nap(clock, ms, timer.signal).then((passed) => {
    if (passed) cut(tooLate(what, ms))
  })
  const result = Promise.resolve().then(() => work(inner.signal))
  // The loser of the race must not end the process when it fails later.
  result.catch(() => undefined)
  cutShort.catch(() => undefined)
  try {
    return await Promise.race([result, cutShort])
  } finally {
    timer.abort()
    outer?.removeEventListener('abort', onAbort)
  }
}

/** True when the time has passed, false when the signal cut it short. */
export function nap(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false)
  return clock.sleep(ms, signal).then(
    () => !signal.aborted,
    () => false,
  )
}

function tooLate({ remedy = RETRIED, ...what }: Asked, ms: number): FailureError {
  return new FailureError({
    kind: 'timeout',
    ...what,
    because: `no answer within ${ms < 1000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`}`,
    remedy,
  })
}
