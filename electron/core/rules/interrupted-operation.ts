// A change of Unjam's own was interrupted and is not settled yet: what is open, since when, and what it waits for.
import { type Facts, finding, type Rule, row } from '../facts.ts'
import { limit, number } from '../wording.ts'

export const interruptedOperation: Rule = {
  id: 'interrupted-operation',
  runbook: '2-redis-celery-cleanup.md, "Verify"',
  diagnose: (facts) => facts.interrupted.map((one) => toFinding(facts, one)),
}

function toFinding(facts: Facts, { id, title, at, because }: Facts['interrupted'][number]) {
  const aside = facts.setAside.find(({ operation }) => operation === id)
  return {
    ...finding(facts, 'interrupted-operation', id),
    severity: aside === undefined ? ('warning' as const) : ('critical' as const),
    headline: `“${title}” was interrupted and is not settled yet.`,
    explanation:
      aside === undefined
        ? 'Unjam checks what was done as soon as it can, and finishes it or takes it back. History then shows it.'
        : `${number(aside.setAside)} of ${number(aside.of)} messages of queue ${aside.queue} are set aside. Unjam puts them back as soon as Redis answers.`,
    since: at,
    evidence: [row(facts, 'Waiting for', because, 'unjam'), row(facts, 'Checked again every', limit(2000), 'unjam')],
    notTheCause: ['Nothing is lost: what is needed to finish it or take it back is saved'],
  }
}
