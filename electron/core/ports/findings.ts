// What the core asks of the memory of findings: every event of their life, kept over restarts.

import type { Instant } from '../../contract/failure.ts'
import type { FindingEvent } from '../../contract/finding-life.ts'

/**
 * Events of 30 days in the order in which they were written. That something cleared is known two minutes later: its event
 * has the moment in which it was first missed, and may be older than those before it.
 */
export interface FindingsLog {
  append(events: readonly FindingEvent[]): void
  /** From `from` on, before `to`; oldest first. */
  between(from: Instant, to: Instant): readonly FindingEvent[]
  /** The last event of each key, whatever its age as long as it has not cleared; oldest first. */
  latest(): readonly FindingEvent[]
}

/** What alerts have said, by finding, so that a restart repeats nothing. Its text is the core's own. */
export interface AlertsMemory {
  read(): readonly (readonly [key: string, state: string])[]
  /** Replaces everything. */
  write(states: readonly (readonly [key: string, state: string])[]): void
}
