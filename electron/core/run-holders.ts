// Who has a crawl run: a message of it that waits in a queue, or a worker that holds its task.
import type { Job } from '../contract/job.ts'
import type { Task } from '../contract/task.ts'
import type { Broker, WaitingMessage } from './ports/broker.ts'

export interface Holders {
  /** By run. */
  readonly waiting: ReadonlyMap<string, WaitingMessage>
  readonly held: ReadonlyMap<string, Task>
}

/** By the task that its row names, and by the run that a message names: either may be all there is. */
export async function holdersOf(runs: readonly Job[], broker: Broker, signal: AbortSignal): Promise<Holders> {
  const ids = new Set(runs.map(({ id }) => id))
  const runOf = new Map(runs.flatMap(({ id, task }) => (task == null ? [] : [[task, id] as const])))
  const queues = (await broker.queues.queues(signal)).map(({ name }) => name)
  const [byRun, byTask, tasks] = await Promise.all([
    broker.control.waiting(queues, { ids: [...ids], by: 'job' }, signal),
    broker.control.waiting(queues, { ids: [...runOf.keys()], by: 'task' }, signal),
    broker.control.tasks(signal),
  ])
  const runIn = ({ id, job }: { id: string; job: string | null }) =>
    job !== null && ids.has(job) ? job : runOf.get(id)
  const index = <T extends { id: string; job: string | null }>(all: readonly T[]) =>
    new Map(
      all.flatMap((one) => {
        const run = runIn(one)
        return run === undefined ? [] : [[run, one] as const]
      }),
    )
  return { waiting: index([...byTask, ...byRun]), held: index(tasks) }
}
