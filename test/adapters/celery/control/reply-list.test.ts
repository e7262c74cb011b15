// Reply lists in a real Redis: they expire, are removed at close and after others, and need no rights to be tidy.
import { spawn } from 'node:child_process'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createPidbox, type Pidbox } from '../../../../electron/adapters/celery/control/pidbox.ts'
import { connectRedis, type RedisSource } from '../../../../electron/adapters/celery/redis/connect.ts'
import { readRedisUrl } from '../../../../electron/adapters/celery/redis/url.ts'
import { redisServer, type TestRedis } from '../../../support/redis.ts'
import { until } from '../../../support/until.ts'
import { soon } from '../control-stage.ts'

const PREFIX = 'app1:'
const BINDING = `${PREFIX}_kombu.binding.reply.celery.pidbox`
const LISTS = '~app1:unjam-*.reply.celery.pidbox'
let redis: TestRedis
const opened: { source: RedisSource; pidbox: Pidbox }[] = []
beforeAll(async () => {
  redis = await redisServer({
    persist: false,
    users: { narrow: `${LISTS} &* +@all`, reader: `~* &* +@all -lpush` },
  })
})
beforeEach(() => redis.cli('FLUSHALL'))
afterEach(async () => {
  for (const { source, pidbox } of opened.splice(0)) await pidbox.close().then(() => source.close())
})
afterAll(() => redis?.stop())

function unjam(url = redis.url) {
  const source = connectRedis(readRedisUrl(url, undefined), PREFIX)
  const one = { source, pidbox: createPidbox(source) }
  opened.push(one)
  return one
}
const ask = ({ pidbox }: { pidbox: Pidbox }, waitMs = 10) =>
  pidbox.ask({ method: 'ping' }, { destination: null, expected: [], waitMs, signal: soon() })
const lines = async (...command: string[]) => (await redis.cli(...command)).split('\n').filter(Boolean).sort()
const lists = () => lines('KEYS', '*.reply.celery.pidbox')

/** What an older Unjam left that was killed while a worker answered. */
async function leave(oid: string, separator = '\x06\x16'): Promise<void> {
  await redis.cli('SADD', BINDING, [oid, '', `${oid}.reply.celery.pidbox`].join(separator))
  await redis.cli('LPUSH', `${PREFIX}${oid}.reply.celery.pidbox`, 'a late reply')
}

/** A worker that hangs: it receives commands and never answers. */
async function silentWorker(): Promise<() => Promise<void>> {
  const child = spawn('redis-cli', ['-p', String(redis.port), 'SUBSCRIBE', `${PREFIX}/0.celery.pidbox`])
  await until('it is subscribed', async () =>
    (await redis.cli('PUBSUB', 'NUMSUB', `${PREFIX}/0.celery.pidbox`)).endsWith('1'),
  )
  return async () => {
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.kill()
    await ended
  }
}

/** Answers as kombu does: pushes to the list that the request names, and looks at nothing else. */
async function answeringWorker(source: RedisSource): Promise<() => Promise<void>> {
  const subscriber = source.dedicated(() => undefined)
  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
  subscriber.on('message', (_channel: string, text: string) => {
    const { ticket, reply_to } = JSON.parse(Buffer.from(JSON.parse(text).body, 'base64').toString())
    const reply = { body: base64({ 'w1@host': { ok: 'pong' } }), headers: { ticket, clock: 1 } }
    const list = `${PREFIX}${reply_to.routing_key}`
    void source.run('Reply', soon(), (redis) => redis.lpush(list, JSON.stringify(reply)))
  })
  await subscriber.subscribe(`${PREFIX}/0.celery.pidbox`)
  return async () => {
    subscriber.disconnect()
    await until('it is gone', async () =>
      (await redis.cli('PUBSUB', 'NUMSUB', `${PREFIX}/0.celery.pidbox`)).endsWith('0'),
    )
  }
}

