// A worker makes itself known; rows of workers long gone are forgotten.
import type { Queryable } from './pool.ts'

export interface WorkerRow {
  readonly id: string
  readonly host: string
  readonly pid: number
  readonly slots: number
  readonly threads: number
  readonly model: string
}

export async function registerWorker(db: Queryable, worker: WorkerRow): Promise<void> {
  await db.query(
    `WITH forgotten AS (
       DELETE FROM unjam.worker w WHERE w.beat_at < now() - interval '30 days'
          AND NOT EXISTS (SELECT 1 FROM unjam.lease l WHERE l.worker = w.id)
     )
     INSERT INTO unjam.worker (id, host, pid, slots, threads, model) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (id) DO UPDATE SET state = 'running', beat_at = now()`,
    [worker.id, worker.host, worker.pid, worker.slots, worker.threads, worker.model],
  )
}
