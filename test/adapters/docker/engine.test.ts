// What an engine may answer first: too old, too new, hung, forbidden, or none at all; over sockets, TLS and SSH.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type Agent, createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, createServer as createNetServer, type Server, Socket } from 'node:net'
import { join } from 'node:path'
import { inspect } from 'node:util'
import ssh2 from 'ssh2'
import { afterEach, describe, expect, it } from 'vitest'
import { createEngine, before as isBefore } from '../../../electron/adapters/docker/engine.ts'
import { failureOf } from '../../support/acting.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const folder = temporaryFolder()
const open: Server[] = []
const sockets = new Set<Socket>()
const closing: (() => Promise<void>)[] = []
const signal = AbortSignal.timeout(600_000)
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  for (const server of open.splice(0)) await new Promise((resolve) => server.close(resolve))
  for (const close of closing.splice(0)) await close()
  folder.remove()
})

async function listening<S extends Server>(server: S, where: string | number): Promise<S> {
  open.push(server)
  server.on('connection', (socket: Socket) => sockets.add(socket))
  await new Promise<void>((resolve) =>
    typeof where === 'string' ? server.listen(where, resolve) : server.listen(where, '127.0.0.1', resolve),
  )
  return server
}
/** An engine that says its versions, and what it was asked. */
async function speaking(version: object | null, asked: string[] = []): Promise<string> {
  const answer: RequestListener = (request, response) => {
    asked.push(request.url ?? '')
    if (version === null) response.writeHead(404).end('<html>nginx</html>')
    else
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify(request.url === '/version' ? version : []))
  }
  const path = join(folder.path(), 's')
  await listening(createServer(answer), path)
  return `unix://${path}`
}
const version = (ApiVersion: string, MinAPIVersion: string, Version = '25.0.1') => ({
  Version,
  ApiVersion,
  MinAPIVersion,
  Os: 'linux',
})
const failing = (url: string) => failureOf(createEngine(url).facts(signal))

it('a call does not spell out the sockets of the process, as docker-modem’s debug line would', async () => {
  const engine = createEngine(await speaking({ Version: '28.0.0', ApiVersion: '1.48', MinAPIVersion: '1.24' }))
  const spelled = await engine.ask({ tried: 'Look', signal }, async (docker) => {
    const { agent } = (docker as unknown as { modem: { agent: Agent } }).modem
    Object.assign(agent.sockets, { busy: [new Socket()] })
    return inspect(agent, { showHidden: true, depth: null })
  })
  expect(spelled).toBe('an agent')
})

describe('API version', () => {
  it.each([
    ['1.41', '1.12', '1.41'],
    ['1.51', '1.24', '1.51'],
    ['1.55', '1.44', '1.51'],
  ])('an engine with %s, at least %s: %s, in every later path', async (most, least, chosen) => {
    const asked: string[] = []
    const engine = createEngine(await speaking(version(most, least), asked))
    expect((await engine.facts(signal)).apiVersion).toBe(chosen)
    await engine.ask({ tried: 'List', signal }, (docker, abortSignal) => docker.listContainers({ abortSignal }))
    expect(asked).toEqual(['/version', expect.stringMatching(`^/v${chosen.replace('.', '\\.')}/containers/json`)])
  })

  it('too old and too new are said, with what to do', async () => {
    expect(await failing(await speaking(version('1.26', '1.12', '1.13.1')))).toMatchObject({
      ...{ kind: 'unsupported', remedy: 'Update Docker on that machine.' },
      because: 'Docker 1.13.1 speaks API 1.26, and Unjam needs 1.40 (Docker 19.03) or newer',
    })
    expect(await failing(await speaking(version('1.70', '1.60', '40.1.0')))).toMatchObject({
      ...{ kind: 'unsupported', remedy: expect.stringContaining('Update Unjam') },
      because: 'Docker 40.1.0 speaks no API older than 1.60, and this Unjam knows up to 1.51',
    })
  })

  it('is agreed on again after the engine was away', async () => {
    const url = await speaking(version('1.41', '1.12'))
    const engine = createEngine(url)
    expect((await engine.facts(signal)).apiVersion).toBe('1.41')
    await new Promise((resolve) => open.splice(0)[0]?.close(resolve))
    expect((await failureOf(engine.ask({ tried: 'List', signal }, (docker) => docker.listContainers()))).kind).toBe(
      'unreachable',
    )
    const newer: RequestListener = (_, response) => response.end(JSON.stringify(version('1.47', '1.24')))
    await listening(createServer(newer), url.slice('unix://'.length))
    expect((await engine.facts(signal)).apiVersion).toBe('1.47')
  })

  it('1.9 is before 1.41', () => {
    expect([isBefore('1.9', '1.41'), isBefore('1.41', '1.41'), isBefore('2.0', '1.41')]).toEqual([true, false, false])
  })
})

