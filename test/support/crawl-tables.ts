// Runbook 3's tables in a database of a test's own, with a run in each situation; ids are short and stable.
import type { Pool } from '../../worker/store/pool.ts'

/** As a Django app writes them: texts are never NULL, times have zones. */
export async function createCrawlTables(pool: Pool): Promise<void> {
  for (const statement of [
    'CREATE TABLE sources (id uuid PRIMARY KEY, name varchar(200) NOT NULL)',
    `CREATE TABLE crawl_jobs (
       id uuid PRIMARY KEY, source_id uuid REFERENCES sources, status varchar(20) NOT NULL DEFAULT 'pending',
       is_multi_source boolean NOT NULL DEFAULT false, task_id varchar(255) NOT NULL DEFAULT '',
       error_message text NOT NULL DEFAULT '', pages_found integer NOT NULL DEFAULT 0,
       created_at timestamptz NOT NULL DEFAULT now(), started_at timestamptz, completed_at timestamptz)`,
    `CREATE TABLE crawl_job_source_results (
       id serial PRIMARY KEY, crawl_job_id uuid NOT NULL REFERENCES crawl_jobs, source_id uuid NOT NULL REFERENCES sources,
       status varchar(20) NOT NULL DEFAULT 'pending')`,
  ])
    await pool.query(statement)
}

export const idOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
export const sourceOf = (n: number) => `50000000-0000-4000-8000-${String(n).padStart(12, '0')}`

export interface SeedRun {
  readonly n: number
  readonly status: string
  readonly createdMin?: number
  readonly startedMin?: number
  readonly completedMin?: number
  readonly task?: string
  readonly error?: string
  /** A multi-source run, with the states of its children. */
  readonly children?: readonly string[]
}

/** Each run has a source of its own, called `Source N`; times are minutes ago. */
export async function seedRuns(pool: Pool, runs: readonly SeedRun[]): Promise<void> {
  const ago = (minutes: number | undefined) => (minutes === undefined ? null : minutes)
  for (const { n, status, createdMin = 120, startedMin, completedMin, task = '', error = '', children } of runs) {
    await pool.query('INSERT INTO sources VALUES ($1, $2) ON CONFLICT DO NOTHING', [sourceOf(n), `Source ${n}`])
    await pool.query(
      `INSERT INTO crawl_jobs (id, source_id, status, is_multi_source, task_id, error_message, created_at, started_at, completed_at)
       VALUES ($1, $2, $3, $4, $5, $6, now() - $7::float8 * interval '1 minute',
               now() - $8::float8 * interval '1 minute', now() - $9::float8 * interval '1 minute')`,
      [
        idOf(n),
        children === undefined ? sourceOf(n) : null,
        status,
        children !== undefined,
        task,
        error,
        createdMin,
        ago(startedMin),
        ago(completedMin),
      ],
    )
    for (const child of children ?? [])
      await pool.query('INSERT INTO crawl_job_source_results (crawl_job_id, source_id, status) VALUES ($1, $2, $3)', [
        idOf(n),
        sourceOf(n),
        child,
      ])
  }
}

/** Runbook 3: running for over an hour, pending for over a quarter of one, a parent whose children have all ended. */
export const cast: readonly SeedRun[] = [
  { n: 1, status: 'pending', createdMin: 20, task: 'task-1' },
  { n: 2, status: 'pending', createdMin: 2, task: 'task-2' },
  { n: 3, status: 'running', startedMin: 75, task: 'task-3' },
  { n: 4, status: 'running', startedMin: 3, task: 'task-4' },
  { n: 5, status: 'failed', startedMin: 50, completedMin: 45, task: 'task-5', error: '403 Forbidden' },
  { n: 6, status: 'completed', startedMin: 40, completedMin: 35 },
  { n: 7, status: 'cancelled', completedMin: 30 },
  { n: 8, status: 'running', startedMin: 70, children: ['completed', 'completed'] },
  { n: 9, status: 'running', startedMin: 70, children: ['completed', 'failed', 'completed'] },
  { n: 10, status: 'running', startedMin: 70, children: ['completed', 'running'] },
  { n: 11, status: 'running', startedMin: 70, children: [] },
  { n: 12, status: 'failed', completedMin: 10, error: '1 of 1 sources failed', children: ['failed'] },
]
