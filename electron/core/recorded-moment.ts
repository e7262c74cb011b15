// A snapshot as history keeps it: bounded numbers, and what could not be read named as such.
import type { Moment, RecordedJob, RecordedSystem } from '../contract/history.ts'
import type { RunningJob } from '../contract/job.ts'
import type { Reading, Snapshot, SystemSnapshot } from '../contract/snapshot.ts'
import { isUnread } from './reading.ts'

const JOBS = 20
const WORKERS = 20
const QUEUES = 20

/** Systems of which nothing has been read yet are left out: there is nothing to say about them. */
export function momentOf(snapshot: Snapshot): Moment {
  return { at: snapshot.at, systems: snapshot.systems.filter(wasRead).map(recorded) }
}

function wasRead({ counts }: SystemSnapshot): boolean {
  return counts.status === 'known' || !isUnread(counts.failure)
}

function recorded(system: SystemSnapshot): RecordedSystem {
  const { id, kind, counts, throughput, queues, running, workers, dependencies } = system
  return {
    id,
    kind,
    counts: now(counts),
    lastDoneAt: now(throughput)?.lastDoneAt ?? null,
    queues:
      now(queues)
        ?.slice(0, QUEUES)
        .map(({ name, messages, unacked }) => ({ name, messages, unacked })) ?? null,
    running:
      now(running)
        ?.toSorted((a, b) => (b.heartbeatAgeMs ?? -1) - (a.heartbeatAgeMs ?? -1))
        .slice(0, JOBS)
        .map(recordedJob) ?? null,
    workers:
      now(workers)
        ?.slice(0, WORKERS)
        .map(({ name, state, busy, slots }) => ({ name, state, busy, slots })) ?? null,
    dependencies: now(dependencies)?.map(({ name, state }) => ({ name, state })) ?? null,
    unread: unreadParts(system),
  }
}

function recordedJob({ id, title, audioMs, elapsedMs, heartbeatAgeMs, progress }: RunningJob): RecordedJob {
  const { audioDoneMs = null, percent = null } = progress ?? {}
  return { id, title, audioMs, elapsedMs, heartbeatAgeMs, audioDoneMs, percent }
}

/** What was last known is no reading of this moment. */
function now<T>(reading: Reading<T> | null): T | null {
  return reading?.status === 'known' ? reading.value : null
}

/** What a system never tells is no trouble of that moment. */
function unreadParts(system: SystemSnapshot): RecordedSystem['unread'] {
  const parts: Readonly<Record<string, Reading<unknown> | null>> = {
    jobs: system.counts,
    'running jobs': system.running,
    workers: system.workers,
    throughput: system.throughput,
    queues: system.queues,
    services: system.services,
    dependencies: system.dependencies,
  }
  return Object.entries(parts).flatMap(([part, reading]) =>
    reading?.status === 'unknown' && !isUnread(reading.failure) && reading.failure.kind !== 'unsupported'
      ? [{ part, because: reading.failure.because }]
      : [],
  )
}
