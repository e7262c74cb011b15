// Whether a running job still gives signs of life: fresh, late after two missed beats, dead beyond the limit.
import type { RunningJob } from '../contract/job.ts'
import type { Worker } from '../contract/snapshot.ts'
import { type Facts, now, readAgo } from './facts.ts'
import { duration, limit } from './wording.ts'

export type Pulse = 'fresh' | 'late' | 'dead' | 'unknown'

/** Two beats missed, and half a minute for the one that is on its way. */
export function lateAfterMs(facts: Facts): number {
  return 2 * facts.beatMs + 30_000
}

/** The limit is runbook 2's: stuck when `updated_at` is older than 15 minutes. */
export function pulse(facts: Facts, job: RunningJob): Pulse {
  if (job.heartbeatAgeMs === null) return 'unknown'
  if (job.heartbeatAgeMs > facts.heartbeatLimitMs) return 'dead'
  return job.heartbeatAgeMs > lateAfterMs(facts) ? 'late' : 'fresh'
}

/** "Heartbeat 40 s ago, limit 15 min", of the job that is the longest without one; null when none is known. */
export function heartbeatLine(facts: Facts, jobs: readonly RunningJob[]): string | null {
  const ages = jobs.flatMap((job) => (job.heartbeatAgeMs === null ? [] : [job.heartbeatAgeMs]))
  return ages.length === 0
    ? null
    : `Heartbeat ${duration(Math.max(...ages))} ago, limit ${limit(facts.heartbeatLimitMs)}`
}

/** `busy` and `not-consuming` live too: what ails them is another rule's. */
const alive: readonly Worker['state'][] = ['running', 'paused', 'draining', 'busy', 'not-consuming']

/** Workers that beat, whether or not they take jobs now; null when that cannot be read. */
export function liveWorkers(facts: Facts): readonly Worker[] | null {
  const workers = now(facts.system.workers)
  return workers === null ? null : workers.filter(({ state }) => alive.includes(state))
}

/** Workers are known and none of them lives: a message that is sent now would find nobody, and `no-worker` says so. */
export function nobodyTakes(facts: Facts): boolean {
  return liveWorkers(facts)?.length === 0
}

/** "Worker alive, beat 2 s ago"; null when no live worker is known. */
export function workerLine(facts: Facts): string | null {
  const live = liveWorkers(facts) ?? []
  const ages = live.flatMap((worker) => (worker.beatAgeMs === null ? [] : [worker.beatAgeMs]))
  if (ages.length === 0) return null
  const age = duration(Math.min(...ages) + readAgo(facts, facts.system.workers))
  return live.length === 1 ? `Worker alive, beat ${age} ago` : `${live.length} workers alive, last beat ${age} ago`
}

/** "0 failed jobs"; null when some have failed or nobody knows. */
export function noFailureLine(facts: Facts): string | null {
  return now(facts.system.counts)?.failed === 0 ? '0 failed jobs' : null
}

/** Lines that are there. */
export function lines(...all: (string | null)[]): string[] {
  return all.filter((line) => line !== null)
}
