// A recordings table in Postgres as a JobSystem: `local` and `recordings` differ only in who provides the database.

import { localPath } from '../../../worker/store/local-path.ts'
import type { Pool, Queryable } from '../../../worker/store/pool.ts'
import type { SystemId } from '../../contract/job.ts'
import type { RecordingsTable, SharedFolder } from '../../contract/worker-protocol.ts'
import type { JobSystem, JobWrite } from '../../core/ports/jobs.ts'
import { abilities, needAbility } from './abilities.ts'
import { add } from './add.ts'
import { attempts, recentAttempts } from './attempts.ts'
import { counts } from './counts.ts'
import { detail } from './detail.ts'
import { indexAdvice, MANY_ROWS } from './indexes.ts'
import { lengths } from './lengths.ts'
import { readableFile, storedPath } from './media-path.ts'
import { createPace } from './pace.ts'
import { page } from './page.ts'
import { restore } from './restore.ts'
import { readRows } from './rows.ts'
import { running } from './running.ts'
import { segments } from './segments.ts'
import { readShape, type Shape } from './shape.ts'
import { createSource } from './source.ts'
import { throughput } from './throughput.ts'
import { workers } from './workers.ts'
import { write } from './write.ts'

export interface PostgresOptions {
  readonly id: SystemId
  readonly kind: 'local' | 'recordings'
  readonly table: RecordingsTable
  /** Asked for every read and write, so that a database started late or anew is found; the pool is its provider's. */
  pool(): Promise<Pool>
  readonly canAdd: boolean
  heartbeatLimitMs(): number
  taskTimeoutMs(): number | null
  maxRetries(): number
  /** Where files of the rows are on this machine; absent: the rows say it themselves. */
  folders?(): Promise<readonly SharedFolder[]>
}

/** Of readings that are taken again and again; it ends before their reader stops listening (core/watch-system.ts). */
const WATCH_MS = 4000
/** A count younger than this is as good as new. */
const FRESH_MS = 5000

const tried: Readonly<Record<JobWrite['verb'], string>> = {
  retry: 'Retry jobs',
  skip: 'Skip jobs',
  fail: 'Mark jobs as failed',
  release: 'Release stuck jobs',
  cancel: 'Cancel jobs',
  remove: 'Remove jobs',
  'take-over': 'Take over jobs',
  finalize: 'Finalize parents',
}

export function postgresJobs(options: PostgresOptions): JobSystem {
  const { id: system, kind, table, canAdd } = options
  const source = createSource<Shape>({
    on: `${system}: ${table.schema}.${table.table}`,
    timeZone: table.timeZone,
    pool: options.pool,
    readShape: (db) => readShape(db, table, kind === 'local'),
    lacking: (shape) => indexAdvice(shape)[0]?.sql ?? null,
  })
  const { read } = source
  const pace = createPace()
  /** One that may cost a large table without indexes much. */
  const watch = <T>(tried: string, signal: AbortSignal, work: Parameters<typeof read<T>>[2], key = tried) =>
    pace(key, (spend) => {
      const measured: typeof work = (db, shape) =>
        (shape.estimate ?? 0) > MANY_ROWS ? spend(() => work(db, shape)) : work(db, shape)
      return read(tried, signal, measured, WATCH_MS)
    })
  const fileOf = async (path: string | null) =>
    path === null ? null : readableFile(localPath(path, (await options.folders?.()) ?? []))
  return {
    id: system,
    kind,
    table,
    abilities: (signal) => read('Read the rights', signal, async (_db, shape) => abilities(shape, kind, canAdd)),
    async counts(signal) {
      const { value, agedMs } = await watch('Count the jobs', signal, counts)
      return agedMs > FRESH_MS ? { ...value, approximate: true } : value
    },
    async running(limit, signal) {
      const work = (db: Queryable, shape: Shape) => running(db, shape, system, limit)
      return (await watch('Read the running jobs', signal, work, `running ${limit}`)).value
    },
    workers: (signal) => read('Read the workers', signal, workers),
    async throughput(signal) {
      const work = (db: Queryable, shape: Shape) => throughput(db, shape, new Date())
      return (await watch('Read what finished lately', signal, work)).value
    },
    recentAttempts: (windowMs, limit, signal) =>
      read('Read the attempts', signal, (db, shape) => recentAttempts(db, shape, windowMs, limit)),
    limits: async () => ({
      taskTimeoutMs: options.taskTimeoutMs(),
      heartbeatLimitMs: options.heartbeatLimitMs(),
      maxRetries: options.maxRetries(),
    }),
    lengths: (overMs, signal) => read('Count how long jobs are', signal, (db, shape) => lengths(db, shape, overMs)),
    page: (query, signal) => read('Read the jobs', signal, (db, shape) => page(db, shape, query)),
    async detail(id, signal) {
      const found = await read('Read the job', signal, (db, shape) => detail(db, shape, system, id))
      if (found === null) return null
      const { path, ...rest } = found
      return { ...rest, playable: (await fileOf(path)) !== null }
    },
    attempts: (id, signal) => read('Read the attempts', signal, (db, shape) => attempts(db, shape, id)),
    segments: (id, from, limit, signal) =>
      read('Read the transcript', signal, (db, shape) => segments(db, shape, id, from, limit)),
    mediaPath: async (id, signal) =>
      fileOf(await read('Find the recording', signal, (db, shape) => storedPath(db, shape, id))),
    rows: (selector, limit, signal) =>
      read('Read the jobs', signal, (db, shape) => readRows(db, shape, system, selector, limit)),
    write: (rows, order, beforeCommit) =>
      source
        .write(
          tried[order.verb],
          (db, shape) => {
            needAbility(abilities(shape, kind, canAdd), order.verb, tried[order.verb], shape.full)
            return write(db, shape, system, rows, order)
          },
          beforeCommit,
        )
        .finally(pace.forget),
    restore: (changed, beforeCommit) =>
      source.write('Undo', (db, shape) => restore(db, shape, system, changed), beforeCommit).finally(pace.forget),
    outcome: source.outcome,
    add: (files) =>
      source
        .write('Add files', (db, shape) => {
          needAbility(abilities(shape, kind, canAdd), 'add', 'Add files', shape.full)
          return add(db, shape, files)
        })
        .finally(pace.forget),
    // The pool belongs to whoever gave it: other systems and the worker may share it.
    close: async () => undefined,
  }
}
