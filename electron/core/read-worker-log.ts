// Follows the logs of a stack's workers: each reading takes only what is new, and a service that is away delays none.
import type { SystemId } from '../contract/job.ts'
import type { Stack } from './ports/stack.ts'
import { emptyLog, type LoggedLine, readLog, type WorkerLog } from './worker-log.ts'

export interface WorkerLogReader {
  /** Reads on to the end of every service's log. Rejects only when none of them could be read. */
  read(signal: AbortSignal): Promise<WorkerLog>
}

/** Lines before the end with which a reader begins, and most that one call takes. */
const LINES = 2000
/** A log that grows faster than it is read must not hold a reading for ever; the rest comes with the next. */
const MOST_CALLS = 10

export function readWorkerLog(stack: Stack, system: SystemId, services: readonly string[]): WorkerLogReader {
  const cursors = new Map<string, string>()
  let log: WorkerLog = emptyLog

  async function next(service: string, signal: AbortSignal): Promise<LoggedLine[]> {
    const lines: LoggedLine[] = []
    for (let call = 0; call < MOST_CALLS; call++) {
      const cursor = cursors.get(service) ?? null
      const page = await stack.logs({ system, service, cursor, search: '', limit: LINES }, signal)
      cursors.set(service, page.cursor)
      lines.push(...page.lines)
      // The first call begins before the end and has come to it.
      if (cursor === null || page.lines.length < LINES) break
    }
    return lines
  }

  return {
    async read(signal) {
      const read = await Promise.allSettled(services.map((service) => next(service, signal)))
      for (const one of read) if (one.status === 'fulfilled') log = readLog(log, one.value)
      const [failed] = read.flatMap((one) => (one.status === 'rejected' ? [one] : []))
      if (failed !== undefined && read.every(({ status }) => status === 'rejected')) throw failed.reason
      return log
    },
  }
}

/** Tells the results which recording each attempt worked on; again is harmless. */
export function learnJobs(log: WorkerLog, learn: (task: string, job: string, from: 'worker log') => void): void {
  for (const { task, job } of log.attempts.values()) if (job !== null) learn(task, job, 'worker log')
}
