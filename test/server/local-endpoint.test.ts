// One core per data directory, met over its socket: attach, stale files, long paths, files, and what is refused.
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { FailureError } from '../../electron/contract/failure.ts'
import { attachLocal, serveLocal } from '../../electron/server/local-endpoint.ts'
import { createRouter } from '../../electron/server/router.ts'
import { fakeApi, memoryLog } from '../support/fake-api.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'
import { clientSuite } from './client-suite.ts'
import { fakePortMain } from './port-main.ts'

const folder = temporaryFolder()
const open: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const endpoint of open.splice(0)) await endpoint.close()
  folder.remove()
})

async function serve(dataDir = folder.path()) {
  const api = fakeApi(join(dataDir, 'recordings'))
  const log = memoryLog()
  const endpoint = await serveLocal({ api, router: createRouter(api, log), dataDir, log })
  open.push(endpoint)
  return { api, log, dataDir, endpoint }
}
const endpointOf = (dataDir: string) => JSON.parse(readFileSync(join(dataDir, 'run/endpoint.json'), 'utf8'))

test('nobody: no folder, no files, damaged files, a dead socket, somebody who does not answer', async () => {
  const dataDir = folder.path()
  expect(await attachLocal(dataDir)).toBeNull()
  const run = join(dataDir, 'run')
  mkdirSync(run)
  writeFileSync(join(run, 'token'), 'x')
  for (const text of ['', '{', '{}', '{"path":7}']) {
    writeFileSync(join(run, 'endpoint.json'), text)
    expect(await attachLocal(dataDir)).toBeNull()
  }
  const endpoint = { path: join(run, 'core.sock'), pid: 1, startedAt: '2026-01-01T00:00:00.000Z', version: '0' }
  writeFileSync(join(run, 'endpoint.json'), JSON.stringify(endpoint))
  expect(await attachLocal(dataDir)).toBeNull()
  // A program that took the address and hangs up.
  const other = createServer((socket) => socket.destroy())
  other.listen(endpoint.path)
  await once(other, 'listening')
  expect(await attachLocal(dataDir)).toBeNull()
  other.close()
})

test.each([
  ['answers nothing', () => undefined],
  [
    'never ends its answer',
    (socket: Socket) => {
      const drip = setInterval(() => socket.write('HTTP/1.1 101 Switching Protocols\r\nx'), 100)
      socket.once('close', () => clearInterval(drip))
    },
  ],
])(
  'a program that took the address and %s is nobody, within seconds',
  async (_what, answer) => {
    const dataDir = folder.path()
    const run = join(dataDir, 'run')
    mkdirSync(run)
    writeFileSync(join(run, 'token'), 'x')
    const endpoint = { path: join(run, 'core.sock'), pid: 1, startedAt: '2026-01-01T00:00:00.000Z', version: '0' }
    writeFileSync(join(run, 'endpoint.json'), JSON.stringify(endpoint))
    const other = createServer((socket) => answer(socket.on('error', () => undefined)))
    other.listen(endpoint.path)
    await once(other, 'listening')
    expect(await attachLocal(dataDir)).toBeNull()
    other.close()
  },
  15_000,
)

test('the suite over the socket; failures arrive as the FailureErrors they were', async () => {
  const { api, log, dataDir } = await serve()
  const attached = await attachLocal(dataDir)
  if (attached === null) return expect.fail('nobody answered')
  await clientSuite(attached.client, api, 'terminal', true)
  expect(log.lines).toEqual([])
  attached.close()
  await attached.closed
})

test('the files say who listens, for their owner only', async () => {
  const { dataDir } = await serve()
  expect(endpointOf(dataDir)).toMatchObject({ pid: process.pid, version: '0.1.0', path: expect.any(String) })
  if (process.platform === 'win32') return
  const mode = (path: string) => (statSync(join(dataDir, path)).mode & 0o777).toString(8)
  expect([mode('run'), mode('run/token'), mode('run/endpoint.json')]).toEqual(['700', '600', '600'])
})

test('without the token there is no call and no file', async () => {
  const { dataDir } = await serve()
  writeFileSync(join(dataDir, 'run/token'), 'wrong')
  expect(await attachLocal(dataDir)).toBeNull()
  const { path } = endpointOf(dataDir)
  for (const protocols of [['orpc'], ['orpc', 'bearer.'], ['orpc', 'bearer.wrong']]) {
    const socket = new WebSocket('ws://core/rpc', protocols, { createConnection: () => connect(path) })
    const [error] = await once(socket, 'error')
    expect(String(error)).toContain('401')
  }
})

