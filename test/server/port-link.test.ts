// The router over MessagePorts: in the thread, from another thread, and in the shape Electron's main process has.
import { EventEmitter, once } from 'node:events'
import { MessageChannel, Worker } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import { afterEach, expect, test } from 'vitest'
import type { Client } from '../../electron/server/attached-core.ts'
import { localCaller } from '../../electron/server/caller.ts'
import { servePort } from '../../electron/server/port-link.ts'
import { createRouter } from '../../electron/server/router.ts'
import { criticalFinding, fakeApi, memoryLog } from '../support/fake-api.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { clientSuite } from './client-suite.ts'
import { fakePortMain } from './port-main.ts'

const folder = temporaryFolder()
afterEach(folder.remove)

function serving() {
  const api = fakeApi(folder.path())
  const log = memoryLog()
  const router = createRouter(api, log)
  return { api, log, router }
}

function clientOf(port: ConstructorParameters<typeof RPCLink>[0]['port'] & { start(): void }): Client {
  const client: Client = createORPCClient(new RPCLink({ port }))
  port.start()
  return client
}

test('the suite over a MessagePort', async () => {
  const { api, log, router } = serving()
  const { port1, port2 } = new MessageChannel()
  servePort(router, port1, localCaller('window'), log)
  await clientSuite(clientOf(port2), api, 'window')
  expect(log.lines).toEqual([])
  port2.close()
})

test('the suite over a port of the shape that Electron gives its main process', async () => {
  const { api, log, router } = serving()
  const [main, page] = fakePortMain()
  servePort(router, main, localCaller('window'), log)
  const client = clientOf(page)
  await clientSuite(client, api, 'window')
  const { closed } = api.streams
  const live = await client.live()
  await live.next()
  page.close()
  await until('the stream ended with the port', () => api.streams.closed === closed + 1)
  expect(log.lines).toEqual([])
})

test('a client in another thread; its death ends its streams', async () => {
  const { api, log, router } = serving()
  const rpc = new MessageChannel()
  const control = new MessageChannel()
  servePort(router, rpc.port1, localCaller('window'), log)
  const thread = new Worker(new URL('./thread-client.ts', import.meta.url), {
    workerData: { port: rpc.port2, control: control.port2 },
    transferList: [rpc.port2, control.port2],
  })
  const ask = async (what: string) => {
    control.port1.postMessage(what)
    const [answer] = await once(control.port1, 'message')
    return answer
  }
  expect(await ask('page')).toEqual({ ok: ['1', '2'] })
  expect(await ask('failure')).toEqual({ ok: 'FAILED missing' })
  expect(await ask('live')).toEqual({ ok: 'snapshot' })
  api.publish([criticalFinding()])
  expect(await ask('next')).toEqual({ ok: 'changed' })
  expect(api.streams).toEqual({ open: 1, closed: 0 })
  await thread.terminate()
  await until('the stream ended with the thread', () => api.streams.closed === 1)
  control.port1.close()
})

test('a bug is answered as one, without its details, and logged with them', async () => {
  const { api, log, router } = serving()
  const { port1, port2 } = new MessageChannel()
  servePort(router, port1, localCaller('window'), log)
  const client = clientOf(port2)
  const secret = new Error('connect postgres://app:hunter2@db failed')

  api.trouble.set('page', secret)
  const call = client.jobs.page({ system: 'local', state: 'queued' }).catch((thrown: unknown) => thrown)
  const thrown = await call
  expect(thrown).toMatchObject({ code: 'FAILED', data: { kind: 'bug', tried: 'Answer jobs.page' } })
  expect(JSON.stringify(thrown)).not.toContain('hunter2')
  expect(log.lines).toMatchObject([{ level: 'error', where: 'jobs.page', details: secret }])

  // Also when it happens after the stream has begun.
  const live = await client.live()
  await live.next()
  const next = live.next().catch((error: unknown) => error)
  api.breakStreams(secret)
  expect(await next).toMatchObject({ code: 'FAILED', data: { kind: 'bug', tried: 'Answer live' } })
  expect(log.lines).toMatchObject([{ where: 'jobs.page' }, { where: 'live', details: secret }])
  port2.close()
})

test('an answer that breaks the contract is our bug, not the callers', async () => {
  const { api, log, router } = serving()
  const { port1, port2 } = new MessageChannel()
  Object.assign(api.core, { read: async () => ({ sequence: 'one' }) })
  servePort(router, port1, localCaller('window'), log)
  const thrown = await clientOf(port2)
    .snapshot()
    .catch((error: unknown) => error)
  expect(thrown).toMatchObject({ code: 'FAILED', data: { kind: 'bug' } })
  expect(log.lines).toMatchObject([{ level: 'error', where: 'snapshot' }])
  port2.close()
})

test('what is thrown because the caller left is no incident', async () => {
  const { api, log, router } = serving()
  const { port1, port2 } = new MessageChannel()
  const started = new EventEmitter()
  Object.assign(api.core, {
    read: (signal: AbortSignal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('query cancelled'))
          started.emit('cancelled')
        })
        started.emit('asked')
      }),
  })
  servePort(router, port1, localCaller('window'), log)
  const leaving = new AbortController()
  const asked = once(started, 'asked')
  const cancelled = once(started, 'cancelled')
  const call = clientOf(port2).snapshot(undefined, { signal: leaving.signal })
  call.catch(() => undefined)
  await asked
  leaving.abort()
  await expect(call).rejects.toThrow()
  await cancelled
  expect(log.lines).toEqual([])
  port2.close()
})
