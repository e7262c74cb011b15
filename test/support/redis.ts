// A real redis-server for a test: own port and folder; killed, frozen, restarted with its data, stopped.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type EngineProcess, freePort, startProcess } from './child-process.ts'

const run = promisify(execFile)

export interface RedisOptions {
  /** Database number in the URLs. */
  readonly db?: number
  /** `requirepass`, for the default user. */
  readonly password?: string
  /** ACL users: name → rules without the password ("~* &* +@all"); the password is `${name}-secret`. */
  readonly users?: Readonly<Record<string, string>>
  /** TLS only, with a certificate of its own authority (`ca`). */
  readonly tls?: boolean
  /** Data survive kill and restart (AOF). Off where a million messages are measured. Default true. */
  readonly persist?: boolean
  /** More lines of redis.conf: `{ maxmemory: '64mb' }`. */
  readonly config?: Readonly<Record<string, string>>
}

export interface TestRedis {
  readonly port: number
  /** redis://… or rediss://…, with the password of the default user. */
  readonly url: string
  /** The same for another database number or ACL user. */
  urlOf(what: { db?: number; user?: string }): string
  /** For Celery: over TLS it wants to be told how certificates are checked. */
  celeryUrl(db?: number): string
  /** File with the authority's certificate; null without TLS. */
  readonly ca: string | null
  readonly pid: number
  /** `redis-cli` as the default user in database `db`; answers its output without the last newline. */
  cli(...args: string[]): Promise<string>
  /** SIGKILL. */
  kill(): Promise<void>
  /** After `kill` or `halt`: again on the same port, with its data. */
  start(): Promise<void>
  /** SIGTERM without giving up folder and port. */
  halt(): Promise<void>
  restart(): Promise<void>
  /** SIGSTOP: connections stay open and nothing answers. */
  freeze(): void
  resume(): void
  log(): string
  /** For good. */
  stop(): Promise<void>
}

export async function redisServer(options: RedisOptions = {}): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'unjam-test-redis-'))
  const ca = options.tls === true ? await certificate(folder) : null
  let port = await freePort()
  const launch = () => boot(folder, port, options, ca)
  let server = await launch()
  for (let tries = 0; server === null && tries < 5; tries++) {
    port = await freePort()
    server = await launch()
  }
  if (server === null) throw new Error('redis-server found no free port')
  let current: EngineProcess = server

  const scheme = ca === null ? 'redis' : 'rediss'
  const urlOf = ({ db = options.db ?? 0, user }: { db?: number | undefined; user?: string | undefined }) => {
    const login =
      user !== undefined
        ? `${user}:${encodeURIComponent(`${user}-secret`)}@`
        : options.password === undefined
          ? ''
          : `:${encodeURIComponent(options.password)}@`
    return `${scheme}://${login}127.0.0.1:${port}/${db}`
  }
  const self: TestRedis = {
    port,
    url: urlOf({}),
    urlOf,
    celeryUrl: (db) => (ca === null ? urlOf({ db }) : `${urlOf({ db })}?ssl_cert_reqs=required&ssl_ca_certs=${ca}`),
    ca,
    get pid() {
      return current.pid
    },
    async cli(...args) {
      const login = options.password === undefined ? [] : ['-a', options.password, '--no-auth-warning']
      const tls = ca === null ? [] : ['--tls', '--cacert', ca]
      const at = ['-h', '127.0.0.1', '-p', String(port), '-n', String(options.db ?? 0)]
      const { stdout } = await run('redis-cli', [...at, ...login, ...tls, ...args], { maxBuffer: 1 << 28 })
      return stdout.replace(/\n$/, '')
    },
    kill: () => current.kill(),
    async start() {
      if (current.running()) throw new Error('redis-server runs already')
      const again = await launch()
      if (again === null) throw new Error(`port ${port} was taken meanwhile`)
      current = again
    },
    halt: () => current.stop(),
    async restart() {
      await self.halt()
      await self.start()
    },
    freeze: () => current.signal('SIGSTOP'),
    resume: () => current.signal('SIGCONT'),
    log: () => current.log(),
    async stop() {
      await current.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return self
}

/** Null when another process took the port. */
async function boot(
  folder: string,
  port: number,
  options: RedisOptions,
  ca: string | null,
): Promise<EngineProcess | null> {
  const users = Object.entries(options.users ?? {}).map(([name, rules]) => `user ${name} on >${name}-secret ${rules}`)
  const lines = [
    'bind 127.0.0.1',
    `dir ${folder}`,
    'save ""',
    `appendonly ${options.persist === false ? 'no' : 'yes'}`,
    // A test's data need not survive a power cut.
    'appendfsync no',
    ...(ca === null
      ? [`port ${port}`]
      : [
          'port 0',
          `tls-port ${port}`,
          `tls-cert-file ${join(folder, 'server.crt')}`,
          `tls-key-file ${join(folder, 'server.key')}`,
          `tls-ca-cert-file ${ca}`,
          'tls-auth-clients no',
        ]),
    ...(options.password === undefined ? [] : [`requirepass ${JSON.stringify(options.password)}`]),
    ...users,
    ...Object.entries(options.config ?? {}).map(([key, value]) => `${key} ${value}`),
  ]
  writeFileSync(join(folder, 'redis.conf'), `${lines.join('\n')}\n`)
  const server = startProcess('redis-server', [join(folder, 'redis.conf')])
  const [word] = await server.said(/Ready to accept connections|Address already in use/)
  if (word.startsWith('Ready')) return server
  await server.ended
  return null
}

async function certificate(folder: string): Promise<string> {
  const file = (name: string) => join(folder, name)
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const ca = ['req', '-x509', ...ec, '-keyout', file('ca.key'), '-out', file('ca.crt'), '-subj', '/CN=Unjam test CA']
  await run('openssl', ca)
  await run('openssl', ['req', ...ec, '-keyout', file('server.key'), '-out', file('server.csr'), '-subj', '/CN=redis'])
  writeFileSync(file('san.cnf'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
  const signing = ['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial', '-extfile', file('san.cnf')]
  await run('openssl', [
    'x509',
    '-req',
    '-in',
    file('server.csr'),
    ...signing,
    '-days',
    '2',
    '-out',
    file('server.crt'),
  ])
  return file('ca.crt')
}
