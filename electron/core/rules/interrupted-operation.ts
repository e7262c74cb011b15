// A change of Unjam's own was interrupted and is not settled yet: what is open, since when, and what it waits for.
import { type Facts, finding, type Rule, row } from '../facts.ts'
import { limit, number } from '../wording.ts'

export const interruptedOperation: Rule = {
  id: 'interrupted-operation',
  runbook: '2-redis-celery-cleanup.md, "Verify"',
  diagnose: (facts) => [
    ...facts.interrupted.map((one) => toFinding(facts, one)),
    ...(facts.repairs.length === 0 ? [] : [unrepaired(facts)]),
  ],
}

/** What an earlier Unjam, or compose on its own, left between old and new containers. */
function unrepaired(facts: Facts) {
  const [first = '', ...others] = facts.repairs
  return {
    ...finding(facts, 'interrupted-operation', 'stack'),
    headline: `An interrupted change of the services of ${facts.system.id} is not repaired yet.`,
    explanation: [first, ...others].join(' '),
    evidence: facts.repairs.map((sentence) => row(facts, 'Repair', sentence, 'stack')),
    notTheCause: ['Volumes and images: a repair changes containers only'],
  }
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