test('what a crash left is harmless: the next core takes over, sockets and all', async () => {
  const dataDir = folder.path()
  const run = join(dataDir, 'run')
  mkdirSync(run)
  // As after kill -9: the socket is there, no process listens.
  const path = join(run, 'core.sock')
  await leaveSocket(path)
  writeFileSync(join(run, 'token'), 'old')
  writeFileSync(join(run, 'endpoint.json'), JSON.stringify({ path, pid: 999_999, startedAt: 'x', version: '0' }))
  await serve(dataDir)
  const attached = await attachLocal(dataDir)
  expect(await attached?.client.snapshot()).toMatchObject({ sequence: 1 })
  attached?.close()
})

/** A socket without a listener: net.Server removes its own when it closes, so it is renamed meanwhile. */
async function leaveSocket(path: string): Promise<void> {
  const server = createServer().listen(`${path}.live`)
  await once(server, 'listening')
  renameSync(`${path}.live`, path)
  await new Promise((resolve) => server.close(resolve))
}

describe.skipIf(process.platform === 'win32')('a copied or damaged data directory', () => {
  const endpointFile = (dataDir: string, path: string) => {
    mkdirSync(join(dataDir, 'run'), { recursive: true })
    writeFileSync(join(dataDir, 'run/token'), 'old')
    writeFileSync(join(dataDir, 'run/endpoint.json'), JSON.stringify({ path, pid: 9, startedAt: 'x', version: '0' }))
  }

  test('removes nothing that endpoint.json names, at start and at the end', async () => {
    const precious = folder.path()
    const named = mkdtempSync(join(tmpdir(), 'unjam-'))
    try {
      const [file, socket, inside] = [join(precious, 'passwd'), join(precious, 'other.sock'), join(named, 'core.sock')]
      for (const one of [file, inside, join(named, 'data')]) writeFileSync(one, 'kept')
      await leaveSocket(socket)
      for (const path of [file, socket, inside, precious, `${precious}/../${basename(precious)}/passwd`]) {
        const dataDir = folder.path()
        endpointFile(dataDir, path)
        const { endpoint } = await serve(dataDir)
        await endpoint.close()
        expect([file, socket, inside, join(named, 'data')].map(existsSync), path).toEqual([true, true, true, true])
      }
    } finally {
      rmSync(named, { recursive: true })
    }
  })

  test('keeps a file that is not a socket where the socket would be, and serves elsewhere', async () => {
    const dataDir = folder.path()
    const target = join(folder.path(), 'target')
    writeFileSync(target, 'kept')
    mkdirSync(join(dataDir, 'run'))
    symlinkSync(target, join(dataDir, 'run/core.sock'))
    const { endpoint } = await serve(dataDir)
    const attached = await attachLocal(dataDir)
    expect(await attached?.client.snapshot()).toMatchObject({ sequence: 1 })
    attached?.close()
    await endpoint.close()
    expect([readFileSync(target, 'utf8'), readdirSync(join(dataDir, 'run'))]).toEqual(['kept', ['core.sock']])
  })

  test('refuses a run folder that is a link, and leaves the mode of what it leads to', async () => {
    const dataDir = folder.path()
    const target = folder.path()
    chmodSync(target, 0o755)
    symlinkSync(target, join(dataDir, 'run'))
    await expect(serve(dataDir)).rejects.toThrow('it is a symbolic link')
    expect([(statSync(target).mode & 0o777).toString(8), readdirSync(target)]).toEqual(['755', []])
  })

  test('a short folder that a crash left is used again; one that others can enter is not', async () => {
    const dataDir = join(folder.path(), 'x'.repeat(60), 'y'.repeat(60))
    const first = await serve(dataDir)
    const { path } = endpointOf(dataDir)
    await first.endpoint.close()
    mkdirSync(dirname(path), { mode: 0o700 })
    try {
      await leaveSocket(path)
      const second = await serve(dataDir)
      expect(endpointOf(dataDir).path).toBe(path)
      await second.endpoint.close()
      mkdirSync(dirname(path))
      chmodSync(dirname(path), 0o755)
      const third = await serve(dataDir)
      expect(endpointOf(dataDir).path).not.toBe(path)
      await third.endpoint.close()
      expect((statSync(dirname(path)).mode & 0o777).toString(8)).toBe('755')
    } finally {
      rmSync(dirname(path), { recursive: true })
    }
  })
})

test('a second core on the same directory is refused, and the first goes on', async () => {
  const { dataDir } = await serve()
  await expect(serve(dataDir)).rejects.toThrow('another Unjam already serves this data directory')
  const attached = await attachLocal(dataDir)
  expect(await attached?.client.snapshot()).toMatchObject({ sequence: 1 })
  attached?.close()
})

