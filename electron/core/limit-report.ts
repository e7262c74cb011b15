// What each time limit would do to the jobs there are, and which value is advised, with its reason.
import { assertNever } from '../contract/failure.ts'
import type { Speed } from '../contract/forecast.ts'
import type { Job } from '../contract/job.ts'
import type { JobPoint, LimitChoice, LimitReport, StateLengths } from '../contract/proof.ts'
import { count, duration, limit as limitText } from './wording.ts'

/** Runbook 1 found 1800 in force and proposes the next two; an hour lies between; null is none, as runbook 2 wants it. */
export const LIMITS = [1800, 3600, 7200, 14_400, null] as const
/** The values that runbook 1 proposes for who wants a limit. */
const CAPS = [7200, 14_400] as const

/** Audio (ms) that just fits each limit: first all at the median speed, then all at the slow end. */
export function lengthsThatFit(limits: readonly (number | null)[], speed: Speed | null): number[] {
  if (speed === null) return []
  const fits = (pace: number) => limits.flatMap((seconds) => (seconds === null ? [] : [seconds * 1000 * pace]))
  return [...fits(speed.median), ...fits(speed.low)]
}

/** The limits of the table: the usual ones, and the one in force where it is another. */
export function limitsToShow(currentSeconds: number | null): readonly (number | null)[] {
  const known: readonly (number | null)[] = LIMITS
  if (currentSeconds === null || known.includes(currentSeconds)) return known
  return [...[...LIMITS, currentSeconds].filter((one) => one !== null).sort((a, b) => a - b), null]
}

/** @param lengths as counted for `lengthsThatFit(limits, speed)`. */
export function limitChoices(
  limits: readonly (number | null)[],
  speed: Speed | null,
  lengths: readonly StateLengths[],
  currentSeconds: number | null,
): LimitChoice[] {
  const finite = limits.filter((seconds) => seconds !== null)
  const per = (of: (one: StateLengths) => number) => ({
    queued: sumOf(lengths, 'queued', of),
    running: sumOf(lengths, 'running', of),
    failed: sumOf(lengths, 'failed', of),
  })
  return limits.map((seconds) => {
    const current = seconds === currentSeconds
    if (seconds === null) return { seconds, current, kills: per(() => 0), risks: per(() => 0) }
    if (speed === null) return { seconds, current, kills: null, risks: null }
    const at = finite.indexOf(seconds)
    const over = (one: StateLengths) => one.over[at] ?? 0
    const slow = (one: StateLengths) => one.over[finite.length + at] ?? 0
    return { seconds, current, kills: per(over), risks: per((one) => Math.max(0, slow(one) - over(one))) }
  })
}

function sumOf(
  lengths: readonly StateLengths[],
  state: StateLengths['state'],
  of: (one: StateLengths) => number,
): number {
  return lengths.reduce((sum, one) => sum + (one.state === state ? of(one) : 0), 0)
}

/**
 * None, because stuck jobs are found by their heartbeat (runbook 2); a cap only for who wants one, and then one under
 * which everything fits (runbook 1). Without heartbeats a limit is the only thing that ends a dead attempt.
 */
export function adviceOn(
  choices: readonly LimitChoice[],
  lengths: readonly StateLengths[],
  speed: Speed | null,
  heartbeats: boolean,
): LimitReport['advice'] {
  const cap = CAPS.find((seconds) => {
    const one = choices.find((choice) => choice.seconds === seconds)
    return one?.kills != null && one.risks !== null && total(one.kills) + total(one.risks) === 0
  })
  const longest = Math.max(0, ...lengths.flatMap(({ longestMs }) => longestMs ?? []))
  const needs = speed === null || longest === 0 ? null : longest / speed.low
  const capText =
    speed === null
      ? 'Which cap would fit is unknown: no job has finished yet, so no speed is known.'
      : cap !== undefined
        ? `Where a cap is wanted, ${cap} s fits${needs === null ? '' : `: the longest job needs at most about ${duration(needs)}`}.`
        : `No usual cap fits: the longest job may need ${needs === null ? 'longer' : duration(needs)}.`
  if (heartbeats)
    return {
      seconds: null,
      sentence: 'No limit. Stuck jobs are found by their heartbeat, and long ones can finish.',
      cap: capText,
    }
  return {
    seconds: cap ?? null,
    sentence:
      cap === undefined
        ? 'No limit, although nothing here beats: every usual one would end jobs that only take long.'
        : `${cap} s. Running jobs give no heartbeat here, so only a limit ends a dead attempt.`,
    cap: capText,
  }
}

const total = ({ queued, running, failed }: { queued: number; running: number; failed: number }) =>
  queued + running + failed

/** “2 queued, 4 failed would not fit into 30 min”; null when all fit, or nobody knows. */
export function killText({ seconds, kills }: LimitChoice): string | null {
  if (seconds === null || kills === null || total(kills) === 0) return null
  const parts = (['queued', 'running', 'failed'] as const).flatMap((state) =>
    kills[state] === 0 ? [] : [`${count(kills[state], `${state} job`)}`],
  )
  return `${parts.join(', ')} would not fit into ${limitText(seconds * 1000)}`
}

/** A job as a point; what was never done is placed where it would end. null where length or time is unknown. */
export function pointOf(job: Job, speed: Speed | null): JobPoint | null {
  const { id, title, audioMs } = job
  if (audioMs === null || audioMs <= 0) return null
  const needs = speed === null ? null : audioMs / speed.median
  switch (job.state) {
    case 'done':
      return job.tookMs === null || job.tookMs <= 0 ? null : { id, title, state: 'done', audioMs, wallMs: job.tookMs }
    case 'running':
    case 'failed':
      return needs === null ? null : { id, title, state: job.state, audioMs, wallMs: needs }
    case 'queued':
    case 'skipped':
      return null
    default:
      return assertNever(job)
  }
}
