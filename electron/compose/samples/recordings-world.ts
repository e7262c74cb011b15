// The small world of a recordings sample: workers take messages and finish jobs, beat beats, heartbeats come.
import { randomUUID } from 'node:crypto'
import type { Pool } from '../../../worker/store/pool.ts'
import type { MemoryBroker } from '../../adapters/memory-broker/memory-broker.ts'
import type { HeldTask, MemoryWorker } from '../../adapters/memory-broker/memory-workers.ts'
import type { MemoryStack } from '../../adapters/memory-stack.ts'
import type { Service } from '../../contract/service.ts'
import { beatHearts, claim, finish, giveBack, recoverAndList, runOut, setElapsed } from './recording-rows.ts'
import { type StackVoice, stackVoice } from './stack-voice.ts'

interface Parts {
  readonly pool: Pool
  readonly broker: MemoryBroker
  readonly stack: MemoryStack
  /** Audio seconds per wall second of its workers. */
  readonly speed: number
  nowMs(): number
}

export interface RecordingsWorld {
  readonly voice: StackVoice
  /** A worker of the past, with what it holds; its container is there. */
  hire(worker: Parameters<MemoryBroker['workers']['add']>[0]): MemoryWorker
  /** A recording in work since before the sample began: it goes on at its real pace. */
  holds(task: HeldTask, seconds: number): void
  /** Workers follow their containers: stopped, made anew, scaled. */
  reconcile(): void
  tick(): Promise<void>
}

interface Work {
  readonly task: HeldTask
  readonly job: string
  readonly needsMs: number
  readonly beganMs: number
  readonly factor: number
}

/** Jobs that begin in a sample run so many times faster than real ones: 5 minutes of audio take 7 s. */
export const TIME_LAPSE = 150
const HEARTBEAT_MS = 30_000
/** Taken in one tick at most by one worker: a pile of enqueuers is gone in seconds. */
const PER_TICK = 100
const PAST_TICKS = 30

