// Revoke, resize, enqueue, pause and resume against real workers: what changed, what did not, and the way back.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FailureError } from '../../../electron/contract/failure.ts'
import type { Broker } from '../../../electron/core/ports/broker.ts'
import { act, acting, admin, cast, failureOf, request, signal } from '../../support/acting.ts'
import { celerySend } from '../../support/celery.ts'
import { hangWorker } from '../../support/hang-worker.ts'
import { until } from '../../support/until.ts'
import { type BrokerStage, brokerStage, PROCESS } from './broker-stage.ts'

let stage: BrokerStage
beforeAll(async () => {
  stage = await brokerStage()
})
afterAll(() => stage.close())

const length = async (queue = 'celery') => Number(await stage.redis.cli('LLEN', queue))

describe('revoke-task', () => {
  it('takes exactly the chosen message out, and undo puts it back under a new id', async () => {
    const [first, second] = await celerySend(
      stage.celery,
      { task: PROCESS, args: ['rev-1'] },
      { task: PROCESS, args: ['rev-2'] },
    )
    const before = await stage.redis.cli('LRANGE', 'celery', '0', '-1')
    const { preview, receipt } = await act(stage.on, { action: 'revoke-task', target: [`${first}`] })
    expect(preview).toMatchObject({ title: 'Revoke 1 task', count: 1, undoable: true, sample: [{ title: 'rev-1' }] })
    expect(preview.command).toContain(`celery -A APP control revoke ${first}\n`)
    expect(receipt).toMatchObject({ count: 1, left: [] })
    expect(await length()).toBe(1)
    expect(await stage.redis.cli('LRANGE', 'celery', '0', '-1')).toContain(second)
    const { undone } = await stage.on.actions.undo(receipt.id, admin)
    expect(undone).toMatchObject({ restored: 1, left: [] })
    const after = await stage.redis.cli('LRANGE', 'celery', '0', '-1')
    expect(after).not.toContain(first)
    const bodies = (text: string) => [...text.matchAll(/"body": "([^"]+)"/g)].map(([, body]) => body).sort()
    expect(bodies(after)).toEqual(bodies(before))
  })

  it('by=job takes every message of a job; a job that waits again is not doubled by undo', async () => {
    const { receipt } = await act(stage.on, {
      action: 'revoke-task',
      target: ['rev-1', 'rev-2'],
      params: { by: 'job' },
    })
    expect(receipt.count).toBe(2)
    expect(await length()).toBe(0)
    await celerySend(stage.celery, { task: PROCESS, args: ['rev-1'] })
    const { undone } = await stage.on.actions.undo(receipt.id, admin)
    expect(undone).toMatchObject({ restored: 1, left: [{ because: 'another message for rev-1 is queued now' }] })
    expect(await length()).toBe(2)
    await stage.redis.cli('DEL', 'celery')
  })

  it('undo puts nothing beside a job that a worker took up meanwhile, but does beside one that ran all along', async () => {
    const worker = await stage.worker({ name: 'again@a', queues: ['again'] })
    const send = (id: string, seconds: number) =>
      celerySend(stage.celery, { task: PROCESS, args: [id], kwargs: { seconds }, options: { queue: 'again' } })
    const runs = (id: string) =>
      until(`${id} runs`, async () =>
        (await stage.broker.control.tasks(signal)).some(({ job, state }) => job === id && state === 'active'),
      )
    await send('rev-3', 60)
    await runs('rev-3')
    // One more is prefetched; the next ones wait.
    await send('rev-fill', 0)
    await send('rev-3', 60)
    await send('rev-4', 60)
    await until('two wait', async () => (await length('again')) === 2)
    const asked = { action: 'revoke-task', target: ['rev-3', 'rev-4'], params: { by: 'job' } } as const
    const { preview, receipt } = await act(stage.on, { ...asked, target: [...asked.target] })
    expect(preview.notTouched).toContain('1 task that runs already')
    expect(receipt).toMatchObject({ count: 2, left: [] })
    expect(await length('again')).toBe(0)
    expect((await stage.on.actions.undo(receipt.id, admin)).undone).toMatchObject({ restored: 2, left: [] })

    const second = await act(stage.on, { ...asked, target: [...asked.target] })
    await stage.broker.control.resize('again@a', 1, signal)
    await send('rev-4', 60)
    await runs('rev-4')
    expect((await stage.on.actions.undo(second.receipt.id, admin)).undone).toMatchObject({
      restored: 1,
      left: [{ because: 'again@a is processing rev-4 now' }],
    })
    await worker.kill()
    await stage.redis.cli('DEL', 'again', 'unacked', 'unacked_index')
  })

  it('a message of protocol 1 cannot come back under a new id: it is listed, and the others come back', async () => {
    const old = (id: string) => {
      const body = Buffer.from(JSON.stringify({ task: PROCESS, id, args: [id], kwargs: {} })).toString('base64')
      const properties = {
        delivery_info: { exchange: '', routing_key: 'celery' },
        delivery_tag: id,
        body_encoding: 'base64',
      }
      return JSON.stringify({
        body,
        'content-encoding': 'utf-8',
        'content-type': 'application/json',
        headers: {},
        properties,
      })
    }
    await stage.redis.cli('LPUSH', 'celery', old('v1-a'))
    const [id] = await celerySend(stage.celery, { task: PROCESS, args: ['v2-b'] })
    const both = await act(stage.on, { action: 'revoke-task', target: ['v1-a', `${id}`] })
    expect(both.receipt.count).toBe(2)
    expect((await stage.on.actions.undo(both.receipt.id, admin)).undone).toMatchObject({
      restored: 1,
      left: [{ id: 'v1-a', because: expect.stringContaining('it is of protocol 1') }],
    })
    expect(await length()).toBe(1)
    await stage.redis.cli('DEL', 'celery')
  })

  it('ends a running task only when told to, and says that there is no way back', async () => {
    const worker = await stage.worker({ name: 'ends@a', queues: ['ends'] })
    const [id, waits] = await celerySend(
      stage.celery,
      { task: PROCESS, args: ['run-1'], kwargs: { seconds: 60 }, options: { queue: 'ends' } },
      { task: PROCESS, args: ['run-2'], options: { queue: 'ends' } },
    )
    await until('it runs', async () =>
      (await stage.broker.control.tasks(signal)).some(({ job, state }) => job === 'run-1' && state === 'active'),
    )
    const asked = request({ action: 'revoke-task', target: [`${id}`] })
    expect((await failureOf(stage.on.actions.preview(asked, signal))).because).toMatch(/it runs already/)
    const { preview, receipt } = await act(stage.on, { ...asked, params: { terminate: 'true' } })
    expect(preview).toMatchObject({ title: 'Terminate 1 task', undoable: false })
    expect(preview.command).toContain(`control terminate SIGTERM ${id}`)
    expect(receipt).toMatchObject({ count: 1, left: [], undoable: false })
    await until('the next one runs', async () => (await stage.notes('done')).includes('run-2'))
    expect(await stage.notes('done')).not.toContain('run-1')
    const { results } = await stage.broker.results.page({ system: 'calls', outcome: 'cancelled', limit: 10 }, signal)
    expect(results.map((one) => [one.id, one.message])).toContainEqual([id, 'terminated'])
    expect(waits).toBeDefined()
    await worker.kill()
  })

  it('refuses what nobody has', async () => {
    const asked = request({ action: 'revoke-task', target: ['no-such-task'] })
    expect((await failureOf(stage.on.actions.preview(asked, signal))).because).toMatch(/neither does a message/)
  })
})

