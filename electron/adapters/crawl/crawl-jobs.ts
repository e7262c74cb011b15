// Crawl runs in Postgres as a JobSystem: runbook 3's `crawl_jobs` and `crawl_job_source_results`.
import type { Pool } from '../../../worker/store/pool.ts'
import type { CrawlTables } from '../../contract/crawl-tables.ts'
import type { SystemId } from '../../contract/job.ts'
import type { JobSystem, JobWrite } from '../../core/ports/jobs.ts'
import { createPace } from '../postgres/pace.ts'
import { createSource } from '../postgres/source.ts'
import { page } from './page-runs.ts'
import { abilities, needAbility, unsupported } from './run-abilities.ts'
import { detail } from './run-detail.ts'
import { readRows } from './run-rows.ts'
import { readShape, type Shape } from './shape.ts'
import { counts, running, throughput } from './watch-runs.ts'
import { restoreRuns, writeRuns } from './write-runs.ts'

export interface CrawlOptions {
  readonly id: SystemId
  readonly tables: CrawlTables
  /** Asked for every read and write, so that a database started late is found; the pool is its provider's. */
  pool(): Promise<Pool>
  heartbeatLimitMs(): number
  /** `time_limit` of the tasks. */
  readonly taskTimeoutMs: number | null
}

/** It ends before the reader stops listening (core/watch-system.ts). */
const WATCH_MS = 4000
/** A count younger than this is as good as new. */
const FRESH_MS = 5000

const tried: Readonly<Partial<Record<JobWrite['verb'], string>>> = {
  retry: 'Retry runs',
  fail: 'Mark runs as failed',
  finalize: 'Finalize parents',
}

export function crawlJobs({ id: system, tables, pool, heartbeatLimitMs, taskTimeoutMs }: CrawlOptions): JobSystem {
  const on = `${system}: ${tables.schema}.${tables.jobs.table}`
  const source = createSource<Shape>({
    on,
    timeZone: tables.timeZone,
    pool,
    readShape: (db) => readShape(db, tables),
    lacking: () => null,
  })
  const { read } = source
  const pace = createPace()
  const watch = <T>(what: string, signal: AbortSignal, work: Parameters<typeof read<T>>[2]) =>
    pace(what, (spend) => read(what, signal, (db, shape) => spend(() => work(db, shape)), WATCH_MS))
  return {
    id: system,
    kind: 'crawl',
    tables,
    abilities: (signal) => read('Read the rights', signal, async (_db, shape) => abilities(shape)),
    async counts(signal) {
      const { value, agedMs } = await watch('Count the runs', signal, counts)
      return agedMs > FRESH_MS ? { ...value, approximate: true } : value
    },
    async running(limit, signal) {
      return (await watch('Read the running runs', signal, (db, shape) => running(db, shape, system, limit))).value
    },
    // Celery's workers are the broker's to tell.
    workers: async () => [],
    async throughput(signal) {
      const { value } = await watch('Read what finished lately', signal, (db, shape) =>
        throughput(db, shape, new Date()),
      )
      return value
    },
    // The table keeps the latest attempt only; what runs now is drawn from the workers' own tasks.
    recentAttempts: async () => [],
    limits: async () => ({ taskTimeoutMs, heartbeatLimitMs: heartbeatLimitMs(), maxRetries: 0 }),
    lengths: async () => {
      throw unsupported('Count how long runs are', on, 'a crawl has no length that is known before')
    },
    page: (query, signal) => read('Read the runs', signal, (db, shape) => page(db, shape, query)),
    detail: (id, signal) => read('Read the run', signal, (db, shape) => detail(db, shape, system, id)),
    attempts: async () => [],
    segments: async () => ({ segments: [], next: null }),
    mediaPath: async () => null,
    rows: (selector, limit, signal) =>
      read('Read the runs', signal, (db, shape) => readRows(db, shape, system, selector, limit)),
    write: (rows, order, beforeCommit) =>
      source
        .write(
          tried[order.verb] ?? 'Write runs',
          (db, shape) => {
            needAbility(abilities(shape), order.verb, tried[order.verb] ?? 'Write runs', on)
            return writeRuns(db, shape, system, rows, order)
          },
          beforeCommit,
        )
        .finally(pace.forget),
    restore: (changed, beforeCommit) =>
      source.write('Undo', (db, shape) => restoreRuns(db, shape, system, changed), beforeCommit).finally(pace.forget),
    outcome: source.outcome,
    add: async () => {
      throw unsupported('Add files', on, 'runs are added by the program that owns the table')
    },
    // The pool belongs to whoever gave it.
    close: async () => undefined,
  }
}
