// What a time limit does to jobs of known length: which it kills, and which value would let all of them finish.
import type { Job } from '../contract/job.ts'
import { allErrors } from './attempt-errors.ts'
import { type Facts, now } from './facts.ts'
import { learnSpeed, needsMs } from './forecast.ts'
import { isWorkerService, servicesNow } from './service-facts.ts'

/** The values runbook 1 proposes, in seconds; `none` is always one more choice. */
const STEPS_S = [7200, 14_400] as const
/** A forecast is a median: a quarter more, so that a slow hour does not kill the longest job after all. */
const MARGIN = 1.25

export interface Limit {
  readonly ms: number
  /** `settings` as the containers have it; else who named it in an error. */
  readonly source: string
}

/** The limit as the containers have it, else as attempts name it (`TimeLimitExceeded(1800)`); null when nothing tells. */
export function limitOf(facts: Facts): Limit | null {
  const told = now(facts.system.limits)?.taskTimeoutMs ?? null
  return told === null ? limitNamed(facts) : { ms: told, source: 'settings' }
}

/** The largest that any error names: of two, the smaller has been raised since. */
export function limitNamed(facts: Facts): Limit | null {
  const named = allErrors(facts).flatMap(({ text, source }) => {
    const ms = killedAfterMs(text)
    return ms === null ? [] : [{ ms, source }]
  })
  return named.reduce<Limit | null>((most, one) => (most === null || one.ms > most.ms ? one : most), null)
}

/**
 * Whether no limit is in force, for attempts that ended before `since`: its own settings say so, or the .env does and
 * the workers' containers are younger than the last attempt that a limit ended. An app may set a limit of its own.
 */
export function isUnlimited(facts: Facts, since: number): boolean {
  const { limits, env, kind } = facts.system
  if (limits.status === 'unknown' || limits.value.taskTimeoutMs !== null) return false
  if (kind === 'local') return true
  const workers = servicesNow(facts).filter((one) => isWorkerService(one) && one.state === 'running')
  const younger = workers.every(({ startedAt }) => startedAt !== null && Date.parse(startedAt) > since)
  return env !== null && now(env) !== null && workers.length > 0 && younger
}

/** The limit that an error names, ms: `Timeout exceeded: TimeLimitExceeded(1800)`. */
export function killedAfterMs(error: string | null): number | null {
  const [, seconds] = /(?:Soft)?TimeLimitExceeded\((\d+(?:\.\d+)?)/.exec(error ?? '') ?? []
  return seconds === undefined ? null : Number(seconds) * 1000
}

/** Audio per wall time of what finished lately; null when nothing did. */
export function paceOf(facts: Facts): number | null {
  return now(facts.system.throughput)?.speed ?? learnSpeed(now(facts.system.attempts) ?? [])?.median ?? null
}

/** Whether the limit ends this job before it can finish: it has done so, or the job needs longer at this speed. */
export function isTooLong(
  job: Pick<Job, 'audioMs'>,
  error: string | null,
  limitMs: number,
  pace: number | null,
): boolean {
  const after = killedAfterMs(error)
  const needs = needsMs(job, pace)
  return (after !== null && after >= limitMs) || (needs !== null && needs > limitMs)
}

/** The smallest proposed limit (seconds) under which every one of these lengths fits; null is no limit at all. */
export function roomFor(lengthsMs: readonly number[], pace: number | null): number | null {
  if (pace === null || pace <= 0 || lengthsMs.length === 0) return null
  const needS = (Math.max(...lengthsMs) / pace / 1000) * MARGIN
  return STEPS_S.find((step) => step >= needS) ?? null
}
