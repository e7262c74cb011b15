// One core per data directory, met by windows and commands: RPC, files and recordings over a socket or named pipe.
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { WebSocketServer } from 'ws'
import { FailureError } from '../contract/failure.ts'
import type { Api, Caller } from '../core/api.ts'
import { answerRequests, HEADERS_MS, refuseUpgrade } from './answer-request.ts'
import { type Attached, type Client, dial } from './attached-core.ts'
import { localCaller } from './caller.ts'
import { fileRoutes } from './file-routes.ts'
import { accessOf, subProtocol } from './http-guards.ts'
import { newAddress, publish, published, removeAddress, unpublish } from './local-address.ts'
import type { Router } from './router.ts'
import type { ServerLog } from './server-log.ts'
import { serveSocket } from './socket-link.ts'
import { plain, send, toRequest } from './web-exchange.ts'

export type { Attached, Client }

/** Commands name thousands of files in one call; whoever holds the token is this very account. */
const MAX_MESSAGE = 16 << 20

export interface LocalOptions {
  readonly api: Api
  readonly router: Router
  readonly dataDir: string
  readonly log: ServerLog
}

export interface LocalEndpoint {
  /**
   * Takes nobody new, waits at most `patienceMs` for those attached to leave, then ends their connections. Resolves
   * with how many had to be ended.
   */
  close(patienceMs?: number): Promise<number>
}

/** Listens until closed. The caller holds the core lock: an older socket of this directory belongs to nobody. */
export async function serveLocal(options: LocalOptions): Promise<LocalEndpoint> {
  const { api, router, dataDir, log } = options
  const token = randomBytes(32).toString('base64url')
  const files = fileRoutes(api, log)
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE })
  const server = createServer({ requestTimeout: 0, headersTimeout: HEADERS_MS })

  answerRequests(server, 'endpoint', log, {
    async answer(request, response) {
      const known = accessOf(request, token, null) === 'api'
      await send(known ? await files(toRequest(request, response, 'http://core')) : plain(401, 'No.'), response)
    },
    upgrade(request, socket, head) {
      if (request.url !== '/rpc' || accessOf(request, token, null) !== 'api')
        return refuseUpgrade(socket, '401 Unauthorized')
      sockets.handleUpgrade(request, socket, head, (client) =>
        serveSocket(router, client, callerOf(request), log, MAX_MESSAGE),
      )
    },
  })

  await refuseSecond(dataDir)
  const path = await newAddress(dataDir)
  await listen(server, path)
  const { version } = api.machine.info()
  const endpoint = { path, pid: process.pid, startedAt: new Date().toISOString(), version }
  await publish(dataDir, endpoint, token)

  return {
    async close(patienceMs = 0) {
      await unpublish(dataDir, endpoint)
      // Resolves when the last connection has ended, one that is still being upgraded included.
      const closed = new Promise<0>((resolve) => server.close(() => resolve(0)))
      const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), patienceMs).unref())
      const ended = (await Promise.race([closed, late])) ?? sockets.clients.size
      for (const client of sockets.clients) client.terminate()
      server.closeAllConnections()
      await closed
      await removeAddress(dataDir, path)
      return ended
    },
  }
}

/**
 * The core that answers on this data directory, or null when none does; an endpoint file of a dead process is
 * harmless. Every failure of the client's calls is a FailureError; each call has a deadline.
 */
export async function attachLocal(dataDir: string, via: 'terminal' | 'window' = 'terminal'): Promise<Attached | null> {
  const found = await published(dataDir)
  return found === null ? null : dial(found.endpoint.path, found.token, via)
}

/** Two cores would write to one directory. What a crashed core left is reused or replaced by the new address. */
async function refuseSecond(dataDir: string): Promise<void> {
  const other = await attachLocal(dataDir)
  other?.close()
  if (other !== null)
    throw new FailureError({
      kind: 'busy',
      tried: 'Open the local endpoint',
      on: dataDir,
      because: 'another Unjam already serves this data directory',
      remedy: null,
    })
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (cause: NodeJS.ErrnoException) =>
      reject(
        new FailureError(
          { kind: 'refused', tried: 'Open the local endpoint', on: path, because: cause.message, remedy: null },
          { cause },
        ),
      )
    server.once('error', refused)
    server.listen(path, () => {
      server.off('error', refused)
      resolve()
    })
  })
}

function callerOf(request: IncomingMessage): Caller {
  return localCaller(subProtocol(request, 'via') === 'window' ? 'window' : 'terminal')
}
