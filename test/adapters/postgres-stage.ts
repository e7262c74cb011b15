// A recordings table with the cast in it, whatever the table's names and types: seeding, moving, reading whole.
import type { SeedJob } from '../../electron/adapters/memory-job.ts'
import { postgresJobs } from '../../electron/adapters/postgres/postgres-jobs.ts'
import type { JobState } from '../../electron/contract/job.ts'
import { RecordingsTable, type SharedFolder } from '../../electron/contract/worker-protocol.ts'
import type { Pool } from '../../worker/store/pool.ts'
import { readTable } from '../../worker/store/read-table.ts'
import { skipJob } from '../../worker/store/skip-job.ts'
import { quote } from '../../worker/store/table.ts'
import type { Stage } from './job-system.contract.ts'

export interface StageTable {
  readonly kind: 'local' | 'recordings'
  readonly table: RecordingsTable
  /** The id column's value for the n-th name. */
  id(n: number): string
  /** Columns that are the table's own to set (a trigger does). */
  readonly volatile: readonly string[]
}

export const localTable: StageTable = {
  kind: 'local',
  table: RecordingsTable.parse({}),
  id: (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  volatile: [],
}

const own = ['worker', 'lease', 'attempt', 'audio', 'chunk', 'segment'].map((name) => `unjam.${name}`)
const workers = [
  { id: '11111111-1111-4111-8111-111111111111', host: 'tower', pid: 4711, name: 'tower · 4711' },
  { id: '22222222-2222-4222-8222-222222222222', host: 'cellar', pid: 12, name: 'cellar · 12' },
]

export function postgresSystem(pool: Pool, { kind, table }: StageTable, folders: readonly SharedFolder[] = []) {
  return postgresJobs({
    id: kind === 'local' ? 'local' : 'office',
    kind,
    table,
    pool: async () => pool,
    canAdd: kind === 'local',
    heartbeatLimitMs: () => 900_000,
    taskTimeoutMs: () => null,
    maxRetries: () => 3,
    folders: async () => folders,
  })
}

export async function postgresStage(pool: Pool, stage: StageTable): Promise<Stage> {
  const { table } = stage
  const t = await readTable(pool, table)
  const system = postgresSystem(pool, stage)
  const names: string[] = []
  const numberOf = (name: string) => {
    if (!names.includes(name)) names.push(name)
    return names.indexOf(name) + 1
  }
  const id = (name: string) => stage.id(numberOf(name))

  const ago = (ms: number | null | undefined) => (ms === null || ms === undefined ? null : ms)

  async function seed(jobs: readonly SeedJob[]): Promise<void> {
    await pool.transaction(
      30_000,
      async (db) => {
        for (const name of [t.name, ...own]) await db.query(`DELETE FROM ${name}`)
        for (const { id, host, pid } of workers)
          await db.query(
            `INSERT INTO unjam.worker (id, host, pid, slots, threads, model) VALUES ($1, $2, $3, 1, 2, 'tiny')`,
            [id, host, pid],
          )
        for (const job of jobs) {
          const columns: [string | null, string, unknown][] = [
            [t.id, '', id(job.id)],
            [t.status, '', t.word(job.state)],
            [t.title, '', job.title],
            [t.path, '', job.path ?? `/recordings/${job.title}`],
            [t.duration, '', job.audioMs == null ? null : job.audioMs / 1000],
            [t.retryCount, '', job.retryCount ?? 0],
            [t.error, '', job.error ?? null],
            [t.createdAt, 'ago', ago(job.createdAgoMs ?? 0)],
            [t.heartbeat, 'ago', ago(job.heartbeatAgoMs ?? 0)],
            [t.startedAt, 'ago', ago(job.startedAgoMs)],
            [t.completedAt, 'ago', ago(job.endedAgoMs)],
          ]
          const used = columns.filter(([column]) => column !== null)
          const values = used.map(([, form], i) =>
            form === 'ago' ? `now() - $${i + 1}::float8 * interval '1 ms'` : `$${i + 1}`,
          )
          await db.query(
            `INSERT INTO ${t.name} (${used.map(([column]) => column).join(', ')}) OVERRIDING SYSTEM VALUE VALUES (${values.join(', ')})`,
            used.map(([, , value]) => value),
          )
          await seedState(db, job)
        }
      },
      table.timeZone,
    )
  }

  async function seedState(db: Parameters<Parameters<Pool['transaction']>[1]>[0], job: SeedJob): Promise<void> {
    const worker = workers.find(({ name }) => name === job.lease?.worker) ?? workers[0]
    for (const a of job.attempts ?? [])
      await db.query(
        `INSERT INTO unjam.attempt (recording, number, worker, started_at, ended_at, outcome, error, chunks_saved, audio_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [id(job.id), a.number, worker?.id, a.startedAt, a.endedAt, a.outcome, a.error, a.chunksSaved, a.audioMs],
      )
    for (const [n, s] of (job.segments ?? []).entries())
      await db.query('INSERT INTO unjam.segment (recording, n, start_ms, end_ms, text) VALUES ($1, $2, $3, $4, $5)', [
        id(job.id),
        n,
        s.startMs,
        s.endMs,
        s.text,
      ])
    // A chunk that failed twice and one that is saved, of every job that failed or was worked on.
    if (job.state === 'failed' || job.lease)
      await db.query(
        `INSERT INTO unjam.chunk (recording, plan, start_ms, end_ms, failures, last_error, wall_ms, saved_at, words)
         VALUES ($1, 'p', 0, 600000, 0, NULL, 1234.5678901234567, now(), '[{"startMs": 1, "text": " a"}]'),
                ($1, 'p', 600000, 1200000, 2, 'it stalled', NULL, NULL, NULL)`,
        [id(job.id)],
      )
    const { lease } = job
    if (!lease) return
    const { rows } = await db.query<{ id: string }>(
      `INSERT INTO unjam.attempt (recording, number, worker, started_at) VALUES ($1, 1, $2, now() - $3::float8 * interval '1 ms')
       RETURNING id::text AS id`,
      [id(job.id), worker?.id, job.startedAgoMs ?? 0],
    )
    if (lease.state === 'parked')
      await db.query(`UPDATE unjam.attempt SET outcome = 'parked', ended_at = now() WHERE id = $1`, [rows[0]?.id])
    await db.query(
      `INSERT INTO unjam.lease (recording, token, state, worker, attempt, expires_at, plan, audio_done_ms, audio_total_ms,
                                chunks_done, chunks_total, speed, eta_ms, moved_at, parked_at)
       VALUES ($1, gen_random_uuid(), $2, $3, $4, now() + $5::float8 * interval '1 ms', 'p', $6, $7, $8, $9, $10, $11,
               now() - $12::float8 * interval '1 ms', CASE WHEN $2 = 'parked' THEN now() END)`,
      [
        id(job.id),
        lease.state,
        worker?.id,
        rows[0]?.id,
        lease.live ? 60_000 : -60_000,
        lease.audioDoneMs,
        lease.audioTotalMs,
        lease.chunksDone,
        lease.chunksTotal,
        lease.speed,
        lease.etaMs,
        lease.movedAgoMs,
      ],
    )
  }

  const name = (wanted: string) => {
    const found = names.find((candidate) => id(candidate) === wanted)
    if (found === undefined) throw new Error(`no job of the cast has the id ${wanted}`)
    return found
  }

  return {
    system,
    seed,
    id,
    name,
    move: async (job, state: JobState) => {
      await pool.query(`UPDATE ${t.name} SET ${t.status} = $2 WHERE ${t.id} = $1`, [id(job), t.word(state)])
      await pool.query('DELETE FROM unjam.lease WHERE recording = $1', [id(job)])
    },
    endCancelled: async (job) => {
      const { rows } = await pool.query<{ recording: string; token: string; attempt: string }>(
        `SELECT recording, token::text, attempt::text FROM unjam.lease WHERE recording = $1 AND state = 'cancelling'`,
        [id(job)],
      )
      const [hold] = rows
      if (hold === undefined) throw new Error(`${job} is not being cancelled`)
      await pool.transaction(
        5000,
        (db) => skipJob(db, t, hold, { outcome: 'cancelled', reason: 'Cancelled.' }),
        table.timeZone,
      )
    },
    rows: async () => {
      const hidden = stage.volatile.map((column) => `- '${column}'`).join(' ')
      // Attempts are history and only grow; a lease comes back parked, so only that there is one is compared.
      const { rows } = await pool.query<{ id: string; row: string }>(
        `SELECT t.${t.id}::text AS id, concat_ws(E'\\n', (to_jsonb(t) ${hidden})::text,
                (SELECT 'lease on plan ' || plan FROM unjam.lease WHERE recording = t.${t.id}::text AND (state <> 'cancelling')),
                (SELECT jsonb_agg(to_jsonb(c) ORDER BY start_ms)::text FROM unjam.chunk c WHERE recording = t.${t.id}::text),
                (SELECT jsonb_agg(to_jsonb(s) ORDER BY n)::text FROM unjam.segment s WHERE recording = t.${t.id}::text)) AS row
           FROM ${t.name} t`,
      )
      return new Map(rows.map((row) => [name(row.id), row.row]))
    },
    close: () => system.close(),
  }
}

/** As the stack's application makes it: varchar words, naive times in UTC, an index that begins with the status. */
export const stackTable: StageTable = {
  kind: 'recordings',
  table: RecordingsTable.parse({}),
  id: (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  volatile: [],
}

export async function createStackTable(pool: Pool): Promise<void> {
  await pool.query(`
    DROP TABLE recordings;
    CREATE TABLE recordings (
      id uuid PRIMARY KEY, file_name varchar(500) NOT NULL, file_path varchar(1000), duration_seconds double precision,
      status varchar(20) NOT NULL, retry_count integer NOT NULL DEFAULT 0, error_message text, transcript text,
      task_id varchar(155), created_at timestamp NOT NULL, updated_at timestamp NOT NULL, started_at timestamp, completed_at timestamp
    );
    CREATE INDEX ON recordings (status, created_at, id)`)
}

/** Everything odd that a table of somebody else's may be: schema and names quoted, enum, integers, varchar, naive times, a trigger. */
export const oddTable: StageTable = {
  kind: 'recordings',
  table: RecordingsTable.parse({
    schema: 'Odd "schema"',
    table: 'Call Recordings',
    columns: {
      id: 'Id',
      status: 'The State',
      title: 'Name',
      path: null,
      duration: 'Length',
      retryCount: 'Tries',
      error: 'Why?',
      heartbeat: 'Beat',
      createdAt: 'Made',
      startedAt: 'Began',
      completedAt: 'Ended',
    },
    timeZone: 'America/New_York',
  }),
  id: String,
  volatile: ['Beat'],
}

export async function createOddTable(pool: Pool): Promise<void> {
  const schema = quote(oddTable.table.schema)
  await pool.query(`
    CREATE SCHEMA ${schema};
    CREATE TYPE ${schema}."Job State" AS ENUM ('ARCHIVED', 'PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'SKIPPED');
    CREATE TABLE ${schema}."Call Recordings" (
      "Id" integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      "The State" ${schema}."Job State" NOT NULL,
      "Name" varchar(300),
      "Length" numeric(12, 4),
      "Tries" smallint DEFAULT 0,
      "Why?" varchar(60),
      "Beat" timestamp NOT NULL,
      "Made" timestamp,
      "Began" timestamp,
      "Ended" timestamp,
      "Raw" json DEFAULT '{"b" : 1,  "a": 0.10}',
      "Bytes" bytea DEFAULT '\\x00ff',
      "Tags" text[] DEFAULT '{a,NULL,"b c"}',
      "Double" numeric GENERATED ALWAYS AS ("Length" * 2) STORED
    );
    CREATE FUNCTION ${schema}.beat() RETURNS trigger LANGUAGE plpgsql AS
      $f$ BEGIN NEW."Beat" = now() AT TIME ZONE 'America/New_York'; RETURN NEW; END $f$;
    CREATE TRIGGER beat BEFORE UPDATE ON ${schema}."Call Recordings" FOR EACH ROW EXECUTE FUNCTION ${schema}.beat();`)
}
