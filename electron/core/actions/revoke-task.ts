// Tasks are taken back: workers are told to drop or end them, and messages that wait are taken out, exactly those.
import type { Task } from '../../contract/task.ts'
import { needed } from '../missing-part.ts'
import type { WaitingMessage } from '../ports/broker.ts'
import { count, duration, listed, plural } from '../wording.ts'
import type { Action, Frozen } from './action.ts'
import { flag } from './chosen-one.ts'
import { invalid, refuse } from './refuse.ts'
import { type RevokeRecord, revokeTasks, settleRevoke, undoRevoke } from './revoke-steps.ts'

interface RevokePlan extends Frozen {
  readonly waiting: readonly WaitingMessage[]
  /** Held by workers: running, prefetched, or waiting for their time. */
  readonly held: readonly Task[]
  /** Running tasks that are not ended because nobody said so. */
  readonly spared: readonly Task[]
  readonly terminate: boolean
  readonly signal: 'SIGTERM' | 'SIGKILL'
  readonly prefix: string
  /** An enqueuer sends what its rows call queued; crawl runs have none. */
  readonly enqueuer: boolean
}

const TRIED = 'Revoke tasks'

/** `ids` are task ids, or job ids with `by=job`; `terminate=true` ends running ones, with `signal=SIGTERM|SIGKILL`. */
export const revokeTask: Action<RevokePlan> = {
  id: 'revoke-task',
  target: 'task',
  risk: 'destructive',
  kinds: ['recordings', 'crawl'],
  ability: null,
  needs: ['broker'],
  params: ['by', 'terminate', 'signal'],
  offer: () => ({ title: TRIED, blocked: null }),
  async plan(request, world) {
    const { system, params, target } = { ...request, system: world.system }
    const by = params.by ?? 'task'
    if (by !== 'task' && by !== 'job') throw invalid(TRIED, system.id, `by=${by} is neither task nor job`)
    const signal = params.signal ?? 'SIGTERM'
    if (signal !== 'SIGTERM' && signal !== 'SIGKILL')
      throw invalid(TRIED, system.id, `signal=${signal} is neither SIGTERM nor SIGKILL`)
    if (target === 'all') throw invalid(TRIED, system.id, `no ${by} is named`, 'Choose the ones to revoke.')
    const terminate = flag(request, 'terminate', TRIED)
    const broker = needed(system, 'broker', TRIED)
    const queues = await broker.queues.queues(world.signal)
    const names = queues.map(({ name }) => name)
    const [waiting, tasks] = await Promise.all([
      broker.control.waiting(names, { ids: target, by }, world.signal),
      broker.control.tasks(world.signal),
    ])
    const meant = tasks.filter((task) => target.includes(by === 'task' ? task.id : (task.job ?? '')))
    const held = meant.filter(({ state }) => terminate || state !== 'active')
    const spared = meant.filter((task) => !held.includes(task))
    if (waiting.length + held.length === 0)
      throw spared.length > 0
        ? refuse(
            TRIED,
            listed(target),
            'it runs already, and revoking does not end what runs',
            'Terminate it instead: terminate=true.',
          )
        : refuse(TRIED, listed(target), 'neither does a message of it wait, nor does a worker that answers hold it')
    return {
      waiting,
      held,
      spared,
      terminate,
      signal,
      prefix: broker.app.keyPrefix,
      enqueuer: world.system.kind !== 'crawl',
      undoable: waiting.length > 0,
      items: [
        ...waiting.map((one) => ({
          id: one.id,
          title: one.job ?? one.task ?? one.id,
          note: `waits in queue ${one.queue}`,
          fingerprint: `${one.queue} ${one.raw}`,
        })),
        ...held.map((task) => ({
          id: task.id,
          title: task.job ?? task.name,
          note: noteOf(task),
          fingerprint: `${task.state} ${task.worker}`,
        })),
      ],
    }
  },
  preview(plan) {
    const { waiting, held, spared, terminate, signal } = plan
    const n = waiting.length + held.length
    const running = held.filter(({ state }) => state === 'active')
    const later = held.length - running.length
    const parts = [
      ...(waiting.length === 0
        ? []
        : [`${count(waiting.length, 'message')} ${plural(waiting.length, 'is', 'are')} taken out of the queue`]),
      ...(later === 0
        ? []
        : [`${count(later, 'task')} that workers hold and have not begun ${plural(later, 'is', 'are')} dropped`]),
      ...(running.length === 0
        ? []
        : [
            `${count(running.length, 'running task')} ${plural(running.length, 'is', 'are')} ended by ${signal}, and what ${plural(running.length, 'it has', 'they have')} done is lost`,
          ]),
    ]
    const remembered = 'Workers remember revoked ids until they restart, the others through each other.'
    return {
      title: terminate ? `Terminate ${count(n, 'task')}` : `Revoke ${count(n, 'task')}`,
      summary: `${parts.join('; ').replace(/^./, (c) => c.toUpperCase())}.`,
      notTouched: [
        ...(spared.length === 0
          ? []
          : [`${count(spared.length, 'task')} that ${plural(spared.length, 'runs', 'run')} already`]),
        'The rows of the database',
        'Other messages and tasks',
      ],
      know: [
        remembered,
        ...(running.length === 0
          ? []
          : ['The row of an ended task goes on to say running until it is released or marked.']),
        ...(waiting.length === 0
          ? []
          : [
              plan.enqueuer
                ? 'A job whose row is queued is enqueued again by the next enqueuer.'
                : 'A run whose row is pending waits until it is started anew, or marked as failed.',
            ]),
      ],
      command: commandOf(plan),
      undo:
        waiting.length === 0
          ? 'There is no undo: what a worker has dropped or ended does not come back. Retry or enqueue the job instead.'
          : `Undo puts ${count(waiting.length, 'message')} back at the end of ${plural(waiting.length, 'its queue, under a new task id', 'their queues, under new task ids')}, because workers drop the old ${plural(waiting.length, 'one', 'ones')}.${held.length === 0 ? '' : ' What workers hold does not come back.'}`,
      confirm: `${terminate ? 'Terminate' : 'Revoke'} ${count(n, 'task')}`,
    }
  },
  execute: (plan, world, operation) => revokeTasks(recordOf(plan), world, operation),
  settle: settleRevoke,
  undo: undoRevoke,
}

