// The router over a MessagePort: a window, a worker thread.
import { RPCHandler } from '@orpc/server/message-port'
import type { Caller } from '../core/api.ts'
import { type EmitterPort, guardPort, type TargetPort } from './guard-port.ts'
import type { Router } from './router.ts'
import type { ServerLog } from './server-log.ts'

/** Serves until the port closes; its streams end with it. Starts the port. */
export function servePort(router: Router, port: EmitterPort | TargetPort, caller: Caller, log: ServerLog): void {
  const guarded = guardPort(port, (why) => log.warn('port', `A port of ${caller.actor} was closed: ${why}.`))
  new RPCHandler(router).upgrade(guarded, { context: { caller } })
  guarded.start()
}
