// The embedded database as the rest uses it: started on first use, migrated, with one pool.

import type { Pool } from '../../worker/store/pool.ts'
import type { EmbeddedPostgres } from '../adapters/embedded-postgres.ts'
import type { DataFolder } from './data-folder.ts'

export interface LocalDatabase {
  /** Started or adopted, and migrated; memoised until it fails or is closed. */
  url(signal: AbortSignal): Promise<string>
  pool(): Promise<Pool>
  /** Migrations that this process applied. */
  applied(): readonly string[]
  running(): boolean
  /** Ends the pool, and the server too unless another process uses it. */
  close(): Promise<void>
}

/** Longest first start: initdb on a slow disk, then crash recovery. */
const startWithinMs = 90_000
const connections = 8

/** Nothing is loaded or started before the first `url` or `pool`: most commands never need it. */
export function localDatabase(folder: DataFolder, root: string, onNotice: (sentence: string) => void): LocalDatabase {
  let server: EmbeddedPostgres | null = null
  let ready: Promise<string> | null = null
  let pool: Promise<Pool> | null = null
  const applied: string[] = []

  async function start(): Promise<string> {
    const { embeddedPostgres } = await import('../adapters/embedded-postgres.ts')
    server ??= embeddedPostgres({ folder: folder.postgres, onNotice })
    const url = await server.url(AbortSignal.timeout(startWithinMs))
    const { migrate } = await import('../adapters/migrate.ts')
    for (const set of ['local', 'unjam'] as const) applied.push(...(await migrate(url, set, root)))
    return url
  }

  function url(): Promise<string> {
    if (ready === null) {
      const attempt = start()
      ready = attempt
      attempt.catch(() => {
        if (ready === attempt) ready = null
      })
    }
    return ready
  }

  return {
    // One reader that gives up must not stop the start that others wait for.
    url: (signal) => abandonable(url(), signal),
    pool() {
      if (pool === null) {
        const attempt = Promise.all([url(), import('../../worker/store/pool.ts')]).then(([address, { openPool }]) =>
          openPool(address, connections, (error) => onNotice(`A database connection ended: ${error.message}.`)),
        )
        pool = attempt
        attempt.catch(() => {
          if (pool === attempt) pool = null
        })
      }
      return pool
    },
    applied: () => applied,
    running: () => server?.running() === true,
    async close() {
      const [opened] = await Promise.allSettled([pool, ready])
      if (opened.status === 'fulfilled') await opened.value?.close()
      pool = null
      ready = null
      await server?.stop()
    },
  }
}

/** Rejects when the signal aborts; the work itself goes on. */
function abandonable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const leave = () => reject(signal.reason)
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave))
  })
}
