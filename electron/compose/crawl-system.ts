// A system of crawl runs from its settings: tables, broker and compose project, each connected on first use.
import { crawlJobs } from '../adapters/crawl/crawl-jobs.ts'
import { resolveSecret } from '../adapters/secrets.ts'
import type { SystemSettings } from '../contract/settings.ts'
import type { System } from '../core/ports/system.ts'
import { lazyPool } from './lazy-pool.ts'
import { openBroker, openEnv, openStack, type RecordingsParts } from './recordings-system.ts'

export function crawlSystem(
  settings: Extract<SystemSettings, { kind: 'crawl' }>,
  { dataDir, heartbeatLimitMs, onProblem }: RecordingsParts,
): System {
  const { id, tables, taskTimeoutSeconds } = settings
  const problem = (error: unknown) => onProblem(id, error)
  const resolve = (reference: string) => resolveSecret(reference, dataDir)
  const pool = lazyPool(() => resolve(settings.database), problem)
  const jobs = crawlJobs({
    ...{ id, tables, heartbeatLimitMs, pool: pool.open },
    taskTimeoutMs: taskTimeoutSeconds === null ? null : taskTimeoutSeconds * 1000,
  })
  const broker = settings.broker === undefined ? null : openBroker(settings.broker, settings, resolve)
  const stack = settings.stack === undefined ? null : openStack(settings, dataDir, problem)
  return {
    ...{ id, kind: 'crawl', jobs, broker, stack, api: null, dependencies: null, recovery: null },
    env: openEnv(undefined, stack),
    async close() {
      await Promise.all([jobs.close(), broker?.close(), stack?.close()])
      await pool.close()
    },
  }
}
