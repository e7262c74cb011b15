// Results stay for ever: Redis grows until it is full.
import { finding, now, type Rule, row } from '../facts.ts'
import { count, number } from '../wording.ts'

export const resultsNeverExpire: Rule = {
  id: 'results-never-expire',
  runbook: '2-redis-celery-cleanup.md, "result_expires is set to 86400 (24 hours)"',
  diagnose(facts) {
    const results = facts.system.results === null ? null : now(facts.system.results)
    if (results === null || results.withoutExpiry === 0) return []
    return [
      {
        ...finding(facts, 'results-never-expire', null),
        headline: `${count(results.withoutExpiry, 'result')} will never expire. Redis only grows.`,
        explanation:
          'result_expires belongs in the Celery app: 86400 s keeps them for a day. Old keys without an expiry stay.',
        evidence: [
          row(facts, 'Without expiry', number(results.withoutExpiry), 'results', facts.system.results ?? undefined),
          row(facts, 'Expected', 'each key lives 24 h', 'runbook'),
        ],
        places: [{ view: 'queues', label: 'Open the attempts', job: null }],
      },
    ]
  },
}
