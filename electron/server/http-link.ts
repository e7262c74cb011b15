// The host for browsers and scripts: one loopback port with the interface, WebSocket RPC, OpenAPI, files and recordings.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { WebSocketServer } from 'ws'
import type { Api } from '../core/api.ts'
import { answerRequests, HEADERS_MS, pathOf, refuseUpgrade } from './answer-request.ts'
import { type BrowserSessions, browserSessions } from './browser-session.ts'
import { localCaller } from './caller.ts'
import { MAX_MESSAGE } from './envelope.ts'
import { fileRoutes, pageRoutes } from './file-routes.ts'
import { type Access, accessOf, changesState, hostAllowed, originAllowed, requireLoopback } from './http-guards.ts'
import { listen } from './listen.ts'
import { apiDescription, openApi } from './openapi.ts'
import type { Router } from './router.ts'
import type { ServerLog } from './server-log.ts'
import { bounce, signIn, signInNeeded } from './sign-in.ts'
import { serveSocket } from './socket-link.ts'
import { secured } from './static-files.ts'
import { type Handle, plain, send, toRequest } from './web-exchange.ts'

export interface HttpOptions {
  readonly api: Api
  readonly router: Router
  /** Folder of the built renderer. */
  readonly assets: string
  /** Bearer token of /api, of WebSocket scripts, and for asking for another link. */
  readonly token: string
  /** 127.0.0.1 unless told; anything but this machine is refused with a FailureError. */
  readonly host?: string
  /** null or absent: the usual port, or the next free one with a notice. A number: that port or a FailureError. */
  readonly port?: number | null
  readonly log: ServerLog
}
export interface HttpLink {
  /** A one-time link: the first browser that opens it is signed in. */
  readonly url: string
  readonly port: number
  /** Another one-time link, for another browser. */
  link(): string
  /** What to tell the person, when the usual port was taken. */
  readonly notice: string | null
  close(): Promise<void>
}

export async function serveHttp(options: HttpOptions): Promise<HttpLink> {
  const { router, token, log } = options
  const host = options.host ?? '127.0.0.1'
  requireLoopback(host)
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE })
  // An upload may take longer than Node's five minutes; headers still have to come within one.
  const server = createServer({ requestTimeout: 0, headersTimeout: HEADERS_MS })
  const { port, notice } = await listen(server, host, options.port ?? null)
  if (notice !== null) log.warn('http', notice)

  const origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const sessions = browserSessions(token, port)
  // Always random: the link is printed, and a token that was chosen opens /api for as long as it is used.
  const link = () => `${origin}/?token=${encodeURIComponent(sessions.issue())}`
  const answer = httpRoutes(options, origin, sessions, link)

  answerRequests(server, 'http', log, {
    async answer(request, response) {
      const access = accessOf(request, token, sessions)
      const refusal = refuse(request, access, host, port)
      await (refusal === null ? answer(request, response, access) : send(secured(refusal), response))
    },
    upgrade(request, socket, head) {
      const access = accessOf(request, token, sessions)
      const allowed = hostAllowed(request, host, port) && originAllowed(request, access, true)
      if (!allowed || access === null || pathOf(request) !== '/rpc')
        return refuseUpgrade(socket, allowed ? '401 Unauthorized' : '403 Forbidden')
      sockets.handleUpgrade(request, socket, head, (client) => serveSocket(router, client, localCaller(access), log))
    },
  })

  return {
    url: link(),
    port,
    link: () => link(),
    notice,
    close: () =>
      new Promise((closed) => {
        for (const client of sockets.clients) client.terminate()
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

type Answer = (request: IncomingMessage, response: ServerResponse, access: Access) => Promise<void>

function httpRoutes(options: HttpOptions, origin: string, sessions: BrowserSessions, link: () => string): Answer {
  const { api, router, assets, log } = options
  const procedures = openApi(router)
  const description = apiDescription(api.machine.info().version)
  const pages: Handle = pageRoutes(assets, fileRoutes(api, log))
  const notFound = () => plain(404, 'There is nothing at this address.')

  async function script(request: IncomingMessage, response: ServerResponse, access: Access): Promise<void> {
    const path = pathOf(request)
    if (access !== 'api') {
      const answer = plain(401, 'This address needs the header "Authorization: Bearer TOKEN".')
      answer.headers.set('www-authenticate', 'Bearer')
      return send(secured(answer), response)
    }
    if (path === '/link')
      return send(secured(request.method === 'POST' ? Response.json({ url: link() }) : notFound()), response)
    if (path === '/api/openapi.json') return send(secured(Response.json(await description())), response)
    if (!(await procedures(request, response, localCaller('api')))) await send(secured(notFound()), response)
  }

  return async (request, response, access) => {
    const path = pathOf(request)
    if (path === '/link' || path === '/api' || path.startsWith('/api/')) return script(request, response, access)
    const signedIn = signIn(request, sessions, access)
    if (signedIn !== null) return send(secured(signedIn), response)
    if (access === null) return send(secured(bounce(request) ?? signInNeeded()), response)
    await send(await pages(toRequest(request, response, origin)), response)
  }
}

function refuse(request: IncomingMessage, access: Access, host: string, port: number): Response | null {
  if (!hostAllowed(request, host, port)) return plain(421, 'Unjam does not answer to this host name.')
  if (!originAllowed(request, access, changesState(request)))
    return plain(403, 'Unjam does not take requests from other pages.')
  return null
}
