// Start, stop, restart and scale of compose services: exact containers, the jobs on them, and the way back.
import { describe, expect, it } from 'vitest'
import { FailureError } from '../../../electron/contract/failure.ts'
import type { Service } from '../../../electron/contract/service.ts'
import type { Task } from '../../../electron/contract/task.ts'
import type { Broker } from '../../../electron/core/ports/broker.ts'
import { act, acting, admin, failureOf, request, signal } from '../../support/acting.ts'
import { memoryStack, replica } from '../../support/memory-stack.ts'
import { MINUTE } from '../../support/snapshot-builders.ts'
import { task } from '../../support/stack-builders.ts'

const beside = [replica('redis', 1, { image: 'redis:7' }), replica('postgres', 1, { image: 'postgres:16' })]

function on(services: readonly Service[], options: { tasks?: readonly Task[] } = {}) {
  const stack = memoryStack([...services, ...beside])
  // Of a broker, these actions ask for its tasks only.
  const broker =
    options.tasks === undefined ? null : ({ control: { tasks: async () => options.tasks } } as unknown as Broker)
  const seed = [{ id: 'long', title: 'long.m4a', state: 'running' as const, startedAgoMs: 60 * MINUTE }]
  return { ...acting(seed, { kind: 'recordings', parts: { stack, broker } }), stack }
}
const states = (stack: { list: readonly Service[] }) =>
  Object.fromEntries(stack.list.map((one) => [one.container, one.state]))

describe('start and stop', () => {
  it('stop takes exactly the containers of the service, and undo starts them again', async () => {
    const world = on([replica('worker', 1), replica('worker', 2)])
    const before = states(world.stack)
    const { preview, receipt } = await act(world, { action: 'stop-service', target: ['worker'] })
    expect(preview).toMatchObject({ title: 'Stop worker', count: 2, undoable: true, confirm: 'Stop 2 containers' })
    expect(preview.command).toBe('docker compose stop worker')
    expect(receipt).toMatchObject({ count: 2, summary: 'worker was stopped.', undoable: true })
    expect(states(world.stack)).toEqual({ ...before, 'app-worker-1': 'exited', 'app-worker-2': 'exited' })
    const { undone } = await world.actions.undo(receipt.id, admin)
    expect(undone).toMatchObject({ restored: 2, left: [] })
    expect(states(world.stack)).toEqual(before)
  })

  it('start is undone by stop', async () => {
    const world = on([replica('worker', 1, { state: 'exited' })])
    const { receipt } = await act(world, { action: 'start-service', params: { service: 'worker' } })
    expect(states(world.stack)['app-worker-1']).toBe('running')
    await world.actions.undo(receipt.id, admin)
    expect(world.stack.told).toEqual(['start worker', 'stop worker'])
  })

  it('a paused one goes on, and to pause it again is not the undo', async () => {
    const world = on([replica('worker', 1, { state: 'paused' })])
    const { preview, receipt } = await act(world, { action: 'start-service', target: ['worker'] })
    expect(preview).toMatchObject({
      summary: '1 paused container goes on where it was paused.',
      confirm: 'Start 1 container',
      undo: 'There is no undo: what goes on is held again by docker pause only.',
      undoable: false,
    })
    expect(receipt.undoable).toBe(false)
    expect(states(world.stack)['app-worker-1']).toBe('running')
  })

  it('replicas of which some ran before cannot be taken back exactly, and the preview says so', async () => {
    const world = on([replica('worker', 1), replica('worker', 2, { state: 'exited' })])
    const preview = await world.actions.preview(request({ action: 'start-service', target: ['worker'] }), signal)
    expect(preview).toMatchObject({ undoable: false, confirm: 'Start 1 container' })
    expect(preview.undo).toContain('Some of its containers run already')
  })

  it('undo leaves a service whose containers are others by now', async () => {
    const world = on([replica('worker', 1)])
    const { receipt } = await act(world, { action: 'stop-service', target: ['worker'] })
    world.stack.list = [replica('worker', 1, { id: 'ffffffffffff', state: 'exited' })]
    const { undone } = await world.actions.undo(receipt.id, admin)
    expect(undone).toMatchObject({
      restored: 0,
      left: [{ id: 'worker', because: 'its containers were replaced since' }],
    })
    expect(world.stack.told).toEqual(['stop worker'])
  })

  it('a dialog that is older than the container is stale', async () => {
    const world = on([replica('worker', 1)])
    const asked = request({ action: 'stop-service', target: ['worker'] })
    const { fingerprint } = await world.actions.preview(asked, signal)
    world.stack.list = [replica('worker', 1, { id: 'ffffffffffff' })]
    expect((await failureOf(world.actions.execute(asked, fingerprint, admin))).kind).toBe('stale')
    expect(world.stack.told).toEqual([])
  })

  it('several services: one that fails is left with its reason', async () => {
    const world = on([replica('worker', 1, { state: 'exited' }), replica('beat', 1, { state: 'exited' })])
    world.stack.broken.set(
      'beat',
      new FailureError({ kind: 'refused', tried: 'Start beat', on: '', because: 'it ended with code 1', remedy: null }),
    )
    const { receipt } = await act(world, { action: 'start-service', target: ['worker', 'beat', 'redis'] })
    expect(receipt).toMatchObject({
      count: 1,
      summary: 'worker was started.',
      left: [{ id: 'beat', because: 'Start beat: it ended with code 1.' }],
    })
    expect(world.stack.told).toEqual(['start worker', 'start beat'])
  })
})

