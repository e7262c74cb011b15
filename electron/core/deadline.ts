// Waiting that ends: a deadline, an abort, a nap that can be cut short. Timers only through the Clock.
import { FailureError } from '../contract/failure.ts'
import type { Clock } from './ports/local.ts'

/**
 * Does `work` with a signal that fires after `ms` or when `outer` does. Answers at that moment even when the work
 * ignores its signal; what it still brings is dropped.
 * @throws FailureError of kind `timeout`; the reason of `outer`; or what the work throws.
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  outer: AbortSignal | null,
  what: { tried: string; on: string },
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

function tooLate(what: { tried: string; on: string }, ms: number): FailureError {
  return new FailureError({
    kind: 'timeout',
    ...what,
    because: `no answer within ${ms < 1000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`}`,
    remedy: 'It is tried again by itself.',
  })
}
