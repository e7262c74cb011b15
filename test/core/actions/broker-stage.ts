// Actions on a real broker: Redis, real workers, and jobs in memory beside them.
import { celeryBroker } from '../../../electron/adapters/celery/celery-broker.ts'
import { SystemSettings } from '../../../electron/contract/settings.ts'
import type { Broker } from '../../../electron/core/ports/broker.ts'
import { type Acting, acting, cast } from '../../support/acting.ts'
import { type CeleryOptions, celeryWorker, type TestWorker, type WorkerOptions } from '../../support/celery.ts'
import { redisServer, type TestRedis } from '../../support/redis.ts'
import { until } from '../../support/until.ts'

export const PROCESS = 'app.worker.tasks.process_recording'
export const ENQUEUE = 'app.worker.tasks.enqueue_pending_recordings'

export interface BrokerStage {
  readonly redis: TestRedis
  readonly celery: CeleryOptions
  readonly broker: Broker
  readonly on: Acting
  worker(options: Partial<WorkerOptions> & { name: string }): Promise<TestWorker>
  /** Lists where the test app notes what ran. */
  notes(list: 'started' | 'done'): Promise<string[]>
  close(): Promise<void>
}

export async function brokerStage(): Promise<BrokerStage> {
  const redis = await redisServer({ persist: false })
  const celery: CeleryOptions = {
    broker: redis.celeryUrl(),
    results: redis.celeryUrl(1),
    env: { ACCEPT_CONTENT: 'json' },
  }
  const settings = SystemSettings.parse({ id: 'calls', kind: 'recordings', database: 'postgres://localhost/x' })
  if (settings.kind !== 'recordings') throw new Error('it is a system of recordings')
  const broker = celeryBroker({ broker: redis.url, results: redis.urlOf({ db: 1 }), app: settings.celery })
  const workers: TestWorker[] = []
  return {
    redis,
    celery,
    broker,
    on: acting(cast, { kind: 'recordings', parts: { broker } }),
    async worker(options) {
      const one = await celeryWorker({ ...celery, ...options })
      workers.push(one)
      const answers = async () =>
        (await broker.control.workers(AbortSignal.timeout(60_000))).find(({ name }) => name === one.name)?.state ===
        'running'
      await until(`${one.name} answers`, answers)
      return one
    },
    notes: async (list) =>
      (await redis.cli('-n', '15', 'LRANGE', list, '0', '-1')).split('\n').filter((one) => one !== ''),
    async close() {
      await broker.close()
      await Promise.all(workers.map((one) => one.kill()))
      await redis.stop()
    },
  }
}
