// One HTTP request answered whatever it is: no address, header or body of a peer may end the process or stay unanswered.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ServerLog } from './server-log.ts'
import { BadRequest, plain, send } from './web-exchange.ts'

/** A stalled or endless header is not waited for longer than this (Node checks every 30 s). */
export const HEADERS_MS = 60_000

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>
type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** `answer` and `upgrade` may throw; `where` is the name of the link in the log. */
export function answerRequests(
  server: Server,
  where: string,
  log: ServerLog,
  { answer, upgrade }: { readonly answer: Answer; readonly upgrade: Upgrade },
): void {
  server.on('request', (request, response) => {
    // The peer may leave at any moment; what was sent then is lost and nothing more.
    response.on('error', () => undefined)
    // Async, so that what is thrown before the first await is a rejection as well.
    const answered = (async () => answer(request, response))()
    answered.catch((error: unknown) => failed(error, request, response, where, log))
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A socket that breaks before it is upgraded has no other listener.
    socket.on('error', (error) => log.info(where, 'A connection was closed before it was upgraded.', error))
    try {
      upgrade(request, socket, head)
    } catch (error) {
      log.warn(where, 'A connection could not be upgraded.', error)
      socket.destroy()
    }
  })
  // After it listens: no file descriptor is left for the next connection, for example.
  server.on('error', (error) => log.warn(where, 'A connection could not be accepted.', error))
}

/** Refuses an upgrade; the socket has left Node's time limits and must not stay open. */
export function refuseUpgrade(socket: Duplex, status: '401 Unauthorized' | '403 Forbidden'): void {
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`)
}

function failed(error: unknown, request: IncomingMessage, response: ServerResponse, where: string, log: ServerLog) {
  if (response.destroyed) return
  const bad = error instanceof BadRequest
  if (!bad) log.warn(where, `${request.method} ${pathOf(request)} failed.`, error)
  if (response.headersSent) {
    response.destroy()
    return
  }
  const answer = bad ? plain(400, error.message) : plain(500, 'The request failed; the details are in the log.')
  answer.headers.set('connection', 'close')
  send(answer, response).catch(() => response.destroy())
}

/** Without the query, which may hold a token. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/'
}
