// The logs of a stack's workers as a source: steps of running jobs, attempts tied to recordings, errors.
import type { RunningJob } from '../contract/job.ts'
import type { Reading } from '../contract/snapshot.ts'
import type { Stack } from './ports/stack.ts'
import type { System } from './ports/system.ts'
import { learnJobs, readWorkerLog, type WorkerLogReader } from './read-worker-log.ts'
import type { Source } from './source.ts'
import type { Sourcing } from './watch-parts.ts'
import { emptyLog, type WorkerLog, withSteps } from './worker-log.ts'

/** What the rules may know of it. */
export interface LogFacts {
  /** Error lines of the logs as far back as they were read, newest last, at most 20. */
  readonly errors: WorkerLog['errors']
  /** Attempts that named a recording and an error, the last to end last, at most 50. */
  readonly failures: readonly { readonly job: string; readonly error: string }[]
}

export interface LogWatch {
  readonly source: Source<LogFacts>
  /** What the logs tell so far. */
  log(): WorkerLog
  /** Running jobs with what the log knows of them. */
  running(reading: Reading<RunningJob[]>): Reading<RunningJob[]>
}

const FAILURES = 50
/** A worker's service is called so in every runbook (`worker`, `qc_worker`, `worker-2`). */
const WORKER = /worker/i

export function watchLog(system: System, stack: Stack, source: Sourcing): LogWatch {
  // Held here and not as the source's value: values are compared as JSON, and maps have none.
  let log = emptyLog
  let reader: { services: string; read: WorkerLogReader['read'] } | null = null

  async function readerOf(signal: AbortSignal): Promise<WorkerLogReader['read']> {
    const names = [...new Set((await stack.services(signal)).map(({ service }) => service))].filter((name) =>
      WORKER.test(name),
    )
    const services = names.sort().join()
    if (reader?.services !== services) reader = { services, read: readWorkerLog(stack, system.id, names).read }
    return reader.read
  }

  return {
    source: source("Read the workers' log", async (signal) => {
      log = await (await readerOf(signal))(signal)
      if (system.broker !== null) learnJobs(log, system.broker.results.learn)
      return { errors: log.errors, failures: failuresOf(log) }
    }),
    log: () => log,
    running: (reading) => (reading.status === 'known' ? { ...reading, value: withSteps(reading.value, log) } : reading),
  }
}

function failuresOf({ attempts }: WorkerLog): LogFacts['failures'] {
  return [...attempts.values()]
    .filter(({ endedAt }) => endedAt !== null)
    .sort((a, b) => Date.parse(a.endedAt ?? '') - Date.parse(b.endedAt ?? ''))
    .flatMap(({ job, error }) => (job === null || error === null ? [] : [{ job, error }]))
    .slice(-FAILURES)
}
