// Jobs that run now, longest first, with lease and progress where Unjam's worker holds them.

import type { Queryable } from '../../../worker/store/pool.ts'
import type { RunningJob, SystemId } from '../../contract/job.ts'
import { type JobRecord, jobColumns, jobJoins, toJob } from './job-columns.ts'
import { Binds, inStates, type Shape } from './shape.ts'

export async function running(db: Queryable, shape: Shape, system: SystemId, limit: number): Promise<RunningJob[]> {
  const binds = new Binds()
  const { rows } = await db.query<JobRecord>(
    `SELECT ${jobColumns(shape)}
       FROM ${shape.t.name} t ${jobJoins(shape)}
      WHERE ${inStates(shape, binds, ['running'])}
      ORDER BY "elapsedMs" DESC NULLS LAST, id LIMIT ${binds.add(limit)}`,
    binds.values,
  )
  return rows.flatMap((row) => {
    const job = toJob(shape, system, row)
    return job?.state === 'running' ? [job] : []
  })
}