function recordOf({ waiting, held, spared, terminate, signal }: RevokePlan): RevokeRecord {
  return {
    ...{ waiting: [...waiting], terminate, signal },
    held: held.map(({ id, worker, state }) => ({ id, worker, active: state === 'active' })),
    spared: spared.map(({ id }) => id),
  }
}

function noteOf({ state, worker, elapsedMs }: Task): string {
  if (state === 'reserved') return `taken by ${worker}, not begun`
  if (state === 'scheduled') return `waits on ${worker} for its time`
  return `runs on ${worker}${elapsedMs === null ? '' : ` for ${duration(elapsedMs)}`}`
}

/** Celery 5 has no `revoke --terminate`: it is `terminate SIGNAL ID`. */
function commandOf({ waiting, held, terminate, signal, prefix }: RevokePlan): string {
  const ids = [...new Set([...waiting, ...held].map(({ id }) => id))]
  const verb = terminate ? `terminate ${signal}` : 'revoke'
  return [
    `celery -A APP control ${verb} ${ids.slice(0, 20).join(' ')}${ids.length > 20 ? ' …' : ''}`,
    ...waiting.slice(0, 5).map(({ id, queue }) => `redis-cli LREM ${prefix}${queue} -1 '{… "id": "${id}" …}'`),
    ...(waiting.length > 5 ? [`# and ${waiting.length - 5} more`] : []),
  ].join('\n')
}
