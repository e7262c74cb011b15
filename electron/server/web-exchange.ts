// Node's request and response objects as the web's Request and Response, so that both hosts share their handlers.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import type { Failure, FailureKind } from '../contract/failure.ts'

/** Answers one request; the body streams both ways. */
export type Handle = (request: Request) => Promise<Response>

/** A request that cannot be read as one; its message is the answer. */
export class BadRequest extends Error {}

/** The methods that some address of ours has; a web Request does not take every other one. */
const METHODS = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']

/** `request` with its body as a stream; its signal aborts when the client goes away. @throws BadRequest */
export function toRequest(request: IncomingMessage, response: ServerResponse, origin: string): Request {
  const gone = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(new Error('the client went away'))
  })
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  const method = request.method ?? 'GET'
  if (!METHODS.includes(method)) throw new BadRequest('Unsupported method.')
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return new Request(urlOf(request.url ?? '/', origin), {
    method,
    headers,
    signal: gone.signal,
    ...(hasBody ? { body: Readable.toWeb(request) as unknown as ReadableStream, duplex: 'half' } : {}),
  } as RequestInit)
}

/** Joined, not resolved: `//` and `//host/path` are paths here, and never the address of another host. */
function urlOf(path: string, origin: string): string {
  const url = `${origin}${path}`
  if (!path.startsWith('/') || !URL.canParse(url)) throw new BadRequest('Invalid address.')
  return url
}

/** Writes `answer` out; a client that leaves early ends the body's source, too. */
export async function send(answer: Response, response: ServerResponse): Promise<void> {
  const headers: Record<string, string | string[]> = Object.fromEntries(answer.headers)
  const cookies = answer.headers.getSetCookie()
  if (cookies.length > 0) headers['set-cookie'] = cookies
  response.writeHead(answer.status, headers)
  if (answer.body === null) {
    response.end()
    return
  }
  await pipeline(Readable.fromWeb(answer.body as unknown as NodeStream), response)
}

/** A stream of a web body as Node reads it. */
export function nodeBody(request: Request): Readable {
  return request.body === null ? Readable.from([]) : Readable.fromWeb(request.body as unknown as NodeStream)
}

/** A plain sentence for a person or a script. */
export function plain(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers } })
}

const statusOf: Record<FailureKind, number> = {
  unreachable: 503,
  refused: 403,
  timeout: 504,
  missing: 404,
  invalid: 400,
  stale: 409,
  busy: 409,
  unsupported: 422,
  bug: 500,
}

/** `{ failure }` with the status that fits its kind. */
export function failureResponse(failure: Failure): Response {
  return Response.json({ failure }, { status: statusOf[failure.kind] })
}
