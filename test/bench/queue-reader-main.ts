// Reads a queue in a process of its own, as Unjam does or as a plain script would; tells what it took.
import { performance } from 'node:perf_hooks'
import { createQueues } from '../../electron/adapters/celery/queues/queues.ts'
import { connectRedis, type RedisSource } from '../../electron/adapters/celery/redis/connect.ts'
import { readRedisUrl } from '../../electron/adapters/celery/redis/url.ts'
import { keepYoungHeapSmall } from '../../electron/compose/young-heap.ts'
import { celeryApp, signal } from '../adapters/celery/queue-stage.ts'
import { until } from '../support/until.ts'

/** What is measured; `calls` are the times of single answers. */
export interface ReaderTold {
  readonly wall: number
  readonly extraMb: number
  readonly longestCall: number
  readonly messages: number
  readonly jobs: number
}

const [url = '', way = ''] = process.argv.slice(2)
// As the process is in which Unjam reads; the script is run as one would.
if (way === 'unjam') keepYoungHeapSmall()
const source = connectRedis(readRedisUrl(url, undefined), '')
await source.run('Bench', signal, (redis) => redis.ping())
let peak = 0
const watch = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss())
}, 5)
const base = process.memoryUsage.rss()
const told = way === 'unjam' ? await asUnjam(source) : await asScript(source)
clearInterval(watch)
process.stdout.write(JSON.stringify({ ...told, extraMb: (Math.max(peak, process.memoryUsage.rss()) - base) / 1e6 }))
await source.close()

async function asUnjam(on: RedisSource): Promise<Omit<ReaderTold, 'extraMb'>> {
  const queues = createQueues({
    source: on,
    app: celeryApp(),
    consumersOf: () => null,
    consumed: () => [],
    change: () => undefined,
  })
  const start = performance.now()
  let longestCall = 0
  let group = { messages: 0, jobs: 0 }
  await until(
    'the queue is read',
    async () => {
      const asked = performance.now()
      const [queue] = await queues.queues(signal)
      longestCall = Math.max(longestCall, performance.now() - asked)
      group = { messages: queue?.read ?? 0, jobs: queue?.groups[0]?.jobs ?? 0 }
      return queue !== undefined && queue.read === queue.messages
    },
    600_000,
  )
  queues.close()
  return { wall: performance.now() - start, longestCall, ...group }
}

/** LRANGE by LRANGE, parse, count. Positions move under it: it is only right while nobody works. */
async function asScript(on: RedisSource): Promise<Omit<ReaderTold, 'extraMb'>> {
  const start = performance.now()
  const counts = new Map<string, number>()
  let messages = 0
  await on.run('Bench', signal, async (redis) => {
    const length = await redis.llen('celery')
    for (let at = 0; at < length; at += 1000)
      for (const raw of await redis.lrange('celery', -(at + 1000), -(at + 1))) {
        const message = JSON.parse(raw)
        const [args] = JSON.parse(Buffer.from(message.body, 'base64').toString())
        const key = `${message.headers.task} ${args[0]}`
        counts.set(key, (counts.get(key) ?? 0) + 1)
        messages++
      }
  })
  const wall = performance.now() - start
  return { wall, longestCall: wall, messages, jobs: counts.size }
}
