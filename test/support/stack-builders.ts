// Whole values of a stack for tests of policy: queues, tasks, services and .env entries, with the runbooks' numbers.
import type { FailedJob } from '../../electron/contract/job.ts'
import type { Queue, QueueGroup } from '../../electron/contract/queue.ts'
import type { EnvEntry, Service } from '../../electron/contract/service.ts'
import type { Worker } from '../../electron/contract/snapshot.ts'
import type { ResultSummary, Task, TaskResult } from '../../electron/contract/task.ts'
import { ago, HOUR, MINUTE, worker } from './snapshot-builders.ts'

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

/** Of runbook 1: an attempt that the 30-minute limit ended. */
export function failedAttempt(part: Partial<TaskResult> = {}): TaskResult {
  return {
    ...{ id: 't1', outcome: 'failed', task: null, job: null, jobFrom: null, exception: 'TimeLimitExceeded' },
    ...{ message: '1800', traceback: null, endedAt: null, worker: null, retries: 3, expiresMs: null },
    ...part,
  }
}

export function service(part: Partial<Service> = {}): Service {
  return {
    ...{ id: '0123456789ab', service: 'worker', container: 'app-worker-1', number: 1, image: 'app-worker' },
    ...{ state: 'running', health: 'healthy', healthOutput: null, restarts: 0, exitCode: null, outOfMemory: false },
    ...{ startedAt: ago(HOUR), endedAt: null, cpuPercent: 98, memoryBytes: 1e9, memoryLimitBytes: null },
    ...{ stopGraceMs: 10_000, ports: [], shell: 'docker exec -it app-worker-1 sh' },
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

export const SWEEP = '2026-02-04T22:18:32.000Z'

/** Of runbook 1: 38–68 minutes of audio, three retries, marked failed in one sweep. */
export function failedJob(part: Partial<FailedJob> = {}): FailedJob {
  return {
    ...{ system: 'calls', id: 'c85b90e2-c37c-4267-944d-f4559a326e29', state: 'failed', createdAt: ago(30 * HOUR) },
    ...{ title: 'Call recording 3014_190910_221233.m4a', audioMs: 61 * MINUTE, retryCount: 3, endedAt: SWEEP },
    error: 'Max retries exceeded',
    ...part,
  }
}

/** The four of runbook 1. */
export const fourFailed: readonly FailedJob[] = [
  failedJob(),
  failedJob({ id: 'ab167b5a-39b5-4608-bb90-c409c36b142b', title: 'Call recording 2.m4a', audioMs: 68 * MINUTE }),
  failedJob({ id: '4fc36bcc-db3b-4c1c-b125-847075e7e86a', title: 'Call recording 3.m4a', audioMs: 60 * MINUTE }),
  failedJob({ id: 'b52da034-03ee-4563-a495-5564da9ce738', title: 'Call recording 4.m4a', audioMs: 38 * MINUTE }),
]
