// A recordings table with named rows, and everything in it as one value: what changed, and what did not.
import { randomUUID } from 'node:crypto'
import { RecordingsTable } from '../../electron/contract/worker-protocol.ts'
import { claimJob } from '../../worker/store/claim-job.ts'
import type { Queryable } from '../../worker/store/pool.ts'
import { readTable } from '../../worker/store/read-table.ts'
import { registerWorker } from '../../worker/store/register-worker.ts'
import type { TableSql } from '../../worker/store/table.ts'
import { testDatabase } from '../support/postgres.ts'

export interface Stage {
  readonly url: string
  readonly t: TableSql
  /** One transaction in the table's time zone, as the worker makes them. */
  tx<T>(work: (db: Queryable) => Promise<T>): Promise<T>
  /** Plain rows of a statement. */
  rows<Row extends Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]>
  /** A row of the default table; answers its id. */
  add(name: string, columns?: Record<string, unknown>): Promise<string>
  /** A registered worker's id. */
  worker(host?: string, pid?: number): Promise<string>
  claim(recording: string, worker: string, leaseMs?: number): ReturnType<typeof claimJob>
  /** Every row of recordings and of schema unjam, as text, without the workers. */
  everything(): Promise<Record<string, string[]>>
  /** The recordings row without its times. */
  row(id: string): Promise<Record<string, unknown>>
  attempts(id: string): Promise<Record<string, unknown>[]>
  /** No recording, no worker and nothing known of either. */
  empty(): Promise<void>
  drop(): Promise<void>
}

export async function setStage(table: Partial<RecordingsTable> = {}, setUp: string[] = []): Promise<Stage> {
  const { url, pool, drop } = await testDatabase()
  for (const sql of setUp) await pool.query(sql)
  const t = await readTable(pool, RecordingsTable.parse(table))
  const tx: Stage['tx'] = (work) => pool.transaction(5000, work, t.timeZone)
  const rows: Stage['rows'] = async (sql, values) => (await pool.query(sql, values)).rows as never
  return {
    url,
    t,
    tx,
    rows,
    drop,
    async empty() {
      await rows(
        'TRUNCATE recordings, unjam.lease, unjam.attempt, unjam.chunk, unjam.segment, unjam.audio, unjam.worker',
      )
    },
    async add(name, columns = {}) {
      const all = { file_name: name, file_path: `/audio/${name}.m4a`, ...columns }
      const names = Object.keys(all)
      const [added] = await rows<{ id: string }>(
        `INSERT INTO recordings (${names.join(', ')}) VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')}) RETURNING id::text`,
        Object.values(all),
      )
      return added!.id
    },
    async worker(host = 'server-1', pid = 1000) {
      const id = randomUUID()
      await registerWorker(pool, { id, host, pid, slots: 1, threads: 2, model: 'ggml-base.bin' })
      return id
    },
    claim: (recording, worker, leaseMs = 60_000) => tx((db) => claimJob(db, t, { recording, worker, leaseMs })),
    async everything() {
      const all: Record<string, string[]> = {}
      for (const name of [t.name, 'unjam.lease', 'unjam.attempt', 'unjam.chunk', 'unjam.segment', 'unjam.audio'])
        all[name] = (await rows<{ row: string }>(`SELECT x::text AS row FROM ${name} x ORDER BY 1`)).map(
          ({ row }) => row,
        )
      return all
    },
    async row(id) {
      const [row] = await rows(
        `SELECT ${t.status}::text AS status${t.retryCount === null ? '' : `, ${t.retryCount} AS retries`}${t.error === null ? '' : `, ${t.error} AS error`}
           FROM ${t.name} WHERE ${t.id}::text = $1`,
        [id],
      )
      return row ?? {}
    },
    attempts: (id) =>
      rows(
        `SELECT number, outcome, error, chunks_saved AS saved, final, ended_at IS NOT NULL AS ended
           FROM unjam.attempt WHERE recording = $1 ORDER BY number`,
        [id],
      ),
  }
}
