// Nothing malformed can ever be published: whatever is asked for is either refused or a message every worker survives.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPidbox, decodeReply } from '../../../../electron/adapters/celery/control/pidbox.ts'
import { type Command, encodeRequest, faultOf } from '../../../../electron/adapters/celery/control/request.ts'
import { connectRedis, type RedisSource } from '../../../../electron/adapters/celery/redis/connect.ts'
import { readRedisUrl } from '../../../../electron/adapters/celery/redis/url.ts'
import { celeryWorker, type TestWorker } from '../../../support/celery.ts'
import { redisServer, type TestRedis } from '../../../support/redis.ts'
import { until } from '../../../support/until.ts'

const head = {
  exchange: 'celery.pidbox',
  replyAddress: 'unjam-1.reply.celery.pidbox',
  ticket: 't-1',
  tag: 'd-1',
  clock: 1,
  expires: 1_795_308_878,
}
const word = fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom(...'abcXYZ09@._-é猫') })
const good: fc.Arbitrary<[Command, string[] | null]> = fc.oneof(
  fc.tuple(
    fc
      .constantFrom('ping', 'stats', 'active', 'reserved', 'scheduled', 'active_queues', 'registered', 'conf')
      .map((method) => ({ method }) as Command),
    fc.option(fc.array(word, { minLength: 1, maxLength: 5 })),
  ),
  fc.tuple(
    fc.oneof(
      fc.record({
        method: fc.constant('revoke' as const),
        ids: fc.array(word, { minLength: 1, maxLength: 5 }),
        terminate: fc.boolean(),
        signal: fc.constantFrom('SIGTERM' as const, 'SIGKILL' as const),
      }),
      fc.record({
        method: fc.constantFrom('pool_grow' as const, 'pool_shrink' as const),
        n: fc.integer({ min: 1, max: 64 }),
      }),
      fc.record({ method: fc.constantFrom('add_consumer' as const, 'cancel_consumer' as const), queue: word }),
    ),
    fc.array(word, { minLength: 1, maxLength: 5 }),
  ),
)

/** What hangs or ends a worker (protocol reference §3.6), judged without the code under test. */
function survives(text: string): boolean {
  const envelope = JSON.parse(text)
  const body = JSON.parse(Buffer.from(envelope.body, 'base64').toString('utf8'))
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
  return (
    isObject(envelope.properties) &&
    typeof envelope.properties.delivery_tag === 'string' &&
    isObject(envelope.properties.delivery_info) &&
    typeof envelope.headers.clock === 'number' &&
    isObject(body) &&
    typeof body.method === 'string' &&
    isObject(body.arguments) &&
    (body.destination === null ||
      (Array.isArray(body.destination) && body.destination.every((d: unknown) => typeof d === 'string'))) &&
    body.matcher === null &&
    body.pattern === null &&
    isObject(body.reply_to) &&
    // Any other list may be a queue.
    body.reply_to.exchange === '' &&
    /^unjam-.*\.reply\.celery\.pidbox$/.test(body.reply_to.routing_key)
  )
}

