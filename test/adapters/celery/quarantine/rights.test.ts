// Quarantines under a Redis user with narrow rights: what scripts.ts says is enough, is; what lacks is named.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createQuarantine } from '../../../../electron/adapters/celery/quarantine/quarantine.ts'
import { pushTask } from '../../../../electron/adapters/celery/queues/enqueue.ts'
import { withdrawTask } from '../../../../electron/adapters/celery/queues/once.ts'
import { connectRedis, type RedisSource } from '../../../../electron/adapters/celery/redis/connect.ts'
import { readRedisUrl } from '../../../../electron/adapters/celery/redis/url.ts'
import { failureOf } from '../../../support/acting.ts'
import { redisServer, type TestRedis } from '../../../support/redis.ts'
import { celeryApp, job, PROCESS, signal } from '../queue-stage.ts'

const READS = 'resetchannels +@read -keys +ping +select +multi +exec +scan'
const MOVES =
  '+eval +set +del +unlink +type +exists +rename +lmove +lpos +lpop +lpush +lrem +rpush +expire +persist +hset +hdel +hexists'

let redis: TestRedis
const sources: RedisSource[] = []
beforeAll(async () => {
  redis = await redisServer({
    persist: false,
    users: {
      narrow: `~celery* ~unacked* ~unjam:* ${READS} ${MOVES}`,
      reader: `~celery* ~unacked* ~unjam:* ${READS}`,
      foreign: `~celery* ~unacked* ${READS} ${MOVES}`,
    },
  })
})
afterAll(async () => {
  for (const source of sources) await source.close()
  await redis.stop()
})

function sourceOf(user: string) {
  const source = connectRedis(readRedisUrl(redis.urlOf({ user }), undefined), '')
  sources.push(source)
  return source
}
const quarantineOf = (user: string) => createQuarantine(sourceOf(user), celeryApp())

const waiting = async () => (await redis.cli('lrange', 'celery', '0', '-1')).split('\n').filter(Boolean)

describe('a user with narrow rights', () => {
  it.each(['all', 'duplicates'] as const)('moves “%s” out and back, in the very order', async (rule) => {
    await redis.cli('flushall')
    for (const n of [1, 2, 1, 3, 2]) await redis.cli('lpush', 'celery', job(n))
    const before = await waiting()
    const quarantine = quarantineOf('narrow')
    const moved = await quarantine.move('celery', rule, `r-${rule}`, signal)
    expect(moved.moved).toBe(rule === 'all' ? 5 : 2)
    expect(await waiting()).toHaveLength(rule === 'all' ? 0 : 3)
    expect(await quarantine.restore(moved, signal)).toEqual({ restored: moved.moved, left: [] })
    expect(await waiting()).toEqual(before)
    await redis.cli('hset', 'unjam:kept', `quarantine:r-${rule}`, '2026-01-01T00:00:00.000Z celery')
    expect(await quarantine.expire(signal)).toBe(1)
    expect(await redis.cli('keys', '*')).toBe('celery')
  })

  it('sends and takes out single messages once', async () => {
    await redis.cli('flushall')
    const source = sourceOf('narrow')
    const task = { id: 'a', name: PROCESS, args: ['1'], queue: 'celery', operation: 'op' }
    const { raw } = await pushTask(source, task, signal)
    expect(await waiting()).toEqual([raw])
    expect(await withdrawTask(source, 'celery', raw, 'op', signal)).toBe(true)
    expect(await waiting()).toEqual([])
    for (const field of ['sent:op', 'withdrawn:op'])
      await redis.cli('hset', 'unjam:kept', field, '2026-01-01T00:00:00.000Z celery')
    expect(await quarantineOf('narrow').expire(signal)).toBe(2)
    expect(await redis.cli('dbsize')).toBe('0')
  })

  it.each([
    ['reader', /has not the right/],
    ['foreign', /has not the right/],
  ])('%s: nothing moves, and the sentence says which right is missing', async (user, because) => {
    await redis.cli('flushall')
    await redis.cli('lpush', 'celery', job(1))
    const failure = await failureOf(quarantineOf(user).move('celery', 'all', 'r', signal))
    expect(failure).toMatchObject({ kind: 'refused', because: expect.stringMatching(because) })
    expect(await waiting()).toHaveLength(1)
    expect((await redis.cli('keys', '*')).split('\n')).toEqual(['celery'])
  })
})
