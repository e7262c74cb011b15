// ERROR, FAIL or Exception in a worker's log since the running job began; their absence is evidence elsewhere.
import { finding, type Rule, row } from '../facts.ts'
import { errorsSinceStart } from '../log-facts.ts'
import { count } from '../wording.ts'

export const workerLogErrors: Rule = {
  id: 'worker-log-errors',
  runbook: '0-stuck-at-1069.md, "Worker logs (no ERROR/Exception)"',
  diagnose(facts) {
    const errors = errorsSinceStart(facts) ?? []
    const last = errors.at(-1)
    if (last === undefined) return []
    return [
      {
        ...finding(facts, 'worker-log-errors', null),
        headline: `The worker's log has ${count(errors.length, 'error line')} since the running job began.`,
        explanation:
          'It may be the reason why nothing finishes, or another job of the same worker. The log says which.',
        since: errors[0]?.at ?? facts.now,
        evidence: errors
          .slice(-3)
          .reverse()
          .map((line) => ({ ...row(facts, line.container, line.text, 'worker log'), at: line.at ?? facts.now })),
        places: [{ view: 'stack', label: 'Open the log', job: null }],
      },
    ]
  },
}
