// Stuck jobs that two cycles of the service's own recovery should have ended: it does not run.
import { before, finding, type Rule, row } from '../facts.ts'
import { clockWords, ESCALATE_MS, hints, longestMs, STUCK_MS, stuckJobs, stuckRows } from '../qc-facts.ts'
import { duration, plural } from '../wording.ts'

/** Stuck after 2 minutes, then two cycles of 2 minutes. */
const DEAD_MS = 3 * STUCK_MS

export const autoRecoveryDead: Rule = {
  id: 'auto-recovery-dead',
  kinds: ['qc'],
  runbook: '4-qc-jobs-stuck.md, "Automated Recovery"',
  diagnose(facts) {
    // Without an age nobody knows how many cycles a job has outlived.
    const jobs = (stuckJobs(facts) ?? []).filter(({ movedAgeMs }) => movedAgeMs !== null && movedAgeMs > DEAD_MS)
    const longest = longestMs(jobs)
    if (longest === null) return []
    const n = jobs.length
    const who = n === 1 ? 'One stuck job' : `${n} stuck jobs`
    return [
      {
        ...finding(facts, 'auto-recovery-dead', null),
        severity: 'critical',
        headline: `Auto-recovery does not run. ${who} outlived two of its cycles.`,
        explanation: `Every 2 min it should mark jobs without progress as failed; ${plural(n, 'this one has', 'these have')} stood still for ${duration(longest)}. ${clockWords(jobs)}`,
        since: before(facts, longest - DEAD_MS),
        evidence: [
          ...stuckRows(facts, jobs),
          row(facts, 'Recovery', 'every 2 min, marks as failed after 2 min', 'runbook'),
        ],
        hints: hints(facts, 'recovery', longest > ESCALATE_MS),
        remedies: [
          {
            ...{ action: 'cancel-stuck', label: 'Cancel stuck jobs', ids: null, params: {} },
            effect: 'What auto-recovery should have done: they are marked as failed and can be retried. No undo.',
          },
          {
            ...{ action: 'trigger-worker', label: 'Trigger the worker', ids: null, params: {} },
            effect: 'The service wakes its worker.',
          },
        ],
      },
    ]
  },
}
