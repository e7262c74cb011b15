// A server that misbehaves on request: garbage, half a reply, silence, floods, wrong types; the behaviour can change while it runs.
import { createServer, type Server, type Socket } from 'node:net'

export type Behaviour =
  /** Accepts and says nothing. */
  | { readonly kind: 'silent' }
  /** Ends every connection at once. */
  | { readonly kind: 'closes' }
  /** Resets every connection with the first byte it sends. */
  | { readonly kind: 'resets' }
  /** Sends these bytes as soon as somebody connects, then waits. */
  | { readonly kind: 'greets'; readonly bytes: string | Buffer }
  /** Answers whatever arrives with these bytes, then ends the connection when `ends`. */
  | { readonly kind: 'answers'; readonly bytes: string | Buffer; readonly ends?: boolean }
  /** Answers with `bytes`, one byte every `everyMs`. */
  | { readonly kind: 'drips'; readonly bytes: string | Buffer; readonly everyMs: number }
  /** Answers with `head`, then `chunk` again and again, as fast as it is read, until the connection is closed. */
  | { readonly kind: 'floods'; readonly head: string | Buffer; readonly chunk: string | Buffer }
  /** A server in its right mind, or nearly: sees each chunk and writes what it likes. */
  | { readonly kind: 'speaks'; speak(socket: Socket, chunk: Buffer): void; connected?(socket: Socket): void }
  /** Hands the connection to a healthy server. */
  | { readonly kind: 'forwards'; connect(): Socket }

export interface HostileServer {
  readonly port: number
  /** How often somebody connected since it began, and how many bytes the last flood could get rid of. */
  readonly seen: { connections: number; flooded: number }
  /** For new connections; those that are open are ended. */
  become(next: Behaviour): void
  close(): Promise<void>
}

/** On a loopback port, or on the unix socket `path`. */
export async function hostileServer(first: Behaviour, path?: string): Promise<HostileServer> {
  let behaviour = first
  const seen = { connections: 0, flooded: 0 }
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    seen.connections++
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    // The other side leaves when it has had enough.
    socket.on('error', () => undefined)
    behave(socket, behaviour, seen)
  })
  await listening(server, path)
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    seen,
    become(next) {
      behaviour = next
      for (const socket of open) socket.destroy()
    },
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise((closed) => server.close(closed))
    },
  }
}

function listening(server: Server, path: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    if (path === undefined) server.listen(0, '127.0.0.1', resolve)
    else server.listen(path, resolve)
  })
}

function behave(socket: Socket, behaviour: Behaviour, seen: HostileServer['seen']): void {
  switch (behaviour.kind) {
    case 'silent':
      socket.resume()
      return
    case 'closes':
      socket.end()
      return
    case 'resets':
      // A unix socket has no reset.
      socket.once('data', () => (socket.remotePort === undefined ? socket.destroy() : socket.resetAndDestroy()))
      return
    case 'greets':
      socket.resume()
      socket.write(behaviour.bytes)
      return
    case 'answers':
      socket.on('data', () => {
        if (!socket.writable) return
        if (behaviour.ends === true) socket.end(behaviour.bytes)
        else socket.write(behaviour.bytes)
      })
      return
    case 'drips':
      socket.once('data', () => drip(socket, Buffer.from(behaviour.bytes), behaviour.everyMs))
      return
    case 'floods':
      socket.once('data', () => {
        socket.write(behaviour.head)
        flood(socket, Buffer.from(behaviour.chunk), seen)
      })
      socket.resume()
      return
    case 'speaks':
      behaviour.connected?.(socket)
      socket.on('data', (chunk) => behaviour.speak(socket, chunk))
      return
    case 'forwards': {
      const healthy = behaviour.connect()
      healthy.on('error', () => socket.destroy())
      healthy.on('close', () => socket.destroy())
      socket.on('close', () => healthy.destroy())
      socket.pipe(healthy).pipe(socket)
    }
  }
}

function drip(socket: Socket, bytes: Buffer, everyMs: number): void {
  let at = 0
  const timer = setInterval(() => {
    if (at === bytes.length || !socket.writable) clearInterval(timer)
    else socket.write(bytes.subarray(at, ++at))
  }, everyMs)
  socket.on('close', () => clearInterval(timer))
}

function flood(socket: Socket, chunk: Buffer, seen: HostileServer['seen']): void {
  const more = () => {
    while (socket.writable) {
      seen.flooded += chunk.length
      if (!socket.write(chunk)) return
    }
  }
  socket.on('drain', more)
  more()
}
