// A live worker keeps its lease and says how far it is.
import { type Hold, LeaseLost } from './fence.ts'
import type { Queryable } from './pool.ts'

export interface LeaseProgress {
  readonly plan: string | null
  readonly audioDoneMs: number
  readonly audioTotalMs: number | null
  readonly chunksDone: number
  readonly chunksTotal: number | null
  /** Audio seconds per wall second of this attempt. */
  readonly speed: number | null
  readonly etaMs: number | null
}

/**
 * A lease that has expired but that nobody took is still ours: an outage of minutes costs nothing. Throws `LeaseLost`
 * when it is not, and (`cancelling`) when the job is to be ended; the lease is renewed then too, to do that in peace.
 */
export async function renewLease(db: Queryable, hold: Hold, leaseMs: number, progress: LeaseProgress): Promise<void> {
  const { rows } = await db.query<{ state: string }>(
    `UPDATE unjam.lease SET expires_at = now() + $3::float8 * interval '1 ms', plan = coalesce($4, plan),
            moved_at = CASE WHEN audio_done_ms < $5::float8 THEN now() ELSE moved_at END,
            audio_done_ms = $5::float8, audio_total_ms = coalesce($6, audio_total_ms),
            chunks_total = coalesce($7, chunks_total), speed = coalesce($8, speed), eta_ms = coalesce($9, eta_ms),
            chunks_done = $10
      WHERE recording = $1 AND token = $2 AND state <> 'parked' RETURNING state`,
    [
      hold.recording,
      hold.token,
      leaseMs,
      progress.plan,
      progress.audioDoneMs,
      progress.audioTotalMs,
      progress.chunksTotal,
      progress.speed,
      progress.etaMs,
      progress.chunksDone,
    ],
  )
  if (rows[0] === undefined) throw new LeaseLost('taken', hold)
  if (rows[0].state === 'cancelling') throw new LeaseLost('cancelling', hold)
}
