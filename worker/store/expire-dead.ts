// Leases of workers on this machine whose process is gone need not run out: they expire now.
import type { Queryable } from './pool.ts'

/** Workers of this host that hold something and have missed beats; the caller looks whether their process lives. */
export async function silentWorkers(
  db: Queryable,
  host: string,
  silentMs: number,
): Promise<{ id: string; pid: number }[]> {
  const { rows } = await db.query<{ id: string; pid: number }>(
    `SELECT w.id::text, w.pid FROM unjam.worker w
      WHERE w.host = $1 AND w.beat_at < now() - $2::float8 * interval '1 ms'
        AND EXISTS (SELECT 1 FROM unjam.lease l
                     WHERE l.worker = w.id AND l.state <> 'parked' AND l.expires_at > now())`,
    [host, silentMs],
  )
  return rows
}

/** Harmless even if the worker lives after all: whoever takes its jobs fences it out. Checks the silence once more. */
export async function expireDead(db: Queryable, worker: string, silentMs: number): Promise<string[]> {
  const { rows } = await db.query<{ recording: string }>(
    `UPDATE unjam.lease l SET expires_at = now() - interval '1 ms'
       FROM unjam.worker w
      WHERE w.id = $1 AND l.worker = w.id AND l.state <> 'parked'
        AND w.beat_at < now() - $2::float8 * interval '1 ms'
     RETURNING l.recording`,
    [worker, silentMs],
  )
  return rows.map(({ recording }) => recording)
}
