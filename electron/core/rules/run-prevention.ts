// What would have kept runs from getting stuck: a time limit that is in force, and somebody who cleans up.
import type { Finding } from '../../contract/finding.ts'
import { tasksNow } from '../broker-facts.ts'
import { type Facts, finding, now, type Rule, row, runningNow } from '../facts.ts'
import { isOver, whereIs } from '../run-facts.ts'
import { duration, limit, plural } from '../wording.ts'

const GRACE_MS = 60_000
/** An hourly clean-up of what has run for an hour leaves nothing older than this. */
const CLEANED_MS = 2 * 60 * 60_000

export const runPrevention: Rule = {
  id: 'run-prevention',
  runbook: '3-stuck-crawl-runs.md, "Prevention" 1 and 2',
  diagnose(facts) {
    return facts.system.kind === 'crawl' ? [...timeLimit(facts), ...cleanUp(facts)] : []
  },
}

function timeLimit(facts: Facts): Finding[] {
  const limits = now(facts.system.limits)
  if (limits === null) return []
  const { taskTimeoutMs } = limits
  if (taskTimeoutMs === null)
    return [
      {
        ...finding(facts, 'run-prevention', 'time-limit'),
        severity: 'info',
        headline: 'Crawl tasks have no time limit. A hanging source holds a worker for ever.',
        explanation:
          'Give the task time_limit=600 and soft_time_limit=540, as the runbook does, and name it in the settings.',
        evidence: [row(facts, 'Time limit', 'none', 'settings', facts.system.limits)],
        places: [{ view: 'system', label: 'Name its time limit', job: null }],
      },
    ]
  const past = tasksNow(facts).filter(
    ({ state, job, elapsedMs }) => state === 'active' && job !== null && (elapsedMs ?? 0) > taskTimeoutMs + GRACE_MS,
  )
  const [longest] = past
  if (longest === undefined) return []
  return [
    {
      ...finding(facts, 'run-prevention', 'time-limit'),
      headline: `A task runs for ${duration(longest.elapsedMs ?? 0)}. The limit of ${limit(taskTimeoutMs)} is not in force.`,
      explanation:
        'Celery ends a task at its hard limit, so this one was started without it: by an older worker, or by code that sets none.',
      evidence: [
        row(
          facts,
          longest.worker,
          `${longest.args || longest.id}, for ${duration(longest.elapsedMs ?? 0)}`,
          'worker',
          facts.system.tasks ?? undefined,
        ),
        row(facts, 'Time limit', limit(taskTimeoutMs), 'settings', facts.system.limits),
      ],
      places: longest.job === null ? [] : [{ view: 'job', label: 'Open the run', job: longest.job }],
    },
  ]
}

function cleanUp(facts: Facts): Finding[] {
  const left = (runningNow(facts) ?? []).filter(
    (run) =>
      run.children == null && !isOver(run) && (run.elapsedMs ?? 0) > CLEANED_MS && whereIs(facts, run) === 'nobody',
  )
  const [oldest] = left
  if (oldest === undefined) return []
  const n = left.length
  return [
    {
      ...finding(facts, 'run-prevention', 'clean-up'),
      severity: 'info',
      headline: `Nobody cleans up. ${n === 1 ? 'One dead run' : `${n} dead runs`} still ${plural(n, 'says', 'say')} running after ${duration(oldest.elapsedMs ?? 0)}.`,
      explanation:
        'A scheduled task that marks old running runs as failed would have found it. Unjam has one ready, off until it is switched on.',
      evidence: left
        .slice(0, 5)
        .map((run) =>
          row(facts, run.title, `running for ${duration(run.elapsedMs ?? 0)}`, 'database', facts.system.running),
        ),
      places: [
        { view: 'automation', label: 'Clean up by itself', job: null },
        { view: 'job', label: 'Open the run', job: oldest.id },
      ],
    },
  ]
}
