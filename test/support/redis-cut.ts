// A proxy before a Redis that cuts the connection at a chosen command: before it is sent on, or before its reply comes back.
import { createServer, type Server, type Socket, connect as tcp } from 'node:net'

export interface RedisCut {
  readonly port: number
  /**
   * Cuts at the n-th command from now, counted from 1 over all connections; `counts` says which (by name in lower case,
   * all when left out), `at` is called in the place of the cut. New connections are refused until `up`.
   */
  arm(n: number, when: 'before' | 'after', options?: { counts?: (name: string) => boolean; at?: () => void }): void
  /** Whether the armed cut has happened. */
  cut(): boolean
  up(): void
  close(): Promise<void>
}

export async function redisCut(target: number): Promise<RedisCut> {
  const sockets = new Set<Socket>()
  let armed: { left: number; when: 'before' | 'after'; counts(name: string): boolean; at(): void } | null = null
  let down = false

  const server: Server = createServer((client) => {
    if (down) return void client.destroy()
    const upstream = tcp(target, '127.0.0.1')
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    let mute = false
    upstream.on('data', (data) => {
      if (!mute) client.write(data)
    })
    const split = commands()
    client.on('data', (data) => {
      for (const { name, bytes } of split(data)) {
        if (mute) return
        const here = armed?.counts(name) && --armed.left === 0 ? armed : null
        if (here === null) {
          upstream.write(bytes)
          continue
        }
        armed = null
        down = true
        mute = true
        if (here.when === 'after') upstream.write(bytes)
        // Redis has executed what it was sent when it closes.
        upstream.once('close', () => here.at())
        upstream.end()
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    arm(n, when, { counts = () => true, at = () => undefined } = {}) {
      armed = { left: n, when, counts, at }
    },
    cut: () => down,
    up() {
      armed = null
      down = false
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Whole commands (`*2\r\n$4\r\nLLEN\r\n$6\r\ncelery\r\n`) out of a stream of bytes. */
function commands(): (data: Buffer) => { name: string; bytes: Buffer }[] {
  let rest: Buffer = Buffer.alloc(0)
  return (data) => {
    rest = Buffer.concat([rest, data])
    const found: { name: string; bytes: Buffer }[] = []
    for (let end = endOf(rest); end !== null; end = endOf(rest)) {
      const bytes = rest.subarray(0, end)
      found.push({ name: bytes.toString('latin1').split('\r\n')[2]?.toLowerCase() ?? '', bytes })
      rest = rest.subarray(end)
    }
    return found
  }
}

function endOf(bytes: Buffer): number | null {
  const line = (from: number) => bytes.indexOf('\r\n', from)
  let at = line(0)
  if (at === -1) return null
  const parts = Number(bytes.toString('latin1', 1, at))
  at += 2
  for (let i = 0; i < parts; i++) {
    const end = line(at)
    if (end === -1) return null
    at = end + 2 + Number(bytes.toString('latin1', at + 1, end)) + 2
    if (at > bytes.length) return null
  }
  return at
}
