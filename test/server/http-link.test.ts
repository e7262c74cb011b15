// The browser host: what it serves, to whom, and what it refuses.
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FailureError } from '../../electron/contract/failure.ts'
import { type HttpLink, type HttpOptions, serveHttp } from '../../electron/server/http-link.ts'
import { DEFAULT_PORT } from '../../electron/server/listen.ts'
import { createRouter } from '../../electron/server/router.ts'
import { criticalFinding, type FakeApi, fakeApi, memoryLog } from '../support/fake-api.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { clientSuite } from './client-suite.ts'
import { attempt, socketClient } from './socket-client.ts'

const token = 'T'.repeat(43)
const folder = temporaryFolder()
const open: HttpLink[] = []
let api: FakeApi
let log: ReturnType<typeof memoryLog>

beforeEach(() => {
  api = fakeApi(folder.path())
  log = memoryLog()
})
afterEach(async () => {
  await Promise.all(open.splice(0).map((link) => link.close()))
  folder.remove()
})

async function serve(options: Partial<HttpOptions> = {}): Promise<HttpLink> {
  const assets = join(folder.path(), 'renderer')
  mkdirSync(join(assets, 'assets'), { recursive: true })
  writeFileSync(join(assets, 'index.html'), '<!doctype html><title>Unjam</title>')
  writeFileSync(join(assets, 'assets/app-1a2b.js'), 'export {}')
  const link = await serveHttp({ api, router: createRouter(api, log), assets, token, port: 0, log, ...options })
  open.push(link)
  return link
}

const at = (link: HttpLink, path: string) => `http://127.0.0.1:${link.port}${path}`

/** Opens the one-time link as a browser does, and gives the cookie it was given. */
async function signIn(link: HttpLink): Promise<string> {
  const answer = await fetch(link.url, { redirect: 'manual' })
  expect(answer.status).toBe(303)
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
}

