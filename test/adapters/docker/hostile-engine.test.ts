// An engine, or what stands in its place, that answers garbage, half, without end or other types: a sentence each, then well again.
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readContainers } from '../../../electron/adapters/docker/container.ts'
import { createEngine, type Engine } from '../../../electron/adapters/docker/engine.ts'
import { createEvents } from '../../../electron/adapters/docker/events.ts'
import { listProjects } from '../../../electron/adapters/docker/layout.ts'
import { readLines } from '../../../electron/adapters/docker/logs.ts'
import { readMachine } from '../../../electron/adapters/docker/machine.ts'
import { createUsage } from '../../../electron/adapters/docker/usage.ts'
import { FailureError } from '../../../electron/contract/failure.ts'
import { settled, watchEscapes } from '../../support/escaped-errors.ts'
import { type Behaviour, type HostileServer, hostileServer } from '../../support/hostile-server.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/until.ts'

const ok = (body: string, type = 'application/json') =>
  `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
const version = ok('{"Version":"28.1.0","ApiVersion":"1.49","MinAPIVersion":"1.24","Os":"linux"}')

/** Greets as an engine; `answers` for every other path. */
const engine = (answers: string | Buffer, ends = false): Behaviour => ({
  kind: 'speaks',
  speak(socket, chunk) {
    const path = / (\S+) HTTP/.exec(chunk.toString('latin1'))?.[1] ?? ''
    if (path.endsWith('/version')) socket.end(version)
    else if (ends) socket.end(answers)
    else socket.write(answers)
  },
})
const endless = (head: string, chunk: string): Behaviour => ({
  kind: 'speaks',
  speak(socket, request) {
    if (/\/version/.test(request.toString('latin1'))) return void socket.end(version)
    socket.write(head)
    const more = () => {
      while (socket.writable && socket.write(chunk));
    }
    socket.on('drain', more)
    more()
  },
})
const headers = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n'

const bodies = [
  '',
  '1',
  '"text"',
  'null',
  'true',
  '{}',
  '[1]',
  '[null]',
  '[{}]',
  '[{"Id":7}]',
  '[[[]]]',
  '{"Id":',
  '\0\0',
  '[{"Id":"a","Labels":7}]',
]
const wholly: readonly [string, Behaviour][] = [
  ['nothing', { kind: 'silent' }],
  ['an end at once', { kind: 'closes' }],
  ['a reset', { kind: 'resets' }],
  ['a Redis', { kind: 'answers', bytes: '-ERR unknown command\r\n' }],
  ['garbage', { kind: 'greets', bytes: Buffer.alloc(5000, 0xfe) }],
  ['a web page', { kind: 'answers', bytes: ok('<html></html>', 'text/html'), ends: true }],
  ['a number', { kind: 'answers', bytes: ok('1'), ends: true }],
  ['a status without an end', { kind: 'answers', bytes: 'HTTP/1.1 200 OK\r\n' }],
  ['half a body', { kind: 'answers', bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"Ver', ends: true }],
  ['an error without words', { kind: 'answers', bytes: 'HTTP/1.1 500 \r\nContent-Length: 0\r\n\r\n', ends: true }],
  ['a status of its own', { kind: 'answers', bytes: 'HTTP/1.1 999 No\r\nContent-Length: 4\r\n\r\nnull', ends: true }],
  ['a redirect', { kind: 'answers', bytes: 'HTTP/1.1 301 Moved\r\nLocation: //\r\n\r\n', ends: true }],
  [
    'an upgrade',
    { kind: 'answers', bytes: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\nx' },
  ],
  [
    'headers without end',
    { kind: 'floods', head: 'HTTP/1.1 200 OK\r\n', chunk: 'X: aaaaaaaaaaaaaaaaaaa\r\n'.repeat(1000) },
  ],
  ['a version without end', { kind: 'floods', head: headers, chunk: ' '.repeat(65_536) }],
  ...bodies.map((body): [string, Behaviour] => [`${body} as every list`, engine(ok(body), true)]),
  ['half a list', engine('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n[{"Id":"a"', true)],
  ['half a list and silence', engine('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n[{"Id":"a"')],
  ['a list without end', endless(headers, '{"Id":"a"},'.repeat(6000))],
  ['chunks that are none', engine('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n')],
]
const healthy: Behaviour = {
  kind: 'speaks',
  speak: (socket, chunk) => void socket.end(/\/version/.test(chunk.toString('latin1')) ? version : ok('[]')),
}

const folder = temporaryFolder()
let server: HostileServer
let escapes: ReturnType<typeof watchEscapes>
beforeEach(() => {
  escapes = watchEscapes()
})
afterEach(async () => {
  await server.close()
  folder.remove()
  await settled()
  expect(escapes.stop()).toEqual([])
})

async function serve(behaviour: Behaviour, over: 'unix' | 'tcp' = 'unix'): Promise<Engine> {
  const path = join(folder.path(), 'docker.sock')
  server = await hostileServer(behaviour, over === 'unix' ? path : undefined)
  return createEngine(over === 'unix' ? `unix://${path}` : `tcp://127.0.0.1:${server.port}`)
}
async function failure(work: Promise<unknown>) {
  const thrown: unknown = await work.then(
    (value) => ({ value }),
    (error: unknown) => error,
  )
  return thrown instanceof FailureError ? thrown.failure : thrown
}
const soon = () => AbortSignal.timeout(2000)
/** The description of one container, whatever the path. */
const container = (more: object = {}) =>
  JSON.stringify({
    Id: 'abc',
    Name: '/app-worker-1',
    Created: '2026-01-01T00:00:00Z',
    State: { Status: 'running' },
    Config: { Image: 'i', Labels: { 'com.docker.compose.project': 'app', 'com.docker.compose.service': 'worker' } },
    HostConfig: {},
    NetworkSettings: { Ports: null },
    ...more,
  })

