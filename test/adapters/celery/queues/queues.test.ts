// Queues of a real Redis filled by real Celery: depths, groups, pages; whatever else lies there is no crash.
import { afterEach, describe, expect, test } from 'vitest'
import { type CeleryQueues, createQueues } from '../../../../electron/adapters/celery/queues/queues.ts'
import { connectRedis, type RedisSource } from '../../../../electron/adapters/celery/redis/connect.ts'
import { readRedisUrl } from '../../../../electron/adapters/celery/redis/url.ts'
import { type Message, MessageQuery, Queue } from '../../../../electron/contract/queue.ts'
import { celerySend, celeryWorker } from '../../../support/celery.ts'
import { redisServer, type TestRedis } from '../../../support/redis.ts'
import { until } from '../../../support/until.ts'
import { celeryApp, ENQUEUE, job, message, PROCESS } from '../queue-stage.ts'

let redis: TestRedis
let source: RedisSource
let queues: CeleryQueues
const soon = () => AbortSignal.timeout(60_000)

async function open(celery: Record<string, unknown> = {}): Promise<void> {
  redis = await redisServer({ persist: false })
  const app = celeryApp(celery)
  source = connectRedis(readRedisUrl(redis.url, app.tls), app.keyPrefix)
  queues = createQueues({ source, app, consumersOf: () => null, consumed: () => [], change: () => undefined })
}
afterEach(async () => {
  queues.close()
  await source.close()
  await redis.stop()
})

const push = (key: string, ...raws: string[]) => source.run('Test', soon(), (client) => client.lpush(key, ...raws))
const queueNamed = async (name: string): Promise<Queue> => {
  const found = (await queues.queues(soon())).find((queue) => queue.name === name)
  if (found === undefined) throw new Error(`there is no queue ${name}`)
  return Queue.parse(found)
}
const page = (query: Partial<MessageQuery>) =>
  queues.messages(MessageQuery.parse({ system: 'x', queue: 'celery', ...query }), soon())
/** All pages, as a person who scrolls sees them. */
async function scrolled(query: Partial<MessageQuery>, between: () => Promise<unknown> = async () => undefined) {
  const seen: Message[] = []
  let cursor: string | null = null
  do {
    const next = await page({ ...query, cursor })
    seen.push(...next.messages)
    cursor = next.cursor
    await between()
  } while (cursor !== null)
  return seen
}

