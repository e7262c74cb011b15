// One job in the broker's, the workers' and the results' ledgers; each is read by itself and may be unread.
import { sentence, toFailure } from '../contract/failure.ts'
import type { Job } from '../contract/job.ts'
import type { JobLedgers } from '../contract/task.ts'
import { learnTasks } from './known-tasks.ts'
import { mismatchesOf } from './ledgers.ts'
import type { System } from './ports/system.ts'

const MOST = 50

/** null where the system has no broker: there is only one ledger then. */
export async function readLedgers({ broker }: System, job: Job, signal: AbortSignal): Promise<JobLedgers | null> {
  if (broker === null) return null
  learnTasks(broker, [job])
  const unread: string[] = []
  const read = <T>(tried: string, work: Promise<readonly T[]>): Promise<T[] | null> =>
    work.then(
      (found) => [...found],
      (error: unknown) => {
        unread.push(sentence(toFailure(error, tried)))
        return null
      },
    )
  const [messages, tasks, results] = await Promise.all([
    read('Read the messages', broker.queues.messagesOf(job.id, MOST, signal)),
    read('Read the tasks', broker.control.tasks(signal)),
    read('Read the past attempts', broker.results.resultsOf(job.id, MOST, signal)),
  ])
  const own = tasks?.filter((task) => task.job === job.id) ?? null
  const mismatches = [...mismatchesOf(job, { messages, tasks: own, results })]
  return { messages: messages ?? [], tasks: own ?? [], results: results ?? [], mismatches, unread }
}
