// The few answers a browser gets before it is signed in.
import type { IncomingMessage } from 'node:http'
import type { BrowserSessions } from './browser-session.ts'
import type { Access } from './http-guards.ts'
import { plain } from './web-exchange.ts'

/** `/?token=…`: sets the cookie and leads to an address without the token; null for any other request. */
export function signIn(request: IncomingMessage, sessions: BrowserSessions, access: Access): Response | null {
  const [path, query = ''] = (request.url ?? '/').split('?', 2)
  const token = new URLSearchParams(query).get('token')
  if (request.method !== 'GET' || path !== '/' || token === null) return null
  const cookie = sessions.redeem(token)
  if (cookie === null && access === null)
    return plain(
      403,
      'This link has been used already, or Unjam was started anew since. Each link signs in one browser.',
    )
  const headers = new Headers({ location: '/', 'cache-control': 'no-store' })
  if (cookie !== null) headers.set('set-cookie', cookie)
  return new Response(null, { status: 303, headers })
}

/**
 * A link clicked on another site comes without our SameSite=Strict cookie even when there is one. This page asks
 * again from our own origin, once: the second request is no longer cross-site.
 */
export function bounce(request: IncomingMessage): Response | null {
  const crossSite = request.headers['sec-fetch-site'] === 'cross-site'
  if (request.method !== 'GET' || !crossSite || request.headers['sec-fetch-mode'] !== 'navigate') return null
  const page = '<!doctype html><html lang="en"><meta http-equiv="refresh" content="0"><title>Unjam</title></html>'
  return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' } })
}

export function signInNeeded(): Response {
  return plain(
    401,
    'This browser is not signed in to Unjam. Open the link that "unjam serve" prints; each link signs in one browser.',
    { 'cache-control': 'no-store' },
  )
}
