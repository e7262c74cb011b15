// The embedded database as the rest uses it: started on first use, migrated, with one pool.
import type { Pool } from '../../worker/store/pool.ts'
import type { EmbeddedPostgres } from '../adapters/embedded-postgres.ts'
import { passwordsIn } from '../contract/secrets/url-display.ts'
import type { DataFolder } from './data-folder.ts'

export interface LocalDatabase {
  /** An address that accepts now: started or adopted, and migrated. A server that has gone is started again. */
  url(signal: AbortSignal): Promise<string>
  pool(): Promise<Pool>
  /** Migrations that this process applied. */
  applied(): readonly string[]
  running(): boolean
  /** The passwords in its address, for the log to hide. */
  secrets(): readonly string[]
  /** Ends the pool, and the server too unless another process uses it. */
  close(): Promise<void>
}

/** Longest first start: initdb on a slow disk, then crash recovery. */
const startWithinMs = 90_000
/** How long an address that accepted is believed without asking again. */
const trustMs = 3000
const connections = 8

export interface DatabaseEvents {
  /** What an operator should know once: another port, a folder set aside. */
  notice(sentence: string): void
  /** A connection that ended while nobody used it. */
  idleError(error: Error): void
}

/** Nothing is loaded or started before the first `url` or `pool`: most commands never need it. */
export function localDatabase(folder: DataFolder, root: string, events: DatabaseEvents): LocalDatabase {
  const applied: string[] = []
  let server: EmbeddedPostgres | null = null
  let migrated: string | null = null
  let checked: { at: number; url: Promise<string> } | null = null
  let opened: { url: string; pool: Pool } | null = null

  async function ready(): Promise<string> {
    const { embeddedPostgres } = await import('../adapters/embedded-postgres.ts')
    server ??= embeddedPostgres({ folder: folder.postgres, onNotice: events.notice })
    const url = await server.url(AbortSignal.timeout(startWithinMs))
    if (url === migrated) return url
    const { migrate } = await import('../adapters/migrate.ts')
    for (const set of ['local', 'unjam'] as const) applied.push(...(await migrate(url, set, root)))
    migrated = url
    return url
  }

  /** One check at a time, shared by all who ask. */
  function check(): Promise<string> {
    if (checked !== null && performance.now() - checked.at < trustMs) return checked.url
    const next = { at: Number.POSITIVE_INFINITY, url: ready() }
    checked = next
    next.url.then(
      () => {
        next.at = performance.now()
      },
      () => {
        if (checked === next) checked = null
      },
    )
    return next.url
  }

  return {
    // One reader that gives up must not stop the start that others wait for.
    url: (signal) => abandonable(check(), signal),
    async pool() {
      const { openPool } = await import('../../worker/store/pool.ts')
      const url = await check()
      if (opened?.url === url) return opened.pool
      const before = opened
      const pool = openPool(url, connections, events.idleError)
      opened = { url, pool }
      before?.pool.close().catch(events.idleError)
      return pool
    },
    applied: () => applied,
    running: () => server?.running() === true,
    secrets: () => (migrated === null ? [] : passwordsIn(migrated)),
    async close() {
      // A start that fails has told whoever asked for it.
      await checked?.url.catch(() => undefined)
      await opened?.pool.close()
      opened = null
      checked = null
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
