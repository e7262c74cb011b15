// Everything about one job: its attempts, how much transcript there is, and every column of its row as it is.

import type { Queryable } from '../../../worker/store/pool.ts'
import { FailureError } from '../../contract/failure.ts'
import type { JobDetail, JobFact, SystemId } from '../../contract/job.ts'
import { attempts } from './attempts.ts'
import { type JobRecord, jobColumns, jobJoins, toJob } from './job-columns.ts'
import { storedPath } from './media-path.ts'
import { type Shape, validIds } from './shape.ts'
import { unjamState } from './unjam-schema.ts'

/** Longer values (transcripts) are cut in the facts; the transcript has its own view. */
const FACT_LENGTH = 2000

/** Whether the file can be played is for whoever knows where it is on this machine. */
export interface StoredDetail extends Omit<JobDetail, 'playable'> {
  readonly path: string | null
}

export async function detail(db: Queryable, shape: Shape, system: SystemId, id: string): Promise<StoredDetail | null> {
  const { t } = shape
  const ids = validIds(shape, [id])
  if (ids.length === 0) return null
  const { rows } = await db.query<JobRecord>(
    `SELECT ${jobColumns(shape)} FROM ${t.name} t ${jobJoins(shape)} WHERE t.${t.id} = ANY($1)`,
    [ids],
  )
  const [row] = rows
  if (row === undefined) return null
  const job = toJob(shape, system, row)
  if (job === null) throw unknownWord(shape, row)
  return {
    job,
    attempts: shape.unjam === 'open' ? await attempts(db, shape, row.id) : [],
    facts: [...(await rowFacts(db, shape, ids)), ...(await unjamFacts(db, shape, row.id))],
    segmentCount: shape.unjam === 'open' ? await segmentCount(db, row.id) : 0,
    path: await storedPath(db, shape, row.id),
  }
}

function unknownWord({ full }: Shape, { id, word }: JobRecord): FailureError {
  return new FailureError({
    kind: 'invalid',
    tried: 'Read the job',
    on: `${full} ${id}`,
    because: `its status is ${word === null ? 'empty' : `"${word}"`}, which the mapping of the table does not know`,
    remedy: 'Add the word to the state it means, in the settings.',
  })
}

async function rowFacts(db: Queryable, { t, columns, full }: Shape, ids: readonly string[]): Promise<JobFact[]> {
  const readable = columns.filter(({ mayRead }) => mayRead).map(({ name }) => `t."${name.replaceAll('"', '""')}"`)
  const { rows } = await db.query<{ label: string; value: string | null }>(
    `SELECT f.key AS label, ${cut('f.value')} AS value
       FROM (SELECT row_to_json(x) AS facts FROM (SELECT ${readable.join(', ')} FROM ${t.name} t WHERE t.${t.id} = ANY($1)) AS x) AS r
      CROSS JOIN LATERAL json_each_text(r.facts) WITH ORDINALITY AS f(key, value, n) ORDER BY f.n`,
    [ids],
  )
  return rows.map(({ label, value }) => ({ label, value, source: full }))
}

async function unjamFacts(db: Queryable, shape: Shape, id: string): Promise<JobFact[]> {
  const state = unjamState(shape)
  if (!state.can) return [{ label: 'attempts', value: `unknown: ${state.because}`, source: 'schema unjam' }]
  const { rows } = await db.query<{ label: string; value: string | null }>(
    `SELECT f.key AS label, f.value FROM unjam.lease l
      CROSS JOIN LATERAL json_each_text(row_to_json(l)) WITH ORDINALITY AS f(key, value, n)
      WHERE l.recording = $1 AND f.key NOT IN ('recording', 'token') ORDER BY f.n`,
    [id],
  )
  return rows.map(({ label, value }) => ({ label, value, source: 'unjam.lease' }))
}

async function segmentCount(db: Queryable, id: string): Promise<number> {
  const { rows } = await db.query<{ n: number }>('SELECT count(*)::int AS n FROM unjam.segment WHERE recording = $1', [
    id,
  ])
  return rows[0]?.n ?? 0
}

function cut(value: string): string {
  return `CASE WHEN length(${value}) > ${FACT_LENGTH}
            THEN left(${value}, ${FACT_LENGTH}) || '… (' || length(${value}) || ' characters)' ELSE ${value} END`
}
