// Jobs as rows: what a plan freezes, what a write compares, what an undo puts back.
import { createHash } from 'node:crypto'
import type { Queryable } from '../../../worker/store/pool.ts'
import type { SystemId } from '../../contract/job.ts'
import type { JobRow, JobSelector } from '../../core/ports/jobs.ts'
import { headSql, type Image } from './image.ts'
import { type JobRecord, jobColumns, jobJoins, toJob } from './job-columns.ts'
import { Binds, inStates, type Shape, validIds } from './shape.ts'
import type { Standing } from './verdict.ts'

export type StandingRow = JobRow & Standing

/** Rows whose status word is unknown to the mapping are left out: no action applies to them. */
export async function readRows(
  db: Queryable,
  shape: Shape,
  system: SystemId,
  selector: JobSelector,
  limit: number,
): Promise<StandingRow[]> {
  const { t } = shape
  const binds = new Binds()
  const where =
    selector.kind === 'ids'
      ? `t.${t.id} = ANY(${binds.add(validIds(shape, selector.ids))})`
      : inStates(shape, binds, selector.states)
  const { rows } = await db.query<JobRecord & { head: string }>(
    `SELECT ${jobColumns(shape)}, ${headSql(shape)} AS head
       FROM ${t.name} t ${jobJoins(shape)}
      WHERE ${where} ORDER BY t.${t.createdAt}, t.${t.id} LIMIT ${binds.add(limit)}`,
    binds.values,
  )
  return rows.flatMap((row) => {
    const job = toJob(shape, system, row)
    if (job === null) return []
    const image: Image = { head: row.head, row: null, state: null, failures: null }
    return [
      {
        id: row.id,
        title: job.title,
        job,
        image: JSON.stringify(image),
        fingerprint: fingerprint(row),
        state: job.state,
        lease: row.lease,
        heartbeatAgeMs: row.heartbeatAgeMs,
      },
    ]
  })
}

/** The word as the table spells it: a state reached by another word is another state to its application. */
function fingerprint({ id, word, retryCount, error }: JobRecord): string {
  const text = JSON.stringify([id, word, retryCount, error])
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

/** Rows first, leases second, each in order: the order of every verb in worker/store, so that none waits in a circle. */
export async function lockRows(db: Queryable, { t, unjam, ...shape }: Shape, ids: readonly string[]): Promise<void> {
  const valid = validIds({ t, unjam, ...shape }, ids)
  await db.query(`SELECT 1 FROM ${t.name} t WHERE t.${t.id} = ANY($1) ORDER BY t.${t.id} FOR UPDATE`, [valid])
  if (unjam === 'open')
    await db.query('SELECT 1 FROM unjam.lease WHERE recording = ANY($1::text[]) ORDER BY recording FOR UPDATE', [ids])
}
