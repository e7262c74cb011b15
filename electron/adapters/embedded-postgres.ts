// The embedded database: started or adopted at first use, shared by every Unjam process, stopped by the last one.
import { accountFor, giveTo } from './embedded-postgres-account.ts'
import { findBinaries, prepareBinaries } from './embedded-postgres-binaries.ts'
import { clusterIn, ensureMade, prepareFolders } from './embedded-postgres-cluster.ts'
import { isServing } from './embedded-postgres-postmaster.ts'
import { type Server, startServer, stopServer } from './embedded-postgres-server.ts'
import { type FileLock, tryLock, waitForLock } from './file-lock.ts'

export interface EmbeddedPostgres {
  /** A URL that accepts now. Starts or adopts the server on first use, and again when it has gone since. */
  url(signal: AbortSignal): Promise<string>
  /** Whether the server this process uses is alive. */
  running(): boolean
  /** Stops the server if this process uses it and no other process does. */
  stop(): Promise<void>
}

interface Options {
  /** `postgres` in the data directory; made when missing. */
  readonly folder: string
  /** Holds bin, lib and share; the installed package's when absent. */
  readonly binaries?: string
  /** Called for what an operator should know: another port, a folder moved aside. */
  onNotice(sentence: string): void
}

const LOCK_WAIT_MS = 180_000

export function embeddedPostgres({ folder, binaries, onNotice }: Options): EmbeddedPostgres {
  const cluster = clusterIn(folder)
  let starting: Promise<Server> | null = null
  let server: Server | null = null
  // Held by every process that uses the server: whoever can have it alone is the last one. A crash releases it.
  let use: FileLock | null = null

  async function start(): Promise<Server> {
    const account = accountFor(cluster.data)
    const native = prepareBinaries(binaries ?? findBinaries(), folder, account)
    prepareFolders(cluster, account)
    const lock = await waitForLock(cluster.startLock, 'exclusive', LOCK_WAIT_MS, new AbortController().signal)
    try {
      use ??= await waitForLock(cluster.usersLock, 'shared', LOCK_WAIT_MS, new AbortController().signal)
      for (const file of [cluster.startLock, cluster.usersLock]) giveTo(account, file)
      const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-')
      const aside = await ensureMade(cluster, native, account, stamp)
      if (aside !== null) onNotice(`A database folder that was never completed was moved to ${aside}.`)
      return await startServer({ cluster, native, account, stamp, onNotice })
    } catch (error) {
      use?.release()
      use = null
      throw error
    } finally {
      lock.release()
    }
  }

  async function current(): Promise<Server> {
    if (server !== null && isServing(server.pid, cluster.data)) return server
    server = null
    starting ??= start().finally(() => {
      starting = null
    })
    server = await starting
    return server
  }

  return {
    async url(signal) {
      signal.throwIfAborted()
      return (await untilAborted(current(), signal)).url
    },
    running: () => server !== null && isServing(server.pid, cluster.data),
    async stop() {
      // A start that failed has told its caller; there is nothing to stop then.
      if (starting !== null) await starting.catch(() => undefined)
      if (use === null) return
      const lock = await waitForLock(cluster.startLock, 'exclusive', LOCK_WAIT_MS, new AbortController().signal)
      try {
        use.release()
        use = null
        server = null
        const alone = tryLock(cluster.usersLock, 'exclusive')
        if (alone === null) return
        try {
          const account = accountFor(cluster.data)
          const native = prepareBinaries(binaries ?? findBinaries(), folder, account)
          await stopServer({ cluster, native, account })
        } finally {
          alone.release()
        }
      } finally {
        lock.release()
      }
    },
  }
}

/** A caller that gives up does not end the start that others wait for. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
