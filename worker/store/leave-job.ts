// The row was taken away under a worker (moved, removed, cancelled by its row): ends what is ours, touches no row.
import { endAttempt, endLease, type Hold } from './fence.ts'
import type { Queryable } from './pool.ts'

/** Harmless when nothing of ours is left. */
export async function leaveJob(db: Queryable, hold: Hold, outcome: 'released' | 'cancelled' | 'lost'): Promise<void> {
  await endAttempt(db, hold.attempt, outcome)
  await endLease(db, hold)
}