test('closing takes the files away and rejects what was pending; later calls say so', async () => {
  const { api, dataDir, endpoint } = await serve()
  const attached = await attachLocal(dataDir)
  if (attached === null) return expect.fail('nobody answered')
  let asked = false
  Object.assign(api.core, {
    read: () => {
      asked = true
      return new Promise(() => undefined)
    },
  })
  const pending = attached.client.snapshot().catch((error: unknown) => error)
  const live = await attached.client.live()
  await live.next()
  const parked = live.next().catch((error: unknown) => error)
  await until('the call arrived', () => asked)
  expect(await endpoint.close()).toBe(1)
  for (const thrown of [
    await pending,
    await parked,
    await attached.client.snapshot().catch((error: unknown) => error),
  ]) {
    expect(thrown).toBeInstanceOf(FailureError)
    expect(thrown).toMatchObject({ failure: { kind: 'unreachable' } })
  }
  await attached.closed
  expect(readdirSync(join(dataDir, 'run'))).toEqual([])
  expect(await attachLocal(dataDir)).toBeNull()
})

test('closing waits for those who are about to leave', async () => {
  const { dataDir, endpoint } = await serve()
  const attached = await attachLocal(dataDir)
  const closing = endpoint.close(10_000)
  await until('nobody new is taken', () => !existsSync(join(dataDir, 'run/endpoint.json')))
  expect(await attached?.client.snapshot()).toMatchObject({ sequence: 1 })
  attached?.close()
  expect(await closing).toBe(0)
})

test.skipIf(process.platform === 'win32')('a path too long for a socket moves it to a private folder', async () => {
  const dataDir = join(folder.path(), 'x'.repeat(60), 'y'.repeat(60))
  const { endpoint } = await serve(dataDir)
  const { path } = endpointOf(dataDir)
  expect(dirname(dirname(path))).toBe(tmpdir())
  expect((statSync(dirname(path)).mode & 0o777).toString(8)).toBe('700')
  const attached = await attachLocal(dataDir)
  expect(await attached?.client.snapshot()).toMatchObject({ sequence: 1 })
  attached?.close()
  await endpoint.close()
  expect(existsSync(dirname(path))).toBe(false)
})

test("a window's port is carried to the attached core, as a window, with the same guard", async () => {
  const { api, log, dataDir } = await serve()
  const attached = await attachLocal(dataDir, 'window')
  if (attached === null) return expect.fail('nobody answered')
  const { createORPCClient } = await import('@orpc/client')
  const { RPCLink } = await import('@orpc/client/message-port')
  const [main, page] = fakePortMain()
  await attached.relay(main, log)
  page.start()
  await clientSuite(createORPCClient(new RPCLink({ port: page })), api, 'window')
  expect(log.lines).toEqual([])
  const { closed, open: opened } = api.streams
  expect(closed).toBe(opened)
  const gone = once(page, 'close')
  page.postMessage('{garbage')
  await gone
  expect(log.lines).toMatchObject([{ where: 'port' }])
  attached.close()
})

test("a window's port closes when the core ends, and at once when it has ended already", async () => {
  const { log, dataDir, endpoint } = await serve()
  const attached = await attachLocal(dataDir, 'window')
  const [main, page] = fakePortMain()
  await attached?.relay(main, log)
  const gone = once(page, 'close')
  await endpoint.close()
  await gone
  const [late, latePage] = fakePortMain()
  const refused = once(latePage, 'close')
  await attached?.relay(late, log)
  await refused
})

test('files and recordings of the attached core: uploads, ranges, failures', async () => {
  const { api, dataDir } = await serve()
  const attached = await attachLocal(dataDir)
  if (attached === null) return expect.fail('nobody answered')
  const post = { method: 'POST', body: 'sound' }
  const stored = await attached.files(new Request('app://bundle/files?name=a%20b.wav', post))
  expect(stored.status).toBe(201)
  const { path } = (await stored.json()) as { path: string }
  expect(readFileSync(path, 'utf8')).toBe('sound')
  api.media.set('1', path)
  const part = await attached.files(new Request('app://bundle/media/local/1', { headers: { range: 'bytes=1-3' } }))
  expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([206, 'bytes 1-3/5', 'oun'])
  const head = await attached.files(new Request('app://bundle/media/local/1', { method: 'HEAD' }))
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '5'])
  const tag = { 'if-none-match': head.headers.get('etag') ?? '' }
  expect((await attached.files(new Request('app://bundle/media/local/1', { headers: tag }))).status).toBe(304)
  expect((await attached.files(new Request('app://bundle/media/local/9'))).status).toBe(404)
  attached.close()
})
