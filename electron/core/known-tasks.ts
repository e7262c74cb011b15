// Which task works on which job, as rows tell that name theirs: a result without arguments belongs to a job only by it.
import type { Job } from '../contract/job.ts'
import type { Broker } from './ports/broker.ts'

export function learnTasks(broker: Broker | null, jobs: readonly Pick<Job, 'id' | 'task'>[]): void {
  for (const { id, task } of jobs) if (task != null) broker?.results.learn(task, id, 'database')
}