/** fetch sets Host, Origin and Sec-Fetch-* itself and keeps connections; a hostile client does neither. */
function asked(link: HttpLink, path: string, headers: Record<string, string>, method = 'GET') {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const options = { host: '127.0.0.1', port: link.port, path, method, headers, agent: false }
    const outgoing = httpRequest(options, async (answer) => {
      const parts = await answer.setEncoding('utf8').toArray()
      resolve({ status: answer.statusCode ?? 0, text: parts.join('') })
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

const raw = async (link: HttpLink, path: string, headers: Record<string, string>, method = 'GET') =>
  (await asked(link, path, headers, method)).status

describe('signing in', () => {
  test('nothing is shown without it, and the sentence says how', async () => {
    const link = await serve()
    for (const path of ['/', '/assets/app-1a2b.js', '/media/local/1', '/index.html']) {
      const answer = await fetch(at(link, path))
      expect([path, answer.status]).toEqual([path, 401])
      expect(await answer.text()).toContain('Open the link that "unjam serve" prints')
    }
  })

  test('the link works once: cookie, then an address without the token', async () => {
    const link = await serve()
    expect(link.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/)
    expect(link.url).not.toContain(token)
    const answer = await fetch(link.url, { redirect: 'manual' })
    expect(answer.headers.get('location')).toBe('/')
    const [cookie = ''] = answer.headers.getSetCookie()
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/)
    expect(cookie).not.toContain(new URL(link.url).searchParams.get('token'))

    const again = await fetch(link.url, { redirect: 'manual' })
    expect(again.status).toBe(403)
    expect(again.headers.getSetCookie()).toEqual([])
    expect(await again.text()).toContain('has been used already')
    // Whoever is signed in already just loses the token from the address.
    const known = await fetch(link.url, { redirect: 'manual', headers: { cookie: cookie.split(';')[0] ?? '' } })
    expect([known.status, known.headers.get('location')]).toEqual([303, '/'])
  })

  test('a second browser needs a second link; the bearer token gets one, and is no link itself', async () => {
    const link = await serve()
    const first = await signIn(link)
    expect((await fetch(at(link, `/?token=${token}`), { redirect: 'manual' })).status).toBe(403)
    const asked = await fetch(at(link, '/link'), { method: 'POST', headers: { authorization: `Bearer ${token}` } })
    const { url } = (await asked.json()) as { url: string }
    expect(url).not.toBe(link.url)
    const second = (await fetch(url, { redirect: 'manual' })).headers.getSetCookie()[0]?.split(';')[0] ?? ''
    expect(second).not.toBe(first)
    for (const cookie of [first, second]) expect((await fetch(at(link, '/'), { headers: { cookie } })).status).toBe(200)
    expect((await fetch(at(link, '/link'), { method: 'POST', headers: { cookie: first } })).status).toBe(403)
    expect((await fetch(at(link, '/link'), { method: 'POST' })).status).toBe(403)
  })

  test('the link never holds the token of /api, and works once', async () => {
    const link = await serve()
    expect(link.url).not.toContain(token)
    await signIn(link)
    expect((await fetch(link.url, { redirect: 'manual' })).status).toBe(403)
    expect((await fetch(at(link, `/?token=${token}`), { redirect: 'manual' })).status).toBe(403)
  })

  test('forged, foreign and altered cookies do not pass; a session outlives a restart with the same token', async () => {
    const link = await serve()
    const cookie = await signIn(link)
    const [name = '', value = ''] = cookie.split('=')
    const [id = '', signature = ''] = value.split('.')
    for (const forged of [`${name}=`, `${name}=${id}`, `${name}=${id}.`, `${name}=x.${signature}`, `unjam-1=${value}`])
      expect([forged, await raw(link, '/', { cookie: forged })]).toEqual([forged, 401])
    await link.close()
    const restarted = await serve({ port: link.port })
    expect(await raw(restarted, '/', { cookie })).toBe(200)
    await restarted.close()
    const renewed = await serve({ port: link.port, token: 'another token' })
    expect(await raw(renewed, '/', { cookie })).toBe(401)
  })

  test('a link clicked on another site asks again from our own page instead of looking signed out', async () => {
    const link = await serve()
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    expect(await asked(link, '/', headers)).toMatchObject({
      status: 200,
      text: expect.stringContaining('http-equiv="refresh"'),
    })
    expect(await raw(link, '/', { ...headers, 'sec-fetch-site': 'same-origin' })).toBe(401)
    expect(await raw(link, '/', { ...headers, 'sec-fetch-mode': 'no-cors' })).toBe(401)
    expect(await asked(link, '/', { ...headers, cookie: await signIn(link) })).toMatchObject({
      text: '<!doctype html><title>Unjam</title>',
    })
  })
})

describe('pages', () => {
  test('security headers on every kind of answer', async () => {
    const link = await serve()
    const cookie = await signIn(link)
    for (const path of ['/', '/assets/app-1a2b.js', '/nothing.js', '/media/local/9', '/api/openapi.json']) {
      const { headers } = await fetch(at(link, path), { headers: { cookie } })
      expect(headers.get('content-security-policy'), path).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      )
      expect(headers.get('x-content-type-options'), path).toBe('nosniff')
      expect(headers.get('referrer-policy'), path).toBe('no-referrer')
    }
  })

  test('index.html for every view, hashed assets for ever, 404 for what is not there, nothing outside', async () => {
    const link = await serve()
    const headers = { cookie: await signIn(link) }
    for (const path of ['/', '/jobs', '/jobs/local/17?tab=failed']) {
      const page = await fetch(at(link, path), { headers })
      expect([await page.text(), page.headers.get('cache-control')]).toEqual([
        '<!doctype html><title>Unjam</title>',
        'no-cache',
      ])
    }
    const asset = await fetch(at(link, '/assets/app-1a2b.js'), { headers })
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    const head = await fetch(at(link, '/assets/app-1a2b.js'), { headers, method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '9', ''])
    for (const path of ['/assets/other.js', '/..%2f..%2fetc%2fpasswd.txt', '/%00.js', '/C:%5Cx.js', '/%zz.js'])
      expect([path, await raw(link, path, headers)]).toEqual([path, 404])
    expect(await raw(link, '/index.html', { ...headers, origin: at(link, '') }, 'DELETE')).toBe(405)
  })

  test('a build that is missing is said', async () => {
    const link = await serve({ assets: join(folder.path(), 'not-built') })
    const answer = await fetch(at(link, '/'), { headers: { cookie: await signIn(link) } })
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain('npm run build')
  })
})

describe('who may ask', () => {
  test('foreign hosts and origins are refused, also with a valid session or token', async () => {
    const link = await serve()
    const cookie = await signIn(link)
    const bearer = { authorization: `Bearer ${token}` }
    const own = `127.0.0.1:${link.port}`
    expect(await raw(link, '/', { cookie, host: own })).toBe(200)
    expect(await raw(link, '/', { cookie, host: `localhost:${link.port}` })).toBe(200)
    expect(await raw(link, '/', { cookie, host: `rebound.example:${link.port}` })).toBe(421)
    expect(await raw(link, '/', { cookie, host: '127.0.0.1:1' })).toBe(421)
    expect(await raw(link, '/api/host', { ...bearer, host: 'rebound.example' })).toBe(421)
    expect(await raw(link, '/api/host', { ...bearer, host: own, origin: 'https://evil.example' })).toBe(403)
    expect(await raw(link, '/api/host', { ...bearer, host: own })).toBe(200)
    const upload = '/files?name=a.wav'
    expect(await raw(link, upload, { cookie, host: own }, 'POST')).toBe(403)
    expect(await raw(link, upload, { cookie, host: own, origin: 'http://127.0.0.1:1' }, 'POST')).toBe(403)
    expect(await raw(link, upload, { cookie, host: own, origin: 'null' }, 'POST')).toBe(403)
    expect(await raw(link, upload, { cookie, host: own, origin: `http://${own}` }, 'POST')).toBe(201)
    expect(await raw(link, upload, { ...bearer, host: own }, 'POST')).toBe(201)
  })

  test('the WebSocket: session or token, own host, own origin, and only /rpc', async () => {
    const link = await serve()
    const cookie = await signIn(link)
    const origin = `http://127.0.0.1:${link.port}`
    const bearer = ['orpc', `bearer.${token}`]
    expect(await attempt(link.port, '/rpc', [], { cookie, origin })).toBe('open')
    expect(await attempt(link.port, '/rpc', bearer, {})).toBe('open')
    expect(await attempt(link.port, '/rpc', [], { cookie })).toBe('403')
    expect(await attempt(link.port, '/rpc', ['orpc'], {})).toBe('403')
    expect(await attempt(link.port, '/rpc', ['orpc'], { origin })).toBe('401')
    expect(await attempt(link.port, '/rpc', ['orpc', 'bearer.wrong'], { origin })).toBe('401')
    expect(await attempt(link.port, '/other', bearer, {})).toBe('401')
    expect(await attempt(link.port, '/rpc', bearer, { origin: 'https://evil.example' })).toBe('403')
    expect(await attempt(link.port, '/rpc', bearer, { host: 'rebound.example' })).toBe('403')
    expect(await attempt(link.port, `/rpc?token=${token}`, ['orpc'], { origin })).toBe('401')
  })

  test('only this machine is listened on', async () => {
    for (const host of ['0.0.0.0', '::', '192.168.0.5', 'example.org', '127.0.0.1.example.org'])
      await expect(serve({ host })).rejects.toThrow('Unjam only listens on this machine itself')
    const link = await serve({ host: 'localhost' })
    expect(link.url).toContain('http://localhost:')
  })
})

describe('WebSocket', () => {
  test("the suite, with the browser's own WebSocket class", async () => {
    const link = await serve()
    const { client, socket } = socketClient(link.port, token)
    await clientSuite(client, api, 'api')
    const { closed } = api.streams
    const live = await client.live()
    await live.next()
    socket.close()
    await until('the stream ended with the socket', () => api.streams.closed === closed + 1)
    expect(log.lines).toEqual([])
  })

  test('a slow reader slows its stream instead of filling memory', async () => {
    const link = await serve()
    let produced = 0
    const big = criticalFinding({ explanation: 'x'.repeat(100_000) })
    Object.assign(api.core, {
      async *watch() {
        while (produced < 2000) {
          produced++
          const changes = {
            added: [],
            changed: [],
            removed: [],
            order: null,
            host: null,
            findings: [big],
            alerts: null,
          }
          yield { kind: 'changed', sequence: produced, at: big.since, changes }
        }
      },
    })
    const { WebSocket: NodeSocket } = await import('ws')
    const socket = new NodeSocket(`ws://127.0.0.1:${link.port}/rpc`, ['orpc', `bearer.${token}`])
    await new Promise((resolve) => socket.on('open', resolve))
    socket.pause()
    socket.send(JSON.stringify({ i: '1', p: { u: '/live' } }))
    await until('it began', () => produced > 0)
    let before = -1
    await until('it stands still', async () => {
      if (produced === before) return true
      before = produced
      await new Promise((resolve) => setTimeout(resolve, 100))
      return false
    })
    // 200 MB were ready; what left fits the buffers of the operating system.
    expect(produced).toBeLessThan(500)
    socket.resume()
    await until('it goes on when read', () => produced > before)
    socket.terminate()
  })

  test('malformed frames cost the sender his connection, and nobody else anything', async () => {
    const link = await serve()
    const good = socketClient(link.port, token)
    await good.client.snapshot()
    for (const junk of ['{not json', JSON.stringify({ i: '1', p: null }), new Uint8Array([123, 255, 1])]) {
      const { socket } = socketClient(link.port, token)
      const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)))
      await new Promise((resolve) => socket.addEventListener('open', resolve))
      socket.send(junk)
      expect(await closed).toBe(1008)
    }
    const { socket } = socketClient(link.port, token)
    const closed = new Promise<number>((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)))
    await new Promise((resolve) => socket.addEventListener('open', resolve))
    socket.send('x'.repeat((1 << 20) + 1))
    expect(await closed).toBe(1009)
    expect(await good.client.snapshot()).toMatchObject({ sequence: 1 })
    expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'warn', 'warn', 'warn'])
    good.socket.close()
  })
})