describe('a control message', () => {
  it('of every command is well-formed', () => {
    fc.assert(
      fc.property(good, ([command, to]) => {
        expect(faultOf(encodeRequest(command, to, head))).toBeNull()
      }),
    )
  })

  it('made of anything at all is refused, or workers survive it', () => {
    const anything = fc.tuple(fc.anything(), fc.anything(), fc.anything())
    fc.assert(
      fc.property(anything, good, ([what, to, clock], [command]) => {
        const odd = [
          () => encodeRequest(what as Command, to as string[], head),
          () => encodeRequest({ ...command, ...(what as object) } as Command, to as string[], head),
          () => encodeRequest(command, to as string[], { ...head, clock: clock as number }),
          () => encodeRequest(command, null, { ...head, ticket: clock as string, replyAddress: what as string }),
        ]
        for (const make of odd) {
          let text: string
          try {
            text = make()
          } catch {
            continue
          }
          if (faultOf(text) === null) expect(survives(text)).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('that is damaged anywhere is refused, or is still one that workers survive', () => {
    fc.assert(
      fc.property(good, fc.nat(), fc.string({ maxLength: 3 }), ([command, to], at, junk) => {
        const text = encodeRequest(command, to, head)
        const damaged = text.slice(0, at % text.length) + junk + text.slice((at % text.length) + 1)
        if (faultOf(damaged) === null) expect(survives(damaged)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    [{ method: 'pool_grow', n: 1 }, null, 'a command that changes workers must name them'],
    [{ method: 'pool_grow', n: 1 }, [], 'its destination is not a list of worker names'],
    [{ method: 'ping' }, 'w1@host', 'its destination is not a list of worker names'],
    [{ method: 'pool_shrink', n: 0 }, ['w1@host'], 'its argument n is wrong'],
    [{ method: 'revoke', ids: [], terminate: false }, ['w1@host'], 'its argument task_id is wrong'],
    [{ method: 'shutdown' }, ['w1@host'], 'it is no command that Unjam knows'],
  ])('%j to %j: %s', (command, to, because) => {
    expect(faultOf(encodeRequest(command as Command, to as string[], head))).toBe(because)
  })

  it('asks for running tasks in the safe form only', () => {
    const text = encodeRequest({ method: 'active' }, null, head)
    expect(Buffer.from(JSON.parse(text).body, 'base64').toString()).toContain('"arguments": {"safe": true}')
  })
})

describe('a reply', () => {
  it('never throws, whatever it is', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (raw) => void decodeReply(raw)))
  })

  it('is read whatever its numbers are: fractions with many digits, NaN, Infinity, large integers', () => {
    const said =
      '{"w1@h": {"rusage": {"utime": 0.8123450000000001, "x": NaN}, "limit": Infinity, "big": 12345678901234567890}}'
    const raw = JSON.stringify({ body: Buffer.from(said).toString('base64'), headers: { ticket: 't', clock: 3 } })
    expect(decodeReply(raw)).toMatchObject({
      ticket: 't',
      replies: [{ worker: 'w1@h', value: { rusage: { utime: 0.8123450000000001 }, big: 12345678901234567890n } }],
    })
  })
})

describe('a real worker', () => {
  let redis: TestRedis
  let worker: TestWorker
  let source: RedisSource
  beforeAll(async () => {
    redis = await redisServer({ persist: false })
    worker = await celeryWorker({ broker: redis.celeryUrl(), name: 'tough@host' })
    source = connectRedis(readRedisUrl(redis.url, undefined), '')
  })
  afterAll(async () => {
    await source.close()
    await worker.kill()
    await redis.stop()
  })

  it('survives three hundred random commands and still answers; the reply list is gone afterwards', async () => {
    const pidbox = createPidbox(source)
    const signal = AbortSignal.timeout(60_000)
    const ping = () => pidbox.ask({ method: 'ping' }, { destination: null, expected: [], waitMs: 3000, signal })
    await until('it listens', async () => (await ping()).replies.length === 1)
    const commands = fc.sample(good, 300).map(([command]) => command)
    await Promise.all(
      commands
        // A pool that grew a hundred times would be a load test.
        .filter(({ method }) => !method.startsWith('pool_'))
        .map((command) => pidbox.ask(command, { destination: ['tough@host'], expected: [], waitMs: 10_000, signal })),
    )
    const { replies, receivers } = await ping()
    expect([receivers, replies]).toEqual([1, [{ worker: 'tough@host', value: { ok: 'pong' } }]])
    await expect(
      pidbox.ask({ method: 'pool_grow', n: 1 }, { destination: null, expected: [], waitMs: 1, signal }),
    ).rejects.toThrow(/was not sent/)
    expect(worker.running()).toBe(true)
    await pidbox.close()
    expect(await redis.cli('EXISTS', '_kombu.binding.reply.celery.pidbox')).toBe('0')
    expect(await redis.cli('KEYS', '*reply.celery.pidbox')).toBe('')
  })
})
