// Bytes that are no request, half of one or an absurd one: each gets an answer of 4xx or an end, and the server lives.
import { readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { serveHttp } from '../../electron/server/http-link.ts'
import { serveLocal } from '../../electron/server/local-endpoint.ts'
import { createRouter } from '../../electron/server/router.ts'
import { settled, watchEscapes } from '../support/escaped-errors.ts'
import { type FakeApi, fakeApi, memoryLog } from '../support/fake-api.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const folder = temporaryFolder()
const token = 'T'.repeat(43)
interface Link {
  readonly address: { port: number; host: string } | { path: string }
  /** Headers of somebody who may ask. */
  readonly known: readonly string[]
  close(): Promise<unknown>
}
let links: Record<'browser' | 'local', Link>
let api: FakeApi
let escapes: ReturnType<typeof watchEscapes>

beforeAll(async () => {
  const dataDir = folder.path()
  writeFileSync(join(dataDir, 'index.html'), '<!doctype html><title>Unjam</title>')
  api = fakeApi(join(dataDir, 'recordings'))
  const log = memoryLog()
  const router = createRouter(api, log)
  const http = await serveHttp({ api, router, assets: dataDir, token, port: 0, log })
  const local = await serveLocal({ api, router, dataDir, log })
  const { path } = JSON.parse(readFileSync(join(dataDir, 'run/endpoint.json'), 'utf8'))
  const localToken = readFileSync(join(dataDir, 'run/token'), 'utf8').trim()
  links = {
    browser: {
      address: { port: http.port, host: '127.0.0.1' },
      known: [`Host: 127.0.0.1:${http.port}`, `Authorization: Bearer ${token}`],
      close: () => http.close(),
    },
    local: {
      address: { path },
      known: ['Host: core', `Authorization: Bearer ${localToken}`],
      close: () => local.close(),
    },
  }
})
afterAll(async () => {
  await Promise.all(Object.values(links ?? {}).map((link) => link.close()))
  folder.remove()
})
beforeEach(() => {
  escapes = watchEscapes()
})
afterEach(async () => {
  await settled()
  expect(escapes.stop()).toEqual([])
})

/**
 * Sends, and resolves with all that came back once the server has ended the connection. Node drops an answer that is
 * not ready when the client ends its side, so `wait` is for those that matter.
 */
function exchange(link: Link, bytes: string | Buffer, end: 'half' | 'reset' | 'wait' = 'half'): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(link.address)
    socket.setEncoding('latin1').on('data', (part) => {
      text += part
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
    socket.write(bytes)
    if (end === 'half') socket.end()
    if (end === 'reset') setImmediate(() => socket.destroy())
  })
}
const request = (link: Link, method: string, path: string, headers: readonly string[] = link.known, body = '') =>
  `${[`${method} ${path} HTTP/1.1`, ...headers, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)

async function alive(link: Link): Promise<void> {
  expect(statusOf(await exchange(link, request(link, 'GET', '/media/local/none'), 'wait'))).toBe(404)
}

const kinds = ['browser', 'local'] as const
const paths = [
  ...[
    '//',
    '///',
    '//evil.example/x',
    '/%',
    '/%zz',
    '/%E0%A4%A',
    '/..%2f..%2fetc/passwd',
    '/\\..\\x',
    '/?',
    '/#',
    '/:80',
  ],
  ...[
    '*',
    'http://127.0.0.1/',
    'http://[',
    'javascript:alert(1)',
    '/media/%',
    '/media/local/%FF',
    '/media//',
    '/files',
    '/files?name=%',
  ],
  ...[
    '/api//',
    '/api/%',
    '/api/jobs/%E0/x',
    '/rpc',
    '/rpc/',
    '/?token=%',
    '/?token=',
    `/${'a'.repeat(9000)}`,
    '/api/openapi.json/..',
  ],
]
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT', 'PROPFIND', 'M-SEARCH']

describe.each(kinds)('the %s server', (kind) => {
  test.each(paths)('answers or ends: %s', async (path) => {
    const link = links[kind]
    for (const method of methods) {
      const status = statusOf(await exchange(link, request(link, method, path), 'wait'))
      // What needs no more than a well-formed path may succeed; nothing is an error of the server.
      expect([method, path, status], `${method} ${path}`).toSatisfy(
        ([, , given]) => given === 0 || (given >= 200 && given < 500),
      )
    }
    await alive(link)
  })

  test('GET // is answered with 200 or 4xx, with and without a token', async () => {
    const link = links[kind]
    for (const headers of [link.known, link.known.slice(0, 1)]) {
      const status = statusOf(await exchange(link, request(link, 'GET', '//', headers), 'wait'))
      expect(String(status)).toMatch(/^(200|4\d\d)$/)
    }
  })

  test.each([
    ['nothing', ''],
    ['a line end', '\r\n\r\n'],
    ['zeros', Buffer.alloc(1000)],
    ['TLS', Buffer.from('16030100f8010000f40303', 'hex')],
    ['a Redis command', '*1\r\n$4\r\nPING\r\n'],
    ['huge headers', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`],
    ['many headers', `GET / HTTP/1.1\r\n${'X: a\r\n'.repeat(5000)}\r\n`],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['HTTP/9.9', 'GET / HTTP/9.9\r\nHost: x\r\n\r\n'],
    ['two lengths', 'POST /files HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello'],
    ['a negative length', 'POST /files HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
    [
      'smuggling',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
    ],
    ['a broken chunk', 'POST /files HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n'],
    ['half a request', 'GET / HT'],
  ])('answers 4xx or ends: %s', async (_name, bytes) => {
    const status = statusOf(await exchange(links[kind], bytes))
    expect(status === 0 || (status >= 400 && status < 500)).toBe(true)
    await alive(links[kind])
  })

  test('upgrades on wrong paths, without a key, of another protocol, or without leave: refused and closed', async () => {
    const link = links[kind]
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
    const upgrade = (path: string, headers: readonly string[]) =>
      `GET ${path} HTTP/1.1\r\n${headers.join('\r\n')}\r\nConnection: Upgrade\r\n\r\n`
    for (const bytes of [
      upgrade('/', [...link.known, 'Upgrade: websocket', key, 'Sec-WebSocket-Version: 13']),
      upgrade('//', [...link.known, 'Upgrade: websocket', key, 'Sec-WebSocket-Version: 13']),
      upgrade('/rpc', [...link.known, 'Upgrade: websocket']),
      upgrade('/rpc', [...link.known, 'Upgrade: h2c', key]),
      upgrade('/rpc', [...link.known, 'Upgrade: websocket', key, 'Sec-WebSocket-Version: 99']),
      upgrade('/rpc', [
        ...link.known,
        'Upgrade: websocket',
        key,
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Protocol: ,,',
      ]),
      upgrade('/rpc', [
        'Host: x',
        'Upgrade: websocket',
        key,
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Protocol: bearer.x, orpc',
      ]),
    ]) {
      // The client keeps its side open: only the server can end it.
      const status = statusOf(await exchange(link, bytes, 'wait'))
      expect(status >= 400 && status < 500, bytes).toBe(true)
    }
    await alive(link)
  })

  test('garbage in WebSocket frames costs that connection', async () => {
    const link = links[kind]
    const open = `GET /rpc HTTP/1.1\r\n${link.known.join('\r\n')}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`
    const frame = (first: number, text: string) =>
      Buffer.concat([Buffer.from([first, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])
    for (const bytes of [
      Buffer.alloc(100, 0xff),
      Buffer.from([0x81, 0x05, 1, 2, 3, 4, 5]),
      Buffer.from([0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255]),
      frame(0x81, 'not JSON'),
      frame(0x81, '{"i":"1","p":{"u":"//"}}'),
      frame(0x81, '[[[['),
      frame(0x82, 'binary'),
      frame(0x83, 'reserved'),
      Buffer.concat([frame(0x01, 'a'), frame(0x01, 'b')]),
      frame(0x88, '\x00'),
      Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]),
    ])
      expect(statusOf(await exchange(link, Buffer.concat([Buffer.from(open), bytes])))).toBe(101)
    await alive(link)
  })

  test('an upload that is cut leaves nothing, and one that stalls stops nobody', async () => {
    const link = links[kind]
    const half = request(link, 'POST', '/files?name=call.wav', [...link.known, 'Content-Length: 1000000'], 'abc')
    for (let i = 0; i < 20; i++) await exchange(link, half, 'reset')
    const stalled = Array.from({ length: 100 }, () => connect(link.address).on('error', () => undefined))
    for (const [i, socket] of stalled.entries()) socket.write(i % 2 === 0 ? half : 'GET / HTTP/1.1\r\nHost:')
    await alive(link)
    for (const socket of stalled) socket.destroy()
    await alive(link)
  })

  test('any bytes: an answer of 4xx or an end', async () => {
    const link = links[kind]
    const line = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.constantFrom(...paths).map((path) => `GET ${path} HTTP/1.1`),
      fc.constantFrom(
        ...link.known,
        'Content-Length: 3',
        'Transfer-Encoding: chunked',
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Expect: 100-continue',
        '',
      ),
    )
    const bytes = fc.oneof(
      fc.array(line, { maxLength: 8 }).map((lines) => Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)),
      fc.uint8Array({ maxLength: 400 }).map((raw) => Buffer.from(raw)),
    )
    await fc.assert(
      fc.asyncProperty(bytes, async (given) => {
        const status = statusOf(await exchange(link, given))
        expect(status < 500).toBe(true)
      }),
      { numRuns: 150 },
    )
    await alive(link)
  })
})

test('slow headers have a limit in both servers', async () => {
  // Node closes them by itself then; that it does is Node's own test, that it is told to is ours.
  const { HEADERS_MS } = await import('../../electron/server/answer-request.ts')
  expect(HEADERS_MS).toBeLessThanOrEqual(60_000)
  await until('the streams of cut connections have ended', () => api.streams.open === api.streams.closed)
})