describe('no engine', () => {
  it('nothing listens', async () => {
    const failure = await failing(`unix://${join(folder.path(), 'none')}`)
    expect(failure).toMatchObject({ kind: 'unreachable', because: 'no Docker engine listens there (settings)' })
    expect(failure.remedy).toContain('Start Docker')
  })

  it('an HTTP server that is none, a JSON that is none, and a server that speaks something else', async () => {
    expect((await failing(await speaking(null))).because).toBe('it is not a Docker engine: it answers 404 to /version')
    expect((await failing(await speaking({ version: 'x' }))).because).toBe(
      'it is not a Docker engine: its answer names no API version',
    )
    const path = join(folder.path(), 's')
    await listening(
      createNetServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')),
      path,
    )
    expect(await failing(`unix://${path}`)).toMatchObject({
      kind: 'invalid',
      because: expect.stringContaining('does not speak plain HTTP'),
    })
  })

  it('one that accepts and never answers ends with the caller’s patience', async () => {
    const path = join(folder.path(), 's')
    await listening(createNetServer(), path)
    const engine = createEngine(`unix://${path}`)
    const failure = await failureOf(
      engine.ask({ tried: 'List', signal: AbortSignal.timeout(200) }, (docker) => docker.listContainers()),
    )
    expect(failure).toMatchObject({ kind: 'timeout', because: expect.stringContaining('did not answer in time') })
  })

  it.skipIf(process.getuid?.() !== 0 || process.seteuid === undefined)(
    'one that this account may not open',
    async () => {
      const url = await speaking(version('1.41', '1.12'))
      process.seteuid?.(65_534)
      try {
        expect(await failing(url)).toMatchObject({
          kind: 'refused',
          because: 'this account may not open it (settings)',
          remedy: expect.stringContaining('group docker'),
        })
      } finally {
        process.seteuid?.(0)
      }
    },
  )

  it('DOCKER_HOST of the process does not get in the way of the settings', async () => {
    const url = await speaking(version('1.41', '1.12'))
    const was = process.env.DOCKER_HOST
    process.env.DOCKER_HOST = 'tcp://127.0.0.1:1'
    try {
      expect((await createEngine(url).facts(signal)).endpoint.url).toBe(url)
    } finally {
      if (was === undefined) delete process.env.DOCKER_HOST
      else process.env.DOCKER_HOST = was
    }
  })
})

