// The broker in memory keeps the port's promises, as the one on Redis: what is moved, taken back, told and refused.
import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { readMessage } from '../../electron/adapters/celery/message/message.ts'
import { type MemoryBroker, memoryBroker } from '../../electron/adapters/memory-broker/memory-broker.ts'
import { SystemSettings } from '../../electron/contract/settings.ts'
import type { QuarantineRule } from '../../electron/core/ports/broker.ts'
import { type Acting, act, acting, admin, cast, failureOf, request, signal } from '../support/acting.ts'
import { ENQUEUE, PROCESS } from '../support/stack-builders.ts'

let nowMs = 0
let broker: MemoryBroker
let on: Acting

function make(): MemoryBroker {
  const settings = SystemSettings.parse({ id: 'calls', kind: 'recordings', database: 'postgres://localhost/x' })
  if (settings.kind !== 'recordings') throw new Error('it is a system of recordings')
  return memoryBroker({ app: settings.celery, tasks: [PROCESS, ENQUEUE], nowMs: () => nowMs })
}
beforeEach(() => {
  nowMs = Date.parse('2026-02-04T22:18:32Z')
  broker = make()
  on = acting(cast, { kind: 'recordings', parts: { broker } })
})

let sent = 0
const send = (name: string, ...args: string[]) =>
  broker.lists.send({ id: `task-${++sent}`, name, args, queue: 'celery', origin: 'gen1@beat' })
const jobs = () => broker.lists.of('celery').map(({ raw }) => readMessage(raw, broker.app).job)
const raws = () => broker.lists.of('celery').map(({ raw }) => raw)
const queue = async () => (await broker.queues.queues(signal))[0]

describe('a queue', () => {
  it('is told by task, with duplicates, senders, consumers and what was taken', async () => {
    for (const job of ['a', 'b', 'a']) send(PROCESS, job)
    for (let n = 0; n < 90; n++) send(ENQUEUE)
    const worker = broker.workers.add({ name: 'celery@w1', slots: 1, queues: ['celery'] })
    expect(broker.workers.take(worker, null)).toMatchObject({ job: 'a', name: PROCESS })
    expect(broker.workers.take(worker, null)).toBeNull()
    expect(await queue()).toMatchObject({
      ...{ name: 'celery', messages: 92, unacked: 1, consumers: 1, paused: false },
      groups: [
        { task: ENQUEUE, messages: 90, jobs: null, duplicates: 0, origins: ['gen1@beat'] },
        { task: PROCESS, messages: 2, jobs: 2, duplicates: 0 },
      ],
    })
    const page = await broker.queues.messages({ system: 'calls', queue: 'celery', where: 'queue', limit: 50 }, signal)
    expect(page.messages).toHaveLength(50)
    const next = { system: 'calls', queue: 'celery', where: 'queue', limit: 50, cursor: page.cursor } as const
    expect((await broker.queues.messages(next, signal)).messages).toHaveLength(42)
    expect((await broker.queues.messagesOf('a', 10, signal)).map(({ where }) => where).sort()).toEqual([
      'queue',
      'unacked',
    ])
  })
})

describe('quarantine', () => {
  const message = fc.oneof(
    fc.constantFrom('a', 'b', 'c').map((job) => ({ task: PROCESS, args: [job] })),
    fc.constant({ task: ENQUEUE, args: [] as string[] }),
  )
  it('plans exactly what it moves, and undo returns every message once, before newcomers, none doubled', async () => {
    const rules = fc.constantFrom<QuarantineRule>('all', 'duplicates', 'periodic')
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { maxLength: 12 }),
        fc.array(message, { maxLength: 4 }),
        rules,
        async (...given) => {
          const [before, newcomers, rule] = given
          broker = make()
          for (const { task, args } of before) send(task, ...args)
          const old = raws()
          const plan = await broker.quarantine.plan('celery', rule, signal)
          const moved = await broker.quarantine.move('celery', rule, 'receipt', signal)
          expect(moved.moved).toBe(plan.moves)
          expect(raws()).toHaveLength(old.length - moved.moved)
          for (const { task, args } of newcomers) send(task, ...args)
          const came = raws().slice(old.length - moved.moved)
          const { restored, left } = await broker.quarantine.restore(moved, signal)
          expect(restored + left.length).toBe(moved.moved)
          const after = raws()
          expect(after.slice(-came.length || after.length)).toEqual(came)
          expect(new Set(after).size).toBe(after.length)
          expect(after.filter((raw) => old.includes(raw))).toHaveLength(old.length - left.length)
          if (newcomers.length === 0) expect([...after].sort()).toEqual([...old].sort())
        },
      ),
      { numRuns: 100 },
    )
  })

  it('of a purge comes back in its order, byte for byte, and for 24 hours only', async () => {
    for (const job of ['a', 'b']) send(PROCESS, job)
    const before = raws()
    const { receipt } = await act(on, { action: 'purge-queue' })
    expect(receipt).toMatchObject({ count: 2, undoable: true })
    expect(raws()).toEqual([])
    await on.actions.undo(receipt.id, admin)
    expect(raws()).toEqual(before)
    const again = await broker.quarantine.move('celery', 'all', 'later', signal)
    nowMs += 24 * 60 * 60_000
    expect((await failureOf(broker.quarantine.restore(again, signal))).kind).toBe('missing')
  })
})

