// A change of Unjam's own was interrupted; recovery is pending: what is open, since when, and what it waits for.
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
    headline: `An interrupted container replacement in ${facts.system.id} is not repaired yet.`,
    explanation: [first, ...others].join(' '),
    evidence: facts.repairs.map((sentence) => row(facts, 'Repair', sentence, 'stack')),
    notTheCause: ['Volumes and images: repairs change containers only'],
  }
}

function toFinding(facts: Facts, { id, title, at, because }: Facts['interrupted'][number]) {
  const aside = facts.setAside.find(({ operation }) => operation === id)
  return {
    ...finding(facts, 'interrupted-operation', id),
    severity: aside === undefined ? ('warning' as const) : ('critical' as const),
    headline: `“${title}” was interrupted; recovery is pending.`,
    explanation:
      aside === undefined
        ? 'Unjam checks what was done, then completes it or rolls it back. History shows the result.'
        : `${number(aside.setAside)} of ${number(aside.of)} messages of queue ${aside.queue} are set aside. Unjam puts them back as soon as Redis answers.`,
    since: at,
    evidence: [row(facts, 'Reason', because, 'unjam'), row(facts, 'Retry interval', limit(2000), 'unjam')],
    notTheCause: ['Data loss: what completing it or rolling it back needs is saved'],
  }
}
