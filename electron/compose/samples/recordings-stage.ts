// A stack of recordings for samples: table in a database of its own; broker, services and .env in memory.
import { type MemoryBroker, memoryBroker } from '../../adapters/memory-broker/memory-broker.ts'
import { type MemoryEnvFile, memoryEnvFile } from '../../adapters/memory-env-file.ts'
import { type MemoryStack, memoryStack, type SampleService } from '../../adapters/memory-stack.ts'
import { postgresJobs } from '../../adapters/postgres/postgres-jobs.ts'
import { sampleId } from '../../contract/sample.ts'
import { SystemSettings } from '../../contract/settings.ts'
import { RecordingsTable } from '../../contract/worker-protocol.ts'
import { parseEnv } from '../../core/env-text.ts'
import type { System } from '../../core/ports/system.ts'
import type { IncidentParts, Staged } from './incident.ts'
import { MAX_RETRIES } from './recording-rows.ts'
import { type RecordingsWorld, recordingsWorld } from './recordings-world.ts'
import type { SampleDatabase } from './sample-database.ts'

export const PROCESS = 'app.worker.tasks.process_recording'
export const ENQUEUE = 'app.worker.tasks.enqueue_pending_recordings'
const HOUR = 60 * 60_000
const MB = 1024 * 1024

export interface RecordingsStage {
  readonly database: SampleDatabase
  readonly broker: MemoryBroker
  readonly stack: MemoryStack
  readonly world: RecordingsWorld
}

export interface RecordingsScript {
  /** Its id, without the prefix of all samples. */
  readonly system: string
  /** Audio seconds per wall second. */
  readonly speed: number
  /** Percent of one core that the worker takes at the beginning. */
  readonly workerCpu: number
  /** Lines of the stack's .env. */
  readonly env: string
  /** Beside api, worker, beat, redis and postgres. */
  readonly more?: readonly SampleService[]
  /** Rows, messages and attempts of the past, and what workers hold. */
  prepare(stage: RecordingsStage): Promise<void>
}

export async function stageRecordings(parts: IncidentParts, script: RecordingsScript): Promise<Staged> {
  const nowMs = parts.clock.nowMs
  const database = await parts.database()
  const { migrate } = await import('../../adapters/migrate.ts')
  await migrate(database.url, 'local', parts.root)
  const { pool } = database
  const app = appOf(script.system)
  const broker = memoryBroker({ app, tasks: [PROCESS, ENQUEUE], nowMs })
  const env = memoryEnvFile('/sample/app/.env', script.env)
  const stack = memoryStack({
    ...{ project: 'app', services: [...servicesAt(nowMs(), script.workerCpu), ...(script.more ?? [])] },
    ...{ values: () => parseEnv(env.text()).values, nowMs, changed: () => world.reconcile() },
  })
  const world: RecordingsWorld = recordingsWorld({ pool, broker, stack, nowMs, speed: script.speed })
  await script.prepare({ database, broker, stack, world })
  world.reconcile()
  return {
    systems: [systemOf(script.system, parts, { database, broker, stack, env })],
    tick: world.tick,
    async close() {
      await broker.close()
      await database.drop()
    },
  }
}

function appOf(name: string) {
  const settings = SystemSettings.parse({ id: sampleId(name), kind: 'recordings', database: 'env:SAMPLE' })
  if (settings.kind !== 'recordings') throw new Error('a system of recordings was asked for')
  return settings.celery
}

function systemOf(
  name: string,
  { heartbeatLimitMs }: IncidentParts,
  {
    database,
    broker,
    stack,
    env,
  }: { database: SampleDatabase; broker: MemoryBroker; stack: MemoryStack; env: MemoryEnvFile },
): System {
  const id = sampleId(name)
  const jobs = postgresJobs({
    ...{ id, kind: 'recordings', table: RecordingsTable.parse({}), pool: async () => database.pool, canAdd: false },
    heartbeatLimitMs,
    taskTimeoutMs: () => null,
    maxRetries: () => MAX_RETRIES,
  })
  return {
    ...{ id, kind: 'recordings', jobs, broker, stack, env },
    ...{ api: null, dependencies: null, recovery: null },
    // Its parts end with the sample.
    close: async () => undefined,
  }
}

/** Runbook 2's stack, up for a day. */
function servicesAt(nowMs: number, workerCpu: number): SampleService[] {
  const startedMs = nowMs - 26 * HOUR
  const database = ['POSTGRES_USER', 'POSTGRES_DB']
  const work = ['TASK_TIMEOUT_SECONDS', 'WORKER_CONCURRENCY', 'TASK_MAX_RETRIES', 'REDIS_URL', 'MODEL']
  return [
    {
      ...{ service: 'api', image: 'app-api', uses: [...database, 'REDIS_URL', 'API_PORT'], healthCheck: true },
      ...{ memoryBytes: 96 * MB, cpuPercent: 0.4, startedMs, single: 'it has a fixed port on the host (API_PORT)' },
    },
    {
      ...{ service: 'worker', image: 'app-worker', uses: [...database, ...work] },
      ...{ memoryBytes: 2100 * MB, cpuPercent: workerCpu, startedMs },
    },
    {
      ...{ service: 'beat', image: 'app-beat', uses: ['REDIS_URL'], memoryBytes: 58 * MB, cpuPercent: 0.1, startedMs },
      single: 'two schedulers would send every message twice',
    },
    {
      ...{
        service: 'redis',
        image: 'redis:7',
        uses: [],
        healthCheck: true,
        memoryBytes: 14 * MB,
        cpuPercent: 0.3,
        startedMs,
      },
      single: 'it has a container name of its own',
    },
    {
      ...{
        service: 'postgres',
        image: 'postgres:15',
        uses: database,
        healthCheck: true,
        memoryBytes: 74 * MB,
        cpuPercent: 0.6,
        startedMs,
      },
      single: 'it has a container name of its own',
    },
  ]
}

/** The usual lines; the incident's own come first. */
export function envOf(...own: readonly string[]): string {
  return [
    '# Sample: this .env is in memory, nothing is written to any disk',
    ...own,
    'TASK_MAX_RETRIES=3',
    'MODEL=base.en',
    'API_PORT=8000',
    'REDIS_URL=redis://redis:6379/0',
    'POSTGRES_USER=whisper',
    'POSTGRES_DB=whisper',
    '',
  ].join('\n')
}