describe('a container that gets hours to end its job', () => {
  const slow = () => {
    const tasks = [task({ job: 'long', worker: `celery@${replica('worker', 1).id}` })]
    return on([replica('worker', 1, { stopGraceMs: 3 * 60 * MINUTE })], { tasks })
  }

  it('is told of beforehand', async () => {
    const asked = request({ action: 'restart-service', target: ['worker'] })
    const { know } = await slow().actions.preview(asked, signal)
    expect(know[0]).toContain('within 180 min, the grace period of the container, is given up')
    expect(know[1]).toBe('So it may take 180 min, and other changes of this system wait until it is over.')
  })

  it('has its receipt all the same, for nothing cuts it short', async () => {
    const world = slow()
    const { promise, resolve } = Promise.withResolvers<void>()
    const stop = world.stack.stop
    world.stack.stop = async (...asked) => {
      await promise
      asked[1].throwIfAborted()
      return stop(...asked)
    }
    const acted = act(world, { action: 'stop-service', target: ['worker'] })
    await world.clock.advance(180 * MINUTE)
    resolve()
    expect((await acted).receipt).toMatchObject({ count: 1, summary: 'worker was stopped.' })
  })
})

describe('what else will happen is said', () => {
  const know = async (action: 'stop-service' | 'restart-service', name: string, options = {}) =>
    (await on([replica('worker', 1)], options).actions.preview(request({ action, target: [name] }), signal)).know.join(
      ' ',
    )

  it('the job on a worker, by its container’s hostname', async () => {
    const tasks = [task({ job: 'long', worker: `celery@${replica('worker', 1).id}` })]
    expect(await know('restart-service', 'worker', { tasks })).toContain(
      '1 job runs there (long.m4a): what does not end within 10 s, the grace period of the container, is given up',
    )
    expect(await know('restart-service', 'redis', { tasks })).not.toContain('long.m4a')
  })

  it('the job on a worker that is called otherwise, and without a broker', async () => {
    expect(await know('stop-service', 'worker', { tasks: [task({ job: 'long', worker: 'celery@other' })] })).toContain(
      'long.m4a',
    )
    expect(await know('stop-service', 'worker')).toContain('long.m4a')
  })

  it('a database takes the others with it; a restart applies no .env', async () => {
    expect(await know('stop-service', 'postgres')).toContain('Everything that needs postgres stops working')
    expect(await know('restart-service', 'worker')).toContain('A changed .env is not applied by a restart')
  })

  it('a restart has no way back, and says so beforehand', async () => {
    const world = on([replica('worker', 1)])
    const { preview, receipt } = await act(world, { action: 'restart-service', target: ['worker'] })
    expect(preview.undoable).toBe(false)
    expect(receipt).toMatchObject({ summary: 'worker was restarted.', undoable: false })
    expect(await failureOf(world.actions.undo(receipt.id, admin))).toMatchObject({ kind: 'refused' })
  })
})

