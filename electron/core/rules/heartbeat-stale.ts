// A running job gives no sign of life: late after two missed beats, dead beyond the limit.
import type { Finding } from '../../contract/finding.ts'
import type { RunningJob } from '../../contract/job.ts'
import { before, type Facts, finding, now, type Rule, row, runningNow } from '../facts.ts'
import { lateAfterMs, lines, liveWorkers, noFailureLine, pulse, workerLine } from '../heartbeat.ts'
import { count, duration, limit, plural } from '../wording.ts'

export const heartbeatStale: Rule = {
  id: 'heartbeat-stale',
  runbook: '2-redis-celery-cleanup.md, "Timeout vs heartbeat"',
  diagnose(facts) {
    const jobs = (runningNow(facts) ?? []).filter((job) => job.phase !== 'cancelling' && !waitsForWorker(facts, job))
    const by = (wanted: 'late' | 'dead') => jobs.filter((job) => pulse(facts, job) === wanted)
    return [...toFinding(facts, 'dead', by('dead')), ...toFinding(facts, 'late', by('late'))]
  },
}

/** A parked job is beaten by a live worker; with none it simply waits, and `no-worker` says so. */
function waitsForWorker(facts: Facts, job: RunningJob): boolean {
  return job.phase === 'parked' && liveWorkers(facts)?.length === 0
}

/** Still moving by its own progress: the worker lives and only its writing of the heartbeat does not arrive. */
function moves(facts: Facts, job: RunningJob): boolean {
  const moved = job.progress?.movedAgeMs ?? null
  return moved !== null && moved < lateAfterMs(facts)
}

function toFinding(facts: Facts, state: 'late' | 'dead', jobs: readonly RunningJob[]): Finding[] {
  const oldest = jobs.reduce<RunningJob | null>(
    (worst, job) => ((job.heartbeatAgeMs ?? 0) > (worst?.heartbeatAgeMs ?? -1) ? job : worst),
    null,
  )
  if (oldest === null || oldest.heartbeatAgeMs === null) return []
  const dead = state === 'dead'
  const age = oldest.heartbeatAgeMs
  const allMove = jobs.every((job) => moves(facts, job))
  const release = {
    action: 'release-jobs',
    label: jobs.length === 1 ? 'Release the job' : `Release ${jobs.length} jobs`,
    ids: jobs.map((job) => job.id),
    params: {},
    effect: `${plural(jobs.length, 'It goes', 'They go')} back to the queue; saved chunks are kept. Undo is possible.`,
  }
  return [
    {
      ...finding(facts, 'heartbeat-stale', state),
      severity: dead && !allMove ? 'critical' : 'warning',
      headline: headline(state, jobs.length, age),
      explanation: explain(facts, state, jobs, allMove),
      since: before(facts, age - (dead ? facts.heartbeatLimitMs : lateAfterMs(facts))),
      evidence: [
        ...jobs
          .slice(0, 5)
          .map((job) =>
            row(
              facts,
              'Heartbeat',
              `${duration(job.heartbeatAgeMs ?? 0)} ago, ${job.title}`,
              'database',
              facts.system.running,
            ),
          ),
        row(facts, 'Limit', limit(facts.heartbeatLimitMs), 'settings', facts.system.limits),
        row(facts, 'Expected', `a beat every ${limit(facts.beatMs)}`, 'settings'),
        workerEvidence(facts),
      ],
      notTheCause: lines(noFailureLine(facts), workerLine(facts)),
      remedies: dead && !allMove ? [release] : [],
      places: [{ view: 'job', label: 'Open the job', job: oldest.id }],
    },
  ]
}

function headline(state: 'late' | 'dead', n: number, ageMs: number): string {
  const age = duration(ageMs)
  const who = n === 1 ? 'One running job' : `${n} running jobs`
  return state === 'dead'
    ? `${who} gave no sign of life for ${age}. Nobody works on ${plural(n, 'it', 'them')}.`
    : `${who} ${plural(n, 'is', 'are')} late: the last heartbeat came ${age} ago.`
}

function explain(facts: Facts, state: 'late' | 'dead', jobs: readonly RunningJob[], allMove: boolean): string {
  const limitText = limit(facts.heartbeatLimitMs)
  if (allMove)
    return `The worker still moves on, but its heartbeat does not reach the jobs table. Beyond ${limitText} others take such a job for stuck.`
  if (state === 'late')
    return `${count(jobs.length, 'job')} missed two beats. It may be a short pause; beyond ${limitText} a job counts as stuck.`
  const live = liveWorkers(facts)
  const takesOver =
    facts.system.kind === 'local' && live !== null && live.length > 0
      ? ' The local worker takes it over by itself as soon as a slot is free.'
      : ''
  return `The limit is ${limitText}. Most likely the worker died in the middle of the work.${takesOver}`
}

function workerEvidence(facts: Facts) {
  const { workers } = facts.system
  const live = liveWorkers(facts)
  const known = now(workers)
  const text =
    live === null
      ? 'unknown: the list of workers cannot be read'
      : live.length > 0
        ? `${live.length} alive`
        : known?.length !== 0
          ? 'none that takes jobs'
          : facts.system.queues === null
            ? 'unknown: no worker reports to this database'
            : 'none answers, none is connected'
  return row(facts, 'Workers', text, 'worker', workers)
}
