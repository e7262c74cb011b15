// Many jobs failed in the same second: one sweep marked them, they did not fail one by one.
import type { Finding } from '../../contract/finding.ts'
import type { FailedJob } from '../../contract/job.ts'
import { type Facts, finding, now, type Rule, row } from '../facts.ts'
import { listed } from '../wording.ts'

/** Two may share a second by chance. */
const SOME = 3

export const failedTogether: Rule = {
  id: 'failed-together',
  runbook: '1-failed-tasks.md, "Same timestamp for all four"',
  diagnose(facts) {
    const bySecond = Map.groupBy(
      (now(facts.failures) ?? []).filter(({ endedAt }) => endedAt !== null),
      ({ endedAt }) => (endedAt ?? '').slice(0, 19),
    )
    return [...bySecond.values()].filter((jobs) => jobs.length >= SOME).map((jobs) => toFinding(facts, jobs))
  },
}

function toFinding(facts: Facts, jobs: readonly FailedJob[]): Finding {
  const at = jobs[0]?.endedAt ?? facts.now
  return {
    ...finding(facts, 'failed-together', at.slice(0, 19)),
    severity: 'info',
    headline: `${jobs.length} jobs were marked failed in the same second. One sweep did it.`,
    explanation:
      'The periodic clean-up marks what has been stuck too long. It is one event with one cause, not many failures.',
    since: at,
    evidence: [
      row(facts, 'Marked', at, 'database', facts.failures),
      row(
        facts,
        'Jobs',
        listed(
          jobs.map(({ title }) => title),
          4,
        ),
        'database',
        facts.failures,
      ),
    ],
    places: [{ view: 'jobs', label: 'Open the failed jobs', job: null }],
  }
}
