// Who may ask what over HTTP: loopback hosts only, our own origin only, a session or a bearer token.
import type { IncomingMessage } from 'node:http'
import { isIPv4 } from 'node:net'
import { FailureError } from '../contract/failure.ts'
import { type BrowserSessions, sameSecret } from './browser-session.ts'

/** How a request proved that it may ask; null when it did not. */
export type Access = 'browser' | 'api' | null

/** Throws a FailureError unless `host` is this machine only. */
export function requireLoopback(host: string): void {
  if (host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))) return
  throw new FailureError({
    kind: 'refused',
    tried: 'Serve the interface',
    on: host,
    because: 'Unjam only listens on this machine itself (127.0.0.1, ::1, localhost)',
    remedy: 'To use it from another machine, forward the port over SSH.',
  })
}

/** Host allow-list: what stops a foreign name that resolves to 127.0.0.1 (DNS rebinding). */
export function hostAllowed(request: IncomingMessage, host: string, port: number): boolean {
  const names = new Set([host.includes(':') ? `[${host}]` : host, '127.0.0.1', 'localhost', '[::1]'])
  return [...names].some((name) => request.headers.host === `${name}:${port}`)
}

/** The origin a page of ours has when it sent this request. */
export function ownOrigin(request: IncomingMessage): string {
  return `http://${request.headers.host ?? ''}`
}

/**
 * Whether the Origin header allows the request. A page elsewhere always sends its own; a script sends none, which is
 * only good enough when it shows a bearer token, for then no browser added anything on its own.
 */
export function originAllowed(request: IncomingMessage, access: Access, changes: boolean): boolean {
  const { origin } = request.headers
  if (origin !== undefined) return origin === ownOrigin(request)
  return !changes || access === 'api'
}

export function changesState(request: IncomingMessage): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(request.method ?? '')
}

/** By `Authorization: Bearer`, by the `bearer.<token>` sub-protocol of a WebSocket, or by the session cookie. */
export function accessOf(request: IncomingMessage, token: string, sessions: BrowserSessions | null): Access {
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? subProtocol(request, 'bearer')
  if (bearer !== null && sameSecret(bearer, token)) return 'api'
  return sessions?.holds(request.headers.cookie) ? 'browser' : null
}

/** The value of an offered sub-protocol `name.value`; a browser cannot set any other header on a WebSocket. */
export function subProtocol(request: IncomingMessage, name: string): string | null {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim())
  return offered.find((one) => one.startsWith(`${name}.`))?.slice(name.length + 1) ?? null
}
