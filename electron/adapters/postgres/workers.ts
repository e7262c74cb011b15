// Unjam's workers on this database, by their own beats and the database's clock.

import type { Queryable } from '../../../worker/store/pool.ts'
import type { Worker } from '../../contract/snapshot.ts'
import { ageOf, isoOf } from './instants.ts'
import { workerName } from './job-columns.ts'
import type { Shape } from './shape.ts'
import { needUnjam } from './unjam-schema.ts'

/** Workers beat every 5 s (DESIGN §7); three missed beats are a lost worker. */
const LOST_AFTER = `interval '15 seconds'`
/** A lost worker that holds nothing is history after this long. */
const FORGOTTEN_AFTER = `interval '10 minutes'`

export async function workers(db: Queryable, shape: Shape): Promise<Worker[]> {
  needUnjam(shape, 'Read the workers')
  const { rows } = await db.query<Worker>(
    `SELECT w.id::text AS id, ${workerName('w')} AS name, 'unjam' AS kind, NULL AS because, NULL AS queues,
            NULL AS prefetched, NULL AS pool, w.host, w.pid, w.slots, w.threads, w.model, w.speed,
            CASE WHEN w.beat_at < now() - ${LOST_AFTER} THEN 'lost' ELSE w.state END AS state,
            CASE WHEN w.beat_at < now() - ${LOST_AFTER} THEN 0 ELSE held.n END AS busy,
            ${isoOf('w.beat_at')} AS "beatAt", ${ageOf('w.beat_at')} AS "beatAgeMs", ${isoOf('w.started_at')} AS "startedAt"
       FROM unjam.worker w
       -- What it holds now. Its own beat says so up to 5 s late: a running job beside “0 of 1 taken”.
       CROSS JOIN LATERAL (SELECT count(*)::int AS n FROM unjam.lease l
                            WHERE l.worker = w.id AND l.state <> 'parked') held
      WHERE w.state <> 'stopped'
        AND (w.beat_at >= now() - ${FORGOTTEN_AFTER}
             OR held.n > 0)
      ORDER BY w.started_at, w.id LIMIT 200`,
  )
  return rows
}
