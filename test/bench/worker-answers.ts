// How long asking Celery's workers takes: cold as the app starts, warm when all answer, and with a frozen one among them.
import { celeryBroker } from '../../electron/adapters/celery/celery-broker.ts'
import { type ControlStage, controlStage, soon } from '../adapters/celery/control-stage.ts'
import { celeryApp } from '../adapters/celery/queue-stage.ts'
import { until } from '../support/until.ts'
import type { Table } from './run.ts'

const PREFIX = 'app1:'

/** Nothing known, nothing connected. */
async function cold(on: ControlStage): Promise<number> {
  const fresh = celeryBroker({
    broker: on.redis.url,
    results: on.redis.urlOf({ db: 1 }),
    app: celeryApp({ keyPrefix: PREFIX }),
  })
  const began = performance.now()
  await fresh.control.workers(soon())
  const ms = performance.now() - began
  await fresh.close()
  return ms
}

async function warm(on: ControlStage): Promise<number> {
  const began = performance.now()
  await on.control.workers(soon())
  return performance.now() - began
}

export async function workerAnswers(quick: boolean): Promise<Table> {
  const on = await controlStage({ prefix: PREFIX })
  const ms = (value: number | undefined) => `${(value ?? 0).toFixed(1)} ms`
  const rows: string[][] = []
  try {
    for (const n of [1, 2, 3, 4]) {
      const worker = await on.worker({ name: `w${n}@speed` })
      await on.becomes(worker.name, 'running')
      const first = await cold(on)
      const runs: number[] = []
      for (let i = 0; i < (quick ? 5 : 20); i++) runs.push(await warm(on))
      runs.sort((a, b) => a - b)
      rows.push([`${n} of ${n} answer`, ms(first), ms(runs[runs.length >> 1]), ms(runs.at(-1)), '≤ 1 s'])
      if (n < 4) continue
      worker.freeze()
      const once = await warm(on)
      await until('it counts as silent', async () => (await on.seen(worker.name))?.state !== 'running', 10_000)
      rows.push(['3 of 4, one just frozen', '–', ms(once), '–', '≤ 1.5 s'])
      rows.push(['3 of 4, known as silent', '–', ms(await warm(on)), '–', '≤ 1 s'])
      worker.resume()
    }
  } finally {
    await on.close()
  }
  return {
    title: 'Asking the workers over pidbox: ping, active, reserved, scheduled, stats, queues',
    columns: ['workers', 'cold', 'warm median', 'worst', 'target'],
    rows,
  }
}
