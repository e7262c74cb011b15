// A real Redis with real workers, and Unjam's control of them: made for one test file, gone after it.

import { type Control, createControl } from '../../../electron/adapters/celery/control/control.ts'
import { type CeleryEvents, watchEvents } from '../../../electron/adapters/celery/control/events.ts'
import { connectRedis, type RedisSource } from '../../../electron/adapters/celery/redis/connect.ts'
import { readRedisUrl } from '../../../electron/adapters/celery/redis/url.ts'
import { type CeleryResults, createResults } from '../../../electron/adapters/celery/results/results.ts'
import { SystemSettings } from '../../../electron/contract/settings.ts'
import type { Worker } from '../../../electron/contract/snapshot.ts'
import { type CeleryOptions, celeryWorker, type TestWorker, type WorkerOptions } from '../../support/celery.ts'
import { redisServer, type TestRedis } from '../../support/redis.ts'
import { until } from '../../support/until.ts'

export const PROCESS = 'app.worker.tasks.process_recording'
export const ENQUEUE = 'app.worker.tasks.enqueue_pending_recordings'

export interface ControlStage {
  readonly redis: TestRedis
  readonly celery: CeleryOptions
  readonly source: RedisSource
  readonly control: Control
  readonly results: CeleryResults
  readonly events: CeleryEvents
  worker(options?: Partial<WorkerOptions>): Promise<TestWorker>
  /** The worker as Unjam sees it now. */
  seen(name: string): Promise<Worker | undefined>
  /** Waits until Unjam sees it so. */
  becomes(name: string, state: Worker['state'], withinMs?: number): Promise<Worker>
  close(): Promise<void>
}

export async function controlStage(
  options: { env?: Record<string, string>; prefix?: string; idleLimitMs?: number } = {},
): Promise<ControlStage> {
  const redis = await redisServer({ persist: false })
  const prefix = options.prefix ?? ''
  const celery: CeleryOptions = {
    broker: redis.celeryUrl(),
    results: redis.celeryUrl(1),
    env: { ACCEPT_CONTENT: 'json', ...(prefix === '' ? {} : { KEY_PREFIX: prefix }), ...options.env },
  }
  const settings = SystemSettings.parse({
    id: 'x',
    kind: 'recordings',
    database: 'postgres://x/x',
    celery: { keyPrefix: prefix },
  })
  if (settings.kind !== 'recordings') throw new Error('not recordings')
  const app = settings.celery
  const source = connectRedis(readRedisUrl(redis.url, undefined), prefix, app.defaultQueue)
  const resultSource = connectRedis(readRedisUrl(redis.urlOf({ db: 1 }), undefined), '')
  const results = createResults({ source: resultSource, app, change: () => undefined })
  const events = watchEvents(source, { task: results.hear, change: () => undefined })
  const control = createControl({
    source,
    app,
    events,
    held: results.held,
    reportsStarts: results.reportsStarts,
    idleLimitMs: options.idleLimitMs ?? 1500,
  })
  const workers: TestWorker[] = []
  const seen = async (name: string) => (await control.workers(soon())).find((one) => one.name === name)
  return {
    redis,
    celery,
    source,
    control,
    results,
    events,
    async worker(more = {}) {
      const { env, ...rest } = more
      const one = await celeryWorker({ ...celery, ...rest, env: { ...celery.env, ...env } })
      workers.push(one)
      return one
    },
    seen,
    async becomes(name, state, withinMs) {
      let last: Worker | undefined
      await until(
        `${name} is ${state}`,
        async () => {
          last = await seen(name)
          return last?.state === state
        },
        withinMs,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}; last seen: ${JSON.stringify(last)}`)
      })
      if (last === undefined) throw new Error('unreachable')
      return last
    },
    async close() {
      await control.close()
      events.close()
      results.close()
      await Promise.all([source.close(), resultSource.close()])
      await Promise.all(workers.map((one) => one.kill()))
      await redis.stop()
    },
  }
}

export function soon(ms = 60_000): AbortSignal {
  return AbortSignal.timeout(ms)
}
