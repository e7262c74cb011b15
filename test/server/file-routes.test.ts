// Uploads and recordings over HTTP: complete files or none, single ranges, and only what the core names.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { request as httpRequest } from 'node:http'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FailureError } from '../../electron/contract/failure.ts'
import { fileRoutes } from '../../electron/server/file-routes.ts'
import { type HttpLink, serveHttp } from '../../electron/server/http-link.ts'
import { rangeOf } from '../../electron/server/media.ts'
import { createRouter } from '../../electron/server/router.ts'
import { type FakeApi, fakeApi, memoryLog } from '../support/fake-api.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const token = 'T'.repeat(43)
const folder = temporaryFolder()
let recordings: string
let api: FakeApi
let log: ReturnType<typeof memoryLog>
let link: HttpLink

beforeEach(async () => {
  recordings = folder.path()
  api = fakeApi(recordings)
  log = memoryLog()
  link = await serveHttp({ api, router: createRouter(api, log), assets: recordings, token, port: 0, log })
})
afterEach(async () => {
  await link.close()
  folder.remove()
})

const call = (path: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${link.port}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...init.headers },
  })
const kept = () => readdirSync(recordings, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())

describe('POST /files', () => {
  test('keeps the bytes under the name, and says where', async () => {
    const bytes = new Uint8Array(3_000_000).map((_, n) => n % 251)
    const answer = await call(`/files?name=${encodeURIComponent('Grüße 100 %.m4a')}`, { method: 'POST', body: bytes })
    expect(answer.status).toBe(201)
    const { path } = (await answer.json()) as { path: string }
    expect(basename(path)).toBe('Grüße 100 %.m4a')
    expect(readFileSync(path).equals(Buffer.from(bytes))).toBe(true)
    expect(kept()).toHaveLength(1)
  })

  test('a name cannot lead anywhere else', async () => {
    const name = encodeURIComponent('../../../evil.sh')
    const { path } = (await (await call(`/files?name=${name}`, { method: 'POST', body: 'x' })).json()) as {
      path: string
    }
    expect(dirname(dirname(path))).toBe(recordings)
    expect(basename(path)).toBe('_.._.._evil.sh')
  })

  test('an empty file is kept: the worker has the sentence for it', async () => {
    const { path } = (await (await call('/files?name=empty.wav', { method: 'POST' })).json()) as { path: string }
    expect(statSync(path).size).toBe(0)
  })

  test('a client that goes away half-way leaves nothing', async () => {
    const outgoing = httpRequest({
      host: '127.0.0.1',
      port: link.port,
      path: '/files?name=half.wav',
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-length': 10_000_000 },
    })
    outgoing.on('error', () => undefined)
    outgoing.write(Buffer.alloc(200_000))
    await until('the bytes arrive', () => kept().some(({ name }) => name.endsWith('.part')))
    outgoing.destroy()
    await until('nothing is left, no folder either', () => readdirSync(recordings).length === 0)
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([])
  })

  test('gigabytes stream through: what is held in memory does not grow with the file', async () => {
    const size = 256 << 20
    let sent = 0
    const chunk = new Uint8Array(1 << 20)
    const body = new ReadableStream({
      pull(controller) {
        if (sent >= size) return controller.close()
        sent += chunk.length
        controller.enqueue(chunk)
      },
    })
    let peak = 0
    const before = process.memoryUsage().rss
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss - before)), 10)
    const answer = await call('/files?name=long.wav', { method: 'POST', body, duplex: 'half' } as RequestInit)
    clearInterval(watch)
    const { path } = (await answer.json()) as { path: string }
    expect(statSync(path).size).toBe(size)
    expect(peak).toBeLessThan(200 << 20)
  })

  test('no name, another method, and trouble below are sentences', async () => {
    expect((await call('/files', { method: 'POST', body: 'x' })).status).toBe(400)
    expect((await call('/files?name=a.wav')).status).toBe(405)
    api.trouble.set(
      'uploadPath',
      new FailureError({
        kind: 'refused',
        tried: 'Keep the file',
        on: 'a.wav',
        because: 'the disk is full',
        remedy: null,
      }),
    )
    const full = await call('/files?name=a.wav', { method: 'POST', body: 'x' })
    expect([full.status, await full.json()]).toMatchObject([403, { failure: { because: 'the disk is full' } }])
    api.trouble.set('uploadPath', new Error('/secret/path'))
    const bug = await call('/files?name=a.wav', { method: 'POST', body: 'x' })
    const text = await bug.text()
    expect([bug.status, JSON.parse(text)]).toMatchObject([500, { failure: { kind: 'bug' } }])
    expect(text).not.toContain('/secret')
    expect(kept()).toEqual([])
  })

  test('a folder that vanished meanwhile is said, and nothing is half kept', async () => {
    const place = join(recordings, 'gone')
    Object.assign(api.machine, { uploadPath: async () => join(place, 'a.wav') })
    const answer = await call('/files?name=a.wav', { method: 'POST', body: 'x' })
    expect(await answer.json()).toMatchObject({ failure: { tried: 'Keep the file', on: 'a.wav' } })
    expect(existsSync(place)).toBe(false)
  })
})

