// A whole core whose every source is hostile: it lives, says of each source why it is unknown, and knows it when it is well again.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, expect, test } from 'vitest'
import { Snapshot, type SystemSnapshot } from '../../electron/contract/snapshot.ts'
import { type Behaviour, type HostileServer, hostileServer } from '../support/hostile-server.ts'
import { redisServer, type TestRedis } from '../support/redis.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { until } from '../support/until.ts'

const folder = temporaryFolder()
const servers: HostileServer[] = []
let child: ChildProcess
let redis: TestRedis | null = null
afterEach(async () => {
  child.kill('SIGKILL')
  for (const server of servers.splice(0)) await server.close()
  await redis?.stop()
  folder.remove()
})

async function hostile(behaviour: Behaviour, path?: string): Promise<HostileServer> {
  const server = await hostileServer(behaviour, path)
  servers.push(server)
  return server
}

/** The core in its own process; `ask` sends a word and returns the next line that comes back. */
async function start(dataDir: string) {
  const main = join(import.meta.dirname, '../support/hosted-core-main.ts')
  child = spawn(process.execPath, [main, dataDir], { stdio: ['pipe', 'pipe', 'inherit'] })
  const answers = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]()
  const next = async (): Promise<unknown> => JSON.parse((await answers.next()).value ?? 'null')
  expect(await next()).toBe('running')
  return {
    ask(word: string): Promise<unknown> {
      child.stdin?.write(`${word}\n`)
      return next()
    },
    tell: (word: string) => void child.stdin?.write(`${word}\n`),
  }
}
const systemOf = (snapshot: unknown, id: string) =>
  Snapshot.parse(snapshot).systems.find((one) => one.id === id) as SystemSnapshot

test('every source hostile: unknown with a reason, the process lives, and a broker that recovers is known', {
  timeout: 120_000,
}, async () => {
  redis = await redisServer({ persist: false })
  const { port } = redis
  const dataDir = folder.path()
  const socket = join(folder.path(), 'docker.sock')
  const broker = await hostile({ kind: 'answers', bytes: ':1\r\n' })
  const database = await hostile({ kind: 'answers', bytes: Buffer.from([0x45, 0, 0, 0, 9, 0x53, 0x58, 0x58, 0x58]) })
  const api = await hostile({
    kind: 'answers',
    bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"queu',
    ends: true,
  })
  await hostile({ kind: 'answers', bytes: 'HTTP/1.1 301 Moved\r\nLocation: //\r\n\r\n', ends: true }, socket)
  mkdirSync(dataDir, { recursive: true })
  const settings = {
    systems: [
      {
        ...{ id: 'calls', kind: 'recordings', database: `postgres://app@127.0.0.1:${database.port}/app` },
        ...{ broker: `redis://127.0.0.1:${broker.port}/0`, api: `http://127.0.0.1:${api.port}` },
        stack: { docker: `unix://${socket}`, project: 'app' },
      },
      { id: 'qc', kind: 'qc', url: `http://127.0.0.1:${api.port}`, token: 't' },
    ],
  }
  writeFileSync(join(dataDir, 'settings.json'), JSON.stringify(settings))
  const core = await start(dataDir)

  const sources = ['counts', 'queues', 'tasks', 'results', 'services', 'api'] as const
  await until(
    'every source has a reason',
    async () => {
      const calls = systemOf(await core.ask('snapshot'), 'calls')
      return sources.every(
        (name) =>
          calls[name]?.status === 'unknown' &&
          calls[name].failure.because.length > 3 &&
          calls[name].failure.because !== 'it has not been read yet',
      )
    },
    60_000,
  )
  const { path } = JSON.parse(readFileSync(join(dataDir, 'run/endpoint.json'), 'utf8'))
  const answered = await new Promise((resolve) => {
    const client = connect(path).once('data', (bytes) => resolve(String(bytes)))
    client.write('GET // HTTP/1.1\r\nHost: core\r\nConnection: close\r\n\r\n')
  })
  expect(answered).toMatch(/^HTTP\/1\.1 4\d\d/)

  broker.become({ kind: 'forwards', connect: () => connect(port, '127.0.0.1') })
  await until(
    'the broker is known',
    async () => {
      const calls = systemOf(await core.ask('snapshot'), 'calls')
      return calls.queues?.status === 'known' && calls.results?.status === 'known' && calls.counts.status === 'unknown'
    },
    60_000,
  )
  // Nothing had to be isolated: each adapter contained its own peer.
  expect(JSON.stringify(await core.ask('notices'))).not.toContain('isolated')
  expect(child.exitCode).toBeNull()

  core.tell('fail')
  await until('an error that escapes is isolated and shown', async () =>
    JSON.stringify(await core.ask('notices')).includes(
      'An internal error was isolated: SyntaxError in hosted-core-main.ts',
    ),
  )
  expect(readFileSync(join(dataDir, 'logs/unjam.log'), 'utf8')).toContain('An internal error was isolated')
  expect(systemOf(await core.ask('snapshot'), 'calls').queues?.status).toBe('known')
})