describe.each(['unix', 'tcp'] as const)('over %s, an engine that answers with', (over) => {
  test.each(wholly)(
    '%s: the list of containers has a reason, and is there again afterwards',
    async (_name, behaviour) => {
      const docker = await serve(behaviour, over)
      const before = process.memoryUsage().rss
      const began = performance.now()
      for (const read of [() => readContainers(docker, 'app', soon()), () => listProjects(docker, soon())]) {
        const told = await failure(read())
        expect(told).toMatchObject({
          kind: expect.stringMatching(/invalid|unreachable|timeout|refused/),
          because: expect.stringMatching(/\w{3}/),
        })
      }
      expect(await readMachine(docker, soon())).toEqual({ product: null, memoryBytes: null })
      expect(performance.now() - began).toBeLessThan(20_000)
      expect(process.memoryUsage().rss - before).toBeLessThan(500_000_000)
      server.become(healthy)
      await until(
        'the engine is read again',
        async () =>
          (await failure(readContainers(docker, 'app', soon()))) !== null &&
          Array.isArray(await readContainers(docker, 'app', soon()).catch(() => null)),
      )
    },
  )
})

test.each([
  ['no state', { State: null }],
  ['a state that is a text', { State: 'running' }],
  ['no configuration', { Config: undefined }],
  ['labels that are numbers', { Config: { Image: 'i', Labels: { a: 1 } } }],
  ['ports that are a list of numbers', { NetworkSettings: { Ports: { '80/tcp': [1] } } }],
  ['a name that is none', { Name: 7 }],
])('a container with %s is an answer that no engine gives', async (_name, more) => {
  const docker = await serve({
    kind: 'speaks',
    speak(socket, chunk) {
      const request = chunk.toString('latin1')
      if (/\/version/.test(request)) socket.end(version)
      else socket.end(ok(/\/json\?/.test(request) ? '[{"Id":"abc"}]' : container(more)))
    },
  })
  expect(await failure(readContainers(docker, 'app', soon()))).toMatchObject({
    kind: 'invalid',
    because: expect.stringMatching(/no description/),
  })
})

test.each([
  ['null', 'null'],
  ['numbers', '{"read":7}'],
  ['half', '{"read":"2026'],
  ['an empty text', '""'],
])('statistics that are %s leave CPU and memory unknown', async (_name, stats) => {
  const docker = await serve({
    kind: 'speaks',
    speak(socket, chunk) {
      const request = chunk.toString('latin1')
      if (/\/version/.test(request)) socket.end(version)
      else if (/\/stats/.test(request)) socket.end(ok(stats))
      else socket.end(ok(/\/json\?/.test(request) ? '[{"Id":"abc"}]' : container()))
    },
  })
  const usage = createUsage(docker)
  const containers = await readContainers(docker, 'app', soon())
  const asked = server.seen.connections
  usage.latest(containers)
  await until('statistics were asked for', () => server.seen.connections > asked)
  await settled()
  expect(usage.latest(containers).get('abc')?.cpuPercent ?? null).toBeNull()
  usage.close()
})

const frame = (length: number, bytes: Buffer) => {
  const head = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])
  head.writeUInt32BE(length, 4)
  return Buffer.concat([head, bytes])
}
describe('a log', () => {
  const lines = (docker: Engine, tty: boolean) =>
    readLines(docker, { id: 'abc', inspect: { Config: { Tty: tty } } as never }, { tail: 100 }, 100, soon())
  test.each<[string, Behaviour]>([
    ['of bytes that are no frames', engine(`${headers}hello, this is no frame`, true)],
    ['with a frame of 4 GB', engine(Buffer.concat([Buffer.from(headers), frame(0xffff_ffff, Buffer.alloc(100))]))],
    [
      'of one line without end',
      endless(
        headers,
        Buffer.concat(Array.from({ length: 8 }, () => frame(8192, Buffer.alloc(8192, 0x61)))).toString('latin1'),
      ),
    ],
  ])('%s ends with a sentence and bounded memory', async (_name, behaviour) => {
    const docker = await serve(behaviour)
    const before = process.memoryUsage().rss
    expect(await failure(lines(docker, false))).toMatchObject({ kind: expect.stringMatching(/invalid|timeout/) })
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000)
  })
  test('of a TTY without a line end has bounded memory', async () => {
    const docker = await serve(endless(headers, 'a'.repeat(65_536)))
    const before = process.memoryUsage().rss
    expect(await failure(lines(docker, true))).toMatchObject({ kind: 'timeout' })
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000)
  })
})

test('events that are garbage, cut or without end are retried with backoff, and a later event is received', async () => {
  const problems: string[] = []
  const docker = await serve(endless(headers, 'x'.repeat(65_536)))
  const events = createEvents(
    docker,
    async () => 'app',
    (sentence) => problems.push(sentence),
  )
  let hints = 0
  const stop = events.onChange(() => hints++)
  await until('the stream without end was given up', () => problems.length > 0, 10_000)
  server.become(engine(`${headers}{"Action":7}\n[[[[\n\0\n`))
  const before = hints
  await until('lines that cannot be read are hints', () => hints > before, 20_000)
  stop()
  events.close()
})
