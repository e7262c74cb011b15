// A crawl run's row names the task of its message: a message that goes back under a new task id takes its row along.
import type { World } from './action.ts'

/** Only a run that still waits under the old id: any other is somebody else's by now. */
export async function nameTask(run: string, from: string, to: string, { system, signal }: World): Promise<void> {
  if (system.kind !== 'crawl') return
  const rows = await system.jobs.rows({ kind: 'ids', ids: [run] }, 1, signal)
  const waiting = rows.filter(({ job }) => job.state === 'queued' && job.task === from)
  if (waiting.length > 0) await system.jobs.write(waiting, { verb: 'retry', tasks: { [run]: to } })
}
