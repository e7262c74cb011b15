// What the broker's readings say about a system: who runs a job, what waits in its queues.
import type { Evidence } from '../contract/finding.ts'
import type { Queue, QueueGroup } from '../contract/queue.ts'
import type { Worker } from '../contract/snapshot.ts'
import type { Task } from '../contract/task.ts'
import { type Facts, now, row } from './facts.ts'
import { duration } from './wording.ts'

/** Queues that could be read; null where there is no broker or it cannot be read. */
export function queuesNow(facts: Facts): readonly Queue[] | null {
  return facts.system.queues === null ? null : now(facts.system.queues)
}

/** How a worker for every queue of this app is started where its code is (runbook 3); none while its queues are unknown. */
export function workerHint(facts: Facts): string[] {
  const names = (queuesNow(facts) ?? []).map(({ name }) => name)
  return names.length === 0
    ? []
    : [`Where the app’s code is: celery -A APP worker --loglevel=info -Q ${names.toSorted().join(',')}`]
}

/** The Celery worker that runs this job now, as the worker itself says. */
export function workerOf(facts: Facts, job: string): Worker | null {
  const tasks = facts.system.tasks === null ? null : now(facts.system.tasks)
  const task = tasks?.find((one) => one.job === job && one.state === 'active')
  return now(facts.system.workers)?.find((worker) => worker.kind === 'celery' && worker.name === task?.worker) ?? null
}

export function tasksNow(facts: Facts): readonly Task[] {
  return facts.system.tasks === null ? [] : (now(facts.system.tasks) ?? [])
}

/** A task that names no job comes from a schedule: the enqueuer, a clean-up. */
export function isPeriodic(group: QueueGroup): boolean {
  return group.task !== null && (group.jobs === null || group.jobs === 0)
}

/** The last part of a task's name, as the runbooks call it: `enqueue_pending_recordings`. */
export function shortTask(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

/** Celery workers in one of these states. */
export function celeryIn(facts: Facts, states: readonly Worker['state'][]): Worker[] {
  return (now(facts.system.workers) ?? []).filter(({ kind, state }) => kind === 'celery' && states.includes(state))
}

/** State, last sign of life and slots of a worker, as evidence. */
export function workerRows(facts: Facts, worker: Worker): Evidence[] {
  const { workers } = facts.system
  return [
    row(facts, 'State', worker.state, 'worker', workers),
    row(
      facts,
      'Last sign of life',
      worker.beatAgeMs === null ? 'unknown: none was seen' : `${duration(worker.beatAgeMs)} ago`,
      'worker',
      workers,
    ),
    row(facts, 'Slots', `${worker.busy} of ${worker.slots} taken`, 'worker', workers),
  ]
}
