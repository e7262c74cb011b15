// Two ends of a channel in the shape of Electron's MessagePortMain: an emitter whose messages are `{ data, ports }`.
import { EventEmitter } from 'node:events'
import type { EmitterPort } from '../../electron/server/guard-port.ts'

class PortMain extends EventEmitter implements EmitterPort {
  peer: PortMain | null = null
  #started = false
  readonly #waiting: unknown[] = []

  postMessage(data: unknown): void {
    const { peer } = this
    const copy = structuredClone(data)
    if (peer !== null) queueMicrotask(() => peer.receive(copy))
  }
  receive(data: unknown): void {
    if (this.#started) this.emit('message', { data, ports: [] })
    else this.#waiting.push(data)
  }
  start(): void {
    this.#started = true
    for (const data of this.#waiting.splice(0)) this.receive(data)
  }
  close(): void {
    const { peer } = this
    this.peer = null
    if (peer !== null) {
      peer.peer = null
      peer.emit('close')
    }
    this.emit('close')
  }
}

export function fakePortMain(): readonly [PortMain, PortMain] {
  const ends = [new PortMain(), new PortMain()] as const
  ends[0].peer = ends[1]
  ends[1].peer = ends[0]
  return ends
}
