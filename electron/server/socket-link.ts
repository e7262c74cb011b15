// The router over a WebSocket: a browser, a script, a window or command attached to this core.
import { RPCHandler } from '@orpc/server/ws'
import type { WebSocket } from 'ws'
import type { Caller } from '../core/api.ts'
import { envelopeFault } from './envelope.ts'
import type { Router } from './router.ts'
import type { ServerLog } from './server-log.ts'

const POLICY_VIOLATION = 1008

/** Serves until the socket closes; its streams end with it. Whoever sends anything but an RPC message is cut off. */
export function serveSocket(
  router: Router,
  socket: WebSocket,
  caller: Caller,
  log: ServerLog,
  maxLength?: number,
): void {
  socket.on('error', (error) => log.warn('socket', `A connection of ${caller.actor} broke.`, error))

  function accepts(data: unknown): boolean {
    const fault = envelopeFault(data, maxLength)
    if (fault === null) return true
    log.warn('socket', `A connection of ${caller.actor} was closed: ${fault}.`)
    socket.close(POLICY_VIOLATION, fault)
    return false
  }

  const addEventListener: WebSocket['addEventListener'] = (type, listener) =>
    socket.addEventListener(type, (event) => {
      if (event.type === 'message' && !('data' in event && accepts(event.data))) return
      if (typeof listener === 'function') listener(event)
      else listener.handleEvent(event)
    })

  // Settles when the bytes have left: oRPC awaits it, so a slow reader slows its stream instead of filling memory.
  const send = (data: Parameters<WebSocket['send']>[0]) => new Promise<void>((sent) => socket.send(data, () => sent()))

  void new RPCHandler(router).upgrade({ addEventListener, send }, { context: { caller } })
}