export function recordingsWorld({ pool, broker, stack, speed, nowMs }: Parts): RecordingsWorld {
  const { workers, lists, results, app } = broker
  const queue = app.defaultQueue
  const voice = stackVoice(stack, nowMs)
  const containerOf = new Map<string, Service>()
  const work = new Map<string, Work>()
  const beats = new Map<string, number>()
  const lost: string[] = []
  const beganMs = nowMs()
  const everyMs = app.enqueueSeconds * 1000
  let heartbeatMs = Number.NEGATIVE_INFINITY

  const nameOf = ({ number }: Service) => `celery@worker-${number}`
  const startOf = ({ id, startedAt }: Service) => `${id} ${startedAt}`
  const limitMs = (worker: MemoryWorker) => {
    const seconds = Number(stack.valuesIn(containerOf.get(worker.name)?.container ?? '').TASK_TIMEOUT_SECONDS ?? '')
    return seconds > 0 ? seconds * 1000 : null
  }

  function reconcile(): void {
    const running = stack.containers('worker')
    for (const [name, container] of containerOf) {
      if (running.some((one) => startOf(one) === startOf(container))) continue
      containerOf.delete(name)
      for (const { id, job } of workers.remove(name)) {
        work.delete(id)
        if (job !== null) lost.push(job)
      }
    }
    for (const container of running) {
      const name = nameOf(container)
      if (containerOf.has(name)) continue
      containerOf.set(name, container)
      if (workers.find(name) !== null) continue
      const slots = Number(stack.valuesIn(container.container).WORKER_CONCURRENCY) || 1
      workers.add({ name, slots, queues: [queue] })
      voice.ready(name, container.container)
    }
    broker.change()
  }

  const schedulers = () => [...stack.containers('beat'), ...stack.containers('beat-old')]
  // Their past is in their logs.
  for (const { container, service } of schedulers())
    for (let n = PAST_TICKS; n >= 0; n--) voice.ticks(service, container, app.enqueueTask, beganMs - n * everyMs)

  function beat(): void {
    for (const { container, service, startedAt } of schedulers()) {
      const last = Math.max(beats.get(container) ?? beganMs, Date.parse(startedAt ?? ''))
      if (nowMs() - last < everyMs) continue
      beats.set(container, last + everyMs)
      lists.send({ id: randomUUID(), name: app.enqueueTask, args: [], queue, origin: `gen1@${service}-1` })
      voice.ticks(service, container, app.enqueueTask, nowMs())
    }
  }

  async function enqueueAll(): Promise<void> {
    const ids = await recoverAndList(pool)
    const waiting = await broker.control.waiting([queue], { ids, by: 'job' }, never)
    const has = new Set(waiting.map(({ job }) => job))
    for (const id of ids)
      if (!has.has(id)) lists.send({ id: randomUUID(), name: app.jobTask, args: [id], queue, origin: 'gen21@worker-1' })
  }

  async function begin(worker: MemoryWorker, task: HeldTask): Promise<void> {
    const container = containerOf.get(worker.name)?.container ?? ''
    if (task.job === null) {
      await enqueueAll()
      return end(worker, task, 'done')
    }
    const claimed = await claim(pool, task.job)
    if (claimed === null) return end(worker, task, 'done')
    voice.begins(container, task, claimed)
    const needsMs = (claimed.seconds / speed) * 1000
    work.set(task.id, { task, job: task.job, needsMs, beganMs: nowMs(), factor: TIME_LAPSE })
  }

  function end(worker: MemoryWorker, { id, name, job }: HeldTask, outcome: 'done' | 'failed', message?: string): void {
    workers.end(id)
    const exception = outcome === 'failed' ? { exception: 'TimeLimitExceeded' } : {}
    results.ended({
      ...{ id, outcome, task: name, job, worker: worker.name, endedMs: nowMs() },
      ...(message === undefined ? {} : { ...exception, message }),
    })
    voice.ends(
      containerOf.get(worker.name)?.container ?? '',
      { id, name },
      message === undefined ? null : Number(message),
    )
  }

  /** What is in work: ended by its limit or its length, else a little further. */
  async function goOn(): Promise<void> {
    const elapsed = new Map<string, number>()
    for (const worker of workers.all())
      for (const task of worker.tasks) {
        const one = work.get(task.id)
        if (one === undefined || worker.state === 'hung') continue
        const ms = (nowMs() - one.beganMs) * one.factor
        const limit = task.timeLimitMs
        if (limit !== null && ms >= limit && one.needsMs > limit) {
          work.delete(task.id)
          await runOut(pool, one.job)
          end(worker, task, 'failed', String(limit / 1000))
        } else if (ms >= one.needsMs) {
          work.delete(task.id)
          await finish(pool, one.job, speed)
          end(worker, task, 'done')
        } else if (one.factor !== 1) {
          task.startedMs = nowMs() - ms
          elapsed.set(one.job, ms)
        }
      }
    if (elapsed.size > 0) await setElapsed(pool, elapsed)
  }

  async function heartbeat(): Promise<void> {
    if (nowMs() - heartbeatMs < HEARTBEAT_MS) return
    heartbeatMs = nowMs()
    const alive = workers.all().filter(({ state }) => state === 'running')
    await beatHearts(
      pool,
      alive.flatMap(({ tasks }) => tasks.flatMap(({ job }) => job ?? [])),
    )
  }

  return {
    voice,
    hire(worker) {
      const [container] = stack.containers('worker').filter((one) => nameOf(one) === worker.name)
      if (container !== undefined) containerOf.set(worker.name, container)
      return workers.add(worker)
    },
    holds(task, seconds) {
      const needsMs = (seconds / speed) * 1000
      if (task.job !== null) work.set(task.id, { task, job: task.job, needsMs, beganMs: task.startedMs, factor: 1 })
    },
    reconcile,
    async tick() {
      for (const job of lost.splice(0)) await giveBack(pool, job)
      beat()
      await goOn()
      for (const worker of workers.all())
        for (let n = 0; n < PER_TICK; n++) {
          const task = workers.take(worker, limitMs(worker))
          if (task === null) break
          await begin(worker, task)
        }
      await heartbeat()
      broker.change()
    },
  }
}

/** Reads of memory: nothing to give up. */
const never = new AbortController().signal
