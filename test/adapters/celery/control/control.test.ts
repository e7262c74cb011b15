// Real workers in every state they can be in: idle, busy, frozen, killed, hung, not consuming; and they look different.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { celerySend } from '../../../support/celery.ts'
import { hangWorker } from '../../../support/hang-worker.ts'
import { until } from '../../../support/until.ts'
import { type ControlStage, controlStage, PROCESS, soon } from '../control-stage.ts'

let on: ControlStage
beforeAll(async () => {
  on = await controlStage()
})
afterAll(() => on.close())

describe('a prefork worker', () => {
  it('is running while idle, and says what it is', async () => {
    const worker = await on.worker({ name: 'idle@host-a', concurrency: 2 })
    const seen = await on.becomes('idle@host-a', 'running')
    expect(seen).toMatchObject({
      id: 'idle@host-a',
      kind: 'celery',
      because: null,
      host: 'host-a',
      pid: worker.pid,
      slots: 2,
      busy: 0,
      queues: ['celery'],
      pool: 'prefork',
    })
    expect(Date.parse(seen.startedAt ?? '') - Date.now()).toBeLessThan(2000)
    await worker.stop()
  })

  it('is running while its slots are taken; its tasks name the recordings', async () => {
    const worker = await on.worker({ name: 'busy@host-b' })
    const [id, waiting] = await celerySend(
      on.celery,
      { task: PROCESS, args: ['rec-1'], kwargs: { seconds: 60 } },
      { task: PROCESS, args: ['rec-2'], kwargs: { seconds: 60 } },
    )
    await until('the task runs', async () => (await on.control.tasks(soon())).length === 2)
    expect(await on.seen('busy@host-b')).toMatchObject({ state: 'running', slots: 1, busy: 1, prefetched: 1 })
    const [active, reserved] = await on.control.tasks(soon())
    expect(active).toMatchObject({
      id,
      name: PROCESS,
      job: 'rec-1',
      worker: 'busy@host-b',
      state: 'active',
      queue: 'celery',
    })
    expect(active?.elapsedMs).toBeGreaterThanOrEqual(0)
    expect(active?.elapsedMs).toBeLessThan(10_000)
    expect(reserved).toMatchObject({ id: waiting, job: 'rec-2', state: 'reserved', elapsedMs: null })
    await worker.kill()
    expect(await on.becomes('busy@host-b', 'lost')).toMatchObject({ busy: 0 })
  })
})

it('SIGSTOP is frozen, and SIGCONT running again', async () => {
  const worker = await on.worker({ name: 'ice@host-c' })
  await on.becomes('ice@host-c', 'running')
  await until('it has beaten', () => on.events.beats().has('ice@host-c'))
  const states = new Set<string | undefined>()
  worker.freeze()
  await until('it is frozen', async () => {
    const state = (await on.seen('ice@host-c'))?.state
    states.add(state)
    return state === 'frozen'
  })
  // Never hung: that would have another cure.
  expect([...states]).toEqual(['running', 'unknown', 'frozen'])
  const seen = await on.becomes('ice@host-c', 'frozen')
  expect(seen.because).toMatch(/^It last answered \d+ s ago, its last heartbeat came \d+ s ago; its connection/)
  worker.resume()
  await on.becomes('ice@host-c', 'running')
  await worker.kill()
  expect((await on.becomes('ice@host-c', 'lost')).because).toMatch(/connection to Redis is gone/)
})

it('a malformed command makes it hung, and cutting its control connection cures it', async () => {
  const worker = await on.worker({ name: 'deaf@host-d' })
  const other = await on.worker({ name: 'well@host-d', queues: ['other'] })
  await on.becomes('deaf@host-d', 'running')
  await on.becomes('well@host-d', 'running')
  await hangWorker(on.redis, 'deaf@host-d')
  const seen = await on.becomes('deaf@host-d', 'hung', 20_000)
  expect(seen.because).toMatch(/its control connection hangs/)
  await expect(on.control.unhang('well@host-d', soon())).rejects.toThrow(/it answers/)
  const found = await on.control.hung('deaf@host-d', soon())
  expect(found.how).toContain(`process ${worker.pid} on this machine`)
  expect(found.connections.length).toBeGreaterThan(0)
  expect(await on.control.unhang('deaf@host-d', soon(15_000))).toMatchObject({
    answers: true,
    cut: found.connections.length,
  })
  await on.becomes('deaf@host-d', 'running')
  await Promise.all([worker.kill(), other.kill()])
})

it('a worker that consumes nothing, or takes nothing although messages wait, is not consuming', async () => {
  const worker = await on.worker({ name: 'lazy@host-e', concurrency: 2 })
  await on.becomes('lazy@host-e', 'running')
  const asked = await on.control.consume('celery', false, ['lazy@host-e'], soon())
  expect(asked).toMatchObject([{ worker: 'lazy@host-e', ok: true }])
  await celerySend(on.celery, { task: PROCESS, args: ['rec-9'] })
  expect(await on.seen('lazy@host-e')).toMatchObject({
    state: 'paused',
    queues: [],
    because: expect.stringContaining('Unjam paused'),
  })
  await on.redis.cli('DEL', 'unjam:paused')
  expect(await on.seen('lazy@host-e')).toMatchObject({ state: 'not-consuming' })
  expect(await on.control.consume('celery', true, ['lazy@host-e'], soon())).toMatchObject([{ ok: true }])
  await until('the message is taken', async () => (await on.redis.cli('LLEN', 'celery')) === '0')
  await on.becomes('lazy@host-e', 'running')
  await worker.kill()
})

it('a solo worker is busy while a task fills it', async () => {
  const worker = await on.worker({ name: 'solo@host-f', pool: 'solo', queues: ['solo'] })
  await on.becomes('solo@host-f', 'running')
  await on.results.summary(soon())
  const [id] = await celerySend(on.celery, { task: 'sleep', args: [60], options: { queue: 'solo' } })
  const seen = await on.becomes('solo@host-f', 'busy', 20_000)
  expect(seen).toMatchObject({ pool: 'solo', busy: 1, because: expect.stringContaining(`${id}`) })
  await worker.kill()
  await on.becomes('solo@host-f', 'lost')
})
