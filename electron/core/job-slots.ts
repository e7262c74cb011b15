// Slots that could take a system's jobs: how many there are, and the ways to one more (runbook 0, "More workers").
import type { Remedy } from '../contract/finding.ts'
import type { RunningJob } from '../contract/job.ts'
import { tasksNow, workerOf } from './broker-facts.ts'
import { type Facts, now } from './facts.ts'
import { liveWorkers } from './heartbeat.ts'
import { isWorkerService, servicesNow } from './service-facts.ts'

/** Slots of workers that take jobs from the queues these came from; null when no worker says how many it has. */
export function slotsOf(facts: Facts, jobs: readonly RunningJob[]): number | null {
  const ids = new Set(jobs.map(({ id }) => id))
  const queues = new Set(
    tasksNow(facts).flatMap(({ job, queue }) => (job !== null && ids.has(job) ? (queue ?? []) : [])),
  )
  const taking = (liveWorkers(facts) ?? []).filter(({ state }) => state === 'running' || state === 'busy')
  // However free, a worker of other queues leaves these jobs waiting.
  const slots = taking
    .filter((worker) => queues.size === 0 || worker.queues == null || worker.queues.some((one) => queues.has(one)))
    .reduce((sum, worker) => sum + worker.slots, 0)
  return slots === 0 ? null : slots
}

/** The cheapest first: a process in the pool, a container beside it, Unjam's own worker where one runs. */
export function moreSlots(facts: Facts, job: RunningJob): Remedy[] {
  return [...growPool(facts, job), ...addContainer(facts), ...handOver(facts, job)]
}

function growPool(facts: Facts, job: RunningJob): Remedy[] {
  const worker = workerOf(facts, job.id)
  // Other pools have a fixed size.
  if (worker === null || worker.busy < worker.slots || worker.pool !== 'prefork') return []
  return [
    {
      action: 'resize-pool',
      label: 'Add a worker slot',
      ids: [worker.name],
      params: { by: '1' },
      effect: 'The next job starts within seconds, beside the recording. Undo is possible.',
    },
  ]
}

/** Where one service is the worker, and neither its name nor a port of it keeps it from being two containers. */
function addContainer(facts: Facts): Remedy[] {
  const up = servicesNow(facts).filter((one) => isWorkerService(one) && one.state === 'running')
  const [name, other] = [...new Set(up.map(({ service }) => service))]
  const single = up.some(({ container, ports }) => ports.length > 0 || !/[-_]\d+$/.test(container))
  if (name === undefined || other !== undefined || single) return []
  return [
    {
      action: 'scale-service',
      label: `Run ${up.length + 1} containers of ${name}`,
      ids: [name],
      params: { replicas: String(up.length + 1) },
      effect: 'The next job starts when the new container is ready; the recording goes on. Undo is possible.',
    },
  ]
}

function handOver(facts: Facts, job: RunningJob): Remedy[] {
  const own = (now(facts.system.workers) ?? []).some(({ kind, state }) => kind === 'unjam' && state === 'running')
  if (facts.system.kind !== 'recordings' || !own || job.worker !== null) return []
  return [
    {
      action: 'take-over-job',
      label: 'Hand it to Unjam’s worker',
      ids: [job.id],
      params: {},
      effect: 'It begins anew there and steps aside between chunks. What was transcribed of it so far is lost.',
    },
  ]
}
