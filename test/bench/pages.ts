// What a screen costs on a large table: pages of every sort at both ends and in the middle, counts, search, writes.
import { performance } from 'node:perf_hooks'
import { postgresJobs } from '../../electron/adapters/postgres/postgres-jobs.ts'
import type { JobQuery, JobSort, JobState } from '../../electron/contract/job.ts'
import { RecordingsTable } from '../../electron/contract/worker-protocol.ts'
import type { JobSystem } from '../../electron/core/ports/jobs.ts'
import type { Pool } from '../../worker/store/pool.ts'
import { testDatabase } from '../support/postgres.ts'
import { guardServer } from '../support/postgres-guard.ts'
import type { Table } from './run.ts'

const signal = () => AbortSignal.timeout(60_000)
const runs = 7

/** Targets: any page under 50 ms, counts under 250 ms, with a million rows. */
export async function pages(quick = false): Promise<Table> {
  const guard = guardServer()
  const rows = quick ? 100_000 : 1_000_000
  const { pool, drop } = await testDatabase()
  try {
    await fill(pool, rows)
    const system = postgresJobs({
      id: 'local',
      kind: 'local',
      table: RecordingsTable.parse({}),
      pool: async () => pool,
      canAdd: true,
      heartbeatLimitMs: () => 900_000,
      taskTimeoutMs: () => null,
      maxRetries: () => 3,
    })
    const title = `Reads and writes of the Jobs screen, ${rows.toLocaleString('en')} rows (median and worst of ${runs})`
    return { title, columns: ['', 'median', 'worst', 'target'], rows: await measure(system) }
  } finally {
    await drop()
    await guard.end()
  }
}

async function measure(system: JobSystem): Promise<string[][]> {
  const table = [
    await timed('counts', '≤ 250 ms', () => system.counts(signal())),
    await timed('running', '', () => system.running(50, signal())),
    await timed('throughput', '', () => system.throughput(signal())),
  ]
  const sorts: readonly JobSort[] = ['created', 'updated', 'title', 'audio']
  for (const sort of sorts)
    for (const descending of [false, true]) {
      const list = { state: 'done' as const, sort, descending }
      const name = `done by ${sort}, ${descending ? 'descending' : 'ascending'}`
      table.push(await timed(`${name}: first page`, '≤ 50 ms', () => page(system, list)))
      // Deep into the list: a keyset page costs the same there. Long pages get there fast.
      let cursor: string | null = null
      for (let i = 0; i < 40; i++) cursor = (await page(system, { ...list, limit: 500, cursor })).cursor ?? cursor
      table.push(await timed(`${name}: after 20,000`, '≤ 50 ms', () => page(system, { ...list, cursor })))
    }
  const state = (name: JobState) => timed(`${name}: first page`, '≤ 50 ms', () => page(system, { state: name }))
  for (const name of ['queued', 'running', 'failed', 'skipped'] as const) table.push(await state(name))
  const search = (what: string, text: string, target = '≤ 50 ms') =>
    timed(`search ${what} (${text})`, target, () => page(system, { state: 'done', search: text }))
  table.push(await search('that finds many', 'recording'))
  table.push(await search('that finds few', '_77777'))
  table.push(await search('that finds one', '_777777.'))
  table.push(await search('that finds none', 'interview'))
  table.push(await search('of two letters that finds none', 'zz', ''))
  const failed = await system.rows({ kind: 'state', states: ['failed'] }, 10_000, signal())
  const frozen = performance.now()
  const { changed } = await system.write(failed, { verb: 'retry' })
  const written = performance.now()
  await system.restore(changed)
  const count = changed.length.toLocaleString('en')
  table.push([`retry ${count} failed jobs`, '', ms(written - frozen), ''])
  table.push([`undo it`, '', ms(performance.now() - written), ''])
  return table
}

function page(system: JobSystem, query: Partial<JobQuery>) {
  const all: JobQuery = { system: 'local', state: 'done', search: '', sort: 'created', descending: false, limit: 100 }
  return system.page({ ...all, ...query }, signal())
}

async function timed(name: string, target: string, work: () => Promise<unknown>): Promise<string[]> {
  await work()
  const times: number[] = []
  for (let i = 0; i < runs; i++) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  return [name, ms(times[Math.floor(runs / 2)] ?? 0), ms(times.at(-1) ?? 0), target]
}

const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`

/** Almost all done, as on a server that has run for a year: 5 % queued, 5 % failed, 1 % skipped, three running. */
async function fill(pool: Pool, rows: number): Promise<void> {
  // Indexes are built after the rows, in a tenth of the time.
  const indexes = await pool.query<{ name: string; sql: string }>(
    `SELECT indexname AS name, indexdef AS sql FROM pg_indexes
      WHERE schemaname = 'public' AND tablename = 'recordings' AND indexname LIKE 'recordings\\_by\\_%'`,
  )
  for (const { name } of indexes.rows) await pool.query(`DROP INDEX ${name}`)
  const batch = 50_000
  for (let from = 1; from <= rows; from += batch)
    await pool.query(
      `INSERT INTO recordings (file_name, file_path, file_bytes, file_sha256, duration_seconds, status, retry_count,
                               error_message, transcript, created_at, updated_at, started_at, completed_at)
       SELECT 'Call recording ' || (n % 9973) || '_' || n || '.m4a', '/recordings/' || n || '.m4a', 1000 + n,
              encode(sha256(n::text::bytea), 'hex'), CASE WHEN n % 50 <> 0 THEN (n::bigint * 7919 % 3600) + 0.5 END,
              state, CASE state WHEN 'failed' THEN 3 ELSE 0 END,
              CASE state WHEN 'failed' THEN 'Timeout exceeded: TimeLimitExceeded(1800)' END,
              CASE state WHEN 'done' THEN repeat('words that were said ', 20) END,
              at - interval '40 s', at, CASE WHEN state <> 'queued' THEN at - interval '20 s' END,
              CASE WHEN state IN ('done', 'failed', 'skipped') THEN at END
         FROM (SELECT n, now() - ($1::int - n) * interval '30 s' AS at,
                      CASE WHEN n > $1::int - 3 THEN 'processing' WHEN n % 20 = 1 THEN 'queued' WHEN n % 20 = 2 THEN 'failed'
                           WHEN n % 100 = 3 THEN 'skipped' ELSE 'done' END AS state
                 FROM generate_series($2::int, $3::int) AS n) AS r`,
      [rows, from, Math.min(rows, from + batch - 1)],
    )
  for (const { sql } of indexes.rows) await pool.query(sql)
  await pool.query(
    `INSERT INTO unjam.attempt (recording, number, worker, started_at, ended_at, outcome, audio_ms)
     SELECT id::text, 1, gen_random_uuid(), started_at, completed_at, 'done', coalesce(duration_seconds, 60) * 1000
       FROM recordings WHERE status = 'done'`,
  )
  // What autovacuum does on a table that lives.
  await pool.query('VACUUM ANALYZE recordings')
  await pool.query('VACUUM ANALYZE unjam.attempt')
}
