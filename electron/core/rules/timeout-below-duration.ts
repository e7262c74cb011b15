// The time limit ends recordings before they can finish: each retry hits it again, until none is left.
import type { Evidence, Finding, Remedy } from '../../contract/finding.ts'
import type { FailedJob } from '../../contract/job.ts'
import { errorOf } from '../attempt-errors.ts'
import { type Facts, finding, now, type Rule, row } from '../facts.ts'
import {
  isTooLong,
  isUnlimited,
  killedAfterMs,
  type Limit,
  limitNamed,
  limitOf,
  paceOf,
  roomFor,
} from '../time-limit.ts'
import { audio, count, duration, limit as limitText, listed, plural, speed } from '../wording.ts'

export const timeoutBelowDuration: Rule = {
  id: 'timeout-below-duration',
  runbook: '1-failed-tasks.md, "Task timeout (30 min)"',
  diagnose(facts) {
    const failed = now(facts.failures)
    if (failed === null || facts.system.kind === 'crawl') return []
    const named = limitNamed(facts)
    const ended = named === null ? [] : tooLong(facts, failed, named)
    if (named !== null && isUnlimited(facts, lastEnd(ended)))
      return ended.length === 0 ? [] : [lifted(facts, ended, named, null)]
    const limit = limitOf(facts)
    if (limit === null) return []
    const victims = tooLong(facts, failed, limit)
    if (victims.length > 0) return [toFinding(facts, victims, limit)]
    return named === null || ended.length === 0 ? [] : [lifted(facts, ended, named, limit)]
  },
}

function tooLong(facts: Facts, failed: readonly FailedJob[], { ms }: Limit): FailedJob[] {
  const pace = paceOf(facts)
  return failed.filter((job) => isTooLong(job, errorOf(facts, job)?.text ?? null, ms, pace))
}

function lastEnd(jobs: readonly FailedJob[]): number {
  return Math.max(0, ...jobs.flatMap(({ endedAt }) => (endedAt === null ? [] : [Date.parse(endedAt)])))
}

/** The cause is gone and its victims are still there: now a retry is all they need. */
function lifted(facts: Facts, victims: readonly FailedJob[], then: Limit, limit: Limit | null): Finding {
  const n = victims.length
  return {
    ...finding(facts, 'timeout-below-duration', 'lifted'),
    severity: 'info',
    headline: `The ${limitText(then.ms)} limit that ended ${count(n, 'long recording')} is ${limit === null ? 'gone' : 'raised'}. A retry can finish ${plural(n, 'it', 'them')}.`,
    explanation: 'They stay failed until somebody retries them.',
    evidence: [
      ...victims.slice(0, 4).map((job) => victimRow(facts, job, paceOf(facts))),
      row(facts, 'Limit then', `${then.ms / 1000} s, as the errors say`, then.source),
      row(facts, 'Limit now', limit === null ? 'none' : `${limit.ms / 1000} s`, 'settings', facts.system.limits),
    ],
    remedies: [retry(victims, '')],
    places: places(n),
  }
}

function toFinding(facts: Facts, victims: readonly FailedJob[], limit: Limit): Finding {
  const n = victims.length
  const pace = paceOf(facts)
  const lengths = victims.flatMap(({ audioMs }) => (audioMs === null ? [] : [audioMs]))
  const room = roomFor(lengths, pace)
  const told = limit.source === 'settings'
  return {
    ...finding(facts, 'timeout-below-duration', null),
    headline: `The ${limitText(limit.ms)} limit ${endedBy(facts, victims, limit) ? 'ended' : 'is too short for'} ${count(n, 'long recording')}. A retry alone ends there again.`,
    explanation: `Stuck jobs are found by their heartbeat, so no limit is needed. Where one is wanted, it must fit the longest recording.${facts.system.env === null ? ' Unjam knows no .env of this system: TASK_TIMEOUT_SECONDS is changed where its worker gets it.' : ''}`,
    evidence: [
      ...victims.slice(0, 4).map((job) => victimRow(facts, job, pace)),
      row(
        facts,
        'Limit',
        `${limit.ms / 1000} s${told ? '' : ', as the errors say'}`,
        limit.source,
        told ? facts.system.limits : facts.failures,
      ),
      row(
        facts,
        'Speed',
        pace === null ? 'unknown: no job has finished lately' : `${speed(pace)} real time`,
        'database',
      ),
    ],
    notTheCause: pace === null ? [] : ['The recordings: shorter ones of the same kind finish'],
    remedies: remedies(facts, victims, room),
    places: [
      ...places(n),
      ...(facts.system.env === null ? [{ view: 'system' as const, label: 'Add its stack and .env', job: null }] : []),
    ],
  }
}

/** Not where each of them names a smaller one: that was raised since, and not far enough. */
function endedBy(facts: Facts, victims: readonly FailedJob[], { ms }: Limit): boolean {
  return victims.some((job) => (killedAfterMs(errorOf(facts, job)?.text ?? null) ?? ms) >= ms)
}

function places(n: number): Finding['places'] {
  return [
    { view: 'jobs', label: `Open ${plural(n, 'the failed job', 'the failed jobs')}`, job: null },
    { view: 'proof', label: 'Compare time limits', job: null },
  ]
}

function victimRow(facts: Facts, job: FailedJob, pace: number | null): Evidence {
  const length = job.audioMs === null ? 'unknown: length not stored' : audio(job.audioMs)
  const needs = job.audioMs === null || pace === null ? '' : `, needs about ${duration(job.audioMs / pace)}`
  return row(facts, 'Ended', `${length}${needs} · ${job.title}`, 'database', facts.failures)
}

/** First the limit, then the retry: the other way round the retry dies of the same limit. */
function remedies(facts: Facts, victims: readonly FailedJob[], room: number | null): Remedy[] {
  const last = retry(victims, ' Only after the limit fits.')
  if (facts.system.env === null) return [last]
  const lift: Remedy = {
    action: 'set-env',
    label: 'Remove the limit',
    ids: null,
    params: { TASK_TIMEOUT_SECONDS: 'none' },
    effect: 'Recreates the worker without a limit; stuck jobs are still found by their heartbeat.',
  }
  if (room === null) return [lift, last]
  const raise: Remedy = {
    action: 'set-env',
    label: `Raise it to ${room} s`,
    ids: null,
    params: { TASK_TIMEOUT_SECONDS: String(room) },
    effect: `The longest of them fits into ${limitText(room * 1000)} with a quarter to spare.`,
  }
  return [lift, raise, last]
}

function retry(victims: readonly FailedJob[], when: string): Remedy {
  const titles = listed(
    victims.map(({ title }) => title),
    2,
  )
  return {
    action: 'retry-jobs',
    label: `Retry ${count(victims.length, 'job')}`,
    ids: victims.map(({ id }) => id),
    params: {},
    effect: `${titles} ${plural(victims.length, 'goes', 'go')} back to the queue.${when}`,
  }
}
