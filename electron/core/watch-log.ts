// The logs of a stack's workers as a source: steps of running jobs, attempts tied to recordings, errors.
import type { RunningJob } from '../contract/job.ts'
import type { Reading } from '../contract/snapshot.ts'
import type { Stack } from './ports/stack.ts'
import type { System } from './ports/system.ts'
import { learnJobs, readWorkerLog, type WorkerLogReader } from './read-worker-log.ts'
import { isWorkerService } from './service-facts.ts'
import type { Source } from './source.ts'
import type { Sourcing } from './watch-parts.ts'
import { emptyLog, factsOf, type LogFacts, type WorkerLog, withSteps } from './worker-log.ts'

export interface LogWatch {
  readonly source: Source<LogFacts>
  /** What the logs tell so far. */
  log(): WorkerLog
  /** Running jobs with what the log knows of them. */
  running(reading: Reading<RunningJob[]>): Reading<RunningJob[]>
}

export function watchLog(system: System, stack: Stack, source: Sourcing): LogWatch {
  // Held here and not as the source's value: values are compared as JSON, and maps have none.
  let log = emptyLog
  let reader: { services: string; read: WorkerLogReader['read'] } | null = null

  async function readerOf(signal: AbortSignal): Promise<WorkerLogReader['read']> {
    const workers = (await stack.services(signal)).filter(isWorkerService)
    const names = [...new Set(workers.map(({ service }) => service))]
    const services = names.sort().join()
    if (reader?.services !== services) reader = { services, read: readWorkerLog(stack, system.id, names).read }
    return reader.read
  }

  return {
    source: source("Read the workers' log", async (signal) => {
      log = await (await readerOf(signal))(signal)
      if (system.broker !== null) learnJobs(log, system.broker.results.learn)
      return factsOf(log)
    }),
    log: () => log,
    running: (reading) => (reading.status === 'known' ? { ...reading, value: withSteps(reading.value, log) } : reading),
  }
}
