// Results as workers publish them (each state is set and published in one step): ids, gathered for a moment.
import type { RedisSource } from '../redis/connect.ts'
import { globEscaped } from '../redis/keys.ts'
import { keepSubscribed } from '../redis/subscribe.ts'

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