describe('the summary', () => {
  test('of runbook 0: 93 enqueuers among recordings, their senders, nothing else touched', async () => {
    await open()
    await celerySend(
      { broker: redis.celeryUrl() },
      { task: ENQUEUE, times: 93 },
      { task: PROCESS, args: [1069] },
      { task: PROCESS, args: [1070], times: 3 },
    )
    const queue = await queueNamed('celery')
    expect(queue).toMatchObject({ messages: 97, read: 97, unacked: 0, paused: false, consumers: null })
    expect(queue.groups.map(({ task, messages, jobs, duplicates }) => [task, messages, jobs, duplicates])).toEqual([
      [ENQUEUE, 93, null, 0],
      [PROCESS, 4, 2, 2],
    ])
    expect(queue.groups[0]?.origins).toEqual([expect.stringMatching(/^gen\d+@/)])
    expect(queue.groups[0]?.seenMs).toBeLessThan(20_000)
  })

  test('over priorities, whose lists are one queue; duplicates count across them', async () => {
    await open()
    await celerySend(
      { broker: redis.celeryUrl() },
      ...[0, 4, 9, 9].map((priority) => ({ task: PROCESS, args: [7], options: { priority } })),
    )
    const queue = await queueNamed('celery')
    expect(queue.priorities).toEqual([
      { priority: 0, messages: 1 },
      { priority: 3, messages: 1 },
      { priority: 9, messages: 2 },
    ])
    expect(queue.groups).toMatchObject([{ messages: 4, jobs: 1, duplicates: 3 }])
    expect((await scrolled({ limit: 1 })).map(({ priority }) => priority)).toEqual([0, 4, 9, 9])
  })

  test('with a prefix, of this app alone', async () => {
    await open({ keyPrefix: 'app1:' })
    await celerySend({ broker: redis.celeryUrl(), env: { KEY_PREFIX: 'app1:' } }, { task: PROCESS, args: [1] })
    await celerySend({ broker: redis.celeryUrl() }, { task: PROCESS, args: [2], times: 5 })
    expect((await queues.queues(soon())).map(({ name, messages }) => [name, messages])).toEqual([['celery', 1]])
  })

  test('of every declared queue, empty ones too, and of none that is something else', async () => {
    await open()
    const broker = redis.celeryUrl()
    const worker = await celeryWorker({ broker, queues: ['celery', 'crawl'] })
    await worker.stop()
    await push('stranger', job(1))
    await push('shopping', 'milk', 'eggs')
    await redis.cli('SET', 'unacked_mutex', 'x')
    await redis.cli('HSET', 'hash', 'a', 'b')
    const names = (await queues.queues(soon())).map(({ name, messages }) => [name, messages])
    expect(names.sort()).toEqual([
      ['celery', 0],
      ['crawl', 0],
      ['stranger', 1],
    ])
  })

  test('a default queue that is something else is no queue and no error', async () => {
    await open()
    await redis.cli('HSET', 'celery', 'a', 'b')
    expect(await queues.queues(soon())).toEqual([])
    expect(await page({})).toEqual({ messages: [], cursor: null })
    await redis.cli('DEL', 'celery')
    await push('celery', job(1))
    expect(await queueNamed('celery')).toMatchObject({ messages: 1, read: 1 })
  })

  test('keeps up with workers, a purge and its way back', async () => {
    await open()
    await push('celery', ...Array.from({ length: 3000 }, (_, i) => job(i % 100)))
    await until('it is read', async () => (await queueNamed('celery')).read === 3000)
    await redis.cli('RPOP', 'celery', '1200')
    await push('celery', ...Array.from({ length: 10 }, () => job('new')))
    expect(await queueNamed('celery')).toMatchObject({ messages: 1810, read: 1810, groups: [{ jobs: 101 }] })
    await redis.cli('RENAME', 'celery', 'unjam:elsewhere')
    expect(await queueNamed('celery')).toMatchObject({ messages: 0, read: 0, groups: [] })
    await redis.cli('RENAME', 'unjam:elsewhere', 'celery')
    expect(await queueNamed('celery')).toMatchObject({ messages: 1810, groups: [{ messages: 1810, jobs: 101 }] })
  })

  test('hundreds of thousands of other keys do not delay an answer', async () => {
    await open()
    await redis.cli('EVAL', "for i=1,200000 do redis.call('SET','celery-task-meta-'..i,'x') end", '0')
    await push('celery', job(1))
    await push('undeclared', job(1))
    expect((await queues.queues(soon())).map(({ name }) => name)).toContain('celery')
    await until('the walk over the keys comes by', async () => (await queues.queues(soon())).length === 2)
  })

  test('a paused queue says so', async () => {
    await open()
    await redis.cli('SADD', 'unjam:paused', 'celery')
    expect((await queueNamed('celery')).paused).toBe(true)
  })
})

describe('what workers have taken', () => {
  test('is counted by queue and shown apart', async () => {
    await open()
    const broker = redis.celeryUrl()
    const worker = await celeryWorker({ broker, queues: ['celery', 'crawl'], concurrency: 1, env: { PREFETCH: '4' } })
    await celerySend(
      { broker },
      { task: 'sleep', args: [30] },
      { task: PROCESS, args: [1], options: { queue: 'crawl', countdown: 600 } },
      { task: PROCESS, args: [2], options: { countdown: 600 } },
    )
    await until('they are taken', async () => (await queueNamed('crawl')).unacked === 1)
    await until('they are taken', async () => (await queueNamed('celery')).unacked === 1)
    const taken = await page({ queue: 'crawl', where: 'unacked' })
    expect(taken.messages).toMatchObject([{ task: PROCESS, job: '1', where: 'unacked', position: null, opaque: null }])
    expect(taken.messages[0]?.eta).not.toBeNull()
    expect((await queues.messagesOf('2', 10, soon())).map(({ where }) => where)).toEqual(['unacked'])
    await worker.kill()
  })
})

