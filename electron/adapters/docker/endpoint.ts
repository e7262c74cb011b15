// Where the engine is: settings → DOCKER_HOST → DOCKER_CONTEXT → current context → the usual pipes and sockets.
import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { FailureError } from '../../contract/failure.ts'
import { maskUrl } from '../../contract/secrets/url-display.ts'
import { type Context, currentContext, readContexts } from './context.ts'

/** How an engine is reached. `ca`, `cert`, `key` are the PEM texts; `folder` is where the compose CLI finds them. */
export type Endpoint =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: Certificates | null }
  | { readonly kind: 'ssh'; readonly host: string; readonly port: number; readonly user: string }

export interface Certificates {
  readonly folder: string | null
  readonly ca: string | null
  readonly cert: string | null
  readonly key: string | null
  readonly verify: boolean
}

export interface Resolved {
  /** As the docker CLI would write it: `npipe:////./pipe/docker_engine`, `tcp://10.0.0.5:2376`. */
  readonly url: string
  /** "settings", "DOCKER_HOST", "context desktop-linux", "found on this machine". */
  readonly from: string
  readonly endpoint: Endpoint
}

/** The machine it is looked for on; tests have their own. */
export interface Machine {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly platform: NodeJS.Platform
}
export const thisMachine = (): Machine => ({ environment: process.env, home: homedir(), platform: process.platform })

const TRIED = 'Find the Docker engine'
const PROBE_MS = 1500

/** @param setting an endpoint (npipe://, unix://, tcp://, ssh://), `context:NAME`, or null: as the docker CLI finds it. */
export async function resolveEndpoint(setting: string | null, machine = thisMachine()): Promise<Resolved> {
  const { environment } = machine
  const certificates = environment.DOCKER_CERT_PATH ?? null
  const wanted = environment.DOCKER_TLS_VERIFY
  const byHost = (host: string, from: string): Resolved =>
    parse(host, from, certificates ?? dockerFolder(machine), certificates !== null || !empty(wanted), true)
  if (setting !== null && setting !== '') {
    if (setting.startsWith('context:')) return byContext(setting.slice('context:'.length), 'settings', machine)
    return byHost(setting, 'settings')
  }
  if (!empty(environment.DOCKER_HOST)) return byHost(environment.DOCKER_HOST ?? '', 'DOCKER_HOST')
  const named = environment.DOCKER_CONTEXT || currentContext(dockerFolder(machine))
  if (named !== null && named !== 'default')
    return byContext(named, environment.DOCKER_CONTEXT === named ? 'DOCKER_CONTEXT' : 'current context', machine)
  return probe(machine)
}

function byContext(name: string, from: string, machine: Machine): Resolved {
  const { contexts, unreadable } = readContexts(dockerFolder(machine))
  const context: Context | undefined = contexts.find((one) => one.name === name)
  if (context !== undefined)
    return parse(
      context.host,
      `context ${name}`,
      context.certificates,
      context.certificates !== null,
      !context.skipVerify,
    )
  const known = contexts.map((one) => one.name).join(', ')
  const damaged = unreadable.length === 0 ? '' : `; ${unreadable.join(', ')} cannot be read`
  throw new FailureError({
    kind: 'missing',
    tried: TRIED,
    on: `context:${name}`,
    because: `no Docker context has the name that the ${from} ${from === 'settings' ? 'give' : 'gives'}${damaged}`,
    remedy: known === '' ? 'docker context ls shows those that exist.' : `These exist: ${known}.`,
  })
}

/** The usual places of this platform; the first that answers, else the one that says most about why not. */
async function probe({ environment, home, platform }: Machine): Promise<Resolved> {
  const runtime = environment.XDG_RUNTIME_DIR
  const places =
    platform === 'win32'
      ? ['//./pipe/docker_engine', '//./pipe/dockerDesktopLinuxEngine', '//./pipe/docker_engine_linux']
      : [
          '/var/run/docker.sock',
          join(home, '.docker/run/docker.sock'),
          ...(empty(runtime) ? [] : [`${runtime}/docker.sock`]),
        ]
  const scheme = platform === 'win32' ? 'npipe' : 'unix'
  const answers = await Promise.all(places.map(async (path) => ({ path, error: await knock(path) })))
  // One that exists but may not be opened says more than one that is not there.
  const best =
    answers.find(({ error }) => error === null) ?? answers.find(({ error }) => error !== 'ENOENT') ?? answers[0]
  const path = best?.path ?? ''
  const from = best?.error === null ? 'found on this machine' : `none of ${places.join(', ')} answers`
  return { url: `${scheme}://${path}`, from, endpoint: { kind: 'socket', path } }
}

/** null when something accepts the connection, else the error's code. */
function knock(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const end = (answer: string | null) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(PROBE_MS, () => end('ETIMEDOUT'))
    socket.once('connect', () => end(null))
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}

function parse(host: string, from: string, folder: string | null, secured: boolean, verify: boolean): Resolved {
  const bad = (because: string, remedy: string) =>
    new FailureError({ kind: 'invalid', tried: TRIED, on: maskUrl(host), because, remedy })
  const socket = /^(?:unix|npipe):\/\/(.*)$/.exec(host)?.[1]
  if (socket !== undefined) {
    if (socket === '') throw bad('it names no path', 'For example npipe:////./pipe/docker_engine.')
    return { url: host, from, endpoint: { kind: 'socket', path: socket } }
  }
  const url = URL.parse(host.includes('://') ? host : `tcp://${host}`)
  if (url === null || url.hostname === '' || !['tcp:', 'ssh:', 'http:', 'https:'].includes(url.protocol))
    throw bad(
      'it is not an address of a Docker engine',
      'It begins with npipe://, unix://, tcp:// or ssh://, or is context:NAME.',
    )
  const name = url.hostname.replace(/^\[|\]$/g, '')
  if (url.protocol === 'ssh:') {
    if (url.password !== '') throw bad('it has a password in it', 'SSH works by key or agent; take the password out.')
    const user = url.username === '' ? (process.env.USERNAME ?? process.env.USER ?? 'root') : url.username
    return { url: host, from, endpoint: { kind: 'ssh', host: name, port: Number(url.port || 22), user } }
  }
  const tls = secured || url.protocol === 'https:' || url.port === '2376'
  if (!tls && !loopback(name))
    throw new FailureError({
      kind: 'refused',
      tried: TRIED,
      on: maskUrl(host),
      because: 'it is an engine on another machine without TLS: whoever can reach that port owns that machine',
      remedy: 'Use ssh://user@host, or TLS on port 2376 with certificates in DOCKER_CERT_PATH or a context.',
    })
  const port = Number(url.port || (tls ? 2376 : 2375))
  return {
    url: `tcp://${url.hostname}:${port}`,
    from,
    endpoint: { kind: 'tcp', host: name, port, tls: tls ? certificatesIn(folder, verify) : null },
  }
}

function certificatesIn(folder: string | null, verify: boolean): Certificates {
  const read = (name: string): string | null => {
    const file = folder === null ? null : join(folder, name)
    return file !== null && existsSync(file) ? readFileSync(file, 'utf8') : null
  }
  return { folder, ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem'), verify }
}

function loopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function dockerFolder({ environment, home }: Machine): string {
  return environment.DOCKER_CONFIG || join(home, '.docker')
}

function empty(value: string | undefined): boolean {
  return value === undefined || value === ''
}
