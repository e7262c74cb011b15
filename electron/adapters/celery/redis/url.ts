// A Redis URL as Celery writes it → how ioredis connects: user and password decoded, database, TLS from Python's options.
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { FailureError } from '../../../contract/failure.ts'
import { ENCODE_PASSWORD, encodeUserinfo } from '../../../contract/secrets/encode-userinfo.ts'
import { maskUrl } from '../../../contract/secrets/url-display.ts'
import type { CelerySettings } from '../../../contract/settings.ts'

export interface RedisAddress {
  /** The URL without its password, for every message. */
  readonly on: string
  readonly host: string
  readonly port: number
  /** A unix socket; host and port mean nothing then. */
  readonly path: string | null
  readonly db: number
  readonly username: string | null
  readonly password: string | null
  readonly tls: ConnectionOptions | null
}

/** @throws FailureError `invalid` for a URL that cannot be used, `missing` for a certificate file that is not there. */
export function readRedisUrl(url: string, tls: CelerySettings['tls']): RedisAddress {
  const on = maskUrl(url)
  const wrong = (because: string, remedy: string) =>
    new FailureError({ kind: 'invalid', tried: 'Read the Redis URL', on, because, remedy })
  const form =
    'Write it as redis://host:port/database, with user:password@ before the host where needed; rediss:// for TLS.'
  const given = parsed(encodeUserinfo(url))
  if (given === null) throw wrong('it is not a URL', `${form} ${ENCODE_PASSWORD}`)
  const scheme = given.protocol.slice(0, -1)
  const socket = scheme === 'redis+socket' || scheme === 'unix'
  if (!socket && scheme !== 'redis' && scheme !== 'rediss') throw wrong(`"${scheme}" is not a way to a Redis`, form)
  const options = given.searchParams
  const number = (socket ? options.get('virtual_host') : given.pathname.replace(/^\//, '')) || options.get('db') || '0'
  if (!/^\d{1,6}$/.test(number)) throw wrong(`"${number}" is not the number of a database`, form)
  const host = given.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1'
  return {
    on,
    host,
    port: given.port === '' ? 6379 : Number(given.port),
    path: socket ? decoded(given.pathname) : null,
    db: Number(number),
    username: given.username === '' ? null : decoded(given.username),
    // Python reads `redis://:pw@host` and `redis://host?password=pw` alike.
    password: given.password === '' ? options.get('password') : decoded(given.password),
    tls: scheme === 'rediss' ? tlsOf(host, options, tls, on) : null,
  }
}

function parsed(url: string): URL | null {
  try {
    return new URL(url)
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}

/** A stray % is a character of the password, not an error. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escaped) => Buffer.from(escaped.replaceAll('%', ''), 'hex').toString())
}

/** redis-py's options in the URL, overruled by the settings: its paths are those of the worker's container. */
function tlsOf(host: string, options: URLSearchParams, settings: CelerySettings['tls'], on: string): ConnectionOptions {
  const required = !/^(cert_)?none$/i.test(options.get('ssl_cert_reqs') ?? 'required')
  const ca = settings?.ca ?? options.get('ssl_ca_certs') ?? options.get('ssl_ca_path')
  const cert = options.get('ssl_certfile')
  const key = options.get('ssl_keyfile')
  const verified = settings?.rejectUnauthorized ?? required
  return {
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: verified,
    // Without verification a CA has no effect; a path inside the container must not be an error then.
    ...(ca !== null && verified ? { ca: certificate(ca, on) } : {}),
    ...(cert !== null ? { cert: certificate(cert, on) } : {}),
    ...(key !== null ? { key: certificate(key, on) } : {}),
    ...(options.get('ssl_check_hostname')?.toLowerCase() === 'false' ? { checkServerIdentity: () => undefined } : {}),
  }
}

function certificate(path: string, on: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new FailureError(
      {
        kind: 'missing',
        tried: `Read the certificate ${path}`,
        on,
        because: 'the file cannot be read on this machine',
        remedy: 'Name a copy of it as celery.tls.ca in the settings.',
      },
      { cause: error },
    )
  }
}
