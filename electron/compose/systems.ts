// The systems of the settings as ports: each kind's adapter, connected on first use.

import { openPool, type Pool } from '../../worker/store/pool.ts'
import { postgresJobs } from '../adapters/postgres/postgres-jobs.ts'
import { resolveSecret } from '../adapters/secrets.ts'
import { assertNever } from '../contract/failure.ts'
import type { Settings, SystemSettings } from '../contract/settings.ts'
import { RecordingsTable } from '../contract/worker-protocol.ts'
import type { JobSystem } from '../core/ports.ts'
import { absentSystem } from './absent-system.ts'
import type { LocalDatabase } from './local-database.ts'

export interface SystemParts {
  readonly dataDir: string
  readonly settings: () => Settings
  readonly database: LocalDatabase
  readonly onIdleError: (system: string, error: Error) => void
}

export interface Systems {
  readonly all: readonly JobSystem[]
  /** Ends what the systems and their connections hold; the embedded database is not theirs. */
  close(): Promise<void>
}

/** `local` alone when the settings name no system (DESIGN §8). */
export function systems({ dataDir, settings, database, onIdleError }: SystemParts): Systems {
  const listed = settings().systems
  const wanted: readonly SystemSettings[] = listed.length === 0 ? [{ id: 'local', kind: 'local' }] : listed
  const heartbeatLimitMs = () => settings().heartbeatLimitMinutes * 60_000
  const pools: LazyPool[] = []
  const all = wanted.map((system): JobSystem => {
    switch (system.kind) {
      case 'local':
        return postgresJobs({
          id: system.id,
          kind: 'local',
          table: RecordingsTable.parse({}),
          pool: () => database.pool(),
          canAdd: true,
          heartbeatLimitMs,
          taskTimeoutMs: () => timeoutMs(settings()),
          maxRetries: () => settings().worker.maxRetries,
        })
      case 'recordings': {
        const pool = lazyPool(
          () => resolveSecret(system.database, dataDir),
          (error) => onIdleError(system.id, error),
        )
        pools.push(pool)
        return postgresJobs({
          id: system.id,
          kind: 'recordings',
          table: system.table,
          pool: pool.open,
          canAdd: false,
          heartbeatLimitMs,
          // Its limit lives in its own stack's environment, which is not read yet: unknown is "no limit known".
          taskTimeoutMs: () => null,
          maxRetries: () => 3,
        })
      }
      case 'crawl':
      case 'qc':
        return absentSystem(system.id, system.kind)
      default:
        return assertNever(system)
    }
  })
  return {
    all,
    async close() {
      await Promise.all(all.map((system) => system.close()))
      await Promise.all(pools.map((pool) => pool.close()))
    },
  }
}

function timeoutMs({ worker }: Settings): number | null {
  return worker.taskTimeoutSeconds === null ? null : worker.taskTimeoutSeconds * 1000
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
