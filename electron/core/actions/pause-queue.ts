// Workers stop consuming a queue, or consume it again: each is the other's undo.
import * as z from 'zod'
import type { ActionRequest } from '../../contract/action.ts'
import type { Queue } from '../../contract/queue.ts'
import type { Worker } from '../../contract/snapshot.ts'
import { needed } from '../missing-part.ts'
import { count, listed, plural } from '../wording.ts'
import type { Action, Done, Frozen, Operation, Settled, Undone, World } from './action.ts'
import { chosenOne } from './chosen-one.ts'
import { refuse } from './refuse.ts'

interface ConsumePlan extends Frozen {
  readonly queue: string
  readonly on: boolean
  readonly workers: readonly Worker[]
  /** Workers that would have to be told and do not answer. */
  readonly silent: readonly string[]
  /** Already consume it, or never did. */
  readonly others: readonly string[]
}

const Trail = z.object({ queue: z.string(), workers: z.array(z.string()) })
const tried = (on: boolean) => (on ? 'Resume the queue' : 'Pause the queue')

export const pauseQueue: Action<ConsumePlan> = {
  id: 'pause-queue',
  target: 'queue',
  risk: 'disruptive',
  kinds: ['recordings', 'crawl'],
  ability: null,
  needs: ['broker'],
  params: ['queue'],
  offer: () => ({ title: tried(false), blocked: null }),
  plan: (request, world) => freeze(request, world, false),
  preview(plan) {
    const { queue, workers, silent, others } = plan
    const n = workers.length
    const prefetched = workers.reduce((sum, worker) => sum + (worker.prefetched ?? 0), 0)
    return {
      title: `Pause queue ${queue}`,
      summary: `${count(n, 'worker')} ${plural(n, 'stops', 'stop')} taking messages from ${queue}; they wait until it is resumed.`,
      notTouched: [
        'Running tasks',
        prefetched === 0
          ? 'Messages that workers have taken'
          : `The ${count(prefetched, 'message')} that workers have taken and not begun: they still run`,
        'Messages that wait',
        ...(others.length === 0 ? [] : [`Workers of other queues: ${listed(others)}`]),
      ],
      know: [
        'A worker that starts or restarts meanwhile consumes the queue again: the pause is in the workers, not in the queue.',
        'The enqueuer stops too where it waits in the same queue.',
        ...silent.map((name) => `${name} does not answer and is not told: it goes on when it wakes up.`),
      ],
      command: `celery -A APP control -d ${workers.map(({ name }) => name).join(',')} cancel_consumer ${queue}`,
      undo: 'Undo lets the same workers consume it again.',
      confirm: `Pause on ${count(n, 'worker')}`,
    }
  },
  execute: run,
  settle: (world, operation) => settle(world, operation, false),
  undo: (trail, world) => back(trail, world, true),
}

export const resumeQueue: Action<ConsumePlan> = {
  id: 'resume-queue',
  target: 'queue',
  risk: 'safe',
  kinds: ['recordings', 'crawl'],
  ability: null,
  needs: ['broker'],
  params: ['queue'],
  offer: () => ({ title: tried(true), blocked: null }),
  plan: (request, world) => freeze(request, world, true),
  preview({ queue, workers, silent, others }) {
    const n = workers.length
    return {
      title: `Resume queue ${queue}`,
      summary:
        n === 0
          ? `${queue} is no longer shown as paused: ${listed(others)} ${plural(others.length, 'consumes', 'consume')} it already.`
          : `${count(n, 'worker')} ${plural(n, 'takes', 'take')} messages from ${queue} again, the next at once.`,
      notTouched: [
        'Running tasks',
        ...(others.length === 0 ? [] : [`Workers that already consume it: ${listed(others)}`]),
      ],
      know: [
        'Until they restart: for good, the queue belongs in their -Q option.',
        ...silent.map((name) => `${name} does not answer and is not told.`),
      ],
      command:
        n === 0 ? null : `celery -A APP control -d ${workers.map(({ name }) => name).join(',')} add_consumer ${queue}`,
      undo: 'Undo makes the same workers leave it again.',
      confirm: n === 0 ? 'Show it as consumed' : `Resume on ${count(n, 'worker')}`,
    }
  },
  execute: run,
  settle: (world, operation) => settle(world, operation, true),
  undo: (trail, world) => back(trail, world, false),
}

