// WebSocket clients for tests: the browser's own class, and one that can set any header.
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import { WebSocket as NodeSocket } from 'ws'
import type { Client } from '../../electron/server/attached-core.ts'

/** As a script connects: Node's (the browser's) WebSocket, which can only offer sub-protocols. */
export function socketClient(port: number, token: string): { client: Client; socket: WebSocket } {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`, ['orpc', `bearer.${token}`])
  return { client: createORPCClient(new RPCLink({ websocket: socket })), socket }
}

/** 'open', or the HTTP status that refused the upgrade. */
export function attempt(port: number, path: string, protocols: string[], headers: Record<string, string>) {
  return new Promise<string>((resolve) => {
    const socket = new NodeSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers })
    socket.on('open', () => {
      socket.terminate()
      resolve('open')
    })
    socket.on('error', (error) => resolve(/\d{3}/.exec(error.message)?.[0] ?? error.message))
  })
}
