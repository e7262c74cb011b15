// What finished lately: today, per half hour, and how fast.

import type { Queryable } from '../../../worker/store/pool.ts'
import type { Throughput } from '../../contract/snapshot.ts'
import { ageOf, isoOf, spanOf } from './instants.ts'
import { Binds, branches, inStates, type Shape } from './shape.ts'

const BUCKETS = 20
const BUCKET = `interval '30 minutes'`

interface Row {
  readonly from: string
  readonly done: number
  readonly failed: number
}

/**
 * Today begins at midnight of the machine this process runs on (the operator's day): only the time since then is
 * taken from its clock, the instant itself is counted back from the database's now().
 */
export async function throughput(db: Queryable, shape: Shape, now: Date): Promise<Throughput> {
  const { t } = shape
  const sinceMidnightMs = now.getTime() - new Date(now).setHours(0, 0, 0, 0)
  const ended = t.completedAt === null ? `t.${t.heartbeat}` : `coalesce(t.${t.completedAt}, t.${t.heartbeat})`
  // Two conditions instead of the coalesce: each can use an index of its own.
  const since = (from: string) =>
    t.completedAt === null
      ? `t.${t.heartbeat} >= ${from}`
      : `(t.${t.completedAt} >= ${from} OR (t.${t.completedAt} IS NULL AND t.${t.heartbeat} >= ${from}))`

  const day = new Binds()
  const midnight = `now() - ${day.add(sinceMidnightMs)}::float8 * interval '1 ms'`
  const today = await db.query<{ done: number; audioMs: number }>(
    `SELECT count(*)::int AS done, coalesce(sum(${t.duration === null ? '0' : `t.${t.duration}`}), 0)::float8 * 1000 AS "audioMs"
       FROM ${t.name} t WHERE ${inStates(shape, day, ['done'])} AND ${since(`(${midnight})`)}`,
    day.values,
  )

  const latest = new Binds()
  // Not max() over the coalesce: a walk to the end of an index for each spelling.
  const ends = branches(shape, latest, 'done').map(
    (is) => `(SELECT max(t.${t.completedAt ?? t.heartbeat}) FROM ${t.name} t WHERE ${is})`,
  )
  const last = await db.query<{ at: string | null; ageMs: number | null }>(
    `SELECT ${isoOf('x.at')} AS at, ${ageOf('x.at')} AS "ageMs" FROM (SELECT greatest(${ends.join(', ')}) AS at) AS x`,
    latest.values,
  )

  const recent = new Binds()
  const open = `date_bin(${BUCKET}, now(), timestamptz '2000-01-01 00:00:00+00')`
  const done = inStates(shape, recent, ['done'])
  const both = inStates(shape, recent, ['done', 'failed'])
  const { rows } = await db.query<Row>(
    `WITH ended AS MATERIALIZED (
       SELECT date_bin(${BUCKET}, (${ended})::timestamptz, timestamptz '2000-01-01 00:00:00+00') AS bucket, ${done} AS done
         FROM ${t.name} t WHERE ${both} AND ${since(`(${open} - ${BUCKETS - 1} * ${BUCKET})`)}
     )
     SELECT ${isoOf('b.from')} AS from, count(*) FILTER (WHERE e.done)::int AS done,
            count(*) FILTER (WHERE NOT e.done)::int AS failed
       FROM generate_series(${open} - ${BUCKETS - 1} * ${BUCKET}, ${open}, ${BUCKET}) AS b("from")
       LEFT JOIN ended e ON e.bucket = b.from
      GROUP BY b.from ORDER BY b.from`,
    recent.values,
  )
  return {
    doneToday: today.rows[0]?.done ?? 0,
    audioTodayMs: today.rows[0]?.audioMs ?? 0,
    lastDoneAt: last.rows[0]?.at ?? null,
    lastDoneAgeMs: last.rows[0]?.ageMs ?? null,
    buckets: rows,
    speed: await medianSpeed(db, shape),
  }
}

/** Of the last 50 attempts that ended well; where Unjam's worker has not worked yet, of the last 50 done jobs. */
async function medianSpeed(db: Queryable, shape: Shape): Promise<number | null> {
  const { t } = shape
  const attempts =
    shape.unjam === 'open'
      ? `SELECT audio_ms AS audio, ${spanOf('started_at', 'ended_at')} AS wall FROM unjam.attempt
          WHERE outcome IN ('done', 'parked') AND audio_ms > 0 AND ended_at > started_at
          ORDER BY started_at DESC LIMIT 50`
      : null
  const ofAttempts = attempts === null ? null : await medianOf(db, attempts, new Binds())
  if (ofAttempts !== null || t.duration === null || t.startedAt === null || t.completedAt === null) return ofAttempts
  const binds = new Binds()
  const { startedAt, completedAt, duration } = t
  // A walk from the end of an index for each spelling; one condition on all of them would read every done job.
  const walks = branches(shape, binds, 'done').map(
    (is) => `(SELECT t.${duration}::float8 * 1000 AS audio, ${spanOf(`t.${startedAt}`, `t.${completedAt}`)} AS wall,
                     t.${completedAt} AS ended
                FROM ${t.name} t WHERE ${is} AND t.${completedAt} IS NOT NULL AND t.${completedAt} > t.${startedAt}
                 AND t.${duration} > 0 ORDER BY t.${completedAt} DESC LIMIT 50)`,
  )
  return medianOf(
    db,
    `SELECT audio, wall FROM (${walks.join(' UNION ALL ')}) AS ended ORDER BY ended DESC LIMIT 50`,
    binds,
  )
}

async function medianOf(db: Queryable, finished: string, binds: Binds): Promise<number | null> {
  const { rows } = await db.query<{ speed: number | null }>(
    `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY audio / wall) AS speed FROM (${finished}) AS finished`,
    binds.values,
  )
  return rows[0]?.speed ?? null
}
