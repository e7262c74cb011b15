// Everything about one run: every column of its row as it is, and each of its children with its state.
import type { Queryable } from '../../../worker/store/pool.ts'
import { FailureError } from '../../contract/failure.ts'
import type { JobDetail, JobFact, SystemId } from '../../contract/job.ts'
import { Binds } from '../postgres/shape.ts'
import { type RunRecord, runColumns, runJoins, toJob } from './run-columns.ts'
import { validIds } from './run-rows.ts'
import { type Shape, same } from './shape.ts'

const FACT_LENGTH = 2000
const MOST_CHILDREN = 200

export async function detail(db: Queryable, shape: Shape, system: SystemId, id: string): Promise<JobDetail | null> {
  const ids = validIds(shape, [id])
  const binds = new Binds()
  const { rows } = await db.query<RunRecord>(
    `SELECT ${runColumns(shape)} FROM ${shape.jobs} t ${runJoins(shape, binds)}
      WHERE t.${shape.column.id.sql} = ANY(${binds.add(ids)})`,
    binds.values,
  )
  const [row] = rows
  if (row === undefined) return null
  const job = toJob(shape, system, row)
  if (job === null)
    throw new FailureError({
      kind: 'invalid',
      tried: 'Read the run',
      on: `${shape.full} ${id}`,
      because: `its status is ${row.word === null ? 'empty' : `"${row.word}"`}, which the mapping of the table does not know`,
      remedy: 'Add the word to the state it means, in the settings.',
    })
  const facts = [...(await children(db, shape, ids)), ...(await columns(db, shape, ids))]
  return { job, attempts: [], facts, segmentCount: 0, playable: false }
}

async function columns(db: Queryable, { jobs, column, columns, full }: Shape, ids: readonly string[]) {
  const readable = columns.filter(({ mayRead }) => mayRead).map(({ sql }) => `t.${sql}`)
  const { rows } = await db.query<{ label: string; value: string | null }>(
    `SELECT f.key AS label, left(f.value, ${FACT_LENGTH}) AS value
       FROM (SELECT row_to_json(x) AS facts
               FROM (SELECT ${readable.join(', ')} FROM ${jobs} t WHERE t.${column.id.sql} = ANY($1)) AS x) AS r
      CROSS JOIN LATERAL json_each_text(r.facts) WITH ORDINALITY AS f(key, value, n) ORDER BY f.n`,
    [ids],
  )
  return rows.map((fact): JobFact => ({ ...fact, source: full }))
}

/** Those that have not ended come first: a parent waits for them. */
async function children(db: Queryable, shape: Shape, ids: readonly string[]): Promise<JobFact[]> {
  const { results, sources, column } = shape
  const named = sources !== null && results.sourceId !== null
  const names = [
    ...(results.sourceName === null ? [] : [`r.${results.sourceName.sql}::text`]),
    ...(named ? [`s.${sources.name.sql}::text`] : []),
    ...(results.sourceId === null ? [] : [`r.${results.sourceId.sql}::text`]),
    `'source'`,
  ]
  const { rows } = await db.query<{ label: string; value: string | null }>(
    `SELECT coalesce(${names.join(', ')}) AS label, r.${results.status.sql}::text AS value
       FROM ${results.sql} r JOIN ${shape.jobs} t ON ${same(results.job, 'r', column.id, 't')}
       ${named && results.sourceId !== null ? `LEFT JOIN ${sources.sql} s ON ${same(sources.id, 's', results.sourceId, 'r')}` : ''}
      WHERE t.${column.id.sql} = ANY($1)
      ORDER BY lower(r.${results.status.sql}::text) = ANY($2::text[]), 2, 1 LIMIT ${MOST_CHILDREN}`,
    [ids, ['done', 'failed', 'skipped'].flatMap((state) => shape.tables.words[state as 'done'])],
  )
  return rows.map((fact): JobFact => ({ ...fact, source: results.full }))
}
