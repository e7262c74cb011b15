// Tries a Redis for a form: whether it answers, and whether it looks like the broker or the results of a Celery.
import type { PartCheck } from '../../contract/connecting.ts'
import type { CelerySettings } from '../../contract/settings.ts'
import { connectRedis, type Redis } from './redis/connect.ts'
import type { Keys } from './redis/keys.ts'
import { readRedisUrl } from './redis/url.ts'

type Told = Pick<PartCheck, 'state' | 'sentence'>

/** Throws a FailureError. Reads only; a rule that forbids a command of these makes it `limited`, not failed. */
export function probeBroker(url: string, celery: CelerySettings, signal: AbortSignal): Promise<Told> {
  return probe('Connect to the broker', url, celery, signal, async (redis, keys, told) => {
    const queue = celery.defaultQueue
    const type = await redis.type(keys.queue(queue))
    if (type !== 'list' && type !== 'none')
      return limited(told, `“${queue}” is a ${type} there and no queue: this Redis serves something else.`)
    const waiting = await redis.llen(keys.queue(queue))
    const [own, workers] = await Promise.all([redis.exists(keys.binding(queue)), redis.exists(keys.pidboxBinding)])
    if (own > 0) return { state: 'ok', sentence: `${told}: a Celery broker, ${waiting} messages in ${queue}.` }
    if (waiting > 0) return limited(told, `${waiting} messages in ${queue}, but no worker has ever bound it.`)
    if (workers > 0)
      return limited(
        `${told}: a Celery broker`,
        `No worker has ever bound the queue ${queue}: ${await others(redis, keys)}.`,
      )
    return limited(
      told,
      'No worker of Celery has ever bound a queue in this database: look at its number and the key prefix.',
    )
  })
}

/** The queues that workers know, to choose from; a broker has few bindings among however many keys. */
async function others(redis: Redis, keys: Keys): Promise<string> {
  const [, found] = await redis.scan('0', 'MATCH', keys.bindings, 'COUNT', 10_000)
  const exchanges = found.map((key) => key.slice(keys.binding('').length))
  const queues = exchanges.filter((name) => !/\.pidbox$|^celeryev$/.test(name)).toSorted()
  return queues.length === 0 ? 'correct its name' : `they know ${queues.join(', ')}`
}

export function probeResults(url: string, celery: CelerySettings, signal: AbortSignal): Promise<Told> {
  return probe('Connect to the results', url, celery, signal, async (redis, _keys, told) => {
    const pattern = `${celery.resultKeyPrefix}celery-task-meta-*`
    // One step is enough to see that there are some, and too little to say that there are none.
    const [, found] = await redis.scan('0', 'MATCH', pattern, 'COUNT', 1000)
    const seen = found.length > 0 ? 'results of tasks are there' : 'no result seen at a first look'
    return { state: 'ok', sentence: `${told}: ${seen}.` }
  })
}

const limited = (told: string, because: string): Told => ({ state: 'limited', sentence: `${told}. ${because}` })

async function probe(
  tried: string,
  url: string,
  celery: CelerySettings,
  signal: AbortSignal,
  look: (redis: Redis, keys: Keys, told: string) => Promise<Told>,
): Promise<Told> {
  const source = connectRedis(readRedisUrl(url, celery.tls), celery.keyPrefix, celery.defaultQueue)
  try {
    return await source.run(tried, signal, async (redis) => {
      await redis.ping()
      const told = `Redis${await versionOf(redis)}, database ${source.db}`
      try {
        return await look(redis, source.keys, told)
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOPERM')) throw error
        return limited(told, 'This user may not read the keys of a broker: its rights (ACL) are too narrow.')
      }
    })
  } finally {
    await source.close()
  }
}

/** A tight ACL forbids INFO; then it has no version. */
async function versionOf(redis: Redis): Promise<string> {
  try {
    const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1]
    return version === undefined ? '' : ` ${version}`
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('NOPERM')) return ''
    throw error
  }
}
