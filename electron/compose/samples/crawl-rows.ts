// The tables of runbook 3 in a sample's database, and what its workers write into them.
import type { Queryable } from '../../../worker/store/pool.ts'

const TABLES = `
CREATE TABLE sources (id uuid PRIMARY KEY, name text NOT NULL);
CREATE TABLE crawl_jobs (
  id uuid PRIMARY KEY, source_id uuid REFERENCES sources, status text NOT NULL DEFAULT 'pending',
  is_multi_source boolean NOT NULL DEFAULT false, task_id text NOT NULL DEFAULT '', error_message text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(), started_at timestamptz, completed_at timestamptz);
CREATE INDEX crawl_jobs_by_created ON crawl_jobs (status, created_at, id);
CREATE TABLE crawl_job_source_results (
  id serial PRIMARY KEY, crawl_job_id uuid NOT NULL REFERENCES crawl_jobs, source_id uuid NOT NULL REFERENCES sources,
  status text NOT NULL DEFAULT 'pending');
CREATE INDEX crawl_results_by_job ON crawl_job_source_results (crawl_job_id)`

export async function createCrawlTables(db: Queryable): Promise<void> {
  for (const statement of TABLES.split(';')) await db.query(statement)
}

/** Times are minutes ago. */
export interface SeedRun {
  readonly id: string
  readonly source: string
  readonly status: 'pending' | 'running' | 'completed' | 'failed'
  readonly task?: string
  readonly error?: string
  readonly createdMin: number
  readonly startedMin?: number
  readonly completedMin?: number
  /** Of a multi-source run: the sources and how each has ended. */
  readonly children?: readonly (readonly [source: string, status: 'completed' | 'failed'])[]
}

export async function seedRun(db: Queryable, run: SeedRun): Promise<void> {
  const source = await sourceOf(db, run.source)
  await db.query(
    `INSERT INTO crawl_jobs (id, source_id, status, is_multi_source, task_id, error_message, created_at, started_at, completed_at)
     VALUES ($1, $2, $3, $4, $5, $6, now() - $7::float8 * interval '1 minute', now() - $8::float8 * interval '1 minute',
             now() - $9::float8 * interval '1 minute')`,
    [
      ...[run.id, run.children === undefined ? source : null, run.status, run.children !== undefined, run.task ?? ''],
      ...[run.error ?? '', run.createdMin, run.startedMin ?? null, run.completedMin ?? null],
    ],
  )
  for (const [name, status] of run.children ?? [])
    await db.query('INSERT INTO crawl_job_source_results (crawl_job_id, source_id, status) VALUES ($1, $2, $3)', [
      ...[run.id, await sourceOf(db, name), status],
    ])
}

/** Its id is made of its name, so that the same name is the same source. */
export async function sourceOf(db: Queryable, name: string): Promise<string> {
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO sources (id, name) VALUES (md5($1)::uuid, $1) ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id::text`,
    [name],
  )
  return rows[0]?.id ?? ''
}

/** False: the run is not pending any more. */
export async function beginRun(db: Queryable, run: string, task: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE crawl_jobs SET status = 'running', started_at = now(), completed_at = NULL, error_message = '', task_id = $2
      WHERE id::text = $1 AND status = 'pending'`,
    [run, task],
  )
  return (rowCount ?? 0) > 0
}

export async function finishRun(db: Queryable, run: string): Promise<void> {
  await db.query(
    `UPDATE crawl_jobs SET status = 'completed', completed_at = now() WHERE id::text = $1 AND status = 'running'`,
    [run],
  )
}
