// The done count is flat for longer than the forecast explains, and no more specific cause is known.
import type { Evidence, Finding } from '../../contract/finding.ts'
import type { Speed } from '../../contract/forecast.ts'
import type { RunningJob } from '../../contract/job.ts'
import { needsAtMost } from '../expected-ends.ts'
import { before, type Facts, finding, lastDoneAge, now, type Rule, row, runningNow } from '../facts.ts'
import { expectSpeed, needsMs } from '../forecast.ts'
import { heartbeatLine, lines, liveWorkers, noFailureLine, pulse, workerLine } from '../heartbeat.ts'
import { count, duration, plural } from '../wording.ts'

const FLAT_MS = 15 * 60_000
const IDLE_MS = 2 * 60_000
/** Twice the forecast and a little: a forecast from other files is not exact. */
const TOLERANCE = 2
const GRACE_MS = 5 * 60_000
/** A job whose length or speed nobody knows may take hours (runbook 0: "can take hours"). */
const UNKNOWN_MS = 4 * 60 * 60_000
const MANY_FAILED = 3

export const nothingFinishing: Rule = {
  id: 'nothing-finishing',
  runbook: '0-stuck-at-1069.md, "What we saw"',
  diagnose(facts) {
    const counts = now(facts.system.counts)
    const running = runningNow(facts)
    const flat = flatFor(facts)
    if (counts === null || running === null || counts.queued + counts.running === 0) return []
    if (flat === null || flat < FLAT_MS || saidElsewhere(facts, running)) return []
    const failed = failedSinceDone(facts)
    if (failed >= MANY_FAILED) return [allFail(facts, flat, failed)]
    const active = running.filter((job) => job.phase === 'active')
    if (active.length === 0) return running.length === 0 && idle(facts) ? [noneTaken(facts, flat, counts.queued)] : []
    return active.some((job) => explained(facts, job, flat)) ? [] : [overdue(facts, flat, active)]
  },
}

/** By the database, else as long as this core has watched; null when nobody knows. */
function flatFor(facts: Facts): number | null {
  const { doneFlatSinceMs } = facts.trend
  return lastDoneAge(facts) ?? (doneFlatSinceMs === null ? null : Date.parse(facts.now) - doneFlatSinceMs)
}

/** A dead worker, a paused one and a dead heartbeat have their own rules. */
function saidElsewhere(facts: Facts, running: readonly RunningJob[]): boolean {
  // Runs that take too long have a rule of their own.
  if (facts.system.kind === 'crawl' && running.length > 0) return true
  const live = liveWorkers(facts)
  if (facts.host !== null && live?.length === 0 && running.every((job) => job.worker !== null)) return true
  if (live !== null && live.length > 0 && live.every((worker) => worker.state === 'paused')) return true
  return running.some((job) => pulse(facts, job) === 'late' || pulse(facts, job) === 'dead')
}

/** Failures in whole half hours after the last completion. */
function failedSinceDone(facts: Facts): number {
  const throughput = now(facts.system.throughput)
  if (throughput === null) return 0
  const { lastDoneAt, buckets } = throughput
  const after = lastDoneAt === null ? 0 : Date.parse(lastDoneAt)
  return buckets.reduce((sum, bucket) => sum + (Date.parse(bucket.from) >= after ? bucket.failed : 0), 0)
}

/** Jobs wait, none runs, and that is not just the moment between two jobs. */
function idle(facts: Facts): boolean {
  const { idleSinceMs, watchedSinceMs } = facts.trend
  const waited = now(facts.backlog)?.oldestWaitingMs ?? null
  const nowMs = Date.parse(facts.now)
  const watched = watchedSinceMs === null ? 0 : nowMs - watchedSinceMs
  const seen = idleSinceMs === null ? 0 : nowMs - idleSinceMs
  if (watched >= IDLE_MS) return seen >= IDLE_MS && (waited ?? FLAT_MS) >= FLAT_MS
  return waited !== null && waited >= FLAT_MS
}

/** Slow but healthy: it moves, or it is within what its length and the speed explain. */
function explained(facts: Facts, job: RunningJob, flat: number): boolean {
  const moved = job.progress?.movedAgeMs ?? null
  if (moved !== null && moved < FLAT_MS) return true
  const allowed = allowedMs(facts, job)
  return (job.elapsedMs ?? flat) <= (allowed ?? UNKNOWN_MS)
}

