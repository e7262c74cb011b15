// A moment of a bundle as a snapshot: what was recorded then is known, everything else is said to be unknown.
import type { Bundle } from '../contract/bundle.ts'
import type { Failure, Instant } from '../contract/failure.ts'
import type { Moment, RecordedJob, RecordedSystem } from '../contract/history.ts'
import type { RunningJob } from '../contract/job.ts'
import type { Queue } from '../contract/queue.ts'
import type { AttemptBar, Reading, Snapshot, SystemSnapshot, Worker } from '../contract/snapshot.ts'
import { standingAfter } from './history-moment.ts'

/** At the end of the bundle everything; before it what its readings tell. */
export function snapshotAt(bundle: Bundle, at: Instant, sequence: number): Snapshot {
  if (at >= bundle.to) return { ...bundle.snapshot, sequence, alerts: [] }
  const read = bundle.moments.findLast((moment) => moment.at <= at) ?? null
  return {
    sequence,
    at,
    systems: bundle.snapshot.systems.map((last) => systemAt(last, read, at)),
    host: bundle.snapshot.host,
    findings: standingAfter(bundle.findings.filter((event) => event.at <= at)),
    alerts: [],
  }
}

function systemAt(last: SystemSnapshot, read: Moment | null, at: Instant): SystemSnapshot {
  const then = read?.systems.find(({ id }) => id === last.id) ?? null
  const when = read?.at ?? at
  const { kind, id } = last
  function of<T>(part: string, value: T | null): Reading<T> {
    if (value !== null) return { status: 'known', at: when, value }
    const because = then?.unread.find((one) => one.part === part)?.because
    return { status: 'unknown', since: when, failure: notKept(id, because), last: null }
  }
  /** What moments do not hold. */
  const gone = { status: 'unknown', since: when, failure: notKept(id, undefined), last: null } as const
  return {
    ...{ id, kind },
    counts: of('jobs', then?.counts ?? null),
    running: of('running jobs', then?.running?.map((job) => runningJob(job, id, when)) ?? null),
    workers: of('workers', then?.workers?.map((worker) => workerOf(worker, kind)) ?? null),
    throughput: gone,
    attempts: of('attempts', last.attempts.status === 'known' ? attemptsUntil(last.attempts.value, at) : null),
    limits: last.limits,
    queues: last.queues === null ? null : of('queues', then?.queues?.map(queueOf) ?? null),
    tasks: last.tasks === null ? null : gone,
    results: last.results === null ? null : gone,
    stack: last.stack,
    services: last.services === null ? null : gone,
    env: last.env === null ? null : gone,
    api: last.api === null ? null : gone,
    forecast: { speed: null, jobs: [], queue: null },
    dependencies:
      last.dependencies === null
        ? null
        : of('dependencies', then?.dependencies?.map((one) => ({ ...one, detail: null })) ?? null),
  }
}

function notKept(on: string, because: string | undefined): Failure {
  const kept = 'the bundle keeps it for its last moment only'
  return { kind: 'missing', tried: 'Read the bundle', on, because: because ?? kept, remedy: null }
}

function runningJob(job: RecordedJob, system: string, at: Instant): RunningJob {
  const { audioDoneMs, percent, elapsedMs, ...same } = job
  const nothing = { speed: null, etaMs: null, chunksDone: null, chunksTotal: null, movedAgeMs: null }
  return {
    ...same,
    ...{ system, elapsedMs, state: 'running', phase: 'active', retryCount: null, createdAt: null, worker: null },
    startedAt: elapsedMs === null ? null : new Date(Date.parse(at) - elapsedMs).toISOString(),
    progress: { ...nothing, audioDoneMs, audioTotalMs: job.audioMs, percent },
  }
}

function workerOf(
  { name, state, busy, slots }: NonNullable<RecordedSystem['workers']>[number],
  kind: SystemSnapshot['kind'],
): Worker {
  return {
    ...{ id: name, name, state, busy, slots, kind: kind === 'local' ? 'unjam' : 'celery', host: '' },
    ...{ because: null, pid: null, threads: null, model: null, speed: null, beatAt: null, beatAgeMs: null },
    ...{ startedAt: null, queues: null, prefetched: null, pool: null },
  }
}

function queueOf({ name, messages, unacked }: NonNullable<RecordedSystem['queues']>[number]): Queue {
  return { name, messages, unacked, priorities: [], groups: [], read: 0, consumers: null, paused: false }
}

function attemptsUntil(attempts: readonly AttemptBar[], at: Instant): AttemptBar[] {
  return attempts
    .filter(({ startedAt }) => startedAt <= at)
    .map((bar) => (bar.endedAt !== null && bar.endedAt > at ? { ...bar, endedAt: null, outcome: 'running' } : bar))
}
