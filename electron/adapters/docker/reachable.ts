// Addresses inside a compose network, as this machine reaches them: through published ports.
import { encodeUserinfo } from '../../contract/secrets/encode-userinfo.ts'
import type { Container } from './container.ts'
import type { Endpoint } from './endpoint.ts'

export type Reached = { readonly url: string } | { readonly missing: string }

/** Default ports of what a stack's URLs name. */
const PORTS: Readonly<Record<string, string>> = {
  'postgresql:': '5432',
  'postgres:': '5432',
  'redis:': '6379',
  'rediss:': '6379',
}

/** A URL of a container's environment with host and port of the published port; what is not the stack's own stays as it is. */
export function reachable(written: string, containers: readonly Container[], engine: Endpoint): Reached {
  const text = encodeUserinfo(withoutDriver(written))
  const url = URL.parse(text)
  if (url === null || url.hostname === '') return { missing: 'its address cannot be read' }
  // Docker Desktop's name for the machine it runs on.
  if (url.hostname === 'host.docker.internal') return { url: withHost(text, url, hostOf(engine), url.port) }
  const container = containers.find((one) => namesOf(one).includes(url.hostname))
  if (container === undefined) return { url: text }
  const port = url.port || PORTS[url.protocol] || ''
  const published = publishedPort(container, port, engine)
  if (published !== null) return { url: withHost(text, url, hostOf(engine), published) }
  const { service } = container.compose
  return {
    missing: `${service} is not published to this machine: give it ports: ["127.0.0.1:${port}:${port}"] in the compose file`,
  }
}

/** The port of this container on the engine's machine; null when none can be reached from here. */
export function publishedPort({ inspect }: Container, port: string, engine: Endpoint): string | null {
  const bindings = inspect.NetworkSettings.Ports?.[`${port}/tcp`] ?? []
  // What an engine elsewhere publishes on its own loopback does not leave it.
  return bindings.find(({ HostIp }) => isHere(engine) || !isLoopback(HostIp))?.HostPort ?? null
}

export function hostOf(engine: Endpoint): string {
  return engine.kind === 'socket' ? '127.0.0.1' : engine.host
}

/** On this machine, or forwarded to it. */
export function isHere(engine: Endpoint): boolean {
  return engine.kind === 'socket' || isLoopback(engine.host)
}

function namesOf({ name, compose, inspect }: Container): string[] {
  const aliases = Object.values(inspect.NetworkSettings.Networks ?? {}).flatMap(
    ({ Aliases }) => (Aliases as string[] | null) ?? [],
  )
  return [compose.service, name, inspect.Config.Hostname, ...aliases]
}

/** `postgresql+psycopg2://` is SQLAlchemy's; the driver is Python's business. */
function withoutDriver(text: string): string {
  return text.replace(/^(\w+)\+\w+:\/\//, '$1://')
}

/** Replaced in the text: a URL written again by the parser would encode the password another way. */
function withHost(text: string, url: URL, host: string, port: string): string {
  const named = url.username !== '' || url.password !== ''
  const before = named ? text.slice(0, text.lastIndexOf('@') + 1) : `${url.protocol}//`
  const after = text.slice(before.length).replace(/^[^/?#]*/, '')
  return `${before}${host}${port === '' ? '' : `:${port}`}${after}`
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