/** Twice what is expected, or what the slowest attempts so far would need: whichever explains more. */
function allowedMs(facts: Facts, job: RunningJob): number | null {
  const needs = forecastMs(facts, job)
  const slowest = needsAtMost(job.audioMs, speedFor(facts, job))
  return needs === null ? null : Math.max(TOLERANCE * needs, slowest ?? 0) + GRACE_MS
}

function speedFor(facts: Facts, job: RunningJob): Speed | null {
  const { attempts, throughput, workers } = facts.system
  return expectSpeed(job, now(attempts), now(throughput), now(workers) ?? [])
}

function forecastMs(facts: Facts, job: RunningJob): number | null {
  return needsMs(job, speedFor(facts, job)?.median ?? null)
}

function overdue(facts: Facts, flat: number, active: readonly RunningJob[]): Finding {
  const longest = Math.max(...active.map((job) => forecastMs(facts, job) ?? 0))
  const known = longest > 0
  const stands = active.some((job) => (job.progress?.movedAgeMs ?? 0) >= FLAT_MS)
  const first = active[0]
  return {
    ...common(facts, flat, active),
    // The position that stands still is the second witness.
    severity: stands ? 'critical' : 'warning',
    headline: known
      ? `Nothing has finished for ${duration(flat)}. The forecast explains ${duration(longest)}.`
      : `Nothing has finished for ${duration(flat)}. No forecast explains that.`,
    explanation: known
      ? `${plural(active.length, 'The running job beats', 'The running jobs beat')}, but ${plural(active.length, 'takes', 'take')} more than twice the time expected.`
      : 'The running job beats, but its length or the speed is unknown, so how long it may take is unknown too.',
    evidence: [
      ...evidence(facts, flat),
      ...active.slice(0, 3).map((job) => {
        const needs = forecastMs(facts, job)
        const expected =
          needs === null ? 'expected: unknown, no source tells length or speed' : `expected ${duration(needs)}`
        const elapsed = job.elapsedMs === null ? 'start unknown' : `for ${duration(job.elapsedMs)}`
        return row(facts, 'Running', `${job.title}, ${elapsed}, ${expected}`, 'database', facts.system.running)
      }),
    ],
    places: first === undefined ? [] : [{ view: 'job', label: 'Open the job', job: first.id }],
  }
}

function noneTaken(facts: Facts, flat: number, queued: number): Finding {
  const live = liveWorkers(facts)
  const alive = live !== null && live.length > 0
  return {
    ...common(facts, flat, []),
    headline: `${count(queued, 'job')} ${plural(queued, 'waits', 'wait')} and none runs. Nothing has finished for ${duration(flat)}.`,
    explanation: alive
      ? 'A worker is alive but takes nothing.'
      : 'No worker reports to this database, so whether one is alive is unknown.',
    places: [{ view: 'jobs', label: 'See the queue', job: null }],
  }
}

function allFail(facts: Facts, flat: number, failed: number): Finding {
  return {
    ...common(facts, flat, []),
    headline: `${count(failed, 'job')} failed in a row. Nothing has finished for ${duration(flat)}.`,
    explanation: 'Jobs are taken and end, but each ends with an error. The errors say why.',
    places: [{ view: 'jobs', label: 'See the failed jobs', job: null }],
  }
}

function common(facts: Facts, flat: number, active: readonly RunningJob[]): Omit<Finding, 'headline' | 'explanation'> {
  return {
    ...finding(facts, 'nothing-finishing', null),
    since: before(facts, flat),
    evidence: evidence(facts, flat),
    notTheCause: lines(noFailureLine(facts), heartbeatLine(facts, active), workerLine(facts)),
  }
}

function evidence(facts: Facts, flat: number): Evidence[] {
  const { counts, throughput } = facts.system
  const value = now(counts)
  return [
    row(facts, 'Done', `${value?.done ?? 'unknown'}, flat for ${duration(flat)}`, 'database', throughput),
    row(facts, 'Waiting', count(value?.queued ?? 0, 'queued job'), 'database', counts),
  ]
}
