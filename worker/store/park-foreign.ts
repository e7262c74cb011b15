// A job of somebody else's workers is handed to Unjam's: running, with a lease that waits for one of them.
import { assign } from './fence.ts'
import type { Queryable } from './pool.ts'
import type { TableSql } from './table.ts'

/** A lease that belongs to no attempt yet; identities begin at 1. */
const NO_ATTEMPT = 0

/**
 * Rows and leases must be locked, in this order, and nobody of ours may hold them. The lease is a parked one without a
 * plan: any worker of ours may go on with it (read-waiting.ts), and its token is nobody's. Needs a transaction in the
 * table's zone. Should no worker come, nothing beats: the row looks stuck after the heartbeat limit and is released.
 */
export async function parkForeign(db: Queryable, t: TableSql, ids: readonly string[]): Promise<void> {
  await db.query(
    `INSERT INTO unjam.lease (recording, token, state, worker, attempt, expires_at, parked_at, waited_ms)
     SELECT r.${t.id}::text, gen_random_uuid(), 'parked', NULL, ${NO_ATTEMPT}, now(), now(),
            coalesce(greatest(extract(epoch FROM now() - r.${t.createdAt})::float8 * 1000, 0), 0)
       FROM ${t.name} r WHERE r.${t.id} = ANY($1)
     ON CONFLICT (recording) DO UPDATE SET token = excluded.token, state = 'parked', worker = NULL, attempt = ${NO_ATTEMPT},
       expires_at = now(), parked_at = now(), plan = NULL, waited_ms = excluded.waited_ms`,
    [ids],
  )
  const began = assign(
    [t.startedAt, `CASE WHEN lower(${t.status}::text) = ANY($3) THEN now() ELSE ${t.startedAt} END`],
    [t.completedAt, 'NULL'],
  )
  await db.query(`UPDATE ${t.name} SET ${t.status} = $2, ${t.heartbeat} = now()${began} WHERE ${t.id} = ANY($1)`, [
    ids,
    t.word('running'),
    ...(t.startedAt === null ? [] : [t.words('queued')]),
  ])
}
