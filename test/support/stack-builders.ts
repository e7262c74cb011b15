// Whole values of a stack for tests of policy: queues, tasks, services and .env entries, with the runbooks' numbers.
import type { Queue, QueueGroup } from '../../electron/contract/queue.ts'
import type { EnvEntry, Service } from '../../electron/contract/service.ts'
import type { Worker } from '../../electron/contract/snapshot.ts'
import type { ResultSummary, Task } from '../../electron/contract/task.ts'
import { ago, HOUR, worker } from './snapshot-builders.ts'

export const ENQUEUE = 'app.worker.tasks.enqueue_pending_recordings'
export const PROCESS = 'app.worker.tasks.process_recording'

export function group(part: Partial<QueueGroup> = {}): QueueGroup {
  return { task: PROCESS, messages: 3, jobs: 3, duplicates: 0, origins: ['gen7@api'], seenMs: null, ...part }
}

/** Of runbook 0: 90 of 93 messages are the enqueuer's. */
export function queue(part: Partial<Queue> = {}): Queue {
  return {
    name: 'celery',
    messages: 93,
    unacked: 1,
    priorities: [{ priority: 0, messages: 93 }],
    groups: [group({ task: ENQUEUE, messages: 90, jobs: null, origins: ['gen1@beat'] }), group()],
    read: 93,
    consumers: 1,
    paused: false,
    ...part,
  }
}

export function celeryWorker(part: Partial<Worker> = {}): Worker {
  return worker({
    id: 'celery@worker-1',
    name: 'celery@worker-1',
    kind: 'celery',
    model: null,
    threads: null,
    queues: ['celery'],
    prefetched: 0,
    pool: 'prefork',
    ...part,
  })
}

export function task(part: Partial<Task> = {}): Task {
  return {
    id: '61b774ae-0000-4000-8000-000000000001',
    name: PROCESS,
    job: 'e002b2e3-6c8f-4bb7-87ea-1ac0e6334e29',
    worker: 'celery@worker-1',
    state: 'active',
    startedAt: ago(3 * HOUR),
    elapsedMs: 3 * HOUR,
    eta: null,
    queue: 'celery',
    args: "('e002b2e3-6c8f-4bb7-87ea-1ac0e6334e29',)",
    timeLimitMs: null,
    redelivered: false,
    ...part,
  }
}

export function results(part: Partial<ResultSummary> = {}): ResultSummary {
  return {
    ...{ running: 0, retried: 0, done: 0, failed: 0, cancelled: 0 },
    ...{ failedJobs: 0, failedUnknown: 0, withoutExpiry: 0, failures: [] },
    ...part,
  }
}

export function service(part: Partial<Service> = {}): Service {
  return {
    ...{ id: '0123456789ab', service: 'worker', container: 'app-worker-1', number: 1, image: 'app-worker' },
    ...{ state: 'running', health: 'healthy', healthOutput: null, restarts: 0, exitCode: null, outOfMemory: false },
    ...{ startedAt: ago(HOUR), endedAt: null, cpuPercent: 98, memoryBytes: 1e9, memoryLimitBytes: null },
    ...{ ports: [], shell: 'docker exec -it app-worker-1 sh' },
    ...part,
  }
}

export function envEntry(part: Partial<EnvEntry> = {}): EnvEntry {
  return {
    ...{ key: 'TASK_TIMEOUT_SECONDS', value: '7200', secret: false, meaning: 'Longest run of one task', unit: 's' },
    ...{ services: ['worker'], running: [{ service: 'worker', value: '7200' }], unapplied: false },
    ...part,
  }
}
