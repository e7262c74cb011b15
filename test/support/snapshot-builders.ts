// Small, whole values for tests of policy: a system, its readings, jobs and workers, with the runbook's numbers.
import type { Failure } from '../../electron/contract/failure.ts'
import type { RunningJob } from '../../electron/contract/job.ts'
import type {
  Counts,
  LocalHost,
  Reading,
  Snapshot,
  SystemSnapshot,
  Throughput,
  Worker,
} from '../../electron/contract/snapshot.ts'

export const NOW = '2026-02-05T19:43:08.000Z'
export const MINUTE = 60_000
export const HOUR = 3_600_000

export function ago(ms: number, now: string = NOW): string {
  return new Date(Date.parse(now) - ms).toISOString()
}

export function known<T>(value: T, at: string = NOW): Reading<T> {
  return { status: 'known', at, value }
}

export function failure(part: Partial<Failure> = {}): Failure {
  return {
    kind: 'unreachable',
    tried: 'Read the jobs',
    on: 'postgres://calls',
    because: 'nothing answers at 127.0.0.1:5432',
    remedy: 'Check that Postgres runs there.',
    ...part,
  }
}

/** Never known before: a reading of anything. */
export function unknown(last: null, since?: string, why?: Partial<Failure>): Reading<never>
export function unknown<T>(last: T | null, since?: string, why?: Partial<Failure>): Reading<T>
export function unknown<T>(last: T | null, since: string = NOW, why: Partial<Failure> = {}): Reading<T> {
  return { status: 'unknown', since, failure: failure(why), last }
}

export function counts(part: Partial<Counts> = {}): Counts {
  return { queued: 0, running: 0, done: 0, failed: 0, skipped: 0, ...part }
}

export function runningJob(part: Partial<RunningJob> = {}): RunningJob {
  return {
    system: 'calls',
    id: 'e002b2e3-6c8f-4bb7-87ea-1ac0e6334e29',
    title: 'Call recording 5454_210513_095857.m4a',
    audioMs: 63 * MINUTE,
    retryCount: 0,
    createdAt: ago(5 * HOUR),
    state: 'running',
    phase: 'active',
    startedAt: ago(3 * HOUR),
    elapsedMs: 3 * HOUR,
    heartbeatAgeMs: 40_000,
    worker: null,
    progress: null,
    ...part,
  }
}

export function worker(part: Partial<Worker> = {}): Worker {
  return {
    id: 'w1',
    name: 'server-1',
    kind: 'unjam',
    because: null,
    queues: null,
    prefetched: null,
    pool: null,
    state: 'running',
    host: 'server-1',
    pid: 4711,
    slots: 1,
    busy: 1,
    threads: 8,
    model: 'ggml-small.bin',
    speed: 0.29,
    beatAt: ago(2000),
    beatAgeMs: 2000,
    startedAt: ago(8 * HOUR),
    ...part,
  }
}

export function throughput(part: Partial<Throughput> = {}): Throughput {
  return {
    doneToday: 14,
    audioTodayMs: 14 * 4 * MINUTE,
    lastDoneAgeMs: 3 * HOUR,
    lastDoneAt: ago(3 * HOUR),
    buckets: [],
    speed: 0.29,
    ...part,
  }
}

export function system(part: Partial<SystemSnapshot> = {}): SystemSnapshot {
  return {
    id: 'calls',
    kind: 'recordings',
    counts: known(counts()),
    running: known([]),
    workers: known([]),
    throughput: known(throughput()),
    attempts: known([]),
    limits: known({ taskTimeoutMs: null, heartbeatLimitMs: 15 * MINUTE, maxRetries: 3 }),
    forecast: { speed: null, jobs: [], queue: null },
    queues: null,
    tasks: null,
    results: null,
    stack: null,
    services: null,
    env: null,
    api: null,
    dependencies: null,
    ...part,
  }
}

export function host(part: Partial<LocalHost> = {}): LocalHost {
  return {
    engine: { state: 'ready', path: '/opt/unjam/whisper-cli', version: '1.8.2' },
    models: [{ name: 'ggml-small.bin', path: '/data/models/ggml-small.bin', bytes: 487_601_967 }],
    model: 'ggml-small.bin',
    download: null,
    worker: { state: 'running', pid: 4711, restarts: 0, because: null },
    stackCreation: null,
    ...part,
  }
}

export function snapshot(part: Partial<Snapshot> = {}): Snapshot {
  return { sequence: 1, at: NOW, systems: [], host: host(), findings: [], alerts: [], ...part }
}