describe('an operation that is asked for again', () => {
  it('is looked up, undone with the same numbers, listed, and deleted after 24 hours', async () => {
    for (const job of ['a', 'b', 'a']) send(PROCESS, job)
    expect(await broker.quarantine.outcome('celery', 'r1', signal)).toBeNull()
    const moved = await broker.quarantine.move('celery', 'all', 'r1', signal)
    expect(await broker.quarantine.outcome('celery', 'r1', signal)).toEqual(moved)
    expect(await broker.quarantine.kept(signal)).toEqual([moved])
    send(PROCESS, 'b')
    const undone = await broker.quarantine.restore(moved, signal)
    expect(undone).toMatchObject({ restored: 2, left: [{ because: 'job b is queued again' }] })
    const waiting = raws()
    expect(await broker.quarantine.restore(moved, signal)).toEqual(undone)
    expect(raws()).toEqual(waiting)
    expect(await broker.quarantine.kept(signal)).toEqual([])
    nowMs += 24 * 60 * 60_000
    expect(await broker.quarantine.expire(signal)).toBe(1)
    expect(await broker.quarantine.outcome('celery', 'r1', signal)).toBeNull()
  })

  it('sends and takes out each message once', async () => {
    broker.workers.add({ name: 'celery@w1', slots: 1, queues: ['celery'] })
    const task = { id: 'x', name: PROCESS, args: ['a'], queue: 'celery', operation: 'op' }
    const first = await broker.control.enqueue(task, signal)
    expect(await broker.control.enqueue(task, signal)).toEqual(first)
    expect(raws()).toEqual([first.raw])
    expect(await broker.control.sent('op', signal)).toEqual(['x'])
    expect(await broker.control.withhold('op', ['x', 'z'], signal)).toEqual(['x'])
    expect((await failureOf(broker.control.enqueue({ ...task, id: 'z' }, signal))).kind).toBe('refused')
    expect(await broker.control.sent('op', signal)).toEqual(['x'])
    for (let n = 0; n < 2; n++) expect(await broker.control.withdraw('celery', first.raw, 'op', signal)).toBe(true)
    expect(await broker.control.withdraw('celery', first.raw, 'other', signal)).toBe(false)
    expect(await broker.control.withdrawn('op', signal)).toEqual([first.raw])
    expect(raws()).toEqual([])
    // Back under a new id, once.
    const again = { ...task, id: 'y', raw: first.raw, operation: 'op:undo' }
    const back = await broker.control.enqueue(again, signal)
    expect(await broker.control.enqueue(again, signal)).toEqual(back)
    expect(raws()).toEqual([back.raw])
  })
})

