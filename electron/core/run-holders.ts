// Who has a crawl run: a message of it that waits in a queue, a worker that holds its task, or one that took it and is gone.
import type { Job } from '../contract/job.ts'
import type { Message, MessagePage, Queue } from '../contract/queue.ts'
import type { Task } from '../contract/task.ts'
import type { Broker, WaitingMessage } from './ports/broker.ts'

export interface Holders {
  /** By run. */
  readonly waiting: ReadonlyMap<string, WaitingMessage>
  readonly held: ReadonlyMap<string, Task>
  /** A worker that has not told so took their message: it is silent or gone, and the broker keeps the message for it. */
  readonly taken: ReadonlySet<string>
}

/** Of one queue; what is taken is one entry for each slot and what it prefetched. */
const MOST_TAKEN = 5000
const PAGE = 500

/** By the task that its row names, and by the run that a message names: either may be all there is. */
export async function holdersOf(runs: readonly Job[], broker: Broker, signal: AbortSignal): Promise<Holders> {
  const ids = new Set(runs.map(({ id }) => id))
  const runOf = new Map(runs.flatMap(({ id, task }) => (task == null ? [] : [[task, id] as const])))
  const queues = await broker.queues.queues(signal)
  const names = queues.map(({ name }) => name)
  const [byRun, byTask, tasks, unacked] = await Promise.all([
    broker.control.waiting(names, { ids: [...ids], by: 'job' }, signal),
    broker.control.waiting(names, { ids: [...runOf.keys()], by: 'task' }, signal),
    broker.control.tasks(signal),
    Promise.all(queues.map((queue) => takenFrom(queue, broker, signal))),
  ])
  const runIn = ({ id, job }: { id: string | null; job: string | null }) =>
    job !== null && ids.has(job) ? job : runOf.get(id ?? '')
  const index = <T extends { id: string; job: string | null }>(all: readonly T[]) =>
    new Map(
      all.flatMap((one) => {
        const run = runIn(one)
        return run === undefined ? [] : [[run, one] as const]
      }),
    )
  const held = index(tasks)
  const taken = unacked.flat().flatMap((message) => runIn(message) ?? [])
  return {
    ...{ waiting: index([...byTask, ...byRun]), held },
    taken: new Set(taken.filter((run) => !held.has(run))),
  }
}

async function takenFrom({ name: queue, unacked }: Queue, { queues }: Broker, signal: AbortSignal): Promise<Message[]> {
  if (unacked === 0) return []
  const found: Message[] = []
  let cursor: string | null = null
  do {
    const page: MessagePage = await queues.messages(
      { system: '', queue, where: 'unacked', limit: PAGE, cursor },
      signal,
    )
    found.push(...page.messages)
    cursor = page.cursor
  } while (cursor !== null && found.length < MOST_TAKEN)
  return found
}