describe('OpenAPI', () => {
  const call = (link: HttpLink, path: string, init: RequestInit = {}) =>
    fetch(at(link, `/api${path}`), { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } })

  test('bearer token only', async () => {
    const link = await serve()
    const cookie = await signIn(link)
    expect((await fetch(at(link, '/api/host'))).status).toBe(401)
    expect((await fetch(at(link, '/api/host'), { headers: { cookie } })).status).toBe(401)
    expect((await call(link, '/host', { headers: { authorization: 'Bearer x' } })).status).toBe(401)
    expect((await call(link, '/host')).status).toBe(200)
    expect((await call(link, '/nothing')).status).toBe(404)
  })

  test('queries, failures, bad input and actions as REST', async () => {
    const link = await serve()
    const page = await call(link, '/jobs?system=local&state=queued&limit=1&descending=true')
    expect(await page.json()).toMatchObject({ jobs: [{ id: '1' }], cursor: null })
    const gone = await call(link, '/jobs/local/nope')
    expect(gone.status).toBe(422)
    expect(await gone.json()).toMatchObject({ defined: true, code: 'FAILED', data: { kind: 'missing', on: 'nope' } })
    expect((await call(link, '/jobs?system=local&state=wrong')).status).toBe(400)
    const body = JSON.stringify({ request: { action: 'retry-jobs', system: 'local' }, fingerprint: 'old' })
    const stale = await call(link, '/actions/execute', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(await stale.json()).toMatchObject({ data: { kind: 'stale', remedy: 'Look at the new preview.' } })
    expect(api.callers).toEqual([])
    const tooBig = JSON.stringify({ paths: ['x'.repeat(2 << 20)] })
    const refused = await call(link, '/jobs', {
      method: 'POST',
      body: tooBig,
      headers: { 'content-type': 'application/json' },
    })
    expect(refused.status).toBe(413)
  })

  test('live as server-sent events; a reader that leaves ends the stream', async () => {
    const link = await serve()
    const leaving = new AbortController()
    const stream = await call(link, '/live', { signal: leaving.signal })
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/)
    const reader = stream.body?.getReader()
    let text = ''
    while (!text.includes('"snapshot"')) text += new TextDecoder().decode((await reader?.read())?.value)
    leaving.abort()
    await until('the stream ended with its reader', () => api.streams.closed === 1)
  })

  test('the description names every procedure and the bearer token', async () => {
    const link = await serve()
    const spec = (await (await call(link, '/openapi.json')).json()) as {
      openapi: string
      info: { version: string }
      paths: Record<string, Record<string, { responses: object }>>
    }
    expect(spec.openapi).toMatch(/^3\.1/)
    expect(spec.info.version).toBe('0.1.0')
    expect(Object.keys(spec.paths)).toEqual(expect.arrayContaining(['/live', '/jobs', '/actions/execute', '/host']))
    expect(Object.keys(spec.paths['/jobs/{system}/{id}']?.get?.responses ?? {})).toEqual(['200', '422'])
  })
})

describe('ports', () => {
  async function occupy(port: number) {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve))
    return { port: (other.address() as AddressInfo).port, close: () => new Promise((done) => other.close(done)) }
  }

  test('a port that was asked for is taken or refused with a sentence, never replaced', async () => {
    const other = await occupy(0)
    const refused = await serve({ port: other.port }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(FailureError)
    expect(String(refused)).toContain(
      `Listen (127.0.0.1:${other.port}): another program already uses this port. Choose another port with --port`,
    )
    await other.close()
  })

  test('the usual port, or the next free one with a sentence', async () => {
    const first = await serve({ port: null })
    const second = await serve({ port: null })
    expect(second.port).toBeGreaterThan(first.port)
    expect(second.notice).toBe(
      `Port ${DEFAULT_PORT} is used by another program; Unjam is on port ${second.port} instead.`,
    )
    expect(log.lines.map(({ message }) => message)).toContain(second.notice)
  })
})
