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
  readonly settings: () => Settings
  readonly database: LocalDatabase
  readonly onIdleError: (system: string, error: Error) => void
}

/** `local` alone when the settings name no system (DESIGN §8). */
export function systems({ settings, database, onIdleError }: SystemParts): JobSystem[] {
  const listed = settings().systems
  const all: readonly SystemSettings[] = listed.length === 0 ? [{ id: 'local', kind: 'local' }] : listed
  const heartbeatLimitMs = () => settings().heartbeatLimitMinutes * 60_000
  return all.map((system): JobSystem => {
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
      case 'recordings':
        return postgresJobs({
          id: system.id,
          kind: 'recordings',
          table: system.table,
          pool: connectOnce(
            () => resolveSecret(system.database),
            (error) => onIdleError(system.id, error),
          ),
          canAdd: false,
          heartbeatLimitMs,
          // Its limit lives in its own stack's environment, which is not read yet: unknown is "no limit known".
          taskTimeoutMs: () => null,
          maxRetries: () => 3,
        })
      case 'crawl':
      case 'qc':
        return absentSystem(system.id, system.kind)
      default:
        return assertNever(system)
    }
  })
}

function timeoutMs({ worker }: Settings): number | null {
  return worker.taskTimeoutSeconds === null ? null : worker.taskTimeoutSeconds * 1000
}

/** A pool opened on first use; a secret that cannot be resolved is tried again on the next read. */
function connectOnce(url: () => string | Promise<string>, onIdleError: (error: Error) => void): () => Promise<Pool> {
  let pool: Promise<Pool> | null = null
  return () => {
    if (pool === null) {
      const attempt = Promise.resolve()
        .then(url)
        .then((address) => openPool(address, 4, onIdleError))
      pool = attempt
      attempt.catch(() => {
        if (pool === attempt) pool = null
      })
    }
    return pool
  }
}
