// A stack of recordings from its settings: table, broker, compose project, .env and API, each connected on first use.
import { openPool, type Pool } from '../../worker/store/pool.ts'
import { postgresJobs } from '../adapters/postgres/postgres-jobs.ts'
import { resolveSecret } from '../adapters/secrets.ts'
import type { SystemSettings } from '../contract/settings.ts'
import type { System } from '../core/ports.ts'

export interface RecordingsParts {
  readonly dataDir: string
  heartbeatLimitMs(): number
  onProblem(system: string, error: unknown): void
}

/** Runbook 1: `task_max_retries` of the stack. */
const MAX_RETRIES = 3

export function recordingsSystem(
  settings: Extract<SystemSettings, { kind: 'recordings' }>,
  { dataDir, heartbeatLimitMs, onProblem }: RecordingsParts,
): System {
  const { id } = settings
  const problem = (error: unknown) => onProblem(id, error)
  const pool = lazyPool(() => resolveSecret(settings.database, dataDir), problem)
  const jobs = postgresJobs({
    id,
    kind: 'recordings',
    table: settings.table,
    pool: pool.open,
    canAdd: false,
    heartbeatLimitMs,
    // Its limit lives in its own stack's environment, and is read from there (core/watch-parts).
    taskTimeoutMs: () => null,
    maxRetries: () => MAX_RETRIES,
  })
  return {
    id,
    kind: 'recordings',
    jobs,
    broker: null,
    stack: null,
    env: null,
    api: null,
    async close() {
      await jobs.close()
      await pool.close()
    },
  }
}

interface LazyPool {
  open(): Promise<Pool>
  close(): Promise<void>
}

/** A pool opened on first use; a secret that cannot be resolved is tried again on the next read. */
function lazyPool(url: () => string, onIdleError: (error: Error) => void): LazyPool {
  let pool: Pool | null = null
  return {
    async open() {
      pool ??= openPool(url(), 4, onIdleError)
      return pool
    },
    async close() {
      await pool?.close()
      pool = null
    },
  }
}