test('the list expires from the first request on, whatever becomes of this process, and is removed at close', async () => {
  const one = unjam()
  expect(await ask(one)).toEqual({ receivers: 0, replies: [] })
  const [list, ...more] = await lists()
  expect([list, more]).toEqual([expect.stringMatching(/^app1:unjam-[-0-9a-f]{36}\.reply\.celery\.pidbox$/), []])
  expect(Number(await redis.cli('TTL', list ?? ''))).toBeGreaterThan(600)
  // No member of a binding, and no sign of life beside it.
  expect(await lines('KEYS', '*')).toEqual([list])
  await one.pidbox.close()
  expect(await lines('KEYS', '*')).toEqual([])
})

test('at no moment is there a list that would outlive a kill', async () => {
  const asking = unjam()
  const end = await answeringWorker(asking.source)
  const watcher = unjam().source
  let done = false
  const ttls: number[] = []
  const sampling = (async () => {
    while (!done) {
      const found = await watcher.run('Look', soon(), async (redis) => {
        const [list] = await redis.keys(`${PREFIX}unjam-*`)
        return list === undefined ? null : await redis.ttl(list)
      })
      if (found !== null) ttls.push(found)
    }
  })()
  for (let n = 0; n < 50; n++)
    expect(await Promise.all([ask(asking, 5000), ask(asking, 5000)])).toMatchObject(
      Array(2).fill({ receivers: 1, replies: [{ worker: 'w1@host', value: { ok: 'pong' } }] }),
    )
  done = true
  await sampling
  await end()
  expect(ttls.length).toBeGreaterThan(50)
  expect(Math.min(...ttls)).toBeGreaterThan(600)
  await asking.pidbox.close()
  expect(await lists()).toEqual([])
})

test('a reply that is still owed at close finds a list that expires', async () => {
  const one = unjam()
  const end = await silentWorker()
  try {
    expect(await ask(one)).toEqual({ receivers: 1, replies: [] })
    const [list = ''] = await lists()
    await one.pidbox.close()
    await redis.cli('LPUSH', list, 'a late reply')
    expect(Number(await redis.cli('TTL', list))).toBeGreaterThan(600)
  } finally {
    await end()
  }
})

test('what a worker owed no longer matters once all that are connected have answered', async () => {
  const one = unjam()
  const end = await silentWorker()
  await ask(one)
  await end()
  await until('it is no longer connected', async () => (await ask(one)).receivers === 0)
  await one.pidbox.close()
  expect(await lists()).toEqual([])
})

test('leftovers are removed at start and at each connection, in any separator; those of others stay', async () => {
  for (const separator of ['\x06\x16', ':', '--', '.', '|unjam-', 'x'])
    await leave(`unjam-${separator.length}`, separator)
  await leave('somebody-else', ':')
  await redis.cli('SADD', BINDING, 'unjam-like::a-queue-of-theirs')
  const one = unjam()
  await ask(one)
  expect(await lines('SMEMBERS', BINDING)).toEqual([
    'somebody-else::somebody-else.reply.celery.pidbox',
    'unjam-like::a-queue-of-theirs',
  ])
  expect((await lists()).filter((key) => !/unjam-[-0-9a-f]{36}/.test(key))).toEqual([
    BINDING,
    `${PREFIX}somebody-else.reply.celery.pidbox`,
  ])

  await leave('unjam-later', ':')
  for (const line of await lines('CLIENT', 'LIST'))
    if (line.includes(' name=unjam ')) await redis.cli('CLIENT', 'KILL', 'ID', /^id=(\d+)/.exec(line)?.[1] ?? '')
  await until('it is connected again', () =>
    ask(one).then(
      () => true,
      () => false,
    ),
  )
  expect(await lines('SMEMBERS', BINDING)).not.toContain(expect.stringContaining('unjam-later'))
})

test('a user with rights to reply lists only can still inspect workers', async () => {
  await leave('unjam-killed')
  const narrow = unjam(redis.urlOf({ user: 'narrow' }))
  await expect(ask(narrow)).resolves.toEqual({ receivers: 0, replies: [] })
  expect(await lines('SMEMBERS', BINDING)).toHaveLength(1)
})

test('a request whose reply list cannot be created is not sent, and the missing right is named', async () => {
  const end = await silentWorker()
  const reader = unjam(redis.urlOf({ user: 'reader' }))
  await expect(ask(reader)).rejects.toMatchObject({
    failure: { kind: 'refused', because: expect.stringContaining('the command lpush') },
  })
  expect(await lists()).toEqual([])
  await end()
})