describe('resize-pool', () => {
  it('grows, shrinks back by undo, and refuses to leave nothing', async () => {
    const worker = await stage.worker({ name: 'pool@b', queues: ['pool'] })
    const ids = ['pool@b']
    const slots = async () => (await stage.broker.control.workers(signal)).find(({ name }) => name === 'pool@b')?.slots
    const { preview, receipt } = await act(stage.on, { action: 'resize-pool', target: ids, params: { by: '+1' } })
    expect(preview).toMatchObject({
      title: 'Grow the pool by 1',
      command: 'celery -A APP control -d pool@b pool_grow 1',
    })
    expect(receipt).toMatchObject({ count: 1, left: [], summary: 'pool@b has 2 processes now; it had 1.' })
    expect(await slots()).toBe(2)
    expect((await stage.on.actions.undo(receipt.id, admin)).undone).toMatchObject({ restored: 1, left: [] })
    expect(await slots()).toBe(1)
    const asked = request({ action: 'resize-pool', target: ids, params: { by: '-1' } })
    expect((await failureOf(stage.on.actions.preview(asked, signal))).because).toMatch(/one must remain/)
    await worker.kill()
  })
})

describe('pause-queue and resume-queue', () => {
  it('undo each other, and only consumers of the queue are told', async () => {
    const worker = await stage.worker({ name: 'takes@c', queues: ['pq', 'other'] })
    const aside = await stage.worker({ name: 'aside@c', queues: ['other'] })
    const { preview, receipt } = await act(stage.on, { action: 'pause-queue', target: ['pq'], params: { queue: 'pq' } })
    expect(preview).toMatchObject({ title: 'Pause queue pq', count: 1, sample: [{ id: 'takes@c' }] })
    expect(receipt).toMatchObject({ count: 1, left: [] })
    await celerySend(stage.celery, { task: PROCESS, args: ['pq-1'], options: { queue: 'pq' } })
    const found = async () => (await stage.broker.queues.queues(signal)).find(({ name }) => name === 'pq')
    expect(await found()).toMatchObject({ paused: true, messages: 1 })
    const again = request({ action: 'pause-queue', target: ['pq'] })
    expect((await failureOf(stage.on.actions.preview(again, signal))).because).toBe('it is paused already')
    const resumed = await act(stage.on, { action: 'resume-queue', target: ['pq'] })
    expect(resumed.preview.sample.map(({ id }) => id)).toEqual(['takes@c'])
    await until('the message runs', async () => (await stage.notes('done')).includes('pq-1'))
    expect((await stage.on.actions.undo(resumed.receipt.id, admin)).undone).toMatchObject({ restored: 1, left: [] })
    expect((await stage.on.actions.undo(receipt.id, admin)).undone).toMatchObject({ restored: 1, left: [] })
    const names = (await stage.broker.control.workers(signal)).filter(({ queues }) => queues?.includes('pq'))
    expect(names.map(({ name }) => name)).toEqual(['takes@c'])
    expect(await found()).toMatchObject({ paused: false })
    await Promise.all([worker.kill(), aside.kill()])
  })
})

