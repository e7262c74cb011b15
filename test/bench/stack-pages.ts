// A stack's table of a million recordings: without one index for it, and with those that Unjam asks for.
import { performance } from 'node:perf_hooks'
import { indexAdvice } from '../../electron/adapters/postgres/indexes.ts'
import { postgresJobs } from '../../electron/adapters/postgres/postgres-jobs.ts'
import { readShape } from '../../electron/adapters/postgres/shape.ts'
import { FailureError } from '../../electron/contract/failure.ts'
import type { JobQuery, JobSort } from '../../electron/contract/job.ts'
import { RecordingsTable } from '../../electron/contract/worker-protocol.ts'
import type { JobSystem } from '../../electron/core/ports/jobs.ts'
import type { Pool } from '../../worker/store/pool.ts'
import { emptyDatabase } from '../support/postgres.ts'
import { guardServer } from '../support/postgres-guard.ts'
import type { Table } from './run.ts'

const signal = () => AbortSignal.timeout(60_000)
const runs = 5
const table = RecordingsTable.parse({})

/** Targets with the indexes: any page under 50 ms, a snapshot under 250 ms. Without: bounded, and what is estimated says so. */
export async function stackPages(quick = false): Promise<Table> {
  const guard = guardServer()
  const rows = quick ? 100_000 : 1_000_000
  const { pool, drop } = await emptyDatabase()
  try {
    await fill(pool, rows)
    const bare = await measure(pool)
    const shape = await pool.transaction(60_000, (db) => readShape(db, table, false), table.timeZone)
    const advice = indexAdvice(shape)
    await pool.query(advice[0]?.sql ?? '')
    await pool.query('VACUUM ANALYZE recordings')
    const one = await measure(pool)
    for (const { sql } of advice.slice(1)) await pool.query(sql)
    await pool.query('VACUUM ANALYZE recordings')
    const all = await measure(pool)
    const targets = ['≤ 250 ms', '', ...bare.slice(2).map(([name]) => (name?.startsWith('peer') ? '' : '≤ 50 ms'))]
    return {
      title: `A stack's table, ${rows.toLocaleString('en')} rows: median of ${runs}, in brackets how much faster than the peer beside it`,
      columns: ['', 'no index', 'first index', `${advice.length} indexes`, 'target with all'],
      rows: bare.map(([name, value], i) => [name, value, one[i]?.[1] ?? '', all[i]?.[1] ?? '', targets[i] ?? '']),
    }
  } finally {
    await drop()
    await guard.end()
  }
}

/** A new system each time: one that goes on would answer from memory what has been expensive. */
const fresh = (pool: Pool): JobSystem =>
  postgresJobs({
    id: 'office',
    kind: 'recordings',
    table,
    pool: async () => pool,
    canAdd: false,
    heartbeatLimitMs: () => 900_000,
    taskTimeoutMs: () => null,
    maxRetries: () => 3,
  })

async function measure(pool: Pool): Promise<[string, string][]> {
  let approximate = false
  const snapshot = await timed(async () => {
    const system = fresh(pool)
    const [counts] = await Promise.all([
      system.counts(signal()),
      system.running(200, signal()),
      system.throughput(signal()),
      page(system, { state: 'queued', limit: 50 }),
    ])
    approximate = counts.approximate === true
  })
  const naiveCounts = await timed(async () => {
    for (const word of ['queued', 'processing', 'done', 'failed', 'skipped'])
      await pool.query('SELECT count(*) FROM recordings WHERE status = $1', [word])
  })
  const result: [string, string][] = [
    ['snapshot: counts, running, throughput, queue', `${told(snapshot, naiveCounts)}${approximate ? ' ≈' : ''}`],
    ['peer: five count(*)', told(naiveCounts, null)],
  ]
  const sorts: readonly [JobSort, string][] = [
    ['created', 'created_at'],
    ['updated', 'updated_at'],
    ['title', 'lower(file_name)'],
    ['audio', 'duration_seconds'],
  ]
  for (const [sort, column] of sorts) {
    const system = fresh(pool)
    let cursor: string | null = null
    const deep = Array.from({ length: 40 })
    for (const _ of deep) cursor = (await page(system, { sort, limit: 500, cursor })).cursor ?? cursor
    const offset = await timed(() =>
      pool.query(`SELECT * FROM recordings WHERE status = 'done' ORDER BY ${column}, id LIMIT 100 OFFSET 20000`),
    )
    const at = cursor
    result.push([`done by ${sort}: first page`, told(await timed(() => page(system, { sort })), null)])
    result.push([`done by ${sort}: after 20,000`, told(await timed(() => page(system, { sort, cursor: at })), offset)])
    result.push([`peer: OFFSET 20000 by ${sort}`, told(offset, null)])
  }
  for (const state of ['queued', 'running', 'failed', 'skipped'] as const)
    result.push([`${state}: first page`, told(await timed(() => page(fresh(pool), { state })), null)])
  return result
}

