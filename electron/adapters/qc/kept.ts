// One reading shared by all who ask within a while: never two at once, and nobody's signal ends another's.
export interface Kept<T> {
  get(signal: AbortSignal): Promise<T>
  /** The next one who asks reads anew, also while an older reading is under way. */
  forget(): void
}

/** @param keepMs how long an answer (null) or an error is kept. */
export function kept<T>(read: () => Promise<T>, keepMs: (error: unknown) => number): Kept<T> {
  let current: { answer: Promise<T>; untilMs: number } | null = null

  function begin(): Promise<T> {
    const mine = { answer: read(), untilMs: Number.POSITIVE_INFINITY }
    current = mine
    mine.answer.then(
      () => {
        mine.untilMs = Date.now() + keepMs(null)
      },
      (error: unknown) => {
        mine.untilMs = Date.now() + keepMs(error)
      },
    )
    return mine.answer
  }

  return {
    async get(signal) {
      signal.throwIfAborted()
      const answer = current !== null && Date.now() < current.untilMs ? current.answer : begin()
      const { promise: aborted, reject } = Promise.withResolvers<never>()
      const stop = () => reject(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      try {
        return await Promise.race([answer, aborted])
      } finally {
        signal.removeEventListener('abort', stop)
      }
    },
    forget() {
      current = null
    },
  }
}
