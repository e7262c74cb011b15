// Celery workers in memory: their pools, what they hold, and the queues that they consume.
import type { Instant } from '../../contract/failure.ts'
import type { CelerySettings } from '../../contract/settings.ts'
import type { Worker } from '../../contract/snapshot.ts'
import type { Task } from '../../contract/task.ts'
import { readMessage } from '../celery/message/message.ts'
import type { Kept, MessageLists } from './message-lists.ts'

/** A task in one of the slots. */
export interface HeldTask {
  readonly id: string
  readonly name: string
  readonly job: string | null
  readonly args: string
  readonly queue: string
  /** The message it came by; null: the sample began with it. */
  readonly raw: string | null
  /** A time-lapse moves it back. */
  startedMs: number
  readonly timeLimitMs: number | null
}

export interface MemoryWorker {
  readonly name: string
  readonly pid: number
  readonly startedMs: number
  readonly silentMs: number
  slots: number
  queues: readonly string[]
  /** `hung`: it beats and answers nothing, and takes nothing. */
  state: 'running' | 'hung'
  tasks: readonly HeldTask[]
}

export interface NewWorker {
  readonly name: string
  readonly slots: number
  readonly queues: readonly string[]
  readonly state?: MemoryWorker['state']
  /** Since when it answers nothing, where it hangs. */
  readonly silentMs?: number
  readonly startedMs?: number
  readonly tasks?: readonly HeldTask[]
}

export interface MemoryWorkers {
  add(worker: NewWorker): MemoryWorker
  /** Stopped: what it held is lost, as with a worker that is killed. */
  remove(name: string): readonly HeldTask[]
  all(): readonly MemoryWorker[]
  find(name: string): MemoryWorker | null
  consumed(): readonly string[]
  consumersOf(queue: string): number
  /** Workers that were told to leave the queue. */
  left(queue: string): readonly string[]
  leave(queue: string, worker: string, on: boolean): void
  /** What a free slot of the worker takes next; null when none is free or nothing waits. */
  take(worker: MemoryWorker, timeLimitMs: number | null): HeldTask | null
  end(task: string): void
  /** Workers drop what was revoked when its message comes. */
  revoke(task: string): void
  readings(): readonly Worker[]
  tasks(): readonly Task[]
}

/** A hung worker still says that it lives, but not every two seconds to whom it does not listen. */
const BEAT_MS = 2000
const PID = 20

export function memoryWorkers(app: CelerySettings, lists: MessageLists, nowMs: () => number): MemoryWorkers {
  const workers = new Map<string, MemoryWorker>()
  const leftBy = new Map<string, Set<string>>()
  const revoked = new Set<string>()
  let made = 0
  const at = (ms: number): Instant => new Date(ms).toISOString()

  function next(worker: MemoryWorker): { kept: Kept; queue: string } | null {
    for (const queue of worker.queues)
      for (let kept = lists.take(queue); kept !== null; kept = lists.take(queue)) {
        if (!revoked.has(readMessage(kept.raw, app).id ?? '')) return { kept, queue }
        lists.acknowledge(kept.raw)
      }
    return null
  }

  function reading({ name, pid, slots, queues, state, tasks, startedMs, silentMs }: MemoryWorker): Worker {
    const hung = state === 'hung'
    const minutes = Math.floor((nowMs() - silentMs) / 60_000)
    const beatAgeMs = (nowMs() - startedMs) % BEAT_MS
    return {
      ...{ id: name, name, kind: 'celery', state, host: name.slice(name.indexOf('@') + 1), pid, slots },
      because: hung ? `It sends heartbeats, and has answered no command for ${minutes} min.` : null,
      ...{ busy: tasks.length, threads: null, model: null, speed: null },
      ...{ beatAt: at(nowMs() - beatAgeMs), beatAgeMs, startedAt: at(startedMs) },
      ...{ queues: hung ? null : [...queues], prefetched: hung ? null : 0, pool: hung ? null : 'prefork' },
    }
  }

  return {
    add({ name, slots, queues, state = 'running', startedMs = nowMs(), silentMs = startedMs, tasks = [] }) {
      const worker = { name, slots, queues, state, startedMs, silentMs, tasks, pid: PID + ++made }
      workers.set(name, worker)
      return worker
    },
    remove(name) {
      const held = workers.get(name)?.tasks ?? []
      workers.delete(name)
      for (const { raw } of held) if (raw !== null) lists.acknowledge(raw)
      return held
    },
    all: () => [...workers.values()],
    find: (name) => workers.get(name) ?? null,
    consumed: () => [...workers.values()].flatMap(({ queues }) => queues),
    consumersOf: (queue) =>
      [...workers.values()].filter(({ state, queues }) => state === 'running' && queues.includes(queue)).length,
    left: (queue) => [...(leftBy.get(queue) ?? [])],
    leave(queue, name, on) {
      const leavers = leftBy.get(queue) ?? new Set()
      const worker = workers.get(name)
      if (on) leavers.delete(name)
      else leavers.add(name)
      leftBy.set(queue, leavers)
      if (worker !== undefined)
        worker.queues = on
          ? [...worker.queues.filter((one) => one !== queue), queue]
          : worker.queues.filter((one) => one !== queue)
    },
    take(worker, timeLimitMs) {
      if (worker.state !== 'running' || worker.tasks.length >= worker.slots) return null
      const found = next(worker)
      if (found === null) return null
      const { id, task, job, args } = readMessage(found.kept.raw, app)
      const held: HeldTask = {
        ...{ id: id ?? '', name: task ?? '', job, args, queue: found.queue, raw: found.kept.raw },
        ...{ startedMs: nowMs(), timeLimitMs },
      }
      worker.tasks = [...worker.tasks, held]
      return held
    },
    end(task) {
      for (const worker of workers.values()) {
        const held = worker.tasks.find(({ id }) => id === task)
        if (held?.raw != null) lists.acknowledge(held.raw)
        worker.tasks = worker.tasks.filter(({ id }) => id !== task)
      }
    },
    revoke: (task) => void revoked.add(task),
    readings: () => [...workers.values()].map(reading),
    tasks: () =>
      [...workers.values()].flatMap(({ name, state, tasks }) =>
        // One that answers nothing does not say what it holds.
        state === 'hung'
          ? []
          : tasks.map((held) => ({
              ...{ id: held.id, name: held.name, job: held.job, worker: name, state: 'active' as const },
              ...{ startedAt: at(held.startedMs), elapsedMs: nowMs() - held.startedMs, eta: null },
              ...{ queue: held.queue, args: held.args, timeLimitMs: held.timeLimitMs, redelivered: false },
            })),
      ),
  }
}
