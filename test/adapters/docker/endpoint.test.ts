// Where the engine is looked for, in the order of the docker command; what is refused, and what known_hosts decides.
import { createHash, createHmac } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Machine, resolveEndpoint } from '../../../electron/adapters/docker/endpoint.ts'
import { knownKeys } from '../../../electron/adapters/docker/known-hosts.ts'
import { hereAs } from '../../../electron/adapters/docker/labels.ts'
import { failureOf } from '../../support/acting.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const folder = temporaryFolder()
const servers: Server[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
  folder.remove()
})

const hash = (name: string) => createHash('sha256').update(name).digest('hex')

function machine(
  environment: Record<string, string> = {},
  contexts: Record<string, object> = {},
  current?: string,
): Machine {
  const home = folder.path()
  const docker = join(home, '.docker')
  mkdirSync(docker)
  if (current !== undefined) writeFileSync(join(docker, 'config.json'), JSON.stringify({ currentContext: current }))
  for (const [name, endpoint] of Object.entries(contexts)) {
    const meta = join(docker, 'contexts/meta', hash(name))
    mkdirSync(meta, { recursive: true })
    writeFileSync(
      join(meta, 'meta.json'),
      JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker: endpoint } }),
    )
  }
  return { environment, home, platform: 'linux' }
}
function certificates(where: string): void {
  mkdirSync(where, { recursive: true })
  for (const name of ['ca', 'cert', 'key']) writeFileSync(join(where, `${name}.pem`), name.toUpperCase())
}

describe('order', () => {
  const contexts = { far: { Host: 'unix:///far.sock' }, desk: { Host: 'npipe:////./pipe/dockerDesktopLinuxEngine' } }
  const both = { DOCKER_HOST: 'unix:///env.sock', DOCKER_CONTEXT: 'far' }
  it.each([
    ['unix:///own.sock', both, 'unix:///own.sock', 'settings'],
    ['context:desk', both, 'npipe:////./pipe/dockerDesktopLinuxEngine', 'context desk'],
    [null, both, 'unix:///env.sock', 'DOCKER_HOST'],
    [null, { DOCKER_CONTEXT: 'far' }, 'unix:///far.sock', 'context far'],
    [null, {}, 'npipe:////./pipe/dockerDesktopLinuxEngine', 'context desk'],
  ])('setting %s, environment %o → %s', async (setting, environment, url, from) => {
    expect(await resolveEndpoint(setting, machine(environment, contexts, 'desk'))).toMatchObject({ url, from })
  })

  it('then the usual places: the first that answers', async () => {
    const here = machine({}, {}, 'default')
    const path = join(here.home, '.docker/run/docker.sock')
    mkdirSync(join(here.home, '.docker/run'))
    const server = createServer().listen(path)
    servers.push(server)
    const { url, from } = await resolveEndpoint(null, here)
    // A machine of the tests may run Docker itself.
    if (url !== 'unix:///var/run/docker.sock') expect([url, from]).toEqual([`unix://${path}`, 'found on this machine'])
  })

  it('none answers: the address of the first, and all that were asked', async () => {
    const { from } = await resolveEndpoint(null, { ...machine(), platform: 'win32' })
    expect(from).toBe(
      'none of //./pipe/docker_engine, //./pipe/dockerDesktopLinuxEngine, //./pipe/docker_engine_linux answers',
    )
  })
})

describe('contexts', () => {
  it('a damaged one does not hide the others, and is named where it matters', async () => {
    const here = machine({}, { far: { Host: 'unix:///far.sock' }, odd: { Host: 5 } })
    const damaged = join(here.home, '.docker/contexts/meta', hash('bad'))
    mkdirSync(damaged)
    writeFileSync(join(damaged, 'meta.json'), '{"Name":')
    expect((await resolveEndpoint('context:far', here)).url).toBe('unix:///far.sock')
    const failure = await failureOf(resolveEndpoint('context:bad', here))
    expect(failure).toMatchObject({ kind: 'missing', remedy: 'These exist: far.' })
    expect(failure.because).toContain(`${damaged}/meta.json`)
    expect(failure.because).toContain('cannot be read')
  })

  it('brings its certificates, and its wish not to verify', async () => {
    const here = machine({}, { tls: { Host: 'tcp://10.0.0.5:2376', SkipTLSVerify: true } })
    const where = join(here.home, '.docker/contexts/tls', hash('tls'), 'docker')
    certificates(where)
    expect((await resolveEndpoint('context:tls', here)).endpoint).toEqual({
      ...{ kind: 'tcp', host: '10.0.0.5', port: 2376 },
      tls: { folder: where, ca: 'CA', cert: 'CERT', key: 'KEY', verify: false },
    })
  })
})

