// The sources beside a system's jobs: its broker and workers, its compose stack, its .env, its API. Each fails alone.
import { FailureError } from '../contract/failure.ts'
import type { EnvState } from '../contract/service.ts'
import type { Limits, Reading, SystemSnapshot, Worker } from '../contract/snapshot.ts'
import { readEnvState, taskTimeoutMs } from './env-state.ts'
import type { Delivery } from './ports/broker.ts'
import type { System } from './ports/system.ts'
import type { Source } from './source.ts'

/** Makes one source of the system; `changed` replaces the general hint that something was read. */
export type Sourcing = <T>(tried: string, read: (signal: AbortSignal) => Promise<T>, changed?: () => void) => Source<T>

interface Part<Readings> {
  readonly sources: readonly { source: Source<unknown>; everyMs: number }[]
  readings(): Readings
  close(): void
}

type BrokerReadings = Pick<SystemSnapshot, 'workers' | 'queues' | 'tasks' | 'results'>
/** For the rules alone: how the broker hands out messages. */
export interface BrokerPart extends Part<BrokerReadings> {
  delivery(): Reading<Delivery> | null
}
type StackReadings = Pick<SystemSnapshot, 'limits' | 'stack' | 'services' | 'env' | 'api'>

const TASKS = 200

export function watchBroker(system: System, source: Sourcing): BrokerPart {
  const { broker } = system
  const workers = source('Read the workers', (signal) => readWorkers(system, signal))
  if (broker === null)
    return {
      sources: [{ source: workers, everyMs: 1000 }],
      readings: () => ({ workers: workers.reading(), queues: null, tasks: null, results: null }),
      delivery: () => null,
      close: () => undefined,
    }
  const queues = source('Read the queues', async (signal) => [...(await broker.queues.queues(signal))])
  const tasks = source('Read the tasks', async (signal) => [...(await broker.control.tasks(signal))].slice(0, TASKS))
  const results = source('Read the results', (signal) => broker.results.summary(signal))
  const delivery = source('Ask how messages are handed out', (signal) => broker.delivery(signal))
  const quiet = broker.onChange(() => {
    for (const one of [workers, tasks, results]) one.expire()
  })
  return {
    sources: [
      { source: workers, everyMs: 2000 },
      { source: tasks, everyMs: 2000 },
      { source: queues, everyMs: 1000 },
      { source: results, everyMs: 5000 },
      { source: delivery, everyMs: 60_000 },
    ],
    readings: () => ({
      workers: workers.reading(),
      queues: queues.reading(),
      tasks: tasks.reading(),
      results: results.reading(),
    }),
    delivery: delivery.reading,
    close: quiet,
  }
}

export function watchStack(system: System, source: Sourcing): Part<StackReadings> {
  const { jobs, stack, env, api } = system
  const info = stack && source('Read the stack', (signal) => stack.info(signal))
  const services = stack && source('Read the services', async (signal) => [...(await stack.services(signal))])
  const file = env && source('Read the .env', (signal) => readEnvState(env, stack, signal))
  const status = api && source("Read the stack's API", (signal) => api.status(signal))
  const limits = source('Read the limits', (signal) => jobs.limits(signal))
  const quiet = stack?.onChange(() => {
    services?.expire()
    file?.expire()
  })
  const optional = (one: Source<unknown> | null, everyMs: number) => (one === null ? [] : [{ source: one, everyMs }])
  return {
    sources: [
      ...optional(info, 30_000),
      ...optional(services, 2000),
      ...optional(file, 10_000),
      ...optional(status, 5000),
      { source: limits, everyMs: 10_000 },
    ],
    readings: () => ({
      limits: withTimeout(limits.reading(), file?.reading() ?? null),
      stack: info?.reading() ?? null,
      services: services?.reading() ?? null,
      env: file?.reading() ?? null,
      api: status?.reading() ?? null,
    }),
    close: () => quiet?.(),
  }
}

/** A stack's time limit is the one its containers have; its table knows none. */
function withTimeout(limits: Reading<Limits>, env: Reading<EnvState> | null): Reading<Limits> {
  if (limits.status === 'unknown' || env === null || env.status === 'unknown') return limits
  return { ...limits, value: { ...limits.value, taskTimeoutMs: taskTimeoutMs(env.value) } }
}

/** Celery's workers and Unjam's own on the same table; a database without schema `unjam` simply has none of ours. */
async function readWorkers({ jobs, broker }: System, signal: AbortSignal): Promise<Worker[]> {
  const own = jobs.workers(signal).catch((error: unknown) => {
    if (broker !== null && error instanceof FailureError && error.failure.kind === 'unsupported') return []
    throw error
  })
  const [ours, celery] = await Promise.all([own, broker === null ? [] : broker.control.workers(signal)])
  return [...celery, ...ours]
}
