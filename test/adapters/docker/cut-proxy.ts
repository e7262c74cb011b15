// Proxy of an engine's socket that cuts every connection at the n-th change, or holds that change back.
import { rmSync } from 'node:fs'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'

export interface CutProxy {
  readonly url: string
  close(): Promise<void>
}

/** Calls that change something; the docker CLI asks for HEAD /_ping too. */
const isChange = (method: string | undefined) => method !== 'GET' && method !== 'HEAD'

/**
 * @param done whether the n-th change still reaches the engine before the line is cut.
 * @param onCut called once, before the client notices.
 */
export function cutAfter(
  socket: string,
  path: string,
  changes: number,
  done: boolean,
  onCut: () => void = () => undefined,
): Promise<CutProxy> {
  let seen = 0
  let cut = false
  return listening(path, (asked, answer) => {
    if (isChange(asked.method)) seen++
    const last = seen === changes && isChange(asked.method)
    if (cut || (last && !done)) {
      if (!cut) onCut()
      cut = true
      asked.socket.destroy()
      return
    }
    if (!last) return forward(socket, asked, answer)
    forward(socket, asked, null, () => {
      onCut()
      cut = true
      asked.socket.destroy()
    })
  })
}

/** Every change from the n-th on waits for `until`; reads go through. */
export function holdAt(
  socket: string,
  path: string,
  changes: number,
  onHold: () => void,
  until: Promise<void>,
): Promise<CutProxy> {
  let seen = 0
  return listening(path, (asked, answer) => {
    if (isChange(asked.method)) seen++
    if (!isChange(asked.method) || seen < changes) return forward(socket, asked, answer)
    if (seen === changes) onHold()
    void until.then(() => forward(socket, asked, answer))
  })
}

/** @param answer null: the client gets none, and `done` is called when the engine has answered. */
function forward(
  socket: string,
  asked: IncomingMessage,
  answer: ServerResponse | null,
  done: () => void = () => undefined,
): void {
  const { method, url, headers } = asked
  // A kept connection may be one that the engine has just closed.
  const whole = { socketPath: socket, method, path: url, headers, agent: false }
  const forwarded = request(whole, (real) => {
    if (answer === null) {
      real.resume()
      real.on('end', done)
      return
    }
    answer.writeHead(real.statusCode ?? 500, real.headers)
    real.pipe(answer)
  })
  forwarded.on('error', () => asked.socket.destroy())
  // In one piece: the engine answers and closes as soon as it has read the JSON, whatever is still to be written.
  void asked.toArray().then(
    (body) => forwarded.end(Buffer.concat(body)),
    () => forwarded.destroy(),
  )
}

async function listening(path: string, listener: RequestListener): Promise<CutProxy> {
  const server: Server = createServer(listener)
  rmSync(path, { force: true })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return {
    url: `unix://${path}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