function page(system: JobSystem, query: Partial<JobQuery>) {
  const all: JobQuery = { system: 'office', state: 'done', search: '', sort: 'created', descending: true, limit: 100 }
  return system.page({ ...all, ...query }, signal())
}

async function timed(work: () => Promise<unknown>): Promise<number | string> {
  const times: number[] = []
  for (let i = 0; i <= runs; i++) {
    const start = performance.now()
    try {
      await work()
    } catch (error) {
      if (error instanceof FailureError) return error.failure.kind
      throw error
    }
    // The first one warms up.
    if (i > 0) times.push(performance.now() - start)
  }
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0
}

function told(value: number | string, peer: number | string | null): string {
  if (typeof value === 'string') return value
  const text = `${value.toFixed(value < 10 ? 1 : 0)} ms`
  return typeof peer === 'number' ? `${text} (${(peer / value).toFixed(1)} ×)` : text
}

/** As an application makes it: varchar words, naive UTC times, an index on nothing but the id. */
async function fill(pool: Pool, rows: number): Promise<void> {
  await pool.query(`CREATE TABLE recordings (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), file_name varchar(500) NOT NULL, file_path varchar(1000),
    duration_seconds double precision, status varchar(20) NOT NULL, retry_count integer NOT NULL DEFAULT 0,
    error_message text, transcript text, created_at timestamp NOT NULL, updated_at timestamp NOT NULL,
    started_at timestamp, completed_at timestamp)`)
  const batch = 100_000
  for (let from = 1; from <= rows; from += batch)
    await pool.query(
      `INSERT INTO recordings (file_name, file_path, duration_seconds, status, retry_count, error_message, transcript,
                               created_at, updated_at, started_at, completed_at)
       SELECT 'Call recording ' || (n % 9973) || '_' || n || '.m4a', '/recordings/' || n || '.m4a',
              CASE WHEN n % 50 <> 0 THEN (n::bigint * 7919 % 3600) + 0.5 END, state,
              CASE state WHEN 'failed' THEN 3 ELSE 0 END, CASE state WHEN 'failed' THEN 'TimeLimitExceeded(1800)' END,
              CASE state WHEN 'done' THEN repeat('words that were said ', 20) END, at - interval '40 s', at,
              CASE WHEN state <> 'queued' THEN at - interval '20 s' END,
              CASE WHEN state IN ('done', 'failed', 'skipped') THEN at END
         FROM (SELECT n, (now() AT TIME ZONE 'UTC') - ($1::int - n) * interval '30 s' AS at,
                      CASE WHEN n > $1::int - 3 THEN 'processing' WHEN n % 20 = 1 THEN 'queued' WHEN n % 20 = 2 THEN 'failed'
                           WHEN n % 100 = 3 THEN 'skipped' ELSE 'done' END AS state
                 FROM generate_series($2::int, $3::int) AS n) AS r`,
      [rows, from, Math.min(rows, from + batch - 1)],
    )
  await pool.query('VACUUM ANALYZE recordings')
}