async function freeze(request: ActionRequest, world: World, on: boolean): Promise<ConsumePlan> {
  const { control, app, queues } = needed(world.system, 'broker', tried(on))
  const queue = chosenOne(request, 'queue', app.defaultQueue, tried(on))
  const [all, known, left]: [readonly Worker[], readonly Queue[], readonly string[]] = await Promise.all([
    control.workers(world.signal),
    queues.queues(world.signal),
    on ? control.leftQueue(queue, world.signal) : [],
  ])
  const paused = known.find(({ name }) => name === queue)?.paused === true
  const there = all.filter(({ state }) => state !== 'lost')
  const answering = there.filter(({ state }) => ['running', 'not-consuming', 'paused'].includes(state))
  const consumers = answering.filter((worker) => worker.queues?.includes(queue) === true)
  const silent = there.filter((worker) => !answering.includes(worker)).map(({ name }) => name)
  if (answering.length === 0) throw refuse(tried(on), queue, 'no worker answers')
  if (!on && consumers.length === 0)
    throw refuse(tried(on), queue, paused ? 'it is paused already' : 'no worker that answers consumes it')
  const idle = answering.filter((worker) => !consumers.includes(worker))
  // Those that were told to leave it; where none of them is left, everybody who could take it.
  const leavers = idle.filter(({ name }) => left.includes(name))
  const workers = on ? (leavers.length > 0 ? leavers : consumers.length > 0 ? [] : idle) : consumers
  if (on && workers.length === 0 && !paused) throw refuse(tried(on), queue, 'workers consume it already')
  const others = (on ? consumers : idle).map(({ name }) => name)
  return {
    queue,
    on,
    workers,
    silent,
    others,
    count: workers.length,
    items:
      workers.length === 0
        ? [{ id: queue, title: queue, note: 'shown as paused', fingerprint: 'paused' }]
        : workers.map(({ name, pid, queues: consumed }) => ({
            id: name,
            title: name,
            note: `consumes ${consumed === null || consumed.length === 0 ? 'no queue' : consumed.join(', ')}`,
            fingerprint: `${queue} ${pid}`,
          })),
  }
}

async function run({ queue, on, workers }: ConsumePlan, world: World, operation: Operation): Promise<Done> {
  const { control } = needed(world.system, 'broker', tried(on))
  const names = workers.map(({ name }) => name)
  operation.record({ queue, workers: names })
  const told = await control.consume(queue, on, names, world.signal)
  const done = told.filter(({ ok }) => ok).map(({ worker }) => worker)
  const left = told.filter(({ ok }) => !ok).map(({ worker, text }) => ({ id: worker, because: text }))
  return consumed(queue, on, done, left)
}

/** The workers themselves say which queues they consume. */
async function settle(world: World, operation: Operation, on: boolean): Promise<Settled> {
  const { queue, workers } = Trail.parse(JSON.parse(operation.recorded ?? 'null'))
  const now = await needed(world.system, 'broker', tried(on)).control.workers(world.signal)
  const reached = workers.filter((name) =>
    now.some((one) => one.name === name && one.queues !== null && one.queues.includes(queue) === on),
  )
  if (reached.length === 0)
    return {
      state: 'nothing',
      summary: `Interrupted: no worker ${on ? 'started' : 'stopped'} consuming queue ${queue}.`,
    }
  const left = workers
    .filter((name) => !reached.includes(name))
    .map((id) => ({ id, because: 'the change was interrupted before this one' }))
  return { state: 'done', done: consumed(queue, on, reached, left) }
}

function consumed(queue: string, on: boolean, done: readonly string[], left: Done['left']): Done {
  const n = done.length
  return {
    count: n,
    left,
    summary: `${count(n, 'worker')} ${on ? plural(n, 'consumes', 'consume') : plural(n, 'has left', 'have left')} queue ${queue}${on ? ' again' : ''}.`,
    trail: n === 0 ? null : JSON.stringify({ queue, workers: done }),
  }
}

async function back(trail: string, world: World, on: boolean): Promise<Undone> {
  const { queue, workers } = Trail.parse(JSON.parse(trail))
  const { control } = needed(world.system, 'broker', tried(on))
  const told = await control.consume(queue, on, workers, world.signal)
  return {
    restored: told.filter(({ ok }) => ok).length,
    left: told.filter(({ ok }) => !ok).map(({ worker, text }) => ({ id: worker, because: text })),
  }
}