describe('workers', () => {
  it('revoke-task takes exactly the chosen message out; undo puts it back under a new id', async () => {
    send(PROCESS, 'a')
    send(PROCESS, 'b')
    const [first] = broker.lists.of('celery').map(({ raw }) => readMessage(raw, broker.app).id)
    const { receipt } = await act(on, { action: 'revoke-task', target: [`${first}`] })
    expect(receipt).toMatchObject({ count: 1, left: [] })
    expect(jobs()).toEqual(['b'])
    await on.actions.undo(receipt.id, admin)
    expect(jobs()).toEqual(['b', 'a'])
    expect(broker.lists.of('celery').map(({ raw }) => readMessage(raw, broker.app).id)).not.toContain(first)
  })

  it('drop what was revoked after it was sent, and end a running task only when told to', async () => {
    const worker = broker.workers.add({ name: 'celery@w1', slots: 1, queues: ['celery'] })
    send(PROCESS, 'runs')
    const held = broker.workers.take(worker, null)
    const asked = request({ action: 'revoke-task', target: [`${held?.id}`] })
    expect((await failureOf(on.actions.preview(asked, signal))).because).toMatch(/it runs already/)
    const { receipt } = await act(on, { ...asked, params: { terminate: 'true' } })
    expect(receipt).toMatchObject({ count: 1, left: [], undoable: false })
    expect(worker.tasks).toEqual([])
    const { results } = await broker.results.page({ system: 'calls', outcome: 'cancelled', limit: 10 }, signal)
    expect(results).toMatchObject([{ id: held?.id, job: 'runs', message: 'terminated' }])
    send(PROCESS, 'next')
    broker.workers.revoke(`task-${sent}`)
    expect(broker.workers.take(worker, null)).toBeNull()
    expect((await queue())?.unacked).toBe(0)
  })

  it('grow and shrink, and never below what is busy', async () => {
    const worker = broker.workers.add({ name: 'celery@w1', slots: 1, queues: ['celery'] })
    const { receipt } = await act(on, { action: 'resize-pool', target: ['celery@w1'], params: { by: '2' } })
    expect(worker.slots).toBe(3)
    for (const job of ['a', 'b']) {
      send(PROCESS, job)
      broker.workers.take(worker, null)
    }
    expect((await on.actions.undo(receipt.id, admin)).undone?.left).toHaveLength(1)
    expect(worker.slots).toBe(2)
  })

  it('leave a queue and come back to it; what was never left is not paused', async () => {
    const worker = broker.workers.add({ name: 'celery@w1', slots: 1, queues: ['celery'] })
    send(PROCESS, 'a')
    const { receipt } = await act(on, { action: 'pause-queue', target: ['celery'] })
    expect(await queue()).toMatchObject({ paused: true, consumers: 0 })
    expect(broker.workers.take(worker, null)).toBeNull()
    await on.actions.undo(receipt.id, admin)
    expect(await queue()).toMatchObject({ paused: false, consumers: 1 })
    expect(broker.workers.take(worker, null)).toMatchObject({ job: 'a' })
  })

  it('refuse what nobody would run, and take back a message only where it still waits', async () => {
    const asked = request({ action: 'enqueue-now' })
    expect((await failureOf(on.actions.preview(asked, signal))).because).toMatch(/no worker that answers consumes/)
    const worker = broker.workers.add({ name: 'celery@w1', slots: 1, queues: ['celery'] })
    const { receipt } = await act(on, asked)
    expect((await on.actions.undo(receipt.id, admin)).undone).toMatchObject({ restored: 1 })
    const { receipt: second } = await act(on, asked)
    expect(broker.workers.take(worker, null)).toMatchObject({ name: ENQUEUE })
    expect((await on.actions.undo(second.id, admin)).undone).toMatchObject({ restored: 0, left: [{}] })
  })

  it('that hang say nothing of their queues and tasks, and answer again once their connection is cut', async () => {
    const worker = broker.workers.add({ name: 'celery@w1', slots: 2, queues: ['celery'], state: 'hung' })
    send(PROCESS, 'a')
    expect(await broker.control.workers(signal)).toMatchObject([{ state: 'hung', queues: null }])
    expect(broker.workers.take(worker, null)).toBeNull()
    const { preview, receipt } = await act(on, { action: 'unhang-worker', target: ['celery@w1'] })
    expect(preview.command).toContain('CLIENT KILL ADDR')
    expect(receipt).toMatchObject({ count: 1, left: [] })
    expect(broker.workers.take(worker, null)).toMatchObject({ job: 'a' })
  })
})

describe('results', () => {
  it('count attempts and jobs apart, expire after a day, and say which never do', async () => {
    const failed = { outcome: 'failed', task: PROCESS, worker: 'celery@w1', endedMs: nowMs } as const
    for (let n = 0; n < 23; n++)
      broker.results.ended({
        ...failed,
        id: `f${n}`,
        job: `job-${n % 4}`,
        exception: 'TimeLimitExceeded',
        message: '1800',
      })
    broker.results.ended({ ...failed, id: 'old', outcome: 'done', job: null, forever: true })
    expect(await broker.results.summary(signal)).toMatchObject({ failed: 23, failedJobs: 4, done: 1, withoutExpiry: 1 })
    const page = await broker.results.page({ system: 'calls', outcome: 'failed', limit: 20 }, signal)
    expect([page.results.length, page.cursor]).toEqual([20, '20'])
    nowMs += 24 * 60 * 60_000
    expect(await broker.results.summary(signal)).toMatchObject({ failed: 0, done: 1, withoutExpiry: 1 })
  })
})
