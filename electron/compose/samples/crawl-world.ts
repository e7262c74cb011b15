// The small world of a crawl sample: workers take messages of the queues they consume, and runs complete in seconds.
import { randomUUID } from 'node:crypto'
import type { Pool } from '../../../worker/store/pool.ts'
import type { MemoryBroker } from '../../adapters/memory-broker/memory-broker.ts'
import type { HeldTask, MemoryWorker } from '../../adapters/memory-broker/memory-workers.ts'
import { beginRun, finishRun } from './crawl-rows.ts'

export const REFRESH = 'apps.sources.tasks.refresh_source_stats'
/** Runbook 3: "Celery tasks have time_limit=600". */
export const TIME_LIMIT_MS = 600_000
const RUN_MS = 6000
const REFRESH_MS = 600_000
const PER_TICK = 50

export function crawlWorld({ pool, broker, nowMs }: { pool: Pool; broker: MemoryBroker; nowMs(): number }): {
  tick(): Promise<void>
} {
  const { workers, lists, results, app } = broker
  const runs = new Map<string, { run: string; endsMs: number }>()
  let refreshedMs = nowMs()

  function end(worker: MemoryWorker, { id, name, job }: HeldTask): void {
    workers.end(id)
    results.ended({ ...{ id, outcome: 'done', task: name, job }, worker: worker.name, endedMs: nowMs() })
  }

  async function begin(worker: MemoryWorker, task: HeldTask): Promise<void> {
    const begun = task.job !== null && (await beginRun(pool, task.job, task.id))
    if (begun && task.job !== null) runs.set(task.id, { run: task.job, endsMs: nowMs() + RUN_MS })
    else end(worker, task)
  }

  return {
    async tick() {
      if (nowMs() - refreshedMs >= REFRESH_MS) {
        refreshedMs += REFRESH_MS
        lists.send({ id: randomUUID(), name: REFRESH, args: [], queue: app.defaultQueue, origin: 'gen1@beat-1' })
      }
      for (const worker of workers.all()) {
        for (const task of worker.tasks) {
          const one = runs.get(task.id)
          if (one === undefined || nowMs() < one.endsMs) continue
          runs.delete(task.id)
          await finishRun(pool, one.run)
          end(worker, task)
        }
        for (let n = 0; n < PER_TICK; n++) {
          const task = workers.take(worker, TIME_LIMIT_MS)
          if (task === null) break
          await begin(worker, task)
        }
      }
      broker.change()
    },
  }
}
