// What a watched application has in Redis, in its worker's log and in its answers: for comparing with and without Unjam.
import { join } from 'node:path'
import { type CeleryOptions, celeryPython, celeryWorker, type TestWorker } from '../../../support/celery.ts'
import { type EngineProcess, startProcess } from '../../../support/child-process.ts'
import { redisServer, type TestRedis } from '../../../support/redis.ts'
import { until } from '../../../support/until.ts'
import { PROCESS } from '../control-stage.ts'

export interface Application {
  /** `broker_transport_options.sep`; null leaves kombu's own. */
  readonly separator: string | null
  readonly prefix: string
  /** Another Celery than Debian's. */
  readonly env?: Readonly<Record<string, string>>
}

/** Every key with its type, its value and whether it expires. */
export type Contents = Readonly<Record<string, { type: string; value: unknown; expires: boolean }>>

export const WORKER = 'w1@unjam'

const DUMP = `
local found = {}
for _, key in ipairs(redis.call('KEYS', '*')) do
  local type = redis.call('TYPE', key).ok
  local value = type
  if type == 'string' then value = redis.call('GET', key)
  elseif type == 'list' then value = redis.call('LRANGE', key, 0, -1)
  elseif type == 'set' then value = redis.call('SMEMBERS', key) table.sort(value)
  elseif type == 'hash' then value = redis.call('HGETALL', key)
  elseif type == 'zset' then value = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES') end
  found[key] = {type = type, value = value, expires = redis.call('TTL', key) >= 0}
end
return cjson.encode(found)`

/** Every inspect command of the application's own Celery, and a task's result. What changes by itself is left out. */
const ASK = `
import importlib, json, sys
worker, job = sys.argv[1:]
app = importlib.import_module("tasks").app
inspect = app.control.inspect(timeout=10, destination=[worker])
answers = {}
for name in ("ping", "active", "active_queues", "clock", "conf", "registered", "report", "reserved", "revoked",
             "scheduled", "stats"):
    replies = getattr(inspect, name)()
    if replies and name in ("clock", "report", "stats"):
        replies = {worker: sorted(value) for worker, value in replies.items()}
    answers[name] = replies
answers["query_task"] = inspect.query_task("nothing")
answers["task"] = app.send_task("${PROCESS}", [job]).get(timeout=10)
print(json.dumps(answers, sort_keys=True, default=str))
`

export interface Watched {
  readonly redis: TestRedis
  readonly separator: string
  /** The application's name of a key. */
  key(name: string): string
  worker(): Promise<TestWorker>
  contents(): Promise<Contents>
  /** The answers to every inspect command, and the result of a task of the job. */
  answers(job: string): Promise<Readonly<Record<string, unknown>>>
  unjam(): EngineProcess
  close(): Promise<void>
}

export async function watched({ separator, prefix, env }: Application): Promise<Watched> {
  const redis = await redisServer({ persist: false })
  const options = {
    ...(separator === null ? {} : { sep: separator }),
    ...(prefix === '' ? {} : { global_keyprefix: prefix }),
  }
  const celery: CeleryOptions = {
    broker: redis.celeryUrl(),
    results: redis.celeryUrl(1),
    // Sets are printed in one order.
    env: { PYTHONHASHSEED: '0', ACCEPT_CONTENT: 'json', TRANSPORT_OPTIONS: JSON.stringify(options), ...env },
  }
  const ends: (() => Promise<void>)[] = []
  const patterns = async () => Number(await redis.cli('PUBSUB', 'NUMPAT'))
  return {
    redis,
    separator: separator ?? '\x06\x16',
    key: (name) => prefix + name,
    async worker() {
      const before = await patterns()
      const one = await celeryWorker({ ...celery, name: WORKER })
      ends.push(one.kill)
      // “ready” comes before the subscription to commands.
      await until('it listens to commands', async () => (await patterns()) > before, 10_000)
      return one
    },
    async contents() {
      const contents: Contents = JSON.parse(await redis.cli('EVAL', DUMP, '0'))
      const deadlines = contents[`${prefix}_kombu.binding_deadlines`]
      // kombu 5.7 renews them with each of the application's own inspect commands.
      return deadlines === undefined
        ? contents
        : { ...contents, [`${prefix}_kombu.binding_deadlines`]: { ...deadlines, value: 'exchanges and times' } }
    },
    async answers(job) {
      return JSON.parse(await celeryPython(celery, ASK, WORKER, job))
    },
    unjam() {
      const main = join(import.meta.dirname, 'watch-main.ts')
      const one = startProcess(process.execPath, [main, redis.url, redis.urlOf({ db: 1 }), prefix])
      ends.push(one.kill)
      return one
    },
    async close() {
      await Promise.all(ends.map((end) => end()))
      await redis.stop()
    },
  }
}
