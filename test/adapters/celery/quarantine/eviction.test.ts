// Memory pressure: a quarantine survives volatile-lru, is refused under allkeys-lru, and the preview says what is unknown.
import { afterEach, describe, expect, it } from 'vitest'
import { createQuarantine } from '../../../../electron/adapters/celery/quarantine/quarantine.ts'
import { connectRedis } from '../../../../electron/adapters/celery/redis/connect.ts'
import { readRedisUrl } from '../../../../electron/adapters/celery/redis/url.ts'
import { failureOf } from '../../../support/acting.ts'
import { celeryApp, job, type QueueStage, queueStage, signal } from '../queue-stage.ts'

let on: QueueStage
afterEach(() => on.close())

const evicted = async () => Number(/evicted_keys:(\d+)/.exec(await on.server.cli('info', 'stats'))?.[1])

/** Keys that expire, until Redis has thrown some away. */
async function press(): Promise<void> {
  const value = 'x'.repeat(10_000)
  for (let from = 0; (await evicted()) < 300; from += 100) {
    if (from > 20_000) throw new Error('nothing was evicted')
    await on.source.run('Test', signal, async (redis) => {
      const pipeline = redis.pipeline()
      for (let n = from; n < from + 100; n++) pipeline.set(`result:${n}`, value, 'EX', 3600)
      await pipeline.exec()
    })
  }
}

describe('under memory pressure', () => {
  it.each(['all', 'duplicates'] as const)('volatile-lru evicts nothing of a quarantine (%s)', async (rule) => {
    on = await queueStage({}, { config: { maxmemory: '12mb', 'maxmemory-policy': 'volatile-lru' } })
    await on.push(0, ...Array.from({ length: 2000 }, (_, i) => job(i % 500)))
    const before = await on.lists()
    expect((await on.quarantine.plan('celery', rule, signal)).warnings).toEqual([
      'Redis evicts only keys with a TTL (volatile-lru). The quarantine has none.',
    ])
    const moved = await on.quarantine.move('celery', rule, 'r1', signal)
    await press()
    expect(await on.quarantine.restore(moved, signal)).toEqual({ restored: moved.moved, left: [] })
    expect(await on.lists()).toEqual(before)
    await press()
    expect(await on.quarantine.restore(moved, signal)).toEqual({ restored: moved.moved, left: [] })
  })

  it.each(['allkeys-lru', 'allkeys-lfu', 'allkeys-random'])('%s is refused, and nothing moves', async (policy) => {
    on = await queueStage({}, { config: { maxmemory: '12mb', 'maxmemory-policy': policy } })
    await on.push(0, job(1), job(1))
    const before = await on.lists()
    const failure = {
      kind: 'refused',
      because: `Redis may evict quarantined messages under memory pressure (maxmemory-policy ${policy})`,
      remedy: 'Set maxmemory-policy to noeviction or a volatile-* policy.',
    }
    for (const rule of ['all', 'duplicates', 'periodic'] as const) {
      expect(await failureOf(on.quarantine.plan('celery', rule, signal))).toMatchObject(failure)
      expect(await failureOf(on.quarantine.move('celery', rule, 'r1', signal))).toMatchObject(failure)
    }
    expect(await on.lists()).toEqual(before)
    expect(await on.keys()).toEqual(['celery'])
  })

  it('allkeys-lru without a memory limit evicts nothing, and is not refused', async () => {
    on = await queueStage({}, { config: { 'maxmemory-policy': 'allkeys-lru' } })
    await on.push(0, job(1))
    expect(await on.quarantine.plan('celery', 'all', signal)).toMatchObject({ moves: 1, warnings: [] })
    expect((await on.quarantine.move('celery', 'all', 'r1', signal)).moved).toBe(1)
  })
})

it.each([
  ['-info -config', ['The eviction policy of Redis could not be read. An allkeys-* policy could evict the messages.']],
  ['-config', []],
  ['-info', []],
])('a Redis user with %s is told what is not known', async (rights, warnings) => {
  on = await queueStage({}, { users: { some: `~* &* +@all ${rights}` } })
  await on.push(0, job(1))
  const source = connectRedis(readRedisUrl(on.server.urlOf({ user: 'some' }), undefined), '')
  const quarantine = createQuarantine(source, celeryApp())
  expect((await quarantine.plan('celery', 'all', signal)).warnings).toEqual(warnings)
  expect((await quarantine.move('celery', 'all', 'r1', signal)).moved).toBe(1)
  quarantine.close()
  await source.close()
})