describe('addresses', () => {
  it.each([
    ['npipe:////./pipe/docker_engine', { kind: 'socket', path: '//./pipe/docker_engine' }],
    ['tcp://127.0.0.1', { kind: 'tcp', host: '127.0.0.1', port: 2375, tls: null }],
    ['tcp://[::1]:2375', { kind: 'tcp', host: '::1', port: 2375, tls: null }],
    ['localhost:2375', { kind: 'tcp', host: 'localhost', port: 2375, tls: null }],
    ['ssh://admin@docker-vm', { kind: 'ssh', host: 'docker-vm', port: 22, user: 'admin' }],
    ['ssh://admin@docker-vm:2222', { kind: 'ssh', host: 'docker-vm', port: 2222, user: 'admin' }],
  ])('%s', async (host, endpoint) => {
    expect((await resolveEndpoint(host, machine())).endpoint).toEqual(endpoint)
  })

  it('TLS by port 2376, with the certificates of DOCKER_CERT_PATH', async () => {
    const where = join(folder.path(), 'certs')
    certificates(where)
    const { endpoint } = await resolveEndpoint('tcp://10.0.0.5:2376', machine({ DOCKER_CERT_PATH: where }))
    expect(endpoint).toMatchObject({ port: 2376, tls: { ca: 'CA', verify: true, folder: where } })
  })

  it.each([
    ['tcp://10.0.0.5:2375', 'refused', 'an engine on another machine without TLS'],
    ['tcp://docker-vm', 'refused', 'an engine on another machine without TLS'],
    ['tcp://127.0.0.1.evil.example:2375', 'refused', 'an engine on another machine without TLS'],
    ['ftp://x', 'invalid', 'not an address of a Docker engine'],
    ['unix://', 'invalid', 'it names no path'],
    ['ssh://me:secret@vm', 'invalid', 'it has a password in it'],
  ])('%s is %s', async (host, kind, because) => {
    const failure = await failureOf(resolveEndpoint(host, machine()))
    expect(failure).toMatchObject({ kind, because: expect.stringContaining(because) })
    expect(JSON.stringify(failure)).not.toContain('secret')
  })
})

describe('known_hosts', () => {
  const salt = Buffer.from('12345678901234567890')
  const hashed = (name: string) =>
    `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`
  const text = [
    '# comment',
    '',
    'vm,10.0.0.5 ssh-ed25519 PLAIN admin@desk',
    `${hashed('[vm]:2222')} ssh-rsa HASHED`,
    '@revoked vm ssh-rsa OLD',
    'vm ssh-rsa OLD',
    'other ssh-rsa OTHER',
  ].join('\r\n')
  it.each([
    ['vm', 22, ['PLAIN']],
    ['10.0.0.5', 22, ['PLAIN']],
    ['vm', 2222, ['HASHED']],
    ['nobody', 22, []],
  ] as const)('%s:%i', (host, port, keys) => {
    expect([...knownKeys(text, host, port)]).toEqual(keys)
  })
})

describe('paths of the machine that ran compose', () => {
  const here =
    (...paths: string[]) =>
    (path: string) =>
      paths.includes(path)
  it.each([
    ['/mnt/c/app/.env', 'win32', ['C:\\app\\.env'], [], 'C:\\app\\.env'],
    [
      '/home/me/app',
      'win32',
      ['\\\\wsl.localhost\\Ubuntu\\home\\me\\app'],
      ['Debian', 'Ubuntu'],
      '\\\\wsl.localhost\\Ubuntu\\home\\me\\app',
    ],
    ['/home/me/app', 'win32', [], ['Ubuntu'], null],
    ['C:\\app', 'win32', ['C:\\app'], [], 'C:\\app'],
    ['/run/desktop/mnt/host/d/calls', 'win32', ['D:\\calls'], [], 'D:\\calls'],
    ['/host_mnt/c/app', 'win32', ['C:\\app'], [], 'C:\\app'],
    ['/host_mnt/Users/me/app', 'darwin', ['/Users/me/app'], [], '/Users/me/app'],
    ['/srv/app', 'linux', ['/srv/app'], [], '/srv/app'],
    ['/srv/app', 'linux', [], [], null],
  ] as const)('%s on %s', (path, platform, exist, distributions, result) => {
    expect(hereAs(path, platform, here(...exist), distributions)).toBe(result)
  })
})