describe('TLS', () => {
  function certificate(where: string): void {
    const files = ['-keyout', join(where, 'key.pem'), '-out', join(where, 'cert.pem')]
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
        ...files,
      ],
      { stdio: 'ignore' },
    )
    writeFileSync(join(where, 'ca.pem'), readFileSync(join(where, 'cert.pem')))
  }
  async function secured(where: string): Promise<number> {
    certificate(where)
    const [cert, key] = [readFileSync(join(where, 'cert.pem')), readFileSync(join(where, 'key.pem'))]
    const server = createTlsServer(
      { cert, key, ca: cert, requestCert: true, rejectUnauthorized: true },
      (_, response) => response.end(JSON.stringify(version('1.41', '1.12'))),
    )
    await listening(server, 0)
    const address = server.address()
    return typeof address === 'object' ? (address?.port ?? 0) : 0
  }
  const machine = (DOCKER_CERT_PATH: string) => ({
    environment: { DOCKER_CERT_PATH },
    home: DOCKER_CERT_PATH,
    platform: process.platform,
  })

  it('with its certificates it is an engine; with others the handshake fails, and that is said', async () => {
    const [mine, others] = [folder.path(), folder.path()]
    const port = await secured(mine)
    certificate(others)
    expect((await createEngine(`tcp://localhost:${port}`, machine(mine)).facts(signal)).apiVersion).toBe('1.41')
    const failure = await failureOf(createEngine(`tcp://localhost:${port}`, machine(others)).facts(signal))
    expect(failure).toMatchObject({ kind: 'refused', because: expect.stringContaining('the TLS handshake failed') })
  })
})

describe('SSH', () => {
  it('nobody there: that is said of SSH, not of an engine', async () => {
    const environment = { environment: {}, home: folder.path(), platform: process.platform }
    const engine = createEngine('ssh://admin@127.0.0.1:1', environment)
    expect(await failureOf(engine.facts(signal))).toMatchObject({
      ...{ kind: 'unreachable', because: 'no SSH server listens there (settings)' },
    })
  })

  /** An SSH server of one key that lets any key in and joins `docker system dial-stdio` with a socket, as sshd would. */
  async function sshd(target: string): Promise<{ port: number; line: string }> {
    const host = ssh2.utils.generateKeyPairSync('ed25519')
    const server = new ssh2.Server({ hostKeys: [host.private] }, (client) => {
      client.on('error', () => client.end())
      client.on('authentication', (asked) =>
        asked.method === 'publickey' ? asked.accept() : asked.reject(['publickey']),
      )
      client.on('session', (accept) => {
        accept().on('exec', (accepted, _refuse, { command }) => {
          expect(command).toBe('docker system dial-stdio')
          const stream = accepted()
          const socket = connect(target)
          stream.pipe(socket).pipe(stream)
        })
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
    closing.push(() => new Promise((resolve) => server.close(() => resolve())))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('it listens on no port')
    const { port } = address
    return { port, line: `[127.0.0.1]:${port} ${host.public.split(' ').slice(0, 2).join(' ')}\n` }
  }

  it('through docker system dial-stdio with a key; a host that is not in known_hosts is refused', async () => {
    const home = folder.path()
    mkdirSync(join(home, '.ssh'))
    writeFileSync(join(home, '.ssh/id_ed25519'), ssh2.utils.generateKeyPairSync('ed25519').private)
    const { port, line } = await sshd((await speaking(version('1.41', '1.12'))).slice('unix://'.length))
    const warned: string[] = []
    const hear = (warning: Error) => warned.push(warning.message)
    process.on('warning', hear)
    closing.push(async () => void process.off('warning', hear))
    const engine = () =>
      createEngine(`ssh://admin@127.0.0.1:${port}`, { environment: {}, home, platform: process.platform })
    expect(await failureOf(engine().facts(signal))).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('known_hosts'),
    })
    writeFileSync(join(home, '.ssh/known_hosts'), line)
    expect((await engine().facts(signal)).apiVersion).toBe('1.41')
    expect(warned).toEqual([])
  })

  it('without any key', async () => {
    const home = folder.path()
    mkdirSync(join(home, '.ssh'))
    const { port, line } = await sshd('/nowhere')
    writeFileSync(join(home, '.ssh/known_hosts'), line)
    const engine = createEngine(`ssh://admin@127.0.0.1:${port}`, { environment: {}, home, platform: process.platform })
    expect(await failureOf(engine.facts(signal))).toMatchObject({
      kind: 'refused',
      because: 'SSH accepts none of the keys of this account',
    })
  })
})
