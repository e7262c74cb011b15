// One job in the broker's, the workers' and the results' ledgers; each is read by itself and may be unread.
import { sentence, toFailure } from '../contract/failure.ts'
import type { Job } from '../contract/job.ts'
import type { JobLedgers } from '../contract/task.ts'
import type { System } from './ports.ts'

const MOST = 50

/** null where the system has no broker: there is only one ledger then. */
export async function readLedgers({ broker }: System, job: Job, signal: AbortSignal): Promise<JobLedgers | null> {
  if (broker === null) return null
  const unread: string[] = []
  const read = <T>(tried: string, work: Promise<readonly T[]>): Promise<T[]> =>
    work.then(
      (found) => [...found],
      (error: unknown) => {
        unread.push(sentence(toFailure(error, tried)))
        return []
      },
    )
  const [messages, tasks, results] = await Promise.all([
    read('Read the messages', broker.queues.messagesOf(job.id, MOST, signal)),
    read('Read the tasks', broker.control.tasks(signal)),
    read('Read the past attempts', broker.results.resultsOf(job.id, MOST, signal)),
  ])
  return { messages, tasks: tasks.filter((task) => task.job === job.id), results, mismatches: [], unread }
}
