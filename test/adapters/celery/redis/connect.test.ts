// Redis as it is met in the field: passwords, ACL users, TLS, other databases, outages; each failure in one sentence.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createQueues } from '../../../../electron/adapters/celery/queues/queues.ts'
import { connectRedis, type RedisSource } from '../../../../electron/adapters/celery/redis/connect.ts'
import { readRedisUrl } from '../../../../electron/adapters/celery/redis/url.ts'
import { type Failure, FailureError } from '../../../../electron/contract/failure.ts'
import type { CelerySettings } from '../../../../electron/contract/settings.ts'
import { celerySend } from '../../../support/celery.ts'
import { type RedisOptions, redisServer, type TestRedis } from '../../../support/redis.ts'
import { until } from '../../../support/until.ts'
import { celeryApp, job, PROCESS } from '../queue-stage.ts'

const opened: RedisSource[] = []
const servers: TestRedis[] = []
afterEach(async () => {
  for (const source of opened.splice(0)) await source.close()
  for (const server of servers.splice(0)) await server.stop()
})

async function server(options: RedisOptions = {}): Promise<TestRedis> {
  const redis = await redisServer({ persist: false, ...options })
  servers.push(redis)
  return redis
}
function connect(url: string, tls?: CelerySettings['tls'], prefix = ''): RedisSource {
  const source = connectRedis(readRedisUrl(url, tls), prefix)
  opened.push(source)
  return source
}
const soon = () => AbortSignal.timeout(60_000)
const ping = (source: RedisSource) => source.run('Ping', soon(), (redis) => redis.ping())
async function failure(work: Promise<unknown>): Promise<Failure> {
  const thrown: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  )
  if (!(thrown instanceof FailureError)) throw new Error(`no FailureError but ${thrown}`)
  return thrown.failure
}
/** Messages of the default queue as the whole of it reads them. */
async function waiting(source: RedisSource, celery: Record<string, unknown> = {}): Promise<number> {
  const queues = createQueues({
    source,
    app: celeryApp(celery),
    consumersOf: () => null,
    consumed: () => [],
    change: () => undefined,
  })
  const [queue] = await queues.queues(soon())
  queues.close()
  return queue?.read ?? -1
}

describe('a URL as Celery writes it', () => {
  const read = (url: string) => readRedisUrl(url, undefined)

  test('has host, port, database, user and password, decoded', () => {
    expect(read('redis://:p%40ss%2Fw@h:1/3')).toMatchObject({
      host: 'h',
      port: 1,
      db: 3,
      username: null,
      password: 'p@ss/w',
    })
    expect(read('redis://u:100%25%@h')).toMatchObject({ port: 6379, db: 0, username: 'u', password: '100%%' })
    expect(read('redis://h/?db=2&password=x')).toMatchObject({ db: 2, password: 'x' })
    expect(read('redis://[::1]:2/')).toMatchObject({ host: '::1', port: 2 })
    expect(read('redis+socket:///run/redis.sock?virtual_host=4')).toMatchObject({ path: '/run/redis.sock', db: 4 })
  })

  test('maps Python’s TLS options, overruled by the settings', () => {
    expect(read('rediss://h').tls).toMatchObject({ servername: 'h', rejectUnauthorized: true })
    expect(read('rediss://h?ssl_cert_reqs=none').tls).toMatchObject({ rejectUnauthorized: false })
    expect(read('rediss://h?ssl_cert_reqs=CERT_NONE&ssl_ca_certs=/in/container').tls).not.toHaveProperty('ca')
    expect(readRedisUrl('rediss://h', { rejectUnauthorized: false }).tls).toMatchObject({ rejectUnauthorized: false })
    expect(read('rediss://1.2.3.4').tls).not.toHaveProperty('servername')
  })

  test.each(['', 'redis', 'http://h', 'amqp://h', 'redis://h/abc', 'sentinel://a:1;sentinel://b:2/0'])(
    'that cannot be used is told: %j',
    (url) => expect(() => read(url)).toThrow(FailureError),
  )

  test.each([
    ['redis://:p4ss/word@redis:6379/0', 'p4ss/word', 'redis', 6379],
    ['redis://u:4/tail@redis:6379/0', '4/tail', 'redis', 6379],
    ['rediss://:a?b#c@d e@redis/2', 'a?b#c@d e', 'redis', 6379],
    ['redis://:a:b[1]@10.0.0.7:6380', 'a:b[1]', '10.0.0.7', 6380],
  ])('is read as it was meant though its password is not encoded: %s', (url, password, host, port) => {
    expect(read(url)).toMatchObject({ password, host, port })
    expect(read(url).on).not.toContain(password)
  })

  test.each([
    'redis://:p4ss/word@re dis:6379/0',
    'redis://:p4ss/word@redis:port/0',
    'redis://:p4ss/word@redis:6379/zero',
  ])('that cannot be used is refused without its password: %s', (url) => {
    expect(() => read(url)).toThrow(FailureError)
    expect(() => read(url)).not.toThrow(/p4ss|\/word@/)
    expect(() => read(url)).toThrow(/%2F|number of a database/)
  })

  test('never shows its password', async () => {
    const source = connect('redis://user:hunter2@127.0.0.1:1/0?password=hunter3')
    const said = JSON.stringify(await failure(ping(source)))
    expect(said).not.toMatch(/hunter/)
    expect(said).toMatch(/redis:\/\/user:••••••@127.0.0.1:1/)
  })
})

