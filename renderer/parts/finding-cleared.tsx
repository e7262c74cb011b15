// Said when the finding of the address is no longer there.
import { hashOf } from '../route.ts'

/** A toast or a kept link may be older than what it is about. */
export function FindingCleared() {
  return (
    <p role="status" className="pb-3 text-small text-ink-2">
      The finding that was asked for has cleared; <a href={hashOf({ view: 'findings' })}>History</a> says when.
    </p>
  )
}
