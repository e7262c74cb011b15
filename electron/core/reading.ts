// Readings as they are made: known, lost with the last value kept, or not read yet.

import { keepSame } from '../contract/diff.ts'
import type { Failure, Instant } from '../contract/failure.ts'
import type { Reading } from '../contract/snapshot.ts'

const UNREAD = 'the first reading is still under way'

/** Before the first reading has ended. */
export function unread<T>(since: Instant, on: string): Reading<T> {
  const failure: Failure = { kind: 'missing', tried: 'Read the system', on, because: UNREAD, remedy: null }
  return { status: 'unknown', since, failure, last: null }
}

/** Not read yet, which is neither lost nor down. */
export function isUnread(failure: Failure): boolean {
  return failure.because === UNREAD
}

/** After a reading that worked; equal parts stay the same objects. */
export function learned<T>(before: Reading<T>, value: T, at: Instant): Reading<T> {
  return { status: 'known', at, value: keepSame(lastOf(before), value) }
}

/** After a reading that failed: since when it has been so, and what was last known. */
export function lost<T>(before: Reading<T>, failure: Failure, at: Instant): Reading<T> {
  const since = before.status === 'unknown' && !isUnread(before.failure) ? before.since : at
  return { status: 'unknown', since, failure, last: lastOf(before) }
}

function lastOf<T>(reading: Reading<T>): T | null {
  return reading.status === 'known' ? reading.value : reading.last
}