describe('scale', () => {
  it('up, and back', async () => {
    const world = on([replica('worker', 1)])
    const { preview, receipt } = await act(world, {
      action: 'scale-service',
      target: ['worker'],
      params: { replicas: '3' },
    })
    expect(preview).toMatchObject({ title: 'Scale worker to 3', count: 2, confirm: 'Add 2 containers' })
    expect(receipt).toMatchObject({ count: 2, summary: 'worker was scaled from 1 to 3.' })
    expect((await world.actions.undo(receipt.id, admin)).undone).toMatchObject({ restored: 2 })
    expect(world.stack.told).toEqual(['scale=3 worker', 'scale=1 worker'])
  })

  it('down names the jobs of those that go', async () => {
    const tasks = [task({ job: 'long', worker: `celery@${replica('worker', 2).id}` })]
    const world = on([replica('worker', 1), replica('worker', 2)], { tasks })
    const asked = request({ action: 'scale-service', target: ['worker'], params: { replicas: '1' } })
    expect((await world.actions.preview(asked, signal)).know[0]).toContain('1 job runs there (long.m4a)')
  })

  it('to nothing: said in words of its own', async () => {
    const world = on([replica('worker', 1)])
    const asked = request({ action: 'scale-service', target: ['worker'], params: { replicas: '0' } })
    expect(await world.actions.preview(asked, signal)).toMatchObject({
      summary: 'The container of worker is stopped and removed.',
      know: expect.arrayContaining(['Nothing does the work of worker until it is scaled up again.']),
    })
  })

  it('undo leaves what somebody else scaled since', async () => {
    const world = on([replica('worker', 1)])
    const { receipt } = await act(world, { action: 'scale-service', params: { service: 'worker', replicas: '2' } })
    await world.stack.scale('worker', 4, signal)
    const { undone } = await world.actions.undo(receipt.id, admin)
    expect(undone).toMatchObject({
      restored: 0,
      left: [{ id: 'worker', because: '4 replicas are running now, not 2' }],
    })
  })
})

describe('refuses', () => {
  it.each([
    ['start-service', ['worker'], {}, 'refused', 'worker already runs'],
    ['stop-service', ['beat'], {}, 'refused', 'beat is stopped already'],
    ['restart-service', ['beat'], {}, 'refused', 'beat does not run: start it instead'],
    ['stop-service', 'all', {}, 'invalid', 'no service is named'],
    ['stop-service', ['wrker'], {}, 'invalid', 'the stack has no such service'],
    ['scale-service', ['worker'], { replicas: '1' }, 'refused', '1 replica of it runs already'],
    ['scale-service', ['worker'], { replicas: '-1' }, 'invalid', 'replicas=-1 is not a number from 0 to 50'],
    ['scale-service', ['worker'], {}, 'invalid', 'replicas= is not a number from 0 to 50'],
    ['scale-service', ['beat'], { replicas: '2' }, 'refused', 'beat has a fixed container_name'],
  ] as const)('%s %s %o', async (action, target, params, kind, because) => {
    const world = on([replica('worker', 1), replica('beat', 1, { state: 'exited' })])
    world.stack.fixed.set('beat', 'beat has a fixed container_name.')
    const asked = request({ action, target: target === 'all' ? target : [...target], params })
    expect(await failureOf(world.actions.preview(asked, signal))).toMatchObject({ kind, because })
    expect(world.stack.told).toEqual([])
  })

  it('a system without a stack', async () => {
    const world = acting([], { kind: 'recordings' })
    expect(
      (await failureOf(world.actions.preview(request({ action: 'stop-service', target: ['worker'] }), signal))).because,
    ).toContain('no compose stack is configured')
  })
})
