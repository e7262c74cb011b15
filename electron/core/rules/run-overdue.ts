// A crawl run says running for too long: dead when nobody has it, slow when a worker still does.
import type { Finding, Remedy } from '../../contract/finding.ts'
import type { RunningJob } from '../../contract/job.ts'
import { before, type Facts, finding, now, type Rule, row, runningNow } from '../facts.ts'
import { asked, comesBack, isOver, runRows, runsHaveBeen, whereIs } from '../run-facts.ts'
import { limit, plural } from '../wording.ts'

/** Runbook 3: stuck after 1 hour; "Monitoring: alert on runs older than 30 minutes". */
const STUCK_MS = 60 * 60_000
const LATE_MS = 30 * 60_000
/** Between the limit and the row that says so lie seconds; a minute is generous. */
const GRACE_MS = 60_000

type Case = 'dead' | 'taken' | 'waits' | 'working' | 'parent' | 'childless' | 'unknown'

export const runOverdue: Rule = {
  id: 'run-overdue',
  runbook: '3-stuck-crawl-runs.md, "Runs stuck in running for >1 hour"; "Prevention" 1 and 3',
  diagnose(facts) {
    if (facts.system.kind !== 'crawl') return []
    const runs = (runningNow(facts) ?? []).filter((run) => !isOver(run))
    const by = (wanted: Case) => runs.filter((run) => caseOf(facts, run) === wanted)
    const cases: readonly Case[] = ['dead', 'taken', 'working', 'waits', 'unknown', 'parent', 'childless']
    return cases.flatMap((one) => toFinding(facts, one, by(one)))
  },
}

const age = ({ elapsedMs }: RunningJob) => elapsedMs ?? 0

function caseOf(facts: Facts, run: RunningJob): Case | null {
  const late = age(run) > LATE_MS
  // A parent's own task ends once its children are on their way: that nobody has it says nothing.
  if (run.children != null) return !late ? null : run.children.total === 0 ? 'childless' : 'parent'
  const where = whereIs(facts, run)
  const past = pastLimit(facts, run)
  if (where === 'nobody') return past || late ? 'dead' : null
  if (where === 'active') return late ? 'working' : null
  if (!late && !past) return null
  return where === 'held' || where === 'waits' ? 'waits' : where
}

/** Older than its own `time_limit`: Celery has killed its process by then. */
function pastLimit(facts: Facts, run: RunningJob): boolean {
  const limitMs = now(facts.system.limits)?.taskTimeoutMs ?? null
  return limitMs !== null && age(run) > limitMs + GRACE_MS
}

function toFinding(facts: Facts, one: Case, runs: readonly RunningJob[]): Finding[] {
  const oldest = runs.reduce<RunningJob | null>(
    (worst, run) => (worst === null || age(run) > age(worst) ? run : worst),
    null,
  )
  if (oldest === null) return []
  const limitMs = now(facts.system.limits)?.taskTimeoutMs ?? null
  const past = runs.every((run) => pastLimit(facts, run))
  const from = past && oldest.children == null && one !== 'working' ? (limitMs ?? 0) : LATE_MS
  // Nobody has it either way; from which age on that is an alarm is the runbook's to say.
  const stuck = runs.some((run) => pastLimit(facts, run) || age(run) > STUCK_MS)
  return [
    {
      ...finding(facts, 'run-overdue', one),
      severity: one === 'dead' && stuck ? 'critical' : 'warning',
      headline: headline(one, runs, oldest),
      explanation: explain(facts, one, runs.length, past ? limitMs : null),
      since: before(facts, age(oldest) - from),
      evidence: [
        ...runRows(facts, runs, (run) => (run.state === 'running' ? age(run) : 0)),
        row(facts, 'Time limit', limitMs === null ? 'none' : limit(limitMs), 'settings', facts.system.limits),
      ],
      remedies: remedies(one, runs),
      places: [{ view: 'job', label: 'Open the run', job: oldest.id }],
    },
  ]
}

function headline(one: Case, runs: readonly RunningJob[], oldest: RunningJob): string {
  const what = runsHaveBeen('running', runs.length, age(oldest))
  const it = plural(runs.length, 'it', 'them')
  switch (one) {
    case 'dead':
      return `${what} No worker has ${it}.`
    case 'taken':
      return `${what} The worker that took ${it} is gone.`
    case 'waits':
      return `${what} ${plural(runs.length, 'Its message waits', 'Their messages wait')} for a worker.`
    case 'working':
      return `${what} A worker is still on ${it}.`
    case 'parent':
      return `${what} ${plural(runs.length, 'Its children have', 'Their children have')} not ended.`
    case 'childless':
      return `${what} ${plural(runs.length, 'It has', 'They have')} no child yet.`
    case 'unknown':
      return `${what} Whether a worker has ${it} is unknown.`
  }
}

function explain(facts: Facts, one: Case, n: number, limitMs: number | null): string {
  const limitText = limitMs === null ? '' : `The time limit is ${limit(limitMs)}`
  switch (one) {
    case 'dead':
      return `${limitText === '' ? asked(facts) : `${limitText}. ${asked(facts)}`}, and no message waits: ${plural(n, 'it', 'they')} cannot be alive. The row says running until somebody marks it.`
    case 'taken':
      return `${comesBack(facts, n)} Then ${plural(n, 'it begins', 'they begin')} again, also after ${plural(n, 'its row was', 'their rows were')} marked as failed.`
    case 'waits':
      return `The ${plural(n, 'row says', 'rows say')} running, but no worker has begun: ${plural(n, 'it starts', 'they start')} when one takes the ${plural(n, 'message', 'messages')}.`
    case 'working':
      return `${limitText === '' ? 'Nothing is broken' : `${limitText} and is not in force`}: ${plural(n, 'it is', 'they are')} slow, or ${plural(n, 'hangs', 'hang')} on a source that does not answer.`
    case 'parent':
      return 'A parent ends when its last child has ended; the run of that child is the one to look at.'
    case 'childless':
      return 'Its children are written before they are crawled; whether they are still to come, only its own task knows. It is left alone.'
    case 'unknown':
      return `${limitText === '' ? 'Only the row says running' : `${limitText}, but only the row says running`}: without the workers’ word it may be alive or dead.`
  }
}

function remedies(one: Case, runs: readonly RunningJob[]): Remedy[] {
  const ids = runs.map(({ id }) => id)
  const n = ids.length
  const fail: Remedy = {
    action: 'fail-jobs',
    label: n === 1 ? 'Mark the run as failed' : `Mark ${n} runs as failed`,
    ids,
    params: { reason: `stuck for >${atLeast(Math.min(...runs.map(age)))}` },
    effect: `${plural(n, 'Its row says', 'Their rows say')} failed and why; then ${plural(n, 'it', 'they')} can be retried. Undo is possible.`,
  }
  const end: Remedy = {
    action: 'revoke-task',
    label: n === 1 ? 'Terminate its task' : `Terminate ${n} tasks`,
    ids,
    params: { by: 'job', terminate: 'true' },
    effect: `What ${plural(n, 'it has', 'they have')} done is lost. Mark the ${plural(n, 'run', 'runs')} as failed afterwards.`,
  }
  return one === 'dead' || one === 'taken' ? [fail] : one === 'working' ? [end] : []
}

/** The runbook's words: "stuck for >X hours". */
function atLeast(ms: number): string {
  const hours = Math.floor(ms / STUCK_MS)
  return hours >= 1 ? `${hours} hours` : `${Math.floor(ms / 60_000)} minutes`
}
