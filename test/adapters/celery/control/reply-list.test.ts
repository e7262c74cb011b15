// Reply lists in a real Redis: an Unjam that was killed leaves one, the next Unjam takes it away, and nobody else's.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPidbox, type Pidbox } from '../../../../electron/adapters/celery/control/pidbox.ts'
import { connectRedis, type RedisSource } from '../../../../electron/adapters/celery/redis/connect.ts'
import { readRedisUrl } from '../../../../electron/adapters/celery/redis/url.ts'
import { redisServer, type TestRedis } from '../../../support/redis.ts'
import { soon } from '../control-stage.ts'

const PREFIX = 'app1:'
let redis: TestRedis
const opened: { source: RedisSource; pidbox: Pidbox }[] = []
beforeAll(async () => {
  redis = await redisServer({
    persist: false,
    users: { narrow: '~app1:_kombu.binding.* ~app1:unjam-*.reply.celery.pidbox &* +@all' },
  })
})
afterAll(async () => {
  for (const { source, pidbox } of opened) await pidbox.close().then(() => source.close())
  await redis?.stop()
})

function unjam(url = redis.url) {
  const source = connectRedis(readRedisUrl(url, undefined), PREFIX)
  const one = { source, pidbox: createPidbox(source) }
  opened.push(one)
  return one
}
const ask = ({ pidbox }: { pidbox: Pidbox }) =>
  pidbox.ask({ method: 'ping' }, { destination: null, expected: [], waitMs: 10, signal: soon() })
const lines = async (...command: string[]) => (await redis.cli(...command)).split('\n').filter(Boolean).sort()
const BINDING = `${PREFIX}_kombu.binding.reply.celery.pidbox`
const oids = async () => (await lines('SMEMBERS', BINDING)).map((member) => member.split('\x06\x16')[0])

/** What a controller leaves that was killed while a worker answered. */
async function leave(oid: string): Promise<string> {
  await redis.cli('SADD', BINDING, [oid, '', `${oid}.reply.celery.pidbox`].join('\x06\x16'))
  await redis.cli('LPUSH', `${PREFIX}${oid}.reply.celery.pidbox`, 'a late reply')
  return oid
}

test('one that was killed is tidied up after, one that lives and one of another program are not', async () => {
  const living = unjam()
  await ask(living)
  const [other] = await oids()
  await leave('unjam-killed')
  await leave('somebody-else')
  const next = unjam()
  await ask(next)
  expect(await oids()).toContain(other)
  expect(await oids()).toContain('somebody-else')
  expect(await oids()).toHaveLength(3)
  expect(await lines('KEYS', '*reply.celery.pidbox')).toEqual([BINDING, `${PREFIX}somebody-else.reply.celery.pidbox`])
  // Its sign of life runs out by itself, should it be killed.
  for (const key of await lines('KEYS', '*unjam:asks:*'))
    expect(Number(await redis.cli('TTL', key))).toBeGreaterThan(600)
  await next.pidbox.close()
  expect(await oids()).toEqual(['somebody-else', other].sort())
  expect(await lines('KEYS', '*unjam:asks:*')).toEqual([`${PREFIX}unjam:asks:${other}`])
})

test('one that was taken for dead binds its list again with its next question', async () => {
  const before = await oids()
  const asleep = unjam()
  await ask(asleep)
  const [mine] = (await oids()).filter((oid) => !before.includes(oid))
  for (const key of await lines('KEYS', '*unjam:asks:*')) await redis.cli('DEL', key)
  await ask(unjam())
  expect(await oids()).not.toContain(mine)
  await ask(asleep)
  expect(await oids()).toContain(mine)
})

test('a user who may not write Unjam’s own keys asks all the same', async () => {
  await leave('unjam-killed-too')
  const narrow = unjam(redis.urlOf({ user: 'narrow' }))
  await expect(ask(narrow)).resolves.toEqual({ receivers: 0, replies: [] })
  expect(await oids()).toContain('unjam-killed-too')
})
