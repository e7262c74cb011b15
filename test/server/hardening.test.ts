// Five facts about oRPC 1.16.1 that the links are built around. Each test states what is, so that an upgrade which
// changes it is noticed, and what ours does about it.
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import { RPCLink as RPCLinkOverSocket } from '@orpc/client/websocket'
import { eventIterator, os } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import * as z from 'zod'
import type { Client } from '../../electron/server/attached-core.ts'
import { callRules, usualLimit } from '../../electron/server/call-rules.ts'
import { localCaller } from '../../electron/server/caller.ts'
import { envelopeFault } from '../../electron/server/envelope.ts'
import { attachLocal, serveLocal } from '../../electron/server/local-endpoint.ts'
import { servePort } from '../../electron/server/port-link.ts'
import { createRouter } from '../../electron/server/router.ts'
import { fakeApi, memoryLog } from '../support/fake-api.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const folder = temporaryFolder()
afterEach(folder.remove)

/** Rejections and exceptions that nobody handled while `work` ran and settled. */
async function unhandledDuring(work: () => Promise<void>): Promise<unknown[]> {
  const seen: unknown[] = []
  const events = ['unhandledRejection', 'uncaughtException'] as const
  const others = events.map((event) => process.rawListeners(event) as (() => void)[])
  for (const event of events) process.removeAllListeners(event)
  for (const event of events) process.on(event, (reason: unknown) => seen.push(reason))
  try {
    await work()
    await turns(3)
  } finally {
    for (const [index, event] of events.entries()) {
      process.removeAllListeners(event)
      for (const listener of others[index] ?? []) process.on(event, listener)
    }
  }
  return seen
}