describe('a real server', () => {
  test('with a password: right, wrong, missing', async () => {
    const redis = await server({ password: 'p@ss/%w"ord' })
    await celerySend({ broker: redis.celeryUrl() }, { task: PROCESS, args: [1], times: 2 })
    expect(await waiting(connect(redis.url))).toBe(2)
    const wrong = redis.url.replace(/:[^:@]*@/, ':nonsense@')
    expect(await failure(ping(connect(wrong)))).toMatchObject({
      kind: 'refused',
      because: expect.stringMatching(/password is wrong/),
    })
    const none = redis.url.replace(/:[^:@]*@/, '')
    expect(await failure(ping(connect(none)))).toMatchObject({
      kind: 'refused',
      because: expect.stringMatching(/wants a password/),
    })
  })

  test('with an ACL user who may only what is needed; what is missing is named', async () => {
    const keys = '~celery* ~_kombu.binding.* ~unacked* ~unjam:*'
    const redis = await server({
      db: 2,
      users: {
        reader: `${keys} resetchannels +@read -keys +ping +select +multi +exec +scan`,
        blind: '~* +ping +select',
      },
    })
    await celerySend({ broker: redis.celeryUrl(2) }, { task: PROCESS, args: [1] })
    expect(await waiting(connect(redis.urlOf({ user: 'reader' })))).toBe(1)
    expect(await failure(waiting(connect(redis.urlOf({ user: 'blind' }))))).toMatchObject({
      kind: 'refused',
      because: expect.stringMatching(/right: the command scan/),
    })
    const barred = redis.urlOf({ user: 'reader' }).replace('reader-secret', 'no')
    expect((await failure(ping(connect(barred)))).kind).toBe('refused')
  })

  test('in the database of the URL, and never in another one', async () => {
    const redis = await server()
    await celerySend({ broker: redis.celeryUrl(3) }, { task: PROCESS, args: [1], times: 3 })
    expect(await waiting(connect(redis.urlOf({ db: 3 })))).toBe(3)
    expect(await waiting(connect(redis.urlOf({ db: 0 })))).toBe(0)
    expect(await failure(ping(connect(redis.urlOf({ db: 99 }))))).toMatchObject({ kind: 'missing' })
  })

  test('under a key prefix', async () => {
    const redis = await server()
    await celerySend({ broker: redis.celeryUrl(), env: { KEY_PREFIX: 'a[b]*:' } }, { task: PROCESS, args: [1] })
    expect(await waiting(connect(redis.url, undefined, 'a[b]*:'), { keyPrefix: 'a[b]*:' })).toBe(1)
    expect(await waiting(connect(redis.url))).toBe(0)
  })

  test('learns how the app separates names, also where its exchange is called otherwise than its queue', async () => {
    const redis = await server()
    const named = async () => {
      const source = connectRedis(readRedisUrl(redis.url, undefined), 'app1:', 'celery')
      opened.push(source)
      await ping(source)
      return { learned: source.keys.learned(), list: source.keys.queue('celery', 3) }
    }
    expect(await named()).toEqual({ learned: false, list: 'app1:celery\x06\x163' })
    await redis.cli('SET', 'app1:_kombu.binding.no-binding', 'a string')
    await redis.cli('SADD', 'another:_kombu.binding.celery', 'celery||celery')
    expect(await named()).toMatchObject({ learned: false })
    await redis.cli('SADD', 'app1:_kombu.binding.tasks', 'celery::celery')
    expect(await named()).toEqual({ learned: true, list: 'app1:celery:3' })
  })

  test('over TLS: trusted, not trusted, not verified, and mistaken for plain', async () => {
    const redis = await server({ tls: true })
    const ca = redis.ca ?? ''
    await celerySend({ broker: redis.celeryUrl() }, { task: PROCESS, args: [1] })
    expect(await waiting(connect(redis.celeryUrl()))).toBe(1)
    expect(await waiting(connect(redis.url, { ca, rejectUnauthorized: true }))).toBe(1)
    expect(await ping(connect(`${redis.url}?ssl_cert_reqs=none`))).toBe('PONG')
    expect(await ping(connect(redis.url, { rejectUnauthorized: false }))).toBe('PONG')
    expect(await failure(ping(connect(redis.url)))).toMatchObject({
      kind: 'refused',
      because: expect.stringMatching(/certificate is not trusted/),
    })
    const plain = redis.url.replace('rediss', 'redis')
    expect(await failure(ping(connect(plain)))).toMatchObject({ remedy: 'Write rediss:// where it wants TLS.' })
    const other = await server()
    const mistaken = other.url.replace('redis:', 'rediss:')
    expect(await failure(ping(connect(mistaken)))).toMatchObject({ because: 'it did not answer a greeting of TLS' })
    expect(() => connect(redis.url, { ca: '/nowhere/ca.crt', rejectUnauthorized: true })).toThrow(/ca\.crt/)
  })

  test('that is no Redis at all', async () => {
    const web = createServer((_, answer) => answer.end('hello'))
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
    const { port } = web.address() as AddressInfo
    const told = await failure(ping(connect(`redis://127.0.0.1:${port}/0`)))
    web.close()
    expect(['invalid', 'unreachable']).toContain(told.kind)
  })

  test('that is held by a script', async () => {
    const redis = await server({ config: { 'busy-reply-threshold': '50' } })
    const script = redis.cli('EVAL', 'while true do end', '0').catch(() => '')
    const source = connect(redis.url)
    await until('the script is told', async () => {
      const told = await ping(source).then(
        () => null,
        (error: unknown) => (error instanceof FailureError ? error.failure : null),
      )
      return told?.kind === 'busy' && /script/.test(told.because)
    })
    await redis.cli('SCRIPT', 'KILL')
    await script
    expect(await ping(source)).toBe('PONG')
  })
})

