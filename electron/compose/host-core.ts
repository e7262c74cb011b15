// A core inside this process: composed, served on the local endpoint, and stopped in the reverse order.
import { createLog, type Log } from '../adapters/log.ts'
import { type Composed, compose } from '../compose.ts'
import type { HostInfo } from '../contract/host.ts'
import type { Client } from '../server/attached-core.ts'
import { attachLocal, serveLocal } from '../server/local-endpoint.ts'
import { createRouter, type Router } from '../server/router.ts'
import { createDataFolder } from './data-folder.ts'
import { guardProcess, isGuarded } from './guard-process.ts'

export interface HostOptions {
  readonly dataDir: string
  readonly root: string
  readonly host: HostInfo['host']
  /** Log lines on stderr as well, for a host that nobody watches otherwise. */
  readonly logToStderr?: boolean
  readonly lock: { release(): void }
}

export interface HostedCore {
  readonly composed: Composed
  readonly router: Router
  readonly log: Log
  readonly client: Client
  /** Waits at most `patienceMs` for attached commands to end, then stops everything and gives the lock back. */
  close(patienceMs: number): Promise<void>
}

/** Releases the lock when it closes; when it cannot start, the lock stays the caller's. */
export async function hostCore({ dataDir, root, host, lock, logToStderr }: HostOptions): Promise<HostedCore> {
  const folder = createDataFolder(dataDir)
  let secrets: () => readonly string[] = () => []
  const log = createLog({ file: folder.log, stderr: logToStderr === true, secrets: () => secrets() })
  // Reporting only: it does not decide whether the process ends.
  process.on('uncaughtExceptionMonitor', (error) => {
    if (!isGuarded()) log.error('process', 'An internal error ends this process.', error)
  })
  const composed = compose({ dataDir, root, host, log })
  secrets = composed.secrets
  try {
    const router = createRouter(composed.api, log)
    const endpoint = await serveLocal({ api: composed.api, router, dataDir, log })
    const self = await attachLocal(dataDir)
    if (self === null) throw new Error(`the endpoint of ${dataDir} does not answer its own process`)
    // A host for one command ends with its error: no one watches what would continue.
    const release =
      host === 'terminal'
        ? null
        : guardProcess({ log: (message, error) => log.error('process', message, error), notice: composed.notice })
    return {
      composed,
      router,
      log,
      client: self.client,
      async close(patienceMs) {
        try {
          self.close()
          await endpoint.close(patienceMs)
          await composed.stop()
        } finally {
          lock.release()
          release?.()
        }
      },
    }
  } catch (error) {
    await composed.stop()
    throw error
  }
}
