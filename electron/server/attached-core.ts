// A core that runs in another process: its client, its files, and a line for each window.
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { WebSocket } from 'ws'
import { FailureError } from '../contract/failure.ts'
import type { Contract } from '../contract/procedures.ts'
import { callRules } from './call-rules.ts'
import { isAbort } from './envelope.ts'
import { type EmitterPort, guardPort } from './guard-port.ts'
import type { ServerLog } from './server-log.ts'
import { type Handle, nodeBody } from './web-exchange.ts'

/** Local, so a core that is alive answers at once, even on a machine that transcribes on every core. */
const HANDSHAKE_MS = 5000

export type Client = ContractRouterClient<Contract>

export interface Attached {
  /** Every call has a deadline; failures are FailureErrors. */
  readonly client: Client
  /** /files and /media of that core. */
  readonly files: Handle
  /** Carries a window's port to that core, message by message; it gets a connection of its own. */
  relay(port: EmitterPort, log: ServerLog): Promise<void>
  /** Resolves when that core is gone or `close` was called. */
  readonly closed: Promise<void>
  close(): void
}

/** null when nobody answers at `path`, or somebody who does not take our token. */
export async function dial(path: string, token: string, via: 'terminal' | 'window'): Promise<Attached | null> {
  const socket = await open(path, token, via)
  if (socket === null) return null
  return {
    client: createORPCClient(new RPCLink({ websocket: forgiving(socket), interceptors: [callRules()] })),
    files: (request) => forward(path, token, request),
    relay: async (port, log) => relay(await open(path, token, 'window'), port, log),
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
    close: () => socket.close(),
  }
}

function open(path: string, token: string, via: string): Promise<WebSocket | null> {
  return new Promise((resolve) => {
    const socket = new WebSocket('ws://core/rpc', ['orpc', `bearer.${token}`, `via.${via}`], {
      createConnection: () => connect(path),
      perMessageDeflate: false,
    })
    // The timeout of ws is one of the connection, which it does not set on a connection that it did not make.
    const late = setTimeout(() => socket.terminate(), HANDSHAKE_MS)
    socket.once('close', () => clearTimeout(late))
    socket.once('open', () => {
      clearTimeout(late)
      resolve(socket)
    })
    // Nobody there, or not ours: both are "no running core" before it opens, and 'close' tells the rest after it.
    socket.on('error', () => resolve(null))
  })
}

function relay(socket: WebSocket | null, port: EmitterPort, log: ServerLog): void {
  if (socket === null) {
    port.close()
    return
  }
  const guarded = guardPort(port, (why) => log.warn('port', `The window's port was closed: ${why}.`))
  guarded.on('message', ({ data }) => socket.send(String(data)))
  guarded.on('close', () => socket.close())
  socket.on('message', (data) => guarded.postMessage(data.toString()))
  socket.on('close', () => guarded.close())
  guarded.start()
}

function forward(path: string, token: string, request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url)
  return new Promise((resolve, reject) => {
    const headers = { ...Object.fromEntries(request.headers), host: 'core', authorization: `Bearer ${token}` }
    const outgoing = httpRequest({
      socketPath: path,
      path: `${pathname}${search}`,
      method: request.method,
      headers,
      signal: request.signal,
    })
    outgoing.once('response', (answer) => {
      const body = request.method === 'HEAD' ? null : (Readable.toWeb(answer) as unknown as ReadableStream)
      const pairs = Object.entries(answer.headersDistinct).flatMap(([name, values]) =>
        (values ?? []).map((value): [string, string] => [name, value]),
      )
      const given = answer.statusCode ?? 502
      // The web's Response takes no others; what answers there is no core of ours then.
      const status = given >= 200 && given <= 599 ? given : 502
      // The web's Response refuses a body for these, even an empty one.
      resolve(new Response(status === 304 || status === 204 ? null : body, { status, headers: pairs }))
    })
    const broke = (cause: unknown) =>
      reject(
        new FailureError(
          { kind: 'unreachable', tried: 'Ask the running Unjam', on: pathname, because: 'it has ended', remedy: null },
          { cause },
        ),
      )
    outgoing.once('error', broke)
    pipeline(nodeBody(request), outgoing).catch(broke)
  })
}

/**
 * The socket as oRPC's link uses one. A call that is aborted just before the socket closes would send its abort after
 * it, and what the link throws then is an uncaught exception, which ends a Node process: such an abort has nobody to
 * reach and is dropped. Anything else sent on a closed socket throws, so that its call is rejected.
 */
function forgiving(socket: WebSocket): ConstructorParameters<typeof RPCLink>[0]['websocket'] {
  const link = {
    readyState: WebSocket.OPEN,
    addEventListener: socket.addEventListener.bind(socket),
    removeEventListener: socket.removeEventListener.bind(socket),
    send(data: string) {
      if (socket.readyState === WebSocket.OPEN) socket.send(data)
      else if (!isAbort(data)) throw new Error('the connection is closed')
    },
  }
  return link as unknown as ConstructorParameters<typeof RPCLink>[0]['websocket']
}
