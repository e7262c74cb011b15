// A pool opened on first use; a secret that cannot be resolved is tried again on the next read.
import { openPool, type Pool } from '../../worker/store/pool.ts'
import { encodeUserinfo } from '../contract/secrets/encode-userinfo.ts'

export interface LazyPool {
  open(): Promise<Pool>
  close(): Promise<void>
}

export function lazyPool(url: () => string, onIdleError: (error: Error) => void): LazyPool {
  let pool: Pool | null = null
  return {
    async open() {
      pool ??= openPool(encodeUserinfo(url()), 4, onIdleError)
      return pool
    },
    async close() {
      await pool?.close()
      pool = null
    },
  }
}
