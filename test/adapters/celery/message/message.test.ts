// Messages as real Celery writes them, built alike byte for byte; anything else is opaque, and nothing is a crash.
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildTask } from '../../../../electron/adapters/celery/message/build-task.ts'
import { readMessage } from '../../../../electron/adapters/celery/message/message.ts'
import { type Plain, parsePythonJson, pythonJson } from '../../../../electron/adapters/celery/message/python-text.ts'
import { type Call, celerySend } from '../../../support/celery.ts'
import { redisServer, type TestRedis } from '../../../support/redis.ts'
import { celeryApp, job, message, PROCESS } from '../queue-stage.ts'

const app = celeryApp()
const read = (raw: string) => readMessage(raw, app)

describe('beside a real producer', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await redisServer({ persist: false })
  })
  afterAll(() => redis.stop())

  /** What `send_task` writes for each call, in order. */
  async function sent(calls: readonly Call[], env: Record<string, string> = {}): Promise<string[]> {
    await redis.cli('FLUSHALL')
    await celerySend({ broker: redis.celeryUrl(), env }, ...calls)
    return (await redis.cli('LRANGE', 'celery', '0', '-1')).split('\n').reverse()
  }
  /** Ids and the sender are each message's own. */
  const anonymous = (raw: string) =>
    raw.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID').replace(/"origin": "[^"]*"/, '')

  /** `.delay()` in Python itself: unlike beat it prints its arguments as a tuple. */
  async function delayed(calls: readonly { args: Plain[]; kwargs: Record<string, Plain> }[]): Promise<string[]> {
    await redis.cli('FLUSHALL')
    const program = `
import json, sys
from tasks import app
task = app.tasks["${PROCESS}"]
task.typing = False
for call in json.loads(sys.argv[1]):
    task.delay(*call["args"], **call["kwargs"])
`
    const env = {
      PYTHONPATH: join(import.meta.dirname, '../../../support/celery-app'),
      PYTHONDONTWRITEBYTECODE: '1',
      BROKER_URL: redis.celeryUrl(),
    }
    await promisify(execFile)('/usr/bin/python3', ['-c', program, JSON.stringify(calls)], { env })
    return (await redis.cli('LRANGE', 'celery', '0', '-1')).split('\n').reverse()
  }

  test('builds the same bytes, whatever the arguments', async () => {
    const calls: { args: Plain[]; kwargs: Record<string, Plain> }[] = [
      { args: [42], kwargs: {} },
      { args: [], kwargs: {} },
      { args: ['abc'], kwargs: { recording_id: 7, force: true } },
      {
        args: [1, "it's", 'Grüße ☃ 𝄞', 'tab\tnewline\nquote"back\\slash\u007f'],
        kwargs: { none: null, list: [1, [2, 3]] },
      },
      { args: [{ nested: { deep: 'value' } }, -1.5], kwargs: { 'key with space': 'x' } },
    ]
    const theirs = await delayed(calls)
    const ours = calls.map((call) => buildTask({ id: randomUUID(), name: PROCESS, queue: 'celery', ...call }))
    expect(ours.map(anonymous)).toEqual(theirs.map(anonymous))
  })

  test('reads job, eta, expiry, priority and sender', async () => {
    const [plain, named, later] = await sent([
      { task: PROCESS, args: [42] },
      { task: PROCESS, kwargs: { recording_id: 42 } },
      { task: PROCESS, args: ['a-b'], options: { eta: '2030-01-02T03:04:05+00:00', expires: 600 } },
    ])
    expect(read(plain!)).toMatchObject({ task: PROCESS, job: '42', args: '[42]', retries: 0, eta: null, opaque: null })
    expect(read(plain!).origin).toMatch(/^gen\d+@/)
    expect(read(plain!).work).toBe(read(named!).work)
    expect(read(named!)).toMatchObject({ job: '42', args: "{'recording_id': 42}" })
    expect(read(later!)).toMatchObject({ job: 'a-b', eta: '2030-01-02T03:04:05.000Z', work: null })
    expect(read(later!).expires).toMatch(/Z$/)
  })

  test('names what it cannot read, and still knows the job from what the sender printed', async () => {
    const [pickle] = await sent([{ task: PROCESS, args: [42] }], { SERIALIZER: 'pickle' })
    expect(read(pickle!)).toMatchObject({ task: PROCESS, job: '42', opaque: 'pickle', work: null })
    const [yaml] = await sent([{ task: PROCESS, args: ['x'] }], { SERIALIZER: 'yaml' })
    expect(read(yaml!)).toMatchObject({ task: PROCESS, job: 'x', opaque: 'yaml', work: null })
    const [zipped] = await sent([{ task: PROCESS, args: [42] }], { COMPRESSION: 'gzip' })
    expect(read(zipped!)).toMatchObject({ job: '42', opaque: null })
  })
})

