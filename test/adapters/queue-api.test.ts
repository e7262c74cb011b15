// A stack's API over real HTTP: every shape of a status, and one sentence for everything that is not one.
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { queueApi } from '../../electron/adapters/queue-api.ts'
import { FailureError, sentence } from '../../electron/contract/failure.ts'

const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  }
})

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const status = (url: string, options: { token?: string; ms?: number } = {}) =>
  queueApi({ url, ...(options.token === undefined ? {} : { token: options.token }) }).status(
    AbortSignal.timeout(options.ms ?? 5000),
  )

async function failureOf(work: Promise<unknown>) {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(FailureError)
  const { failure } = error as FailureError
  expect(sentence(failure)).toMatch(/^Read the stack's API \(.*\): .*\.( .*\.)?$/)
  return failure
}

test.each([
  [{ queued: 20, processing: 1, done: 1069, failed: 0 }, [20, 1, 1069, 0]],
  [{ queue: { pending: 3, running: 0, completed: 7, failed: 2 }, version: '1' }, [3, 0, 7, 2]],
  [{ status: 'ok', data: { queued: '5' } }, [5, null, null, null]],
  [{ queued: -1, failed: 4 }, [null, null, null, 4]],
])('%j', async (body, [queued, running, done, failed]) => {
  const url = await serve((_, response) => response.end(JSON.stringify(body)))
  expect(await status(url)).toEqual({ queued, running, done, failed })
})

test('a bare host is asked at /queue/status, a path as it stands; who asks is in a header, never in the address', async () => {
  const seen: (string | undefined)[][] = []
  const url = await serve((request, response) => {
    seen.push([request.url, request.headers.authorization])
    response.end('{"queued":1}')
  })
  await status(url)
  await status(`${url}/api/queue?full=1`, { token: 's3cret' })
  await status(url.replace('//', '//ann:p%40ss@'))
  expect(seen).toEqual([
    ['/queue/status', undefined],
    ['/api/queue?full=1', 'Bearer s3cret'],
    ['/queue/status', `Basic ${Buffer.from('ann:p@ss').toString('base64')}`],
  ])
})

test('it follows a way on the same host, and none to another', async () => {
  let elsewhere = 0
  const other = await serve((_, response) => {
    elsewhere++
    response.end('{"queued":9}')
  })
  const url = await serve((request, response) => {
    if (request.url === '/queue/status') response.writeHead(307, { location: '/queue/status/' }).end()
    else if (request.url === '/away') response.writeHead(302, { location: `${other}/queue/status` }).end()
    else if (request.url === '/round') response.writeHead(302, { location: '/round' }).end()
    else response.end('{"queued":1}')
  })
  expect(await status(url)).toMatchObject({ queued: 1 })
  expect(await failureOf(status(`${url}/away`, { token: 's3cret' }))).toMatchObject({ kind: 'refused' })
  expect(await failureOf(status(`${url}/round`))).toMatchObject({ because: 'it sends on in a circle' })
  expect(elsewhere).toBe(0)
})

test.each([
  ['<!doctype html><title>x</title>', 200, /web page/],
  ['{"queued": 2', 200, /not \(whole\) JSON/],
  ['', 200, /empty/],
  ['[1,2]', 200, /names no number/],
  ['{"hello":"world"}', 200, /names no number/],
  [' '.repeat(1_100_000), 200, /more than 1 MB/],
  ['no', 401, /who asks/],
  ['no', 403, /may not read/],
  ['no', 404, /nothing at that path/],
  ['no', 429, /too often/],
  ['no', 503, /trouble of its own \(503\)/],
  ['no', 418, /status 418/],
])('%.20s with %i is one sentence', async (body, code, because) => {
  const url = await serve((_, response) => response.writeHead(code).end(body))
  expect((await failureOf(status(url))).because).toMatch(because)
})

test('nobody there, silence, a cut connection, a body that never ends: the deadline holds, the password stays hidden', async () => {
  const gone = await serve((_, response) => response.end())
  const [server] = servers.splice(0)
  await new Promise((closed) => server?.close(closed))
  const refused = await failureOf(status(gone.replace('//', '//ann:hunter2@')))
  expect(refused).toMatchObject({ kind: 'unreachable', because: 'nothing answers there' })
  expect(JSON.stringify(refused)).not.toContain('hunter2')
  expect(await failureOf(status(await serve(() => undefined), { ms: 150 }))).toMatchObject({ kind: 'timeout' })
  const dripping = await serve((_, response) => {
    response.write('{"queued":')
  })
  expect(await failureOf(status(dripping, { ms: 150 }))).toMatchObject({ kind: 'timeout' })
  expect(await failureOf(status(await serve((request) => request.socket.destroy())))).toMatchObject({
    kind: 'unreachable',
  })
  expect(() => queueApi({ url: 'secret' })).toThrow(FailureError)
})
