// Messages sent and taken out exactly once per operation, with a record that survives the process that asked for it.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findWaiting, pushTask } from '../../../../electron/adapters/celery/queues/enqueue.ts'
import {
  sentAs,
  sentIds,
  withdrawnBy,
  withdrawTask,
  withholdTasks,
} from '../../../../electron/adapters/celery/queues/once.ts'
import { connectRedis } from '../../../../electron/adapters/celery/redis/connect.ts'
import { readRedisUrl } from '../../../../electron/adapters/celery/redis/url.ts'
import { failureOf } from '../../../support/acting.ts'
import { job, PROCESS, type QueueStage, queueStage, signal } from '../queue-stage.ts'

let on: QueueStage
beforeAll(async () => {
  on = await queueStage({ keyPrefix: 'app1:' })
})
afterAll(() => on.close())
beforeEach(() => on.clear())

const send = (id: string, operation: string, more: { raw?: string; priority?: number } = {}) =>
  pushTask(on.source, { id, name: PROCESS, args: ['7'], queue: 'celery', operation, ...more }, signal)
const ttls = async () => new Set(await Promise.all((await on.keys()).map((key) => on.server.cli('ttl', key))))

describe('a message', () => {
  it('is sent once per operation and id, and a repetition returns what was sent', async () => {
    const first = await send('a', 'op1')
    expect(await send('a', 'op1')).toEqual(first)
    expect(await on.waiting()).toEqual([first.raw])
    expect(await sentIds(on.source, 'op1', signal)).toEqual(['a'])
    expect(await sentAs(on.source, 'op1', 'a', signal)).toBe(first.raw)
    await send('b', 'op1')
    await send('a', 'op2')
    expect(await on.waiting()).toHaveLength(3)
    expect((await sentIds(on.source, 'op1', signal)).toSorted()).toEqual(['a', 'b'])
    expect(await sentIds(on.source, 'never', signal)).toEqual([])
    // A repetition after a worker took it sends nothing either.
    await on.pop()
    expect(await send('a', 'op1')).toEqual(first)
    expect(await on.waiting()).toHaveLength(2)
  })

  it('is sent once by many at the same time', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => send('a', 'op1')))
    expect(new Set(all.map(({ raw }) => raw)).size).toBe(1)
    expect(await on.waiting()).toHaveLength(1)
  })

  it('that was given up is refused when its command arrives late; what was sent is not touched', async () => {
    const first = await send('a', 'op1')
    expect(await withholdTasks(on.source, 'op1', ['a', 'b'], signal)).toEqual(['a'])
    expect(await failureOf(send('b', 'op1'))).toMatchObject({
      kind: 'refused',
      because: 'operation op1 was cancelled before this message was sent',
    })
    expect(await send('a', 'op1')).toEqual(first)
    expect(await sentIds(on.source, 'op1', signal)).toEqual(['a'])
    expect(await sentAs(on.source, 'op1', 'b', signal)).toBeNull()
    expect(await withholdTasks(on.source, 'op1', ['a', 'b'], signal)).toEqual(['a'])
    expect(await on.waiting()).toEqual([first.raw])
    // Another operation may send it.
    await send('b', 'op2')
    expect(await on.waiting()).toHaveLength(2)
  })

  it('goes back into the list of its priority, once', async () => {
    const raw = job('x')
    // As the binding of the app's queue tells.
    on.source.keys.learn(['celery\x06\x16\x06\x16celery'])
    await send('again', 'op1', { raw, priority: 3 })
    await send('again', 'op1', { raw, priority: 3 })
    const lists = await on.lists()
    expect(lists.map(({ step, raws }) => [step, raws.length])).toEqual([
      [0, 0],
      [3, 1],
      [6, 0],
      [9, 0],
    ])
  })

  it('is not sent where the key is no queue, and leaves no record', async () => {
    await on.server.cli('set', 'app1:celery', 'text')
    expect(await failureOf(send('a', 'op1'))).toMatchObject({
      kind: 'invalid',
      because: 'the key app1:celery is a string, not a queue',
    })
    expect(await sentIds(on.source, 'op1', signal)).toEqual([])
  })
})

describe('a message that is taken out', () => {
  it.each([0, 3, 9])('of priority %i is kept under its operation, in one step', async (step) => {
    const [one, other] = [job('x'), job('y')]
    await on.push(step, one, other)
    expect(await withdrawTask(on.source, 'celery', one, 'op1', signal)).toBe(true)
    expect(await on.waiting()).toEqual([other])
    expect(await withdrawnBy(on.source, 'op1', signal)).toEqual([one])
    // Its reply was lost, and it is asked for again.
    expect(await withdrawTask(on.source, 'celery', one, 'op1', signal)).toBe(true)
    expect(await withdrawTask(on.source, 'celery', one, 'op2', signal)).toBe(false)
    expect(await withdrawnBy(on.source, 'op1', signal)).toEqual([one])
    expect(await withdrawnBy(on.source, 'op2', signal)).toEqual([])
    expect(await on.waiting()).toEqual([other])
  })

  it('keeps the order of several, and is found no more', async () => {
    const all = [job('x'), job('y'), job('z')]
    await on.push(0, ...all)
    for (const raw of all) await withdrawTask(on.source, 'celery', raw, 'op1', signal)
    expect(await withdrawnBy(on.source, 'op1', signal)).toEqual(all)
    expect(await findWaiting(on.source, on.app, ['celery'], { ids: ['x', 'y'], by: 'job' }, signal)).toEqual([])
  })
})

it('records have no TTL, and are deleted with the quarantines when their 24 hours are over', async () => {
  await on.push(0, job('x'))
  const [raw = ''] = await on.waiting()
  await withdrawTask(on.source, 'celery', raw, 'op1', signal)
  const sent = await send('a', 'op1')
  expect(await ttls()).toEqual(new Set(['-1']))
  expect(await on.quarantine.expire(signal)).toBe(0)
  expect(await withdrawnBy(on.source, 'op1', signal)).toEqual([raw])
  for (const field of ['sent:op1', 'withdrawn:op1'])
    await on.server.cli('hset', 'app1:unjam:kept', field, '2026-01-01T00:00:00.000Z celery')
  expect(await on.quarantine.expire(signal)).toBe(2)
  expect(await on.keys()).toEqual(['app1:celery'])
  expect(await on.waiting()).toEqual([sent.raw])
})

it('a lost connection is a failure, not an answer', async () => {
  const source = connectRedis(readRedisUrl('redis://127.0.0.1:1/0', undefined), '')
  expect((await failureOf(withdrawTask(source, 'celery', 'x', 'op1', signal))).kind).toBe('unreachable')
  expect((await failureOf(withdrawnBy(source, 'op1', signal))).kind).toBe('unreachable')
  expect((await failureOf(sentIds(source, 'op1', signal))).kind).toBe('unreachable')
  await source.close()
})