describe('other forms', () => {
  test('protocol 1 has all in its body', () => {
    const body = { task: PROCESS, id: 'one', args: [7], kwargs: {}, retries: 2, eta: '2030-01-02T03:04:05' }
    const raw = pythonJson({
      body: Buffer.from(pythonJson(body)).toString('base64'),
      'content-encoding': 'utf-8',
      'content-type': 'application/json',
      headers: {},
      properties: {
        body_encoding: 'base64',
        delivery_tag: 't',
        delivery_info: { exchange: '', routing_key: 'celery' },
      },
    })
    expect(read(raw)).toMatchObject({ id: 'one', task: PROCESS, job: '7', retries: 2, eta: '2030-01-02T03:04:05.000Z' })
  })

  test('the task is known by its last name, whatever module it is in', () => {
    expect(read(message({ task: 'tasks.process_recording', args: [9] })).job).toBe('9')
    expect(read(message({ task: 'tasks.process_recording_again', args: [9] })).job).toBeNull()
  })

  test('a job id beyond 2^53 stays exact', () => {
    const raw = job(0).replace(/"body": "[^"]*"/, () => {
      const body = '[[12345678901234567891], {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]'
      return `"body": "${Buffer.from(body).toString('base64')}"`
    })
    expect(read(raw).job).toBe('12345678901234567891')
  })

  test('only work that can be left out has a name', () => {
    const same = (a: string, b: string) => read(a).work !== null && read(a).work === read(b).work
    expect(same(job(1), job(1))).toBe(true)
    expect(same(job(1), job('1'))).toBe(true)
    expect(same(job(1), job(2))).toBe(false)
    expect(same(job(1), message({ args: [1, 'force'] }))).toBe(false)
    expect(same(message({ args: [1, 'a'] }), message({ args: [1, 'b'] }))).toBe(false)
    expect(same(job(1), message({ args: [1], kwargs: { force: true } }))).toBe(false)
    for (const special of [
      { headers: { retries: 1 } },
      { headers: { eta: '2030-01-01T00:00:00Z' } },
      { headers: { group: randomUUID() } },
      { headers: { redelivered: true } },
      { embed: { chord: { task: 'x' } } },
      { embed: { callbacks: [{ task: 'x' }] } },
    ])
      expect(read(job(1, special)).work, JSON.stringify(special)).toBeNull()
  })

  test('a message of megabytes is known by its envelope', () => {
    const large = message({ args: ['x'.repeat(20_000_000)], headers: { argsrepr: "('xxx...',)" } })
    expect(read(large)).toMatchObject({ task: PROCESS, job: null, opaque: expect.stringMatching(/^too large .* MB/) })
    expect(read('y'.repeat(20_000_000))).toMatchObject({ task: null, opaque: expect.stringMatching(/^too large/) })
  })

  test('a body that unpacks to gigabytes is not unpacked', () => {
    const bomb = deflateSync(Buffer.alloc(50_000_000)).toString('base64')
    const raw = job(1, { headers: { compression: 'application/x-gzip' } }).replace(
      /"body": "[^"]*"/,
      `"body": "${bomb}"`,
    )
    expect(read(raw).opaque).toMatch(/^compressed/)
  })

  test.each([
    '',
    '5',
    '{}',
    '[]',
    'null',
    '"x"',
    '{"body": 5}',
    '{"headers": {"task": 5}}',
    'not json',
    '\u0000\u0001',
  ])('an element %j is shown as it is', (raw) => {
    expect(read(raw)).toMatchObject({ task: null, job: null, work: null, bytes: raw.length })
    expect(read(raw).opaque).not.toBeNull()
  })
})

describe('whatever comes', () => {
  test('never throws on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const seen = read(Buffer.from(bytes).toString())
        expect(seen.task).toBeNull()
      }),
    )
  })

  test('never throws on envelopes of any shape', () => {
    const names = fc.constantFrom('body', 'headers', 'properties', 'content-type', 'task', 'id', 'eta', 'delivery_info')
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.jsonValue({ maxDepth: 1 }),
        fc.dictionary(names, tie('any')),
        fc.array(tie('any'), { maxLength: 3 }),
      ),
    })).any
    fc.assert(
      fc.property(fc.dictionary(names, value), (envelope) => {
        expect(() => read(JSON.stringify(envelope))).not.toThrow()
      }),
    )
  })

  test('never throws on a real message with one part replaced or cut', () => {
    const raw = job(42)
    fc.assert(
      fc.property(fc.nat(raw.length), fc.nat(60), fc.string({ maxLength: 20 }), (at, length, put) => {
        expect(() => read(raw.slice(0, at) + put + raw.slice(at + length))).not.toThrow()
      }),
    )
  })

  test('what is built is read back: arguments, job, queue', () => {
    const plain = fc.letrec<{ any: Plain }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.string({ unit: 'binary' }),
        fc.integer(),
        fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
        fc.double({ noNaN: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(
          fc.string().filter((name) => !name.startsWith('__')),
          tie('any'),
          { maxKeys: 4 },
        ),
      ),
    })).any
    fc.assert(
      fc.property(fc.array(plain, { maxLength: 4 }), fc.uuid(), (args, id) => {
        const raw = buildTask({ id, name: PROCESS, args, queue: 'calls' })
        expect(/^[\x20-\x7e]*$/.test(raw)).toBe(true)
        expect(read(raw)).toMatchObject({ id, task: PROCESS, routingKey: 'calls', opaque: null })
        const { body } = JSON.parse(raw)
        const [back] = parsePythonJson(Buffer.from(body, 'base64').toString()) as [Plain[]]
        expect(pythonJson(back)).toBe(pythonJson(args))
      }),
    )
  })

  test('numbers that JSON does not know and typed values are read, text that looks like them stays text', () => {
    expect(parsePythonJson('[Infinity, -Infinity, "NaN Infinity", 1.2345678901234567e3]')).toEqual([
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      'NaN Infinity',
      1234.5678901234567,
    ])
    expect(parsePythonJson('{"__type__": "uuid", "__value__": {"hex": "0123456789abcdef0123456789abcdef"}}')).toBe(
      '01234567-89ab-cdef-0123-456789abcdef',
    )
    expect(
      parsePythonJson('[{"__type__": "datetime", "__value__": "2026-01-01T00:00:00"}, "a \\"12345678901234567\\""]'),
    ).toEqual(['2026-01-01T00:00:00', 'a "12345678901234567"'])
  })
})
