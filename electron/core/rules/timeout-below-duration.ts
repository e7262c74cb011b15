// The time limit ends recordings before they can finish: each retry hits it again, until none is left.
import type { Evidence, Finding, Remedy } from '../../contract/finding.ts'
import type { FailedJob } from '../../contract/job.ts'
import { type Facts, finding, now, type Rule, row } from '../facts.ts'
import { killedBy, type Limit, limitOf, paceOf, roomFor } from '../time-limit.ts'
import { audio, count, duration, limit as limitText, listed, plural, speed } from '../wording.ts'

export const timeoutBelowDuration: Rule = {
  id: 'timeout-below-duration',
  runbook: '1-failed-tasks-analysis.md, "Task timeout (30 min)"',
  diagnose(facts) {
    const failed = now(facts.failures)
    const limit = facts.system.kind === 'crawl' ? null : limitOf(facts)
    if (failed === null || limit === null) return []
    const pace = paceOf(facts)
    const victims = failed.filter((job) => killedBy(job, job.error, limit.ms, pace))
    return victims.length === 0 ? [] : [toFinding(facts, victims, limit, pace)]
  },
}

function toFinding(facts: Facts, victims: readonly FailedJob[], limit: Limit, pace: number | null): Finding {
  const n = victims.length
  const lengths = victims.flatMap(({ audioMs }) => (audioMs === null ? [] : [audioMs]))
  const room = roomFor(lengths, pace)
  return {
    ...finding(facts, 'timeout-below-duration', null),
    headline: `The ${limitText(limit.ms)} limit ended ${count(n, 'long recording')}. A retry alone ends there again.`,
    explanation:
      'Stuck jobs are found by their heartbeat, so no limit is needed. Where one is wanted, it must fit the longest recording.',
    evidence: [
      ...victims.slice(0, 4).map((job) => victimRow(facts, job, pace)),
      row(
        facts,
        'Limit',
        `${limit.ms / 1000} s${limit.from === 'error' ? ', as the errors say' : ''}`,
        limit.from === 'error' ? 'database' : 'settings',
        limit.from === 'error' ? facts.failures : facts.system.limits,
      ),
      row(
        facts,
        'Speed',
        pace === null ? 'unknown: no job has finished lately' : `${speed(pace)} real time`,
        'database',
      ),
    ],
    notTheCause: ['The recordings: shorter ones of the same kind finish'],
    remedies: remedies(facts, victims, room),
    places: [
      { view: 'jobs', label: `Open ${plural(n, 'the failed job', 'the failed jobs')}`, job: null },
      { view: 'proof', label: 'Compare time limits', job: null },
    ],
  }
}

function victimRow(facts: Facts, job: FailedJob, pace: number | null): Evidence {
  const length = job.audioMs === null ? 'unknown: length not stored' : audio(job.audioMs)
  const needs = job.audioMs === null || pace === null ? '' : `, needs about ${duration(job.audioMs / pace)}`
  return row(facts, job.title, `${length}${needs}`, 'database', facts.failures)
}

/** First the limit, then the retry: the other way round the retry dies of the same limit. */
function remedies(facts: Facts, victims: readonly FailedJob[], room: number | null): Remedy[] {
  const retry: Remedy = {
    action: 'retry-jobs',
    label: `Retry ${count(victims.length, 'job')}`,
    ids: victims.map(({ id }) => id),
    params: {},
    effect: `${listed(
      victims.map(({ title }) => title),
      2,
    )} ${plural(victims.length, 'goes', 'go')} back to the queue. Only after the limit fits.`,
  }
  if (facts.system.env === null) return [retry]
  const lift: Remedy = {
    action: 'set-env',
    label: 'Remove the limit',
    ids: null,
    params: { TASK_TIMEOUT_SECONDS: 'none' },
    effect: 'Recreates the worker without a limit; stuck jobs are still found by their heartbeat.',
  }
  if (room === null) return [lift, retry]
  const raise: Remedy = {
    action: 'set-env',
    label: `Raise it to ${room} s`,
    ids: null,
    params: { TASK_TIMEOUT_SECONDS: String(room) },
    effect: `The longest of them fits into ${limitText(room * 1000)} with a quarter to spare.`,
  }
  return [lift, raise, retry]
}
