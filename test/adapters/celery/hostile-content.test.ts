// What lies in a broker is somebody else's data: too deep, too large, no text, numbers that are none, keys with a meaning in JavaScript.
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as answers from '../../../electron/adapters/celery/control/answers.ts'
import { readEvents } from '../../../electron/adapters/celery/control/events.ts'
import { decodeReply } from '../../../electron/adapters/celery/control/pidbox.ts'
import { createGlance } from '../../../electron/adapters/celery/message/glance.ts'
import { readMessage } from '../../../electron/adapters/celery/message/message.ts'
import { parsePythonJson } from '../../../electron/adapters/celery/message/python-text.ts'
import { readUnacked } from '../../../electron/adapters/celery/queues/unacked.ts'
import { readResult } from '../../../electron/adapters/celery/results/entry.ts'
import { celeryApp, PROCESS } from './queue-stage.ts'

const app = celeryApp()
/** Milliseconds on a busy machine for what takes one; quadratic time would be minutes. */
const TOO_LONG_MS = 15_000
const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64')
const nested = (depth: number, open: string, close: string, inner = '1') =>
  open.repeat(depth) + inner + close.repeat(depth)

/** A message whose body is this text; the envelope is in order unless told. */
const message = (body: string | Buffer, headers: object = {}, properties: object = {}) =>
  JSON.stringify({
    ...{ body: base64(body), 'content-type': 'application/json', 'content-encoding': 'utf-8' },
    headers: { task: PROCESS, id: 'a', ...headers },
    properties: {
      body_encoding: 'base64',
      delivery_tag: 't',
      delivery_info: { exchange: '', routing_key: 'celery' },
      ...properties,
    },
  })

const bodies: readonly [string, string | Buffer][] = [
  ['arrays deeper than the stack', `[${nested(40_000, '[', ']')}, {}, {}]`],
  ['objects deeper than the stack', `[[${nested(20_000, '{"a":', '}')}], {}, {}]`],
  ['typed values deeper than the stack', `[[${nested(5000, '{"__type__":"x","__value__":', '}')}], {}, {}]`],
  ['callbacks deeper than the stack', `[[1], {}, {"chain": ${nested(30_000, '[', ']')}}]`],
  ['deep and with large numbers', `[[${nested(30_000, '[', ']', '12345678901234567890')}], {}, {}]`],
  [
    '__proto__',
    '[[1], {"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}, {"__proto__": []}]',
  ],
  ['NaN', '[[NaN, Infinity, -Infinity, 1e999], {"n": NaN}, {}]'],
  [
    'bytes that are no UTF-8',
    Buffer.from([0x5b, 0x5b, 0x22, 0xc3, 0x28, 0xff, 0x22, 0x5d, 0x2c, 0x7b, 0x7d, 0x2c, 0x7b, 0x7d, 0x5d]),
  ],
  ['a lone surrogate', '[["\\ud800"], {}, {}]'],
  ['half of it', '[[1], {"a"'],
  ['a number', '7'],
  ['null', 'null'],
  ['10 MB', `[["${'x'.repeat(10_000_000)}"], {}, {}]`],
]
const envelopes: readonly [string, string][] = [
  ...bodies.map(([name, body]): [string, string] => [`a body: ${name}`, message(body)]),
  [
    'a compressed body that is a bomb',
    message(deflateSync(Buffer.alloc(50_000_000)), { compression: 'application/x-gzip' }),
  ],
  ['an envelope deeper than the stack', nested(100_000, '[', ']')],
  ['an envelope of objects deeper than the stack', nested(40_000, '{"headers":', '}')],
  [
    'headers of other types',
    message('[[1],{},{}]', { retries: 'x', eta: 7, expires: [], group: {}, argsrepr: 1, origin: {} }),
  ],
  ['dates beyond all dates', message('[[1],{},{}]', { eta: '+999999-01-01T00:00:00Z', expires: '2026-99-99' })],
  [
    '__proto__ in the envelope',
    '{"__proto__":{"headers":{}},"body":"","headers":{"__proto__":{"task":"x"}},"properties":{"__proto__":null}}',
  ],
  ['an empty text', ''],
  ['zeros', '\0\0\0\0'],
  ['10 MB of nothing', ' '.repeat(10_000_000)],
]
const unpolluted = () => expect(Reflect.get({}, 'polluted')).toBeUndefined()

