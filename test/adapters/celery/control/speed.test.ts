// How long asking takes: a second at most with a silent worker among them, milliseconds when all answer. With a prefix.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { celeryBroker } from '../../../../electron/adapters/celery/celery-broker.ts'
import { until } from '../../../support/until.ts'
import { type ControlStage, controlStage, soon } from '../control-stage.ts'
import { celeryApp } from '../queue-stage.ts'

let on: ControlStage
beforeAll(async () => {
  on = await controlStage({ prefix: 'app1:' })
}, 30_000)
afterAll(() => on.close(), 30_000)

/** As the app starts: nothing known, nothing connected. */
async function cold(): Promise<{ ms: number; names: string[] }> {
  const fresh = celeryBroker({
    broker: on.redis.url,
    results: on.redis.urlOf({ db: 1 }),
    app: celeryApp({ keyPrefix: 'app1:' }),
  })
  const began = performance.now()
  const workers = await fresh.control.workers(soon())
  const ms = performance.now() - began
  await fresh.close()
  return { ms, names: workers.map(({ name }) => name) }
}
async function warm(): Promise<number> {
  const began = performance.now()
  await on.control.workers(soon())
  return performance.now() - began
}

it('one to four workers', async () => {
  const figures: string[] = []
  const names: string[] = []
  let last: Awaited<ReturnType<ControlStage['worker']>> | null = null
  for (const n of [1, 2, 3, 4]) {
    last = await on.worker({ name: `w${n}@speed` })
    names.push(last.name)
    await on.becomes(last.name, 'running')
    const first = await cold()
    expect(first.names).toEqual(names)
    const runs = []
    for (let i = 0; i < 20; i++) runs.push(await warm())
    runs.sort((a, b) => a - b)
    figures.push(`${n}: cold ${first.ms.toFixed(0)} ms, warm ${runs[10]?.toFixed(1)} ms (most ${runs[19]?.toFixed(1)})`)
    expect(first.ms).toBeLessThan(1000)
    expect(runs[10]).toBeLessThan(500)
  }
  last?.freeze()
  const first = await warm()
  await until('it counts as silent', async () => (await on.seen('w4@speed'))?.state !== 'running', 10_000)
  const then = await warm()
  figures.push(`4 with one frozen: first ${first.toFixed(0)} ms, then ${then.toFixed(0)} ms`)
  expect(first).toBeLessThan(1500)
  expect(then).toBeLessThan(700)
  last?.resume()
  console.info(`Asking the workers, wall: ${figures.join('; ')}`)
}, 90_000)
