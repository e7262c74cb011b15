// What a time limit does to jobs of known length: which it kills, and which value would let all of them finish.
import type { Job } from '../contract/job.ts'
import { type Facts, now } from './facts.ts'
import { learnSpeed, needsMs } from './forecast.ts'

/** The values runbook 1 proposes, in seconds; `none` is always one more choice. */
const STEPS_S = [7200, 14_400] as const
/** A forecast is a median: a quarter more, so that a slow hour does not kill the longest job after all. */
const MARGIN = 1.25

export interface Limit {
  readonly ms: number
  readonly from: 'settings' | 'error'
}

/** The limit as the containers have it, else as errors name it (`TimeLimitExceeded(1800)`); null when nothing tells. */
export function limitOf(facts: Facts): Limit | null {
  const told = now(facts.system.limits)?.taskTimeoutMs ?? null
  if (told !== null) return { ms: told, from: 'settings' }
  const named = (now(facts.failures) ?? []).flatMap(({ error }) => killedAfterMs(error) ?? [])
  return named.length === 0 ? null : { ms: Math.max(...named), from: 'error' }
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

/** Whether the limit ends this job before it can finish: by its own error, or by its length at this speed. */
export function killedBy(
  job: Pick<Job, 'audioMs'>,
  error: string | null,
  limitMs: number,
  pace: number | null,
): boolean {
  if (killedAfterMs(error) !== null) return true
  const needs = needsMs(job, pace)
  return needs !== null && needs > limitMs
}

/** The smallest proposed limit (seconds) under which every one of these lengths fits; null is no limit at all. */
export function roomFor(lengthsMs: readonly number[], pace: number | null): number | null {
  if (pace === null || pace <= 0 || lengthsMs.length === 0) return null
  const needS = (Math.max(...lengthsMs) / pace / 1000) * MARGIN
  return STEPS_S.find((step) => step >= needS) ?? null
}
