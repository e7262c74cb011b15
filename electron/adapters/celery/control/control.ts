// Workers of one broker: who lives and in which state, what they hold, and everything that can be told to them.
import { FailureError } from '../../../contract/failure.ts'
import type { CelerySettings } from '../../../contract/settings.ts'
import type { Worker } from '../../../contract/snapshot.ts'
import type { Delivery, TaskControl } from '../../../core/ports/broker.ts'
import { lastName } from '../message/job-of.ts'
import { findWaiting, pushTask } from '../queues/enqueue.ts'
import { sentAs, sentIds, withdrawnBy, withdrawTask, withholdTasks } from '../queues/once.ts'
import type { RedisSource } from '../redis/connect.ts'
import { readQueues, readRegistered } from './answers.ts'
import { addressesOf, portsOf } from './connections.ts'
import { readDelivery } from './delivery.ts'
import type { CeleryEvents } from './events.ts'
import { createOrders } from './orders.ts'
import { createPidbox } from './pidbox.ts'
import { createRoster } from './roster.ts'
import { type Survey, survey } from './survey.ts'
import { tasksOf } from './tasks.ts'
import { findHung, type UnhangParts, unhang } from './unhang.ts'

export interface ControlParts {
  readonly source: RedisSource
  readonly app: CelerySettings
  readonly events: CeleryEvents
  /** A task that a worker reported as started and not as ended. */
  held(worker: string): { id: string; sinceMs: number | null } | null
  reportsStarts(): boolean
  /** Addresses of a host that only others know: a container engine. Beside what name resolution says. */
  readonly addressesOf?: (host: string) => Promise<readonly string[]>
  readonly idleLimitMs?: number
  readonly waitMs?: number
}

export interface Control extends TaskControl {
  delivery(signal: AbortSignal): Promise<Delivery>
  close(): Promise<void>
}

const WAIT_MS = 1000
/** Workers and tasks are read one after the other; one round of questions serves both. */
const FRESH_MS = 100
const FORGET_MS = 600_000
const IDLE_LIMIT_MS = 30_000

