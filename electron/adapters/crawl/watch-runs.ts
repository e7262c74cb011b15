// What is read again and again: counts by state, running runs the longest first, and what ended lately.
import type { Queryable } from '../../../worker/store/pool.ts'
import type { RunningJob, SystemId } from '../../contract/job.ts'
import type { Counts, Throughput } from '../../contract/snapshot.ts'
import { ageOf, isoOf } from '../postgres/instants.ts'
import { Binds } from '../postgres/shape.ts'
import { type RunRecord, runColumns, runJoins, toJob } from './run-columns.ts'
import { type Shape, stateOf, wordsOf } from './shape.ts'

/** Words that the mapping does not know are in no count. */
export async function counts(db: Queryable, shape: Shape): Promise<Counts> {
  const { rows } = await db.query<{ word: string | null; n: number }>(
    `SELECT t.${shape.column.status.sql}::text AS word, count(*)::int AS n FROM ${shape.jobs} t GROUP BY 1`,
  )
  const found = { queued: 0, running: 0, done: 0, failed: 0, skipped: 0 }
  for (const { word, n } of rows) {
    const state = stateOf(shape, word)
    if (state !== null) found[state] += n
  }
  return found
}

export async function running(db: Queryable, shape: Shape, system: SystemId, limit: number): Promise<RunningJob[]> {
  const { status, startedAt, id } = shape.column
  const binds = new Binds()
  const { rows } = await db.query<RunRecord>(
    `SELECT ${runColumns(shape)} FROM ${shape.jobs} t ${runJoins(shape, binds)}
      WHERE lower(t.${status.sql}::text) = ANY(${binds.add(wordsOf(shape, 'running'))}::text[])
      ORDER BY t.${startedAt.sql} NULLS FIRST, t.${id.sql} LIMIT ${binds.add(limit)}`,
    binds.values,
  )
  return rows.flatMap((row) => {
    const job = toJob(shape, system, row)
    return job?.state === 'running' ? [job] : []
  })
}

const BUCKETS = 20
const BUCKET = `interval '30 minutes'`

/** Today begins at midnight of the operator's machine; the instant itself is counted back from the database's now(). */
export async function throughput(db: Queryable, shape: Shape, now: Date): Promise<Throughput> {
  const { status, completedAt } = shape.column
  const sinceMidnightMs = now.getTime() - new Date(now).setHours(0, 0, 0, 0)
  const ended = `(t.${completedAt.sql})::timestamptz`
  const is = (words: string) => `lower(t.${status.sql}::text) = ANY(${words}::text[])`
  const done = wordsOf(shape, 'done')
  const { rows } = await db.query<{ today: number; at: string | null; ageMs: number | null }>(
    `SELECT x.today, ${isoOf('x.at')} AS at, ${ageOf('x.at')} AS "ageMs" FROM (
       SELECT count(*) FILTER (WHERE ${ended} >= now() - $2::float8 * interval '1 ms')::int AS today, max(${ended}) AS at
         FROM ${shape.jobs} t WHERE ${is('$1')}) AS x`,
    [done, sinceMidnightMs],
  )
  const open = `date_bin(${BUCKET}, now(), timestamptz '2000-01-01 00:00:00+00')`
  const buckets = await db.query<{ from: string; done: number; failed: number }>(
    `WITH ended AS MATERIALIZED (
       SELECT date_bin(${BUCKET}, ${ended}, timestamptz '2000-01-01 00:00:00+00') AS bucket, ${is('$1')} AS done
         FROM ${shape.jobs} t
        WHERE ${is('$2')} AND ${ended} >= ${open} - ${BUCKETS - 1} * ${BUCKET} AND isfinite(${ended}))
     SELECT ${isoOf('b.from')} AS from, count(*) FILTER (WHERE e.done)::int AS done,
            count(*) FILTER (WHERE NOT e.done)::int AS failed
       FROM generate_series(${open} - ${BUCKETS - 1} * ${BUCKET}, ${open}, ${BUCKET}) AS b("from")
       LEFT JOIN ended e ON e.bucket = b.from GROUP BY b.from ORDER BY b.from`,
    [done, wordsOf(shape, 'done', 'failed')],
  )
  const [latest] = rows
  return {
    ...{ doneToday: latest?.today ?? 0, audioTodayMs: 0, speed: null },
    ...{ lastDoneAt: latest?.at ?? null, lastDoneAgeMs: latest?.ageMs ?? null, buckets: buckets.rows },
  }
}