describe('pages', () => {
  test('begin with what runs next and go on to the end', async () => {
    await open()
    await push('celery', ...Array.from({ length: 250 }, (_, i) => job(i)))
    const first = await page({ limit: 100 })
    expect(first.messages.map(({ job }) => job)).toEqual(Array.from({ length: 100 }, (_, i) => String(i)))
    expect((await scrolled({ limit: 60 })).map(({ position }) => position)).toEqual(
      Array.from({ length: 250 }, (_, i) => i),
    )
  })

  test('lose nothing and repeat nothing while workers take and producers add', async () => {
    await open()
    await push('celery', ...Array.from({ length: 1000 }, (_, i) => job(i)))
    const taken: string[] = []
    const seen = await scrolled({ limit: 50 }, async () => {
      taken.push(...(await redis.cli('RPOP', 'celery', '30')).split('\n'))
      await push('celery', job('new'))
    })
    const ids = seen.map(({ job }) => job).filter((id) => id !== 'new')
    expect(ids).toEqual(Array.from({ length: 1000 }, (_, i) => String(i)))
    expect(taken.length).toBeGreaterThan(500)
  })

  test('go on where they were when the last message is gone', async () => {
    await open()
    await push('celery', ...Array.from({ length: 300 }, (_, i) => job(i)))
    const first = await page({ limit: 100 })
    await redis.cli('RPOP', 'celery', '150')
    const second = await page({ limit: 100, cursor: first.cursor })
    expect(second.messages[0]).toMatchObject({ job: '150', position: 0 })
  })

  test('filter by task and job', async () => {
    await open()
    await push(
      'celery',
      ...Array.from({ length: 2000 }, (_, i) => (i % 500 === 7 ? job('wanted') : message({ task: ENQUEUE }))),
    )
    expect((await scrolled({ job: 'wanted' })).map(({ position }) => position)).toEqual([7, 507, 1007, 1507])
    expect(await scrolled({ task: PROCESS })).toHaveLength(4)
    const found = await queues.messagesOf('wanted', 3, soon())
    expect(found.map(({ position }) => position)).toEqual([7, 507, 1007])
    expect(found[0]?.seenMs).not.toBeNull()
  })

  test('by job: the most messages first, of equally many the next to run, over all priorities', async () => {
    await open()
    await push('celery', ...['a', 'b', 'c', 'b', 'd', 'c', 'b'].map((id) => job(id)), message({ task: ENQUEUE }))
    await push('celery\x06\x163', job('e'), job('c'), job('d'))
    const jobs = async (limit: number) => await queues.jobs({ system: 'x', queue: 'celery', limit }, soon())
    const all = await jobs(100)
    expect(all.different).toBe(5)
    expect(all.jobs.map((one) => [one.job, one.messages, one.priority, one.position])).toEqual([
      ['b', 3, 0, 1],
      ['c', 3, 0, 2],
      ['d', 2, 0, 4],
      ['a', 1, 0, 0],
      ['e', 1, 3, 0],
    ])
    expect(all.jobs[0]).toMatchObject({ task: PROCESS, seenMs: expect.any(Number) })
    for (const limit of [1, 2, 3, 4])
      expect((await jobs(limit)).jobs).toMatchObject(all.jobs.slice(0, limit).map(({ job }) => ({ job })))
    // Workers took two since they were counted: those are left out or found where they are by now.
    await redis.cli('RPOP', 'celery', '2')
    expect((await jobs(100)).jobs.map((one) => [one.job, one.position])).toContainEqual(['c', 0])
    expect(await queues.jobs({ system: 'x', queue: 'nowhere', limit: 5 }, soon())).toEqual({ jobs: [], different: 0 })
  })

  test('refuse a cursor that is none', async () => {
    await open()
    await expect(page({ cursor: 'abc' })).rejects.toMatchObject({ failure: { kind: 'invalid' } })
    await expect(page({ where: 'unacked', cursor: '1.2.3' })).rejects.toMatchObject({ failure: { kind: 'invalid' } })
  })
})

describe('bad input', () => {
  test('huge, binary and foreign elements are shown as what they are', async () => {
    await open()
    const huge = job('big', { headers: { argsrepr: "('big',)" } }).replace(
      '"body": "',
      `"body": "${'A'.repeat(8_000_000)}`,
    )
    await push('celery', job(1), huge, '5', '{}', 'not json', '\u0000\u0001', job(2))
    await source.run('Test', soon(), (client) => client.lpush('celery', Buffer.from([0xff, 0xfe, 0x00, 0x80])))
    await celerySend({ broker: redis.celeryUrl(), env: { SERIALIZER: 'pickle' } }, { task: PROCESS, args: [3] })
    // One call reads for 200 ms; a busy machine needs more than one.
    await until('all is read', async () => (await queueNamed('celery')).read === 9, 20_000)
    const queue = await queueNamed('celery')
    expect(queue).toMatchObject({ messages: 9, read: 9 })
    expect(queue.groups.map(({ task, messages }) => [task, messages])).toEqual([
      [null, 5],
      [PROCESS, 4],
    ])
    const shown = await scrolled({})
    expect(shown.map(({ job, opaque }) => [job, opaque])).toEqual([
      ['1', null],
      ['big', expect.stringMatching(/^too large/)],
      [null, 'not a Celery message'],
      [null, 'empty'],
      [null, 'not a Celery message'],
      [null, 'not a Celery message'],
      ['2', null],
      [null, 'not a Celery message'],
      ['3', 'pickle'],
    ])
    for (const { args } of shown) expect(args.length).toBeLessThanOrEqual(300)
  })
})
