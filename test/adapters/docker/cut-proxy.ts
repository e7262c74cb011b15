// An engine that is gone after its n-th change: forwards a unix socket, then drops every connection.
import { rmSync } from 'node:fs'
import { createServer, request, type Server } from 'node:http'

export interface CutProxy {
  readonly url: string
  close(): Promise<void>
}

/** @param done whether the n-th change still reaches the engine before the line is cut. */
export async function cutAfter(socket: string, path: string, changes: number, done: boolean): Promise<CutProxy> {
  let seen = 0
  let cut = false
  const server: Server = createServer((asked, answer) => {
    if (asked.method !== 'GET') seen++
    const last = seen === changes && asked.method !== 'GET'
    if (cut || (last && !done)) {
      cut = true
      asked.socket.destroy()
      return
    }
    const { method, url, headers } = asked
    // A kept connection may be one that the engine has just closed.
    const whole = { socketPath: socket, method, path: url, headers, agent: false }
    const forwarded = request(whole, (real) => {
      if (last) {
        cut = true
        real.resume()
        real.on('end', () => asked.socket.destroy())
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
  })
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