describe('GET /media', () => {
  const text = '0123456789'
  beforeEach(() => {
    mkdirSync(join(recordings, 'in'))
    writeFileSync(join(recordings, 'in/call.m4a'), text)
    api.media.set('1', join(recordings, 'in/call.m4a'))
  })
  const play = (headers: Record<string, string> = {}, method = 'GET') => call('/media/local/1', { headers, method })

  test('the whole file, its type, and that ranges work', async () => {
    const answer = await play()
    expect([answer.status, await answer.text()]).toEqual([200, text])
    expect(answer.headers.get('content-type')).toBe('audio/mp4')
    expect(answer.headers.get('accept-ranges')).toBe('bytes')
    expect(answer.headers.get('content-length')).toBe('10')
    const head = await play({}, 'HEAD')
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '10', ''])
    const again = await play({ 'if-none-match': answer.headers.get('etag') ?? '' })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })

  test.each([
    ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=4-', 206, '456789', 'bytes 4-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-99', 206, text, 'bytes 0-9/10'],
    ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=-0', 416, '', 'bytes */10'],
    ['bytes=5-2', 200, text, null],
    ['bytes=0-1,4-5', 200, text, null],
    ['lines=0-1', 200, text, null],
    ['bytes=-', 200, text, null],
  ])('range %s → %i', async (range, status, body, contentRange) => {
    const answer = await play({ range })
    expect([answer.status, await answer.text(), answer.headers.get('content-range')]).toEqual([
      status,
      body,
      contentRange,
    ])
  })

  test('a range of a file that changed since is the whole file', async () => {
    const tag = (await play()).headers.get('etag') ?? ''
    expect((await play({ range: 'bytes=0-1', 'if-range': tag })).status).toBe(206)
    writeFileSync(join(recordings, 'in/call.m4a'), 'something else')
    expect(await (await play({ range: 'bytes=0-1', 'if-range': tag })).text()).toBe('something else')
  })

  test('an empty recording has no ranges', () => {
    expect(rangeOf(new Headers({ range: 'bytes=0-' }), 0, '"x"')).toBe('beyond')
    expect(rangeOf(new Headers({ range: 'bytes=-1' }), 0, '"x"')).toBe('beyond')
  })

  test('only what the core names, and only while it is there', async () => {
    for (const path of ['/media/local/2', '/media/local', '/media/local/1/x', '/media/NO/1', '/media/local/%zz'])
      expect([path, (await call(path)).status]).toEqual([path, 404])
    expect((await call('/media/local/..%2f..%2fetc%2fpasswd')).status).toBe(404)
    expect((await play({}, 'DELETE')).status).toBe(405)
    rmSync(join(recordings, 'in'), { recursive: true })
    expect((await play()).status).toBe(404)
    api.media.set('1', recordings)
    expect((await play()).status).toBe(404)
    api.trouble.set('mediaPath', new Error('x'))
    expect((await play()).status).toBe(500)
  })

  test('a player that leaves closes the file', async () => {
    const big = join(recordings, 'in/big.wav')
    writeFileSync(big, Buffer.alloc(32 << 20))
    api.media.set('1', big)
    const leaving = new AbortController()
    const answer = await call('/media/local/1', { signal: leaving.signal })
    const reader = answer.body?.getReader()
    await reader?.read()
    const held = () => readdirSync('/proc/self/fd').some((fd) => linkOf(fd) === big)
    if (process.platform === 'linux') expect(held()).toBe(true)
    leaving.abort()
    if (process.platform === 'linux') await until('the file is closed', () => !held())
    expect(log.lines.filter(({ level }) => level === 'error')).toEqual([])
  })
})

test('other addresses are not files', async () => {
  const answer = await fileRoutes(api, log)(new Request('http://core/etc/passwd'))
  expect(answer.status).toBe(404)
})

function linkOf(fd: string): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    // Closed between listing and looking.
    return null
  }
}
