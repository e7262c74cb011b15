// One port shape out of three (Node, Electron main, DOM), with every message checked before oRPC sees it.
import { envelopeFault } from './envelope.ts'

/** What arrives, in every port shape. */
export interface PortMessage {
  readonly data: unknown
}
interface AnyPort {
  postMessage(data: unknown): void
  start(): void
  close(): void
}
/** Electron's MessagePortMain: an EventEmitter whose messages are wrapped as `{ data, ports }`. */
export interface EmitterPort extends AnyPort {
  on(event: 'message', listener: (message: PortMessage) => void): unknown
  on(event: 'close', listener: () => void): unknown
}
/** A DOM MessagePort, and the one of `node:worker_threads`. */
export interface TargetPort extends AnyPort {
  addEventListener(event: 'message' | 'close', listener: (event: never) => void): void
}

/** `port` as oRPC's adapter takes it. Whoever sends anything but an RPC message loses the port. */
export function guardPort(port: EmitterPort | TargetPort, onFault: (why: string) => void): EmitterPort {
  function check(message: PortMessage, pass: (message: PortMessage) => void): void {
    const fault = envelopeFault(message.data)
    if (fault === null) {
      pass(message)
      return
    }
    onFault(fault)
    port.close()
  }
  function on(event: 'message' | 'close', listener: (message: PortMessage) => void): void {
    const heard =
      event === 'message' ? (message: PortMessage) => check(message, listener) : () => listener({ data: undefined })
    if ('addEventListener' in port) port.addEventListener(event, heard)
    else if (event === 'message') port.on('message', heard)
    else port.on('close', () => listener({ data: undefined }))
  }
  return {
    on,
    postMessage: (data) => port.postMessage(data),
    start: () => port.start(),
    close: () => port.close(),
  }
}