describe('an outage', () => {
  test('is told at once, does not hammer, and ends by itself; nothing leaks', async () => {
    const redis = await server({ persist: true })
    const source = connect(redis.url)
    const problems: Error[] = []
    const heard: string[] = []
    const feed = source.dedicated((error) => problems.push(error))
    feed.on('message', (_channel: string, text: string) => heard.push(text))
    await feed.subscribe('news')
    await source.run('Push', soon(), (client) => client.lpush('celery', job(1)))
    expect(await waiting(source)).toBe(1)
    for (let outage = 0; outage < 3; outage++) {
      await redis.kill()
      expect((await failure(ping(source))).kind).toBe('unreachable')
      for (let i = 0; i < 50; i++) expect((await failure(ping(source))).because).toMatch(/nothing answers|cut/)
      const told = problems.length
      await until('the feed tells why', () => problems.length > told)
      await redis.start()
      await until('it is back', () =>
        waiting(source).then(
          (n) => n === 1,
          () => false,
        ),
      )
      await until('the feed is back', async () => Number(await redis.cli('PUBLISH', 'news', 'again')) > 0)
    }
    await until('the feed is heard', () => heard.length >= 3)
    expect(source.open()).toBe(2)
    expect((await redis.cli('CLIENT', 'LIST')).split('\n').filter((line) => line.includes('name=unjam'))).toHaveLength(
      2,
    )
    await source.close()
    expect(source.open()).toBe(0)
    await until('the server sees nobody', async () => !(await redis.cli('CLIENT', 'LIST')).includes('name=unjam'))
  })

  test('a server that is frozen does not hold anybody longer than the deadline', async () => {
    const redis = await server()
    const source = connect(redis.url)
    await ping(source)
    redis.freeze()
    const told = await failure(source.run('Read', AbortSignal.timeout(300), (client) => client.ping()))
    expect(told.kind).toBe('timeout')
    redis.resume()
    expect(await ping(source)).toBe('PONG')
  })
})