describe('a message with', () => {
  test.each(envelopes)('%s is read or named, in little time', (_name, raw) => {
    const began = performance.now()
    const read = readMessage(raw, app)
    expect(read.args.length).toBeLessThanOrEqual(300)
    createGlance(app)(Buffer.from(raw))
    readUnacked({ tag: 't', exchange: '', routingKey: '', raw: `[${raw}, "", "celery"]` }, app)
    expect(performance.now() - began).toBeLessThan(TOO_LONG_MS)
    unpolluted()
  })
})

describe('a result, an event and a reply with', () => {
  test.each(bodies)('%s are read or left out, in little time', (_name, body) => {
    const began = performance.now()
    const text = Buffer.isBuffer(body) ? body : Buffer.from(body)
    const meta = Buffer.concat([
      Buffer.from('{"status":"FAILURE","name":"x","result":{"exc_type":"E","exc_message":'),
      text,
      Buffer.from('},"args":'),
      text,
      Buffer.from('}'),
    ])
    expect((readResult('a', meta)?.message ?? '').length).toBeLessThanOrEqual(501)
    readResult('a', text)
    expect(Array.isArray(readEvents(JSON.stringify({ body: base64(text) })))).toBe(true)
    readEvents(text.toString())
    const reply = Buffer.concat([Buffer.from('{"w@h":'), text, Buffer.from('}')])
    const replies = decodeReply(JSON.stringify({ body: base64(reply), headers: { ticket: 't' } }))?.replies ?? []
    for (const { value } of [...replies, { value: text.toString() }]) {
      answers.readStats(value)
      answers.readHeld(value)
      answers.readScheduled(value)
      answers.readQueues(value)
      answers.readRegistered(value)
      answers.readAcksLate(value, 'x')
      answers.readVisibility(value)
      answers.takesJsonOnly(value)
      expect(answers.readTold(value).text.length).toBeLessThanOrEqual(300)
    }
    expect(performance.now() - began).toBeLessThan(TOO_LONG_MS)
    unpolluted()
  })
})

test('any JSON in any field is read without an error', () => {
  const json = fc.jsonValue({ maxDepth: 4 })
  fc.assert(
    fc.property(json, json, json, (a, b, c) => {
      const text = JSON.stringify(a)
      readMessage(JSON.stringify({ body: b, headers: a, properties: c, 'content-type': 'application/json' }), app)
      readMessage(
        message(text, typeof b === 'object' && b !== null ? b : {}, typeof c === 'object' && c !== null ? c : {}),
        app,
      )
      readMessage(text, app)
      readResult(
        'a',
        Buffer.from(JSON.stringify({ status: 'FAILURE', result: a, traceback: b, date_done: c, args: a, kwargs: b })),
      )
      readEvents(JSON.stringify({ body: base64(JSON.stringify([a, { type: 'task-failed', hostname: b, uuid: c }])) }))
      for (const read of [
        answers.readStats,
        answers.readHeld,
        answers.readScheduled,
        answers.readQueues,
        answers.readRegistered,
        answers.readTold,
      ])
        read(a)
    }),
  )
})

test('any text is JSON of Python or a SyntaxError', () => {
  const text = fc.string({
    unit: fc.constantFrom('[', ']', '{', '}', '"', ':', ',', '\\', 'NaN', 'Infinity', '12345678901234567890', 'a', ' '),
    maxLength: 40,
  })
  fc.assert(
    fc.property(text, (given) => {
      try {
        parsePythonJson(given)
      } catch (error) {
        expect(error).toBeInstanceOf(SyntaxError)
      }
    }),
  )
})
