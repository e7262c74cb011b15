// A Celery broker as one port: its queues, quarantines, workers and results over two Redis databases and their feeds.
import type { CelerySettings } from '../../contract/settings.ts'
import type { Worker } from '../../contract/snapshot.ts'
import type { Broker } from '../../core/ports/broker.ts'
import { createControl } from './control/control.ts'
import { watchEvents } from './control/events.ts'
import { createQuarantine } from './quarantine/quarantine.ts'
import { createQueues } from './queues/queues.ts'
import { connectRedis } from './redis/connect.ts'
import { readRedisUrl } from './redis/url.ts'
import { createResults } from './results/results.ts'

export interface CeleryBrokerOptions {
  /** Redis URLs with their passwords. */
  readonly broker: string
  readonly results: string
  readonly app: CelerySettings
  /** How often old quarantines are looked for beside a reading of the queues, ms; an hour when left out. */
  readonly expireEveryMs?: number
}

/** States in which a worker that names a queue will take from it again without anybody's help. */
const CONSUMING: readonly Worker['state'][] = ['running', 'busy', 'not-consuming', 'draining']

/** What is kept for 24 hours is looked through this often; `recover` does so at start and after an outage. */
const EXPIRE_EVERY_MS = 60 * 60_000
const EXPIRE_WITHIN_MS = 30_000

/** Connects on first use. @throws when a URL is none. */
export function celeryBroker(options: CeleryBrokerOptions): Broker {
  const { broker, results: resultUrl, app, expireEveryMs = EXPIRE_EVERY_MS } = options
  const source = connectRedis(readRedisUrl(broker, app.tls), app.keyPrefix, app.defaultQueue)
  const resultSource = connectRedis(readRedisUrl(resultUrl, app.tls), '')
  const listeners = new Set<() => void>()
  const change = () => {
    for (const listener of listeners) listener()
  }
  let workers: readonly Worker[] | null = null

  const results = createResults({ source: resultSource, app, change })
  const events = watchEvents(source, { task: results.hear, change })
  const control = createControl({ source, app, events, held: results.held, reportsStarts: results.reportsStarts })
  const queues = createQueues({
    source,
    app,
    change,
    consumersOf: (queue) => consumersOf(workers, queue),
    consumed: () => workers?.flatMap((worker) => worker.queues ?? []) ?? [],
  })

  const quarantine = createQuarantine(source, app)

  let expiredAtMs = performance.now()
  /** Rides on a reading that has just succeeded; one that fails waits for the next turn. */
  function expireNow(): void {
    if (performance.now() - expiredAtMs < expireEveryMs) return
    expiredAtMs = performance.now()
    quarantine.expire(AbortSignal.timeout(EXPIRE_WITHIN_MS)).catch(() => undefined)
  }

  return {
    app,
    queues: {
      ...queues,
      async queues(signal) {
        const found = await queues.queues(signal)
        expireNow()
        return found
      },
    },
    quarantine,
    control: {
      ...control,
      async workers(signal) {
        try {
          workers = await control.workers(signal)
          return workers
        } catch (error) {
          workers = null
          throw error
        }
      },
    },
    results,
    delivery: control.delivery,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      listeners.clear()
      queues.close()
      quarantine.close()
      events.close()
      results.close()
      await control.close()
      await Promise.all([source.close(), resultSource.close()])
    },
  }
}

/** null when they cannot be asked, or when one of them is silent about its queues: unknown is not "nobody". */
function consumersOf(workers: readonly Worker[] | null, queue: string): number | null {
  if (workers === null) return null
  const live = workers.filter(({ state }) => CONSUMING.includes(state))
  const consuming = live.filter((worker) => worker.queues?.includes(queue)).length
  return consuming === 0 && live.some((worker) => worker.queues === null) ? null : consuming
}
