// A time limit is set although stuck jobs are found by their heartbeat, and a recording that waits or runs will not fit.
import type { Evidence, Finding, Remedy } from '../../contract/finding.ts'
import type { QueuedJob } from '../../contract/job.ts'
import type { Reading } from '../../contract/snapshot.ts'
import { type Facts, finding, now, type Rule, row, runningNow } from '../facts.ts'
import { needsMs } from '../forecast.ts'
import { type Limit, limitOf, paceOf, roomFor } from '../time-limit.ts'
import { audio, duration, limit as limitText } from '../wording.ts'
import { timeoutBelowDuration } from './timeout-below-duration.ts'

/** A recording that the limit will end. */
interface Doomed {
  readonly state: 'running' | 'waiting'
  readonly job: Pick<QueuedJob, 'id' | 'title' | 'audioMs'>
  readonly reading: Reading<unknown>
}

export const timeoutNotNeeded: Rule = {
  id: 'timeout-not-needed',
  kinds: ['local', 'recordings'],
  runbook: '2-redis-celery-cleanup.md, "No need to set TASK_TIMEOUT_SECONDS"',
  diagnose(facts) {
    const limit = limitOf(facts)
    // What attempts name may be lifted by now. Where it has killed already, that is the finding: one, not two.
    if (limit === null || limit.source !== 'settings' || timeoutBelowDuration.diagnose(facts).length > 0) return []
    const pace = paceOf(facts)
    const doomed = candidates(facts).filter(({ job }) => (needsMs(job, pace) ?? 0) > limit.ms)
    const [first] = doomed
    return first === undefined || pace === null ? [] : [toFinding(facts, first, doomed, limit, pace)]
  },
}

/** What runs comes first: it loses its work. Of what waits, the longest stands for all. */
function candidates(facts: Facts): Doomed[] {
  const { running } = facts.system
  const longest = now(facts.backlog)?.longest ?? null
  return [
    ...(runningNow(facts) ?? []).map((job) => ({ state: 'running' as const, job, reading: running })),
    ...(longest === null ? [] : [{ state: 'waiting' as const, job: longest, reading: facts.backlog }]),
  ]
}

function toFinding(facts: Facts, first: Doomed, doomed: readonly Doomed[], limit: Limit, pace: number): Finding {
  return {
    ...finding(facts, 'timeout-not-needed', first.job.id),
    headline: `A ${first.state} recording will not fit into the ${limitText(limit.ms)} limit.`,
    explanation: 'Stuck jobs are found by their heartbeat: without the limit it can finish, and nothing else changes.',
    evidence: [
      ...doomed.slice(0, 4).map((one) => doomedRow(facts, one, pace)),
      row(facts, 'Limit', `${limit.ms / 1000} s`, 'settings', facts.system.limits),
      row(facts, 'Heartbeat limit', limitText(facts.heartbeatLimitMs), 'settings'),
    ],
    remedies: facts.system.env === null ? [] : remedies(first, doomed, pace),
    places: [
      { view: 'job', label: 'Open the recording', job: first.job.id },
      { view: 'proof', label: 'Compare time limits', job: null },
    ],
  }
}

function doomedRow(facts: Facts, { job, state, reading }: Doomed, pace: number): Evidence {
  const length = job.audioMs ?? 0
  const text = `${audio(length)}, needs about ${duration(length / pace)} · ${job.title}`
  return row(facts, state === 'waiting' ? 'Waits' : 'Runs', text, 'database', reading)
}

/** With live heartbeats the advice is none; a cap is for who wants one (runbook 1), and then one that fits. */
function remedies(first: Doomed, doomed: readonly Doomed[], pace: number): Remedy[] {
  const again = first.state === 'running' ? ' What it runs now starts again.' : ''
  const lift: Remedy = {
    action: 'set-env',
    label: 'Remove the limit',
    ids: null,
    params: { TASK_TIMEOUT_SECONDS: 'none' },
    effect: `Recreates the worker without a limit.${again}`,
  }
  const room = roomFor(
    doomed.flatMap(({ job }) => job.audioMs ?? []),
    pace,
  )
  if (room === null) return [lift]
  const raise: Remedy = {
    ...{ action: 'set-env', label: `Raise it to ${room} s`, ids: null },
    params: { TASK_TIMEOUT_SECONDS: String(room) },
    effect: `Only where a cap is wanted: the longest fits into ${limitText(room * 1000)} with a quarter to spare.${again}`,
  }
  return [lift, raise]
}
