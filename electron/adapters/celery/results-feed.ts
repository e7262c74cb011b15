// Results as workers publish them (each state is set and published in one step): ids, gathered for a moment.
import type { Redis, RedisSource } from './connect.ts'
import { globEscaped } from './keys.ts'

export interface ResultsFeed {
  /** Resolves when the subscription stands, or cannot: from then on nothing is missed, or `broken` says so. */
  readonly ready: Promise<void>
  close(): void
}

/** A thousand results a second are one reading every this long. */
const GATHER_MS = 100

/**
 * The channel's name is the key's, but channels know no database numbers: a result of another database comes here too.
 * So only ids are taken from the feed, and the keys are read.
 * @param on.gap the connection was lost for a while: what was published then is unknown.
 */
export function watchResults(
  source: RedisSource,
  keyStart: string,
  on: { ids(ids: readonly string[]): void; gap(): void },
): ResultsFeed {
  const gathered = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let stood = false
  const redis = source.dedicated(() => undefined)
  const { promise: ready, resolve } = Promise.withResolvers<void>()
  keepSubscribed(
    redis,
    `${globEscaped(keyStart)}*`,
    () => {
      if (stood) on.gap()
      stood = true
      resolve()
    },
    // Forbidden: only scans tell then, and the first one need not wait.
    resolve,
  )
  redis.on('pmessage', (_pattern: string, channel: string) => {
    gathered.add(channel.slice(keyStart.length))
    timer ??= setTimeout(() => {
      timer = undefined
      const ids = [...gathered]
      gathered.clear()
      on.ids(ids)
    }, GATHER_MS)
  })
  return {
    ready,
    close() {
      clearTimeout(timer)
      redis.disconnect()
    },
  }
}

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
