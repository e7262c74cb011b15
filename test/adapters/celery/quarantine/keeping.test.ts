// Quarantines without a TTL: listed, deleted by Unjam when their 24 hours are over, and broken leftovers apart from others.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createQuarantine } from '../../../../electron/adapters/celery/quarantine/quarantine.ts'
import { failureOf } from '../../../support/acting.ts'
import { until } from '../../../support/until.ts'
import { brokenSource } from '../broken-source.ts'
import { job, type QueueStage, queueStage, signal } from '../queue-stage.ts'

let on: QueueStage
beforeAll(async () => {
  on = await queueStage()
})
afterAll(() => on.close())
beforeEach(() => on.clear())

const OVER = '2026-01-01T00:00:00.000Z'
const age = (operation: string, queue = 'celery') =>
  on.server.cli('hset', 'unjam:kept', `quarantine:${operation}`, `${OVER} ${queue}`)
const jobs = (n: number, of = n) => Array.from({ length: n }, (_, i) => job(i % of))

describe('what is kept', () => {
  it('is listed, oldest first, as it was moved; what was put back is not', async () => {
    expect(await on.quarantine.kept(signal)).toEqual([])
    await on.push(0, ...jobs(10, 4))
    const first = await on.quarantine.move('celery', 'duplicates', 'r1', signal)
    const second = await on.quarantine.move('celery', 'all', 'r2', signal)
    await on.quarantine.move('empty', 'all', 'r3', signal)
    expect(await on.quarantine.kept(signal)).toEqual([first, second])
    await on.quarantine.restore(second, signal)
    expect(await on.quarantine.kept(signal)).toEqual([first])
  })

  it('is deleted when its time is over, and no other', async () => {
    await on.push(0, ...jobs(10, 4))
    await on.quarantine.move('celery', 'duplicates', 'r1', signal)
    const second = await on.quarantine.move('celery', 'all', 'r2', signal)
    expect(await on.quarantine.expire(signal)).toBe(0)
    await age('r1')
    const kept = (await on.keys()).filter((key) => !key.includes(':r1'))
    expect(await on.quarantine.expire(signal)).toBe(1)
    expect((await on.keys()).toSorted()).toEqual(kept.toSorted())
    expect(await on.quarantine.kept(signal)).toEqual([second])
    expect(await on.quarantine.restore(second, signal)).toEqual({ restored: 4, left: [] })
  })

  it.each(['all', 'duplicates'] as const)('is kept for 24 hours where the clock was days behind (%s)', async (rule) => {
    await on.push(0, ...jobs(10, 4))
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3 * 24 * 60 * 60_000 })
    const moved = await on.quarantine.move('celery', rule, 'r1', signal).finally(() => vi.useRealTimers())
    expect(Date.parse(moved.until)).toBeGreaterThan(Date.now() + 23 * 60 * 60_000)
    // Another Unjam, or this one once its clock is set.
    expect(await on.quarantine.expire(signal)).toBe(0)
    expect((await on.quarantine.restore(moved, signal)).restored).toBe(moved.moved)
  })

  it('with the journal of an undo and what it left aside, also by what runs at start', async () => {
    await on.push(0, job(1), job(2))
    const moved = await on.quarantine.move('celery', 'all', 'r1', signal)
    await on.push(0, job(2))
    expect((await on.quarantine.restore(moved, signal)).left).toHaveLength(1)
    await age('r1')
    expect(await on.quarantine.recover(signal)).toEqual([])
    expect(await on.keys()).toEqual(['celery'])
    expect((await failureOf(on.quarantine.restore(moved, signal))).kind).toBe('missing')
  })

  it('is not deleted in the middle of an undo', async () => {
    await on.push(0, ...jobs(4))
    const before = await on.lists()
    const moved = await on.quarantine.move('celery', 'all', 'r1', signal)
    await age('r1')
    const dying = createQuarantine(brokenSource(on.source, { dies: 2 }), on.app)
    await failureOf(dying.restore(moved, signal))
    dying.close()
    expect(await on.quarantine.expire(signal)).toBe(0)
    await on.server.cli('del', 'unjam:lock:celery')
    expect(await on.quarantine.expire(signal)).toBe(0)
    expect(await on.quarantine.restore(moved, signal)).toEqual({ restored: 4, left: [] })
    expect(await on.lists()).toEqual(before)
  })

  it('by an earlier version, with a TTL, is put back without one', async () => {
    await on.push(0, ...jobs(5))
    const before = await on.lists()
    const moved = await on.quarantine.move('celery', 'all', 'r1', signal)
    await on.server.cli('del', 'unjam:kept')
    await on.server.cli(
      'hdel',
      'unjam:quarantine:r1',
      'until',
      ...Array.from({ length: 10 }, (_, i) => `moved:${i + 1}`),
    )
    for (const key of ['unjam:quarantine:r1', 'unjam:quarantine:r1:celery:0'])
      await on.server.cli('expire', key, '86400')
    const found = await on.quarantine.outcome('celery', 'r1', signal)
    expect(found).toMatchObject({ moved: 5, lists: moved.lists })
    expect(await on.quarantine.restore(moved, signal)).toEqual({ restored: 5, left: [] })
    expect(await on.lists()).toEqual(before)
  })

  it('ignores entries that Unjam did not write', async () => {
    await on.push(0, job(1))
    for (const [field, value] of [
      ['celery', `${OVER} celery`],
      ['quarantine:r9', 'soon celery'],
      ['queue:celery', `${OVER} celery`],
    ] as const)
      await on.server.cli('hset', 'unjam:kept', field, value)
    expect(await on.quarantine.expire(signal)).toBe(0)
    expect(await on.quarantine.kept(signal)).toEqual([])
    expect(await on.waiting()).toHaveLength(1)
  })
})

