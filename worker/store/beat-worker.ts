// A worker's sign of life: what it is doing, stamped with the database's clock.
import type { Queryable } from './pool.ts'

export interface WorkerBeat {
  readonly state: 'running' | 'paused' | 'draining' | 'stopped'
  readonly busy: number
  /** Audio seconds per wall second of recent chunks; null before the first. */
  readonly speed: number | null
}

/** False when the row is gone (a database put back from a backup, say): register again. */
export async function beatWorker(db: Queryable, worker: string, beat: WorkerBeat): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE unjam.worker SET beat_at = now(), state = $2, busy = $3, speed = coalesce($4, speed) WHERE id = $1`,
    [worker, beat.state, beat.busy, beat.speed],
  )
  return rowCount === 1
}
