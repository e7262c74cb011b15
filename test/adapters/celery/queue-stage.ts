// A queue on a real Redis for tests of quarantines: messages as Python writes them, all four lists as they are.
import { randomUUID } from 'node:crypto'
import { type CeleryQuarantine, createQuarantine } from '../../../electron/adapters/celery/quarantine/quarantine.ts'
import { connectRedis, type RedisSource } from '../../../electron/adapters/celery/redis/connect.ts'
import { readRedisUrl } from '../../../electron/adapters/celery/redis/url.ts'
import { type CelerySettings, SystemSettings } from '../../../electron/contract/settings.ts'
import { type RedisOptions, redisServer, type TestRedis } from '../../support/redis.ts'

export const signal = new AbortController().signal
export const PROCESS = 'app.worker.tasks.process_recording'
export const ENQUEUE = 'app.worker.tasks.enqueue_pending_recordings'
export const STEPS = [0, 3, 6, 9] as const

export function celeryApp(part: Record<string, unknown> = {}): CelerySettings {
  const urls = { database: 'postgres://localhost/test', broker: 'redis://localhost' }
  const settings = SystemSettings.parse({ id: 'calls', kind: 'recordings', ...urls, celery: part })
  if (settings.kind !== 'recordings') throw new Error('it is a system of recordings')
  return settings.celery
}

export interface QueueStage {
  readonly server: TestRedis
  readonly source: RedisSource
  readonly quarantine: CeleryQuarantine
  readonly app: CelerySettings
  key(step: number): string
  /** Appends messages as producers do, the first given to run first. */
  push(step: number, ...raws: string[]): Promise<void>
  /** What a worker would take next. */
  pop(step?: number): Promise<string | null>
  /** Each list from newest to oldest, byte for byte, with its TTL. */
  lists(): Promise<{ step: number; raws: string[]; ttl: number }[]>
  /** Everything that waits, next to run first. */
  waiting(): Promise<string[]>
  keys(): Promise<string[]>
  clear(): Promise<void>
  close(): Promise<void>
}

export async function queueStage(part: Record<string, unknown> = {}, options: RedisOptions = {}): Promise<QueueStage> {
  const server = await redisServer({ persist: false, ...options })
  const app = celeryApp(part)
  const source = connectRedis(readRedisUrl(server.url, undefined), app.keyPrefix)
  const on = <T>(work: Parameters<typeof source.run<T>>[2]) => source.run('Test', signal, work)
  const key = (step: number) => source.keys.queue('celery', step)
  const lists = () =>
    Promise.all(
      STEPS.map(async (step) => ({
        step,
        raws: await on((redis) => redis.lrange(key(step), 0, -1)),
        ttl: await on((redis) => redis.ttl(key(step))),
      })),
    )
  const quarantine = createQuarantine(source, app)
  return {
    server,
    source,
    quarantine,
    app,
    key,
    push: (step, ...raws) => on(async (redis) => void (raws.length > 0 && (await redis.lpush(key(step), ...raws)))),
    pop: (step = 0) => on((redis) => redis.rpop(key(step))),
    lists,
    waiting: async () => (await lists()).flatMap(({ raws }) => raws.toReversed()),
    keys: () => on((redis) => redis.keys('*')),
    clear: () => on(async (redis) => void (await redis.flushall())),
    async close() {
      quarantine.close()
      await source.close()
      await server.stop()
    },
  }
}

export interface Sent {
  readonly task?: string
  readonly args?: readonly unknown[]
  readonly kwargs?: Record<string, unknown>
  readonly embed?: Record<string, unknown>
  readonly headers?: Record<string, unknown>
  readonly properties?: Record<string, unknown>
}

/** As kombu writes it: ", " and ": ", the body first and in base64. */
export function message({
  task = PROCESS,
  args = [],
  kwargs = {},
  embed = {},
  headers = {},
  properties = {},
}: Sent): string {
  const id = randomUUID()
  const calls = { callbacks: null, errbacks: null, chain: null, chord: null, ...embed }
  return python({
    body: Buffer.from(python([args, kwargs, calls])).toString('base64'),
    'content-encoding': 'utf-8',
    'content-type': 'application/json',
    headers: {
      ...{ lang: 'py', task, id, shadow: null, eta: null, expires: null, group: null, group_index: null, retries: 0 },
      ...{ timelimit: [null, null], root_id: id, parent_id: null, argsrepr: `(${args.join(', ')},)`, kwargsrepr: '{}' },
      ...{ origin: 'gen13702@vm', ignore_result: false },
      ...headers,
    },
    properties: {
      ...{ correlation_id: id, reply_to: randomUUID(), delivery_mode: 2 },
      ...{ delivery_info: { exchange: '', routing_key: 'celery' }, priority: 0, body_encoding: 'base64' },
      ...{ delivery_tag: randomUUID() },
      ...properties,
    },
  })
}

export const job = (id: string | number, more: Sent = {}) => message({ args: [id], ...more })
export const enqueuer = (more: Sent = {}) => message({ task: ENQUEUE, ...more })

/** `json.dumps`, for the ASCII that tests send. */
function python(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([name, member]) => `${JSON.stringify(name)}: ${python(member)}`)
      .join(', ')}}`
  return JSON.stringify(value)
}