/** Full turns of the event loop: every message that is on its way has arrived, every rejection been reported. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

function serving() {
  const api = fakeApi(folder.path())
  const log = memoryLog()
  const router = createRouter(api, log)
  const open = () => {
    const { port1, port2 } = new MessageChannel()
    servePort(router, port1, localCaller('window'), log)
    return port2
  }
  return { api, log, router, open }
}

function clientOf(port: MessagePort): Client {
  const client: Client = createORPCClient(new RPCLink({ port }))
  port.start()
  return client
}

test('1 · oRPC alone: a malformed message becomes an unhandled rejection', async () => {
  const { router } = serving()
  const { port1, port2 } = new MessageChannel()
  new RPCHandler(router).upgrade(port1, { context: { caller: localCaller('window') } })
  port1.start()
  const seen = await unhandledDuring(async () => {
    port2.postMessage('{not json')
    port2.postMessage({ i: '1' })
    await turns(20)
  })
  expect(seen).toHaveLength(2)
  port1.close()
})

test('1 · ours: it costs the sender his port, his streams end, and the log says so', async () => {
  const { api, log, open } = serving()
  const port = open()
  const live = await clientOf(port).live()
  await live.next()
  const seen = await unhandledDuring(async () => {
    port.postMessage('{not json')
    await until('the stream ended', () => api.streams.closed === 1)
  })
  expect(seen).toEqual([])
  expect(log.lines).toMatchObject([{ level: 'warn', where: 'port' }])
  expect(log.lines[0]?.message).toMatch(/closed: not an RPC envelope\.$/)
})

test('1 · ours: 20 000 mutated messages on 1000 ports: no rejection, and the router still answers', async () => {
  const { log, open } = serving()
  const part = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      -1,
      0,
      3,
      4,
      '',
      '/',
      '/jobs/page',
      '/live',
      '//[',
      'http://x',
      '\0',
      'GET',
      [],
      [1],
      {},
      { a: 1 },
      { 'content-type': 'multipart/form-data' },
      { 'content-type': 'text/event-stream' },
      { 'Content-Type': 'multipart/form-data; boundary=x' },
      { 'content-disposition': 'attachment' },
      { 'content-type': 'application/x-www-form-urlencoded' },
      { 'last-event-id': '7' },
      { json: { id: 'x' }, meta: [[1, 'id']] },
      { json: null, meta: [[99]], maps: [['a']] },
      { json: { system: 'local' } },
    ),
    fc.jsonValue({ maxDepth: 2 }),
  )
  const maybe = (value: fc.Arbitrary<unknown>) => fc.option(value, { nil: undefined, freq: 2 })
  const request = fc.record({
    u: fc.oneof({ weight: 3, arbitrary: fc.constantFrom<unknown>('/jobs/page', '/live', '/snapshot') }, part),
    h: maybe(part),
    b: maybe(part),
    m: maybe(part),
  })
  const message = fc.record({
    i: fc.oneof({ weight: 4, arbitrary: fc.constantFrom<unknown>('0', '1', '2') }, part),
    t: fc.oneof({ weight: 4, arbitrary: fc.constant<unknown>(undefined) }, part),
    p: fc.oneof<fc.Arbitrary<unknown>[]>(request, request, request, part),
  })
  const wire = fc.oneof(
    { weight: 12, arbitrary: message.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 12 }).map((bytes) => new Uint8Array([123, 255, ...bytes])) },
    { weight: 1, arbitrary: fc.string().map((text) => `{${text}`) },
    { weight: 1, arbitrary: message },
  )
  let passed = 0
  const batches = fc.sample(fc.array(wire, { minLength: 20, maxLength: 20 }), { numRuns: 1000, seed: 7 })
  const seen = await unhandledDuring(async () => {
    for (const batch of batches) {
      const port = open()
      for (const one of batch) {
        if (envelopeFault(one) === null) passed++
        port.postMessage(one)
      }
      await turns(1)
      port.close()
    }
    await turns(10)
  })
  expect(seen).toEqual([])
  // The mutations reach both sides of the guard.
  expect(passed).toBeGreaterThan(1000)
  expect(log.lines.filter(({ level }) => level === 'warn').length).toBeGreaterThan(100)
  expect(log.lines.filter(({ level }) => level === 'error')).toEqual([])
  const port = open()
  expect(await clientOf(port).snapshot()).toMatchObject({ sequence: 1 })
  port.close()
})

test('1 · ours: a message over 1 MiB is refused', () => {
  expect(envelopeFault(JSON.stringify({ i: '1', p: { u: '/live', b: 'x'.repeat(1 << 20) } }))).toBe('message too large')
  expect(envelopeFault(JSON.stringify({ i: '1', p: { u: '/live', b: 'x'.repeat(1 << 19) } }))).toBeNull()
})

test('2 · no back-pressure on a port: a producer that never waits is drained at full speed', async () => {
  let produced = 0
  const router = {
    firehose: os.output(eventIterator(z.number())).handler(async function* () {
      while (produced < 20_000) yield ++produced
    }),
  }
  const { port1, port2 } = new MessageChannel()
  new RPCHandler(router).upgrade(port1)
  port1.start()
  const client = createORPCClient<{ firehose(): Promise<AsyncIterator<number>> }>(new RPCLink({ port: port2 }))
  port2.start()
  const stream = await client.firehose()
  await stream.next()
  // One event was read; hence live carries coalesced state, and logs are pulled by cursor.
  await until('all of it was produced', () => produced === 20_000)
  port1.close()
})

test('3 · a generator that ignores its signal is only ended at its next yield', async () => {
  let ended = 0
  const gate = Promise.withResolvers<void>()
  const router = {
    deaf: os.output(eventIterator(z.number())).handler(async function* () {
      try {
        yield 1
        await gate.promise
        yield 2
      } finally {
        ended++
      }
    }),
  }
  const { port1, port2 } = new MessageChannel()
  new RPCHandler(router).upgrade(port1)
  port1.start()
  const client = createORPCClient<{ deaf(): Promise<AsyncIterator<number>> }>(new RPCLink({ port: port2 }))
  port2.start()
  const stream = await client.deaf()
  await stream.next()
  await stream.return?.()
  await turns(50)
  expect(ended).toBe(0)
  gate.resolve()
  await until('it ended after its next yield', () => ended === 1)
  port1.close()
})

test('4 · a call on a port whose far end is gone never settles, so every call has a deadline', async () => {
  const { port1, port2 } = new MessageChannel()
  const client = clientOf(port2)
  port1.close()
  await turns(20)
  const never = Promise.race([client.snapshot().then(String, String), turns(200).then(() => 'pending')])
  expect(await never).toBe('pending')
  const bounded = client.snapshot(undefined, { signal: AbortSignal.timeout(20) })
  await expect(bounded).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('4 · a call in flight when the port closes is rejected', async () => {
  const { port1, port2 } = new MessageChannel()
  const client = clientOf(port2)
  port1.start()
  const call = client.snapshot()
  const outcome = expect(call).rejects.toThrow()
  await turns(5)
  port1.close()
  await outcome
})

test('4 · ours: a call over an attached line ends as a FailureError: timeout, or unreachable', async () => {
  const asked = { context: {}, input: undefined }
  const forever = ({ signal }: { signal?: AbortSignal | undefined } = {}) =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)))
  const own = new AbortController()
  const call = callRules()({ ...asked, path: ['snapshot'], signal: own.signal, next: forever })
  own.abort(new Error('the command was interrupted'))
  await expect(call).rejects.toThrow('the command was interrupted')
  const late = callRules(() => 10)({ ...asked, path: ['snapshot'], next: forever })
  await expect(late).rejects.toMatchObject({ failure: { kind: 'timeout', on: 'snapshot' } })
  // Each action has a deadline of its own over there; whoever stopped waiting before it would not hear how it ended.
  for (const write of ['actions.execute', 'receipts.undo']) expect(usualLimit(write)).toBeNull()
  const next = () => Promise.reject(new Error('socket closed'))
  const broke = callRules()({ ...asked, path: ['live'], next })
  await expect(broke).rejects.toMatchObject({ failure: { kind: 'unreachable', on: 'live' } })
})

test('5 · an abort just before the socket closes: an uncaught exception in oRPC alone, dropped by ours', async () => {
  const api = fakeApi(folder.path())
  const log = memoryLog()
  const dataDir = folder.path()
  const endpoint = await serveLocal({ api, router: createRouter(api, log), dataDir, log })
  const attached = await attachLocal(dataDir)
  const { path } = JSON.parse(readFileSync(join(dataDir, 'run/endpoint.json'), 'utf8'))
  const token = readFileSync(join(dataDir, 'run/token'), 'utf8')
  const socket = new WebSocket('ws://core/rpc', ['orpc', `bearer.${token}`], { createConnection: () => connect(path) })
  const bare: Client = createORPCClient(new RPCLinkOverSocket({ websocket: socket as unknown as globalThis.WebSocket }))

  async function abortAndClose(client: Client | undefined, close: () => void): Promise<unknown[]> {
    const leaving = new AbortController()
    const live = await client?.live(undefined, { signal: leaving.signal })
    await live?.next()
    const parked = live?.next().catch(() => undefined)
    const seen = await unhandledDuring(async () => {
      leaving.abort()
      close()
      await parked
    })
    return seen.map(String)
  }
  const bareSeen = await abortAndClose(bare, () => socket.close())
  expect(bareSeen).toEqual(['Error: Cannot send message, WebSocket is not open.'])
  expect(await abortAndClose(attached?.client, () => attached?.close())).toEqual([])
  await expect(attached?.client.snapshot()).rejects.toMatchObject({ failure: { kind: 'unreachable' } })
  await endpoint.close()
})
