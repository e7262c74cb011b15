// The lists of a queue that have something in them: an app uses few of the ten, and one round trip tells which.
import type { RedisSource } from '../redis/connect.ts'

export interface FilledList {
  readonly step: number
  readonly key: string
}

/** The next to run first. */
export async function filledLists(
  source: RedisSource,
  queue: string,
  signal: AbortSignal,
): Promise<readonly FilledList[]> {
  return source.run('Read a queue', signal, async (redis) => {
    const lists = source.keys.steps(queue)
    const pipeline = redis.pipeline()
    for (const { key } of lists) pipeline.exists(key)
    const found = await pipeline.exec()
    return lists.filter((_, i) => found?.[i]?.[1] !== 0)
  })
}
