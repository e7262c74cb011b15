// One round of questions to all workers, bounded to a second, and what Redis says about them at the same moment.

import type { RedisSource } from '../redis/connect.ts'
import { type Keys, STEPS } from '../redis/keys.ts'
import {
  type HeldTask,
  readHeld,
  readQueues,
  readScheduled,
  readStats,
  type ScheduledTask,
  takesJsonOnly,
  type WorkerStats,
} from './answers.ts'
import type { Answer, Pidbox } from './pidbox.ts'
import type { Question } from './request.ts'

export interface Surveyed {
  readonly stats: WorkerStats
  readonly active: readonly HeldTask[] | null
  /** null: not asked, because the app takes more than JSON. */
  readonly reserved: readonly HeldTask[] | null
  readonly scheduled: readonly ScheduledTask[] | null
  readonly queues: readonly string[] | null
  /** How many workers answered by this name. */
  readonly namesakes: number
}

export interface Survey {
  /** By performance.now(). */
  readonly atMs: number
  /** The broker's clock at that moment, ms since 1970. */
  readonly brokerMs: number
  readonly workers: ReadonlyMap<string, Surveyed>
  /** Connections that were given the questions and did not answer. */
  readonly silentConnections: number
  /** Names in the control binding: workers that connected once and did not say goodbye. */
  readonly bound: readonly string[]
  readonly waiting: ReadonlyMap<string, number>
  readonly paused: ReadonlySet<string>
}

export interface SurveyOptions {
  /** Workers that answered lately. */
  readonly expected: readonly string[]
  /** Whether a worker's app takes JSON alone, where that is known; `learned` hears it of new ones. */
  jsonOnly(worker: string): boolean | null
  learned(worker: string, jsonOnly: boolean): void
  readonly waitMs: number
  readonly signal: AbortSignal
}

export async function survey(source: RedisSource, pidbox: Pidbox, options: SurveyOptions): Promise<Survey> {
  const { expected, waitMs, signal } = options
  const ask = (method: Question['method'], destination: readonly string[] | null = null) =>
    pidbox.ask({ method }, { destination, expected, waitMs, signal })
  const some = (method: 'reserved' | 'scheduled', names: readonly string[]): Promise<Answer> =>
    names.length === 0 ? Promise.resolve({ receivers: 0, replies: [] }) : ask(method, names)
  const safe = expected.filter((name) => options.jsonOnly(name) === true)
  const [stats, active, queues, reserved, scheduled] = await Promise.all([
    ask('stats'),
    ask('active'),
    ask('active_queues'),
    some('reserved', safe),
    some('scheduled', safe),
  ])
  const strangers = [...new Set(stats.replies.map(({ worker }) => worker))].filter((w) => options.jsonOnly(w) === null)
  if (strangers.length > 0) {
    const { replies } = await ask('conf', strangers)
    for (const { worker, value } of replies) options.learned(worker, takesJsonOnly(value))
  }
  const workers = new Map<string, Surveyed>()
  for (const { worker, value } of stats.replies) {
    const read = readStats(value)
    if (read === null) continue
    workers.set(worker, {
      stats: read,
      active: readHeld(replyOf(active, worker)),
      reserved: readHeld(replyOf(reserved, worker)),
      scheduled: readScheduled(replyOf(scheduled, worker)),
      queues: readQueues(replyOf(queues, worker)),
      namesakes: stats.replies.filter((reply) => reply.worker === worker).length,
    })
  }
  const names = new Set([...workers.values()].flatMap((one) => one.queues ?? []))
  return {
    ...(await besides(source, [...names], signal)),
    workers,
    silentConnections: Math.max(0, stats.receivers - stats.replies.length),
  }
}

function replyOf({ replies }: Answer, worker: string): unknown {
  return replies.find((reply) => reply.worker === worker)?.value
}

/** Depths, paused queues, the binding and the time, in one round trip. */
async function besides(source: RedisSource, queues: readonly string[], signal: AbortSignal) {
  const { keys } = source
  return source.run('Read the queues of the workers', signal, async (redis) => {
    const pipeline = redis.pipeline().time().smembers(keys.paused).smembers(keys.pidboxBinding)
    for (const queue of queues) for (const { key } of keys.steps(queue)) pipeline.llen(key)
    const [time, paused, bound, ...depths] = ((await pipeline.exec()) ?? []).map(([error, value]) => {
      // A queue's name may be taken by another type of key: then nothing waits in it.
      if (error !== null && !/WRONGTYPE/.test(error.message)) throw error
      return error === null ? value : 0
    })
    keys.learn(bound as string[])
    const [seconds = 0, micros = 0] = (time as (string | number)[]).map(Number)
    return {
      atMs: performance.now(),
      brokerMs: seconds * 1000 + micros / 1000,
      paused: new Set(paused as string[]),
      bound: (bound as string[]).flatMap((member) => workerOf(member, keys)),
      waiting: new Map(
        queues.map((queue, i) => [
          queue,
          depths.slice(i * STEPS.length, (i + 1) * STEPS.length).reduce<number>((sum, n) => sum + Number(n), 0),
        ]),
      ),
    }
  })
}

/** Its control queue is `w1@host.celery.pidbox`. */
function workerOf(member: string, keys: Keys): readonly string[] {
  const name = /^(.+)\.celery\.pidbox$/.exec(keys.readMember(member)?.queue ?? '')?.[1]
  return name === undefined ? [] : [name]
}
