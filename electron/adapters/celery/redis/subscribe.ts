// A subscription that stands again after every outage, or says that it is forbidden.
import type { Redis } from './connect.ts'

/**
 * Subscribes at each connection, so that neither an outage at the start nor one in between ends it. A pattern that an
 * ACL forbids is not tried again: what hears nothing must say so itself.
 */
export function keepSubscribed(redis: Redis, pattern: string, stands: () => void, forbidden?: () => void): void {
  redis.on('ready', () => {
    redis.psubscribe(pattern).then(stands, (error: unknown) => {
      if (!/NOPERM/.test(String(error))) return
      redis.disconnect()
      forbidden?.()
    })
  })
  // The first attempt's failure is not the last: the driver goes on trying.
  redis.connect().catch(() => undefined)
}
