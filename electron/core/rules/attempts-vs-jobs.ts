// More failed attempts than failed jobs: Flower counts every run, the database counts recordings.
import type { Finding } from '../../contract/finding.ts'
import type { ResultSummary } from '../../contract/task.ts'
import { type Facts, finding, now, type Rule, row } from '../facts.ts'
import { count, plural } from '../wording.ts'

export const attemptsVsJobs: Rule = {
  id: 'attempts-vs-jobs',
  runbook: '1-failed-tasks.md, "“23 failed” in Flower vs 4 in DB"',
  diagnose(facts) {
    const results = facts.system.results === null ? null : now(facts.system.results)
    const counts = now(facts.system.counts)
    if (results === null || counts === null || results.failed === 0 || results.failed === counts.failed) return []
    return [toFinding(facts, results, counts.failed)]
  },
}

function toFinding(facts: Facts, results: ResultSummary, jobs: number): Finding {
  const { failed, failedJobs, failedUnknown } = results
  return {
    ...finding(facts, 'attempts-vs-jobs', null),
    severity: 'info',
    headline: `${count(jobs, 'job')} ${plural(jobs, 'has', 'have')} failed, not ${failed}. Flower counts ${failed > jobs ? 'each failed attempt' : 'only attempts of the last day'}.`,
    explanation: `The database counts jobs and is the one to believe. ${
      failed > jobs
        ? 'Each retry is one more attempt of the same job.'
        : 'Results are forgotten when they expire, and a job that a clean-up marked has none of its own.'
    }`,
    evidence: [
      row(facts, 'Failed jobs', String(jobs), 'database', facts.system.counts),
      row(facts, 'Failed attempts', String(failed), 'results', facts.system.results ?? undefined),
      row(
        facts,
        'Belong to',
        `${count(failedJobs, 'known job')}${failedUnknown === 0 ? '' : `; ${failedUnknown} name no job`}`,
        'results',
        facts.system.results ?? undefined,
      ),
    ],
    places: [
      { view: 'proof', label: 'Compare the ledgers', job: null },
      { view: 'queues', label: 'Open the attempts', job: null },
    ],
  }
}