describe('a command whose reply is lost', () => {
  const lost = new FailureError({
    ...{ kind: 'timeout', tried: 'Command the workers', on: 'redis', because: 'no answer within 1 s', remedy: null },
  })
  /** The same broker, whose commands are carried out, or not, and never answered. */
  function silent(carriedOut: boolean) {
    const { control } = stage.broker
    const parts: Pick<Broker['control'], 'resize' | 'consume'> = {
      async resize(...args) {
        if (carriedOut) await control.resize(...args)
        throw lost
      },
      async consume(...args) {
        if (carriedOut) await control.consume(...args)
        throw lost
      },
    }
    const broker: Broker = { ...stage.broker, control: { ...control, ...parts } }
    return acting(cast, { kind: 'recordings', parts: { broker } })
  }

  it.each([
    ['resize-pool', { worker: 'lost@unjam', by: '+1' }, 'lost@unjam has 2 processes now; it had 1.'],
    ['pause-queue', { queue: 'lost' }, '1 worker has left queue lost.'],
  ] as const)('of %s is settled by what the workers say', async (action, params, summary) => {
    const worker = await stage.worker({ name: 'lost', queues: ['lost'] })
    const nothing = silent(false)
    expect((await failureOf(act(nothing, { action, params }))).because).toBe('no answer within 1 s')
    expect([nothing.history.list(1, null), nothing.history.open()]).toEqual([[], []])
    const on = silent(true)
    const { receipt } = await act(on, { action, params })
    expect(receipt).toMatchObject({ count: 1, undoable: true, summary })
    expect(on.history.list(1, null)).toEqual([receipt])
    await worker.stop()
  })
})

