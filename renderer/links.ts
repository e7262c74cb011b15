// The two ways to reach the core: a port from the preload in the window, a WebSocket in the browser.
import type { ClientContext, ClientLink } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'

/** One living connection; `closed` resolves when it is of no more use. */
export interface Connection {
  readonly link: ClientLink<ClientContext>
  readonly closed: Promise<void>
}

/** Opens a new connection, or rejects within its deadline with the reason. */
export type Connect = () => Promise<Connection>

const OPEN_DEADLINE_MS = 5000

/** Which of the two is decided by the page's own address, never by looking for Electron. */
export function connectFrom(page: Location): Connect {
  return page.protocol === 'app:' ? () => openPort(page) : () => openSocket(page)
}

async function openPort(page: Location): Promise<Connection> {
  const { port1, port2 } = new MessageChannel()
  const closed = new Promise<void>((resolve) => port1.addEventListener('close', () => resolve(), { once: true }))
  const link = new PortLink({ port: port1 })
  port1.start()
  // The preload forwards the other end to the shell; the page itself never sees more of Electron than this.
  window.postMessage('rpc:open', page.origin, [port2])
  return { link, closed }
}

function openSocket(page: Location): Promise<Connection> {
  const scheme = page.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(`${scheme}//${page.host}/rpc`)
  const closed = new Promise<void>((resolve) => socket.addEventListener('close', () => resolve(), { once: true }))
  const link = new SocketLink({ websocket: socket })
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => {
      socket.close()
      reject(new Error(`no answer within ${OPEN_DEADLINE_MS / 1000} s`))
    }, OPEN_DEADLINE_MS)
    socket.addEventListener('open', () => {
      clearTimeout(deadline)
      resolve({ link, closed })
    })
    socket.addEventListener('close', () => {
      clearTimeout(deadline)
      reject(new Error('nothing answers at this address'))
    })
  })
}
