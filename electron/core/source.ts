// One thing that is read again and again: with a deadline, never twice at once, unknown with its last value when lost.
import { toFailure } from '../contract/failure.ts'
import type { Reading } from '../contract/snapshot.ts'
import { withDeadline } from './deadline.ts'
import type { Clock } from './ports/local.ts'
import { learned, lost, unread } from './reading.ts'

export interface Source<T> {
  reading(): Reading<T>
  /** Starts a poll when `everyMs` has passed since the last began and that one has ended. */
  poll(everyMs: number): void
  /** Makes the next poll start whenever it is asked for. */
  expire(): void
  /** One reading that begins now, or right after the one in flight; never rejects. */
  fresh(): Promise<void>
  close(): void
}

export interface SourceOptions<T> {
  readonly clock: Clock
  readonly tried: string
  readonly on: string
  /** Of the first reading, which may have to start a database, and of every later one; ms. */
  readonly deadlineMs: { readonly first: number; readonly later: number }
  read(signal: AbortSignal): Promise<T>
  onChange(): void
}

export function createSource<T>(options: SourceOptions<T>): Source<T> {
  const { clock, tried, on } = options
  const closed = new AbortController()
  let reading = unread<T>(clock.now(), on)
  let answered: Promise<void> | null = null
  let busy = false
  let startedMs = Number.NEGATIVE_INFINITY

  function set(next: Reading<T>): void {
    if (closed.signal.aborted) return
    reading = next
    options.onChange()
  }

  async function once(deadlineMs: number): Promise<void> {
    try {
      await withDeadline(clock, deadlineMs, closed.signal, { tried, on }, async (signal) => {
        try {
          // Also when it comes after its deadline: late knowledge is knowledge.
          set(learned(reading, await options.read(signal), clock.now()))
        } finally {
          // The next poll begins only now, however long ago the deadline passed: no pile of hung reads.
          busy = false
        }
      })
    } catch (error) {
      set(lost(reading, toFailure(error, tried), clock.now()))
    }
  }

  function begin(): Promise<void> {
    const everKnown = reading.status === 'known' || reading.last !== null
    busy = true
    startedMs = clock.nowMs()
    answered = once(everKnown ? options.deadlineMs.later : options.deadlineMs.first)
    return answered
  }

  return {
    reading: () => reading,
    poll(everyMs) {
      if (busy || closed.signal.aborted || clock.nowMs() - startedMs < everyMs) return
      void begin()
    },
    expire() {
      startedMs = Number.NEGATIVE_INFINITY
    },
    async fresh() {
      if (busy && answered !== null) await answered
      if (closed.signal.aborted) return
      await (busy ? answered : begin())
    },
    close: () => closed.abort(new Error('closed')),
  }
}
