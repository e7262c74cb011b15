// A Celery worker that answers and takes nothing, although messages wait and it has a free slot.
import { celeryIn, workerRows } from '../broker-facts.ts'
import { finding, type Rule } from '../facts.ts'

export const workerNotConsuming: Rule = {
  id: 'worker-not-consuming',
  runbook: '3-stuck-crawl-runs.md, "Check Celery Worker Status"',
  diagnose(facts) {
    return celeryIn(facts, ['not-consuming']).map((worker) => ({
      ...finding(facts, 'worker-not-consuming', worker.name),
      headline: `${worker.name} answers, but takes no messages.`,
      explanation: worker.because ?? 'Messages wait, it has a free slot, and it has started nothing for a while.',
      evidence: workerRows(facts, worker),
      places: [{ view: 'worker', label: 'Open the workers', job: null }],
    }))
  },
}
