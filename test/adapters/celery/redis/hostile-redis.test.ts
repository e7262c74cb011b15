// A broker that answers with garbage, halves, wrong types, floods or nothing: every reading says why, then it is well again.
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { celeryBroker } from '../../../../electron/adapters/celery/celery-broker.ts'
import { probeBroker } from '../../../../electron/adapters/celery/probe.ts'
import { FailureError } from '../../../../electron/contract/failure.ts'
import type { Broker } from '../../../../electron/core/ports/broker.ts'
import { settled, watchEscapes } from '../../../support/escaped-errors.ts'
import { type Behaviour, type HostileServer, hostileServer } from '../../../support/hostile-server.ts'
import { redisServer, type TestRedis } from '../../../support/redis.ts'
import { until } from '../../../support/until.ts'
import { celeryApp } from '../queue-stage.ts'

/** One reply for each command in a chunk; ioredis writes whole commands. */
const toEach = (replyTo: (command: string) => string | Buffer): Behaviour => ({
  kind: 'speaks',
  speak(socket: Socket, chunk) {
    for (const [, name = ''] of chunk.toString('latin1').matchAll(/\*\d+\r\n\$\d+\r\n(\w+)\r\n/g))
      if (socket.writable) socket.write(replyTo(name.toLowerCase()))
  },
})
const always = (reply: string) => toEach(() => reply)
/** As a Redis that greets correctly, so that the wrong reply meets a later command. */
const polite = (reply: string, ...except: string[]) =>
  toEach((name) => (['client', 'select', 'auth', ...except].includes(name) ? '+OK\r\n' : reply))

const table: readonly [name: string, behaviour: Behaviour][] = [
  [':1 to everything', always(':1\r\n')],
  ['+OK to everything', always('+OK\r\n')],
  ['nothing as an array', always('*-1\r\n')],
  ['nothing as a text', polite('$-1\r\n')],
  ['empty arrays', polite('*0\r\n')],
  ['nested arrays', polite('*2\r\n*1\r\n*1\r\n:1\r\n*1\r\n*0\r\n')],
  ['arrays of numbers', polite('*3\r\n:1\r\n:2\r\n:3\r\n')],
  ['QUEUED outside of a transaction', polite('+QUEUED\r\n')],
  ['errors without words', polite('-\r\n')],
  ['an error of its own', polite('-ERR nothing of the sort\r\n')],
  ['two replies for one', polite(':1\r\n:1\r\n')],
  ['an array deeper than the stack', polite('*1\r\n'.repeat(50_000))],
  ['an array of a billion', polite('*1000000000\r\n')],
  ['a text of 500 GB', polite('$500000000000\r\n')],
  ['a number that is none', polite(':x\r\n')],
  ['a negative length', polite('*-7\r\n')],
  ['half a reply', polite('*3\r\n$5\r\nab')],
  ['half a reply and an end', { kind: 'answers', bytes: '*3\r\n$5\r\nab', ends: true }],
  ['a text that does not fit its length', polite('$2\r\nabcdef\r\n')],
  ['RESP3', polite('%1\r\n+a\r\n#t\r\n')],
  ['a web page', { kind: 'answers', bytes: 'HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n<html></html>' }],
  ['zeros', { kind: 'answers', bytes: Buffer.alloc(8192) }],
  ['a greeting nobody asked for', { kind: 'greets', bytes: '220 mail.example ESMTP\r\n' }],
  ['too many clients', { kind: 'greets', bytes: '-ERR max number of clients reached\r\n' }],
  ['nothing at all', { kind: 'silent' }],
  ['an end at once', { kind: 'closes' }],
  ['a reset', { kind: 'resets' }],
  ['one byte a second', { kind: 'drips', bytes: '+OK\r\n', everyMs: 1000 }],
  ['a line without end', { kind: 'floods', head: '+', chunk: 'x'.repeat(65_536) }],
  ['numbers without end', { kind: 'floods', head: '+OK\r\n', chunk: ':1\r\n'.repeat(10_000) }],
  ['elements without end', { kind: 'floods', head: '+OK\r\n*9000000\r\n', chunk: '$1\r\na\r\n'.repeat(10_000) }],
]

let redis: TestRedis
let server: HostileServer
let broker: Broker
let escapes: ReturnType<typeof watchEscapes>
beforeAll(async () => {
  redis = await redisServer({ persist: false })
})
afterAll(() => redis.stop())
beforeEach(() => {
  escapes = watchEscapes()
})
afterEach(async () => {
  await broker.close()
  await server.close()
  await settled()
  expect(escapes.stop()).toEqual([])
})

const healthy = (): Behaviour => ({ kind: 'forwards', connect: () => connect(redis.port, '127.0.0.1') })
const readings = (deadlineMs: number): Record<string, () => Promise<unknown>> => ({
  queues: () => broker.queues.queues(AbortSignal.timeout(deadlineMs)),
  workers: () => broker.control.workers(AbortSignal.timeout(deadlineMs)),
  tasks: () => broker.control.tasks(AbortSignal.timeout(deadlineMs)),
  results: () => broker.results.summary(AbortSignal.timeout(deadlineMs)),
  purge: () => broker.quarantine.plan('celery', 'all', AbortSignal.timeout(deadlineMs)),
  messages: () =>
    broker.queues.messages(
      { system: 'calls', queue: 'celery', where: 'queue', limit: 10 },
      AbortSignal.timeout(deadlineMs),
    ),
})

describe('a broker that answers with', () => {
  test.each(table)('%s is unknown with a reason, and known again afterwards', async (_name, behaviour) => {
    server = await hostileServer(behaviour)
    const url = `redis://127.0.0.1:${server.port}/0`
    broker = celeryBroker({ broker: url, results: url, app: celeryApp() })
    const before = process.memoryUsage().rss
    const began = performance.now()
    const told = await Promise.all(
      Object.entries(readings(1500)).map(async ([name, read]) => {
        const thrown: unknown = await read().then(
          () => null,
          (error: unknown) => error,
        )
        return [name, thrown instanceof FailureError ? thrown.failure : thrown] as const
      }),
    )
    expect(performance.now() - began).toBeLessThan(20_000)
    for (const [name, failure] of told) {
      expect(failure, name).toMatchObject({ because: expect.stringMatching(/\w{3}/) })
      expect(failure, name).not.toMatchObject({ kind: 'bug' })
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(700_000_000)
    server.become(healthy())
    for (const [name, read] of Object.entries(readings(5000)))
      await until(
        `${name} is known again`,
        () =>
          read().then(
            () => true,
            () => false,
          ),
        15_000,
      )
  })

  test.each(table)('%s fails the test of its address with a sentence', async (_name, behaviour) => {
    server = await hostileServer(behaviour)
    const url = `redis://127.0.0.1:${server.port}/0`
    broker = celeryBroker({ broker: url, results: url, app: celeryApp() })
    const thrown: unknown = await probeBroker(url, celeryApp(), AbortSignal.timeout(1500)).catch(
      (error: unknown) => error,
    )
    expect(thrown).toBeInstanceOf(FailureError)
    expect((thrown as FailureError).failure.kind).not.toBe('bug')
  })
})