export function createControl(parts: ControlParts): Control {
  const { source, app, events } = parts
  const pidbox = createPidbox(source)
  const orders = createOrders(source, pidbox)
  const roster = createRoster({
    idleLimitMs: parts.idleLimitMs ?? IDLE_LIMIT_MS,
    forgetMs: FORGET_MS,
    held: parts.held,
    reportsStarts: parts.reportsStarts,
  })
  let latest: { survey: Survey; workers: readonly Worker[] } | null = null
  let running: Promise<{ survey: Survey; workers: readonly Worker[] }> | null = null

  /** One round at a time; whoever asks while one is under way gets that one. */
  function look(signal: AbortSignal, freshMs: number): Promise<{ survey: Survey; workers: readonly Worker[] }> {
    if (latest !== null && performance.now() - latest.survey.atMs < freshMs) return Promise.resolve(latest)
    running ??= round(signal).finally(() => {
      running = null
    })
    return running
  }

  async function round(signal: AbortSignal) {
    const found = await survey(source, pidbox, {
      expected: roster.answering(),
      jsonOnly: roster.jsonOnly,
      learned: roster.learned,
      waitMs: parts.waitMs ?? WAIT_MS,
      signal,
    })
    latest = { survey: found, workers: roster.read(found, events.beats(), events.listeningMs()) }
    return latest
  }

  /** After a change the last survey is history. */
  function changed<T>(answer: T): T {
    latest = null
    return answer
  }

  const hanging: UnhangParts = {
    source,
    orders,
    portsOf,
    async addressesOf(host) {
      const told = await Promise.all([addressesOf(host), parts.addressesOf?.(host) ?? []])
      return told.flat()
    },
    known(name) {
      const workers = latest?.workers ?? []
      const one = workers.find((worker) => worker.name === name)
      if (one === undefined) return null
      const there = workers.filter(({ state }) => state !== 'lost')
      const silent = there.filter((worker) => !roster.answering().includes(worker.name))
      return {
        host: one.host,
        pid: one.pid,
        silent: silent.length,
        aloneOnHost: there.every((worker) => worker.name === name || worker.host !== one.host),
      }
    },
  }

  /** The name under which workers know the task: module paths differ between deployments, the last name does not. */
  async function deliverable(name: string, queue: string, signal: AbortSignal): Promise<string> {
    const refuse = (because: string, remedy: string) =>
      new FailureError({ kind: 'refused', tried: `Enqueue ${name}`, on: queue, because, remedy })
    const asking = { destination: null, expected: roster.answering(), waitMs: WAIT_MS, signal }
    const [registered, consumed] = await Promise.all([
      pidbox.ask({ method: 'registered' }, asking),
      pidbox.ask({ method: 'active_queues' }, asking),
    ])
    if (registered.replies.length === 0)
      throw refuse('no worker answers, so nobody would take it', 'Start a worker, or wait until one answers.')
    const names = new Set(registered.replies.flatMap(({ value }) => readRegistered(value) ?? []))
    const alike = [...names].filter((one) => lastName(one) === lastName(name))
    const known = names.has(name) ? name : alike.length === 1 ? alike[0] : undefined
    if (known === undefined)
      throw refuse('no worker knows a task of that name and would discard it', 'Correct its name in the settings.')
    const able = registered.replies.filter(({ value }) => readRegistered(value)?.includes(known))
    const takes = consumed.replies.filter(({ value }) => readQueues(value)?.includes(queue)).map(({ worker }) => worker)
    if (!able.some(({ worker }) => takes.includes(worker)))
      throw refuse('no worker that knows the task consumes this queue', 'Resume the queue, or start a worker for it.')
    return known
  }

  return {
    async workers(signal) {
      return (await look(signal, 0)).workers
    },
    async tasks(signal) {
      return tasksOf((await look(signal, FRESH_MS)).survey, events.beats(), app)
    },
    async revoke(ids, { terminate, signal }, abort) {
      const workers = await orders.answering(abort)
      return changed(await orders.tell({ method: 'revoke', ids, terminate, signal }, workers, abort))
    },
    resize: async (worker, by, abort) => changed(await orders.resize(worker, by, abort)),
    consume: async (queue, on, workers, abort) => changed(await orders.consume(queue, on, workers, abort)),
    leftQueue: orders.leftQueue,
    async hung(worker, abort) {
      if (latest === null) await look(abort, 0)
      const { clients, how } = await findHung(hanging, worker, abort)
      return { connections: clients.map(({ ip, port }) => `${ip}:${port}`), how }
    },
    async unhang(worker, abort) {
      if (latest === null) await look(abort, 0)
      return changed(await unhang(hanging, worker, abort))
    },
    waiting: (queues, of, abort) => findWaiting(source, app, queues, of, abort),
    deliverable,
    async enqueue(task, abort) {
      // Sent before: whether a worker would take it now is no longer the question.
      const before = task.id === undefined ? null : await sentAs(source, task.operation, task.id, abort)
      if (task.id !== undefined && before !== null) return { id: task.id, raw: before }
      const name = task.raw === undefined ? await deliverable(task.name, task.queue, abort) : task.name
      return pushTask(source, { ...task, name }, abort)
    },
    sent: (operation, abort) => sentIds(source, operation, abort),
    withhold: (operation, ids, abort) => withholdTasks(source, operation, ids, abort),
    withdraw: (queue, raw, operation, abort) => withdrawTask(source, queue, raw, operation, abort),
    withdrawn: (operation, abort) => withdrawnBy(source, operation, abort),
    delivery: (signal) => readDelivery(pidbox, app, roster.answering(), WAIT_MS, signal),
    close: () => pidbox.close(),
  }
}
