// Commands that change workers: told to named workers that answer, and then looked at until it shows.
import { FailureError } from '../../../contract/failure.ts'
import type { Told } from '../../../core/ports/broker.ts'
import type { RedisSource } from '../redis/connect.ts'
import { readQueues, readStats, readTold, type WorkerStats } from './answers.ts'
import type { Pidbox, Reply } from './pidbox.ts'
import type { Order, Question } from './request.ts'

const ANSWER_MS = 1000
const ORDER_MS = 5000
/** A pool grows at the worker's next look at it, at most five seconds later (protocol §3.4). */
const SHOWS_MS = 7000
const LOOK_MS = 200

export interface Orders {
  /** Workers that answer now. */
  answering(abort: AbortSignal): Promise<readonly string[]>
  ask(method: Question['method'], worker: string, abort: AbortSignal): Promise<unknown>
  /** Tells workers that answer; those that do not are not told, as a command would wait in their socket and run later. */
  tell(order: Order, workers: readonly string[], abort: AbortSignal): Promise<readonly Told[]>
  resize(worker: string, by: number, abort: AbortSignal): Promise<{ from: number; to: number; told: readonly Told[] }>
  consume(queue: string, on: boolean, workers: readonly string[], abort: AbortSignal): Promise<readonly Told[]>
  leftQueue(queue: string, abort: AbortSignal): Promise<readonly string[]>
}

export function createOrders(source: RedisSource, pidbox: Pidbox): Orders {
  const { keys, on } = source

  async function pinged(workers: readonly string[] | null, signal: AbortSignal): Promise<readonly string[]> {
    if (workers?.length === 0) return []
    const { replies } = await pidbox.ask(
      { method: 'ping' },
      { destination: workers, expected: [], waitMs: ANSWER_MS, signal },
    )
    return [...new Set(replies.map(({ worker }) => worker))]
  }

  async function ask(method: Question['method'], worker: string, signal: AbortSignal): Promise<unknown> {
    const { replies } = await pidbox.ask({ method }, { destination: [worker], expected: [], waitMs: ANSWER_MS, signal })
    return replies[0]?.value
  }

  async function tell(order: Order, workers: readonly string[], signal: AbortSignal): Promise<readonly Told[]> {
    if (workers.length === 0) return []
    const able = await pinged(workers, signal)
    const asking = { destination: able, expected: [], waitMs: ORDER_MS, signal }
    const replies: readonly Reply[] = able.length === 0 ? [] : (await pidbox.ask(order, asking)).replies
    return workers.map((worker) => {
      const reply = replies.find((one) => one.worker === worker)
      if (reply !== undefined) return { worker, ...readTold(reply.value) }
      const text = able.includes(worker)
        ? 'it was told and has not confirmed it; it may still do it'
        : 'it does not answer, so it was not told'
      return { worker, ok: false, text }
    })
  }

  async function statsOf(worker: string, abort: AbortSignal): Promise<WorkerStats | null> {
    return readStats(await ask('stats', worker, abort))
  }

  return {
    ask,
    tell,
    leftQueue: (queue, abort) =>
      source.run('Read who left the queue', abort, (redis) => redis.smembers(keys.own('left', queue))),
    answering: (abort) => pinged(null, abort),

    async resize(worker, by, abort) {
      const refuse = (because: string, remedy: string | null = null) =>
        new FailureError({ kind: 'refused', tried: 'Resize the pool', on: worker, because, remedy })
      const before = await statsOf(worker, abort)
      if (before === null) throw refuse('it does not answer')
      if (before.pool !== 'prefork')
        throw refuse(`its pool (${before.pool ?? 'of an unknown kind'}) has a fixed size`, 'Start more workers.')
      const from = before.slots
      const goal = from + by
      if (by === 0) return { from, to: from, told: [] }
      if (goal < 1) throw refuse(`it has ${from} and one process must remain`)
      const n = Math.abs(by)
      const told = await tell({ method: by > 0 ? 'pool_grow' : 'pool_shrink', n }, [worker], abort)
      let to = from
      await shows(told.every(({ ok }) => ok) ? SHOWS_MS : LOOK_MS, abort, async () => {
        to = (await statsOf(worker, abort))?.slots ?? to
        return to === goal
      })
      return { from, to, told }
    },

    async consume(queue, on_, workers, abort) {
      const told = await tell({ method: on_ ? 'add_consumer' : 'cancel_consumer', queue }, workers, abort)
      const obeyed = told.filter(({ ok }) => ok).map(({ worker }) => worker)
      // Remembered beside the broker's own keys, so that every Unjam shows the queue as paused.
      const left = keys.own('left', queue)
      if (on_)
        await source.run('Forget that the queue is paused', abort, (redis) =>
          redis.multi().srem(keys.paused, queue).del(left).exec(),
        )
      else if (obeyed.length > 0)
        await source.run('Remember that the queue is paused', abort, (redis) =>
          redis
            .multi()
            .sadd(keys.paused, queue)
            .sadd(left, ...obeyed)
            .exec(),
        )
      const seen = new Set<string>()
      await shows(ORDER_MS, abort, async () => {
        for (const worker of obeyed) {
          const queues = readQueues(await ask('active_queues', worker, abort))
          if (queues?.includes(queue) === on_) seen.add(worker)
        }
        return seen.size === obeyed.length
      })
      return told.map((one) =>
        !one.ok || seen.has(one.worker)
          ? one
          : {
              ...one,
              ok: false,
              text: `it said yes and still ${on_ ? 'does not consume' : 'consumes'} the queue (${on})`,
            },
      )
    },
  }
}

/** Looks again until it is so or the time is over. */
export async function shows(withinMs: number, abort: AbortSignal, look: () => Promise<boolean>): Promise<boolean> {
  const end = performance.now() + withinMs
  for (;;) {
    if (await look()) return true
    if (performance.now() >= end || abort.aborted) return false
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}
