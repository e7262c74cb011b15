// A stack of recordings from its settings: table, broker, compose project, .env and API, each connected on first use.
import { celeryBroker } from '../adapters/celery/celery-broker.ts'
import { type ComposeStack, composeStack } from '../adapters/docker/stack.ts'
import { openEnvFile } from '../adapters/env-file.ts'
import { postgresJobs } from '../adapters/postgres/postgres-jobs.ts'
import { queueApi } from '../adapters/queue-api.ts'
import { resolveSecret } from '../adapters/secrets.ts'
import { FailureError } from '../contract/failure.ts'
import type { CelerySettings, SystemSettings } from '../contract/settings.ts'
import type { Broker } from '../core/ports/broker.ts'
import type { EnvFile, QueueApi, Stack } from '../core/ports/stack.ts'
import type { System } from '../core/ports/system.ts'
import { envFileOfStack } from './env-file-of-stack.ts'
import { lazyPool } from './lazy-pool.ts'
import { recordingFolders } from './recording-folders.ts'
import { unreadableBroker } from './unreadable-broker.ts'

export interface RecordingsParts {
  readonly dataDir: string
  heartbeatLimitMs(): number
  onProblem(system: string, error: unknown): void
}

/** Runbook 1: `task_max_retries` of the stack. */
const MAX_RETRIES = 3

export function recordingsSystem(
  settings: Recordings,
  { dataDir, heartbeatLimitMs, onProblem }: RecordingsParts,
): System {
  const { id } = settings
  const problem = (error: unknown) => onProblem(id, error)
  const pool = lazyPool(() => resolveSecret(settings.database, dataDir), problem)
  const stack = settings.stack === undefined ? null : openStack(settings, dataDir, problem)
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
    folders: recordingFolders(settings.folders, stack),
  })
  const resolve = (reference: string) => resolveSecret(reference, dataDir)
  const broker = settings.broker === undefined ? null : openBroker(settings.broker, settings, resolve)
  return {
    id,
    kind: 'recordings',
    jobs,
    broker,
    stack,
    env: openEnv(settings.envFile, stack),
    api: settings.api === undefined ? null : lazyApi(settings.api, resolve),
    dependencies: null,
    recovery: null,
    async close() {
      await Promise.all([jobs.close(), broker?.close(), stack?.close()])
      await pool.close()
    },
  }
}

type Recordings = Extract<SystemSettings, { kind: 'recordings' }>

/** Results are in the broker's database unless another one is named. */
export function openBroker(
  address: string,
  { results, celery }: { results?: string | undefined; celery: CelerySettings },
  resolve: (reference: string) => string,
): Broker {
  try {
    const broker = resolve(address)
    return celeryBroker({ broker, results: results === undefined ? broker : resolve(results), app: celery })
  } catch (error) {
    if (error instanceof FailureError) return unreadableBroker(celery, error)
    throw error
  }
}

export function openStack(
  { stack, envFile }: Pick<Recordings, 'stack' | 'envFile'>,
  dataDir: string,
  problem: (error: unknown) => void,
): ComposeStack {
  return composeStack({
    ...{ project: stack?.project, docker: stack?.docker, envFile, dataDir },
    onProblem: (sentence) => problem(new Error(sentence)),
  })
}

/** The file that is named, else the one the stack's containers were made with. */
export function openEnv(path: string | undefined, stack: Stack | null): EnvFile | null {
  if (path !== undefined) return openEnvFile(path)
  return stack === null ? null : envFileOfStack(stack, openEnvFile)
}

/** A secret that is missing is a failed reading, not a system that cannot be made. */
function lazyApi(address: string, resolve: (reference: string) => string): QueueApi {
  return { status: async (signal) => queueApi({ url: resolve(address) }).status(signal) }
}
