// Who has a crawl run: a message of it that waits in a queue, or a worker that holds its task.

import type { Task } from '../../contract/task.ts'
import type { Broker, JobRow, WaitingMessage } from '../ports.ts'

export interface Holders {
  /** By run. */
  readonly waiting: ReadonlyMap<string, WaitingMessage>
  readonly held: ReadonlyMap<string, Task>
}

/** By the task that its row names, and by the run that a message names: either may be all there is. */
export async function holdersOf(rows: readonly JobRow[], broker: Broker, signal: AbortSignal): Promise<Holders> {
  const runs = new Set(rows.map(({ id }) => id))
  const runOf = new Map(rows.flatMap(({ id, job }) => (job.task == null ? [] : [[job.task, id] as const])))
  const queues = (await broker.queues.queues(signal)).map(({ name }) => name)
  const [byRun, byTask, tasks] = await Promise.all([
    broker.control.waiting(queues, { ids: [...runs], by: 'job' }, signal),
    broker.control.waiting(queues, { ids: [...runOf.keys()], by: 'task' }, signal),
    broker.control.tasks(signal),
  ])
  const run = ({ id, job }: { id: string; job: string | null }) => (job !== null && runs.has(job) ? job : runOf.get(id))
  const index = <T extends { id: string; job: string | null }>(all: readonly T[]) =>
    new Map(all.flatMap((one) => (run(one) === undefined ? [] : [[run(one) ?? '', one] as const])))
  return { waiting: index([...byTask, ...byRun]), held: index(tasks) }
}