describe('enqueue-now', () => {
  it('is refused where nobody would take it', async () => {
    const asked = request({ action: 'enqueue-now', params: { queue: 'nowhere' } })
    expect((await failureOf(stage.on.actions.preview(asked, signal))).kind).toBe('refused')
  })

  it('sends a message that a real worker runs; undo takes one out that still waits', async () => {
    const worker = await stage.worker({ name: 'runs@d' })
    const { preview, receipt } = await act(stage.on, { action: 'enqueue-now', target: ['waiting', 'done'] })
    expect(preview).toMatchObject({ count: 1, notTouched: expect.arrayContaining(['1 job that is not queued']) })
    expect(receipt).toMatchObject({ count: 1, left: [] })
    await until('it ran', async () => (await stage.notes('done')).includes('waiting'))
    const late = await stage.on.actions.undo(receipt.id, admin)
    expect(late.undone).toMatchObject({ restored: 0, left: [{ id: 'waiting', because: 'a worker has taken it' }] })

    await stage.redis.cli('-n', '15', 'SADD', 'pending', 'from-the-enqueuer')
    await act(stage.on, { action: 'enqueue-now' })
    await until('the enqueuer ran', async () => (await stage.notes('done')).includes('from-the-enqueuer'))

    // One runs, one is prefetched: the next message stays in the queue.
    await celerySend(stage.celery, { task: 'sleep', args: [60], times: 2 })
    await until('the worker is full', async () => (await stage.broker.control.tasks(signal)).length === 2)
    const next = await act(stage.on, { action: 'enqueue-now', target: ['waiting-long'] })
    expect(next.preview.know).toContain('Every slot is taken: it runs when a task ends.')
    expect(await length()).toBe(1)
    const twice = request({ action: 'enqueue-now', target: ['waiting-long'] })
    expect((await failureOf(stage.on.actions.preview(twice, signal))).because).toMatch(/1 job that has a message/)
    expect((await stage.on.actions.undo(next.receipt.id, admin)).undone).toMatchObject({ restored: 1, left: [] })
    expect(await length()).toBe(0)
    await worker.kill()
  })
})

describe('unhang-worker', () => {
  it('refuses a worker that answers, and cures one that hangs', async () => {
    const worker = await stage.worker({ name: 'deaf@e', queues: ['deaf'] })
    const other = await stage.worker({ name: 'well@e', queues: ['well'] })
    const well = request({ action: 'unhang-worker', target: ['well@e'] })
    expect((await failureOf(stage.on.actions.preview(well, signal))).because).toMatch(/it answers/)
    await hangWorker(stage.redis, 'deaf@e')
    const stateOf = async () =>
      (await stage.broker.control.workers(signal)).find(({ name }) => name === 'deaf@e')?.state
    await until('it is seen as hung', async () => (await stateOf()) === 'hung')
    const { preview, receipt } = await act(stage.on, { action: 'unhang-worker', target: ['deaf@e'] })
    expect(preview.command).toMatch(/^redis-cli CLIENT KILL ADDR 127\.0\.0\.1:\d+/)
    expect(preview.know[0]).toContain(`process ${worker.pid} on this machine`)
    expect(preview.undoable).toBe(false)
    expect(receipt).toMatchObject({ count: 1, left: [], undoable: false })
    await until('it is well', async () => (await stateOf()) === 'running')
    await celerySend(stage.celery, { task: PROCESS, args: ['after'], options: { queue: 'deaf' } })
    await until('it takes messages', async () => (await stage.notes('done')).includes('after'))
    expect(other.log()).not.toMatch(/Connection to broker lost/)
    await Promise.all([worker.kill(), other.kill()])
  })
})
