// A TCP port of this machine: the wanted one, the next free one, or a sentence why not.
import type { Server } from 'node:http'
import { FailureError } from '../contract/failure.ts'

/** Tried first when nobody asked for a port; below 49152, where Windows reserves ranges for Hyper-V. */
export const DEFAULT_PORT = 8437
const TRIES = 20

/**
 * The port `server` now listens on, and the sentence to say when it is not the usual one. An explicit `port` is taken
 * or refused with a FailureError, never replaced: somebody wrote it into a script. 0 is any free port.
 */
export async function listen(
  server: Server,
  host: string,
  port: number | null,
): Promise<{ port: number; notice: string | null }> {
  if (port !== null) return { port: await tryPort(server, host, port), notice: null }
  for (let next = DEFAULT_PORT; next < DEFAULT_PORT + TRIES; next++) {
    const taken = await tryPort(server, host, next).catch(portTaken)
    if (typeof taken !== 'number') continue
    return { port: taken, notice: next === DEFAULT_PORT ? null : moved(taken) }
  }
  const any = await tryPort(server, host, 0)
  return { port: any, notice: moved(any) }
}

function moved(port: number): string {
  return `Port ${DEFAULT_PORT} is used by another program; Unjam is on port ${port} instead.`
}

function portTaken(thrown: unknown): null {
  if (thrown instanceof FailureError && thrown.failure.kind === 'busy') return null
  throw thrown
}

function tryPort(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException) => reject(notListening(error, host, port))
    server.once('error', refused)
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', refused)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function notListening(error: NodeJS.ErrnoException, host: string, port: number): FailureError {
  // EACCES: on Windows a port inside a range that Hyper-V or WSL reserved; elsewhere a port below 1024.
  const busy = error.code === 'EADDRINUSE' || error.code === 'EACCES'
  return new FailureError(
    {
      kind: busy ? 'busy' : 'unreachable',
      tried: 'Listen',
      on: `${host}:${port}`,
      because:
        error.code === 'EADDRINUSE'
          ? 'another program already uses this port'
          : error.code === 'EACCES'
            ? 'the system does not give this port to this account'
            : error.message,
      remedy: 'Choose another port with --port, or leave --port out to take the next free one.',
    },
    { cause: error },
  )
}
