// The stack's own Celery app as plain processes: real Celery, Redis and Postgres, quick tools, short intervals.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CeleryOptions,
  celeryBeat,
  celerySend,
  celeryWorker,
  type TestBeat,
  type TestWorker,
  type WorkerOptions,
} from './celery.ts'
import { emptyDatabase, type TestDatabase, testDatabase } from './postgres.ts'
import { quickToolsEnv, type RecordingFile, writeRecording } from './recording-file.ts'
import { redisServer, type TestRedis } from './redis.ts'

export const stackFolder = join(import.meta.dirname, '../../resources/stack')

export interface RecordingRow {
  readonly status: string
  readonly retry_count: number
  readonly error_message: string | null
  readonly transcript: string | null
  readonly duration_seconds: number | null
  readonly task_id: string | null
  readonly updated_at: Date
}

export interface StackApp {
  readonly database: TestDatabase
  readonly redis: TestRedis
  /** For `celerySend`, `celeryCommand`. */
  readonly celery: CeleryOptions
  /** Where `add` writes files. */
  readonly folder: string
  worker(env?: Readonly<Record<string, string>>, options?: Partial<WorkerOptions>): Promise<TestWorker>
  beat(env?: Readonly<Record<string, string>>): Promise<TestBeat>
  /** A file and its row, queued; answers with its id. */
  add(file?: RecordingFile, columns?: Readonly<Record<string, unknown>>): Promise<string>
  row(id: string): Promise<RecordingRow>
  /** One message for `process_recording`, as the enqueuer sends it; answers with the task id. */
  process(id: string, queue?: string): Promise<string>
  enqueue(): Promise<string>
  /** Kills workers and beats, empties Redis and the table: each test begins without the one before it. */
  quiet(): Promise<void>
  /** Kills what is left and removes everything. */
  end(): Promise<void>
}

/** `unjam`: the database has Unjam's schema too (and its local table, to which the app adds its column). */
export async function stackApp(options: { unjam?: boolean } = {}): Promise<StackApp> {
  const [database, redis] = await Promise.all([
    options.unjam === true ? testDatabase() : emptyDatabase(),
    redisServer(),
  ])
  const folder = mkdtempSync(join(tmpdir(), 'unjam-test-stack-'))
  const model = join(folder, 'ggml-base.bin')
  writeFileSync(model, '')
  const running: (TestWorker | TestBeat)[] = []
  const celery = (env: Readonly<Record<string, string>> = {}): CeleryOptions => ({
    broker: redis.url,
    results: redis.urlOf({ db: 1 }),
    folder: stackFolder,
    app: 'app.worker.celery_app',
    env: {
      ...quickToolsEnv,
      DATABASE_URL: database.url,
      HEARTBEAT_SECONDS: '0.2',
      // A busy machine may starve a heartbeat for seconds; what is about stuck rows makes them old.
      STUCK_SECONDS: '900',
      ENQUEUE_SECONDS: '0.5',
      TMPDIR: folder,
      MODEL: model,
      ALIVE_FILE: join(folder, `alive-${randomUUID()}`),
      ...env,
    },
  })
  return {
    database,
    redis,
    celery: celery(),
    folder,
    async worker(env, more) {
      const worker = await celeryWorker({ ...celery(env), ...more })
      running.push(worker)
      return worker
    },
    async beat(env) {
      const beat = await celeryBeat(celery(env))
      running.push(beat)
      return beat
    },
    async add(file = {}, columns = {}) {
      const title = file.title ?? `${randomUUID()}.m4a`
      const path = join(folder, writeRecording(folder, { ...file, title }))
      const values = { id: randomUUID(), file_name: title, file_path: path, ...columns }
      const names = Object.keys(values)
      await database.pool.query(
        `INSERT INTO recordings (${names.join(', ')}) VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
        Object.values(values),
      )
      return values.id
    },
    async row(id) {
      const { rows } = await database.pool.query<RecordingRow>('SELECT * FROM recordings WHERE id = $1', [id])
      if (rows[0] === undefined) throw new Error(`no recording ${id}`)
      return rows[0]
    },
    async process(id, queue = 'celery') {
      const call = { task: 'app.worker.tasks.process_recording', args: [id], options: { queue } }
      const [task = ''] = await celerySend(celery(), call)
      return task
    },
    async enqueue() {
      const [task = ''] = await celerySend(celery(), { task: 'app.worker.tasks.enqueue_pending_recordings' })
      return task
    },
    async quiet() {
      await Promise.all(running.splice(0).map((one) => one.kill()))
      await redis.cli('FLUSHALL')
      await database.pool.query('DELETE FROM recordings')
    },
    async end() {
      await Promise.all(running.map((one) => one.kill()))
      await Promise.all([database.drop(), redis.stop()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