describe('a leftover that cannot be repaired', () => {
  async function interrupt(queue: string, operation: string): Promise<void> {
    const dying = createQuarantine(brokenSource(on.source, { dies: 3 }), on.app)
    await failureOf(dying.move(queue, 'duplicates', operation, signal))
    dying.close()
    await on.server.cli('del', `unjam:lock:${queue}`)
  }

  it('stops the repair of no other, is named in a sentence, and is repaired once it can be', async () => {
    const raws = jobs(6, 3)
    for (const queue of ['celery', 'crawl', 'other'])
      await on.source.run('Test', signal, (redis) => redis.lpush(queue, ...raws))
    await interrupt('celery', 'r1')
    await interrupt('crawl', 'r2')
    await interrupt('other', 'r3')
    await on.server.cli('set', 'unjam:quarantine:r2:crawl:0:out', 'text')
    const told = await on.quarantine.recover(signal)
    expect(told.toSorted()).toEqual([
      'Queue celery: an interrupted operation was rolled back; all its messages are in the queue again.',
      'Queue crawl: the messages of an interrupted operation (r2) could not be put back: the key unjam:quarantine:r2:crawl:0:out is a string, not a list. Rename or delete that key.',
      'Queue other: an interrupted operation was rolled back; all its messages are in the queue again.',
    ])
    const lengths = () => Promise.all(['celery', 'crawl', 'other'].map((queue) => on.server.cli('llen', queue)))
    expect(await lengths()).toEqual(['6', '0', '6'])
    expect(on.quarantine.pending()).toEqual([{ operation: 'r2', queue: 'crawl', setAside: 6, of: 6 }])
    // The queue can be worked on, in spite of it.
    await on.source.run('Test', signal, (redis) => redis.lpush('crawl', job('new')))
    expect((await on.quarantine.move('crawl', 'all', 'r4', signal)).moved).toBe(1)
    await on.server.cli('del', 'unjam:quarantine:r2:crawl:0:out')
    await until('it is repaired', () => on.quarantine.pending().length === 0)
    expect(await lengths()).toEqual(['6', '6', '6'])
    expect(await on.quarantine.recover(signal)).toEqual([])
  })

  it('is named also where its journal is something else, and leaves no lock', async () => {
    await on.push(0, ...jobs(6, 3))
    await interrupt('celery', 'r1')
    await on.server.cli('rename', 'unjam:quarantine:r1', 'saved')
    await on.server.cli('set', 'unjam:quarantine:r1', 'text')
    expect(await on.quarantine.recover(signal)).toEqual([
      'Queue celery: the messages of an interrupted operation (r1) could not be put back: one of its keys has the wrong type (unjam:quarantine:r1…). Rename or delete that key.',
    ])
    expect(await on.server.cli('exists', 'unjam:lock:celery')).toBe('0')
    await on.server.cli('rename', 'saved', 'unjam:quarantine:r1')
    await until('it is repaired', () => on.quarantine.pending().length === 0)
    expect(await on.waiting()).toHaveLength(6)
  })

  it('two of one queue are both put back', async () => {
    await on.push(0, ...jobs(6, 3))
    const before = (await on.waiting()).toSorted()
    await interrupt('celery', 'r1')
    const late = [job('x'), job('x')]
    await on.push(0, ...late)
    // As if the second had begun before the first was seen.
    await on.server.cli('hdel', 'unjam:operations', 'r1')
    await interrupt('celery', 'r2')
    await on.server.cli('hset', 'unjam:operations', 'r1', 'celery')
    expect(await on.quarantine.recover(signal)).toHaveLength(2)
    expect((await on.waiting()).toSorted()).toEqual([...before, ...late].toSorted())
  })
})
