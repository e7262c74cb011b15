// Several messages for one job: it would be worked on again and again.
import type { Finding } from '../../contract/finding.ts'
import type { Queue } from '../../contract/queue.ts'
import { isPeriodic, queuesNow, shortTask } from '../broker-facts.ts'
import { type Facts, finding, now, type Rule, row } from '../facts.ts'
import { count, number, plural } from '../wording.ts'

export const duplicateMessages: Rule = {
  id: 'duplicate-messages',
  runbook: '2-redis-celery-cleanup.md, "Optional: remove duplicate messages only"',
  diagnose(facts) {
    const inQueues = (queuesNow(facts) ?? []).flatMap((queue) => {
      const groups = queue.groups.filter((group) => !isPeriodic(group) && group.duplicates > 0)
      return groups.length === 0 ? [] : [toFinding(facts, queue, groups)]
    })
    return inQueues.length > 0 ? inQueues : apart(facts)
  },
}

/** The copies are not in one list: another queue has one, or a worker has taken it and not acknowledged it. */
function apart(facts: Facts): Finding[] {
  const books = facts.ledgers === null ? null : now(facts.ledgers)
  return (books?.discrepancies ?? [])
    .filter(({ kind }) => kind === 'several-messages')
    .map(({ count: n, jobs }) => ({
      ...finding(facts, 'duplicate-messages', null),
      headline: `${count(n, 'job')} ${plural(n, 'has', 'have')} more than one message: one waits, one is elsewhere.`,
      explanation:
        'Another queue or a worker has the other. De-duplicating looks at one queue; a purge clears all, and the scheduler sends again what the database wants.',
      evidence: jobs
        .slice(0, 4)
        .map(({ id, title }) => row(facts, 'Job', title ?? id, 'broker', facts.ledgers ?? undefined)),
      remedies: [
        {
          action: 'purge-queue',
          label: 'Purge the queues',
          ids: null,
          params: {},
          effect: 'What waits goes to quarantine; what a worker has taken stays. Undo is possible for 24 h.',
        },
      ],
      places: [{ view: 'proof' as const, label: 'Compare the ledgers', job: null }],
    }))
}

function toFinding(facts: Facts, queue: Queue, groups: Queue['groups']): Finding {
  const duplicates = groups.reduce((sum, group) => sum + group.duplicates, 0)
  const partly = queue.read < queue.messages ? ` of the ${number(queue.read)} read so far` : ''
  return {
    ...finding(facts, 'duplicate-messages', queue.name),
    headline: `${number(duplicates)} ${plural(duplicates, 'message', 'messages')} in queue ${queue.name} ${plural(duplicates, 'repeats', 'repeat')} a job.`,
    explanation: 'Each would run its job once more. The first message of every job is enough.',
    evidence: groups
      .slice(0, 4)
      .map((group) =>
        row(
          facts,
          shortTask(group.task ?? 'unknown task'),
          `${count(group.messages, 'message')} for ${count(group.jobs ?? 0, 'job')}${partly}`,
          'broker',
          facts.system.queues ?? undefined,
        ),
      ),
    remedies: [
      {
        action: 'deduplicate-queue',
        label: 'De-duplicate the queue',
        ids: null,
        params: { queue: queue.name },
        effect: 'The first message of each job stays, the others go to quarantine. Undo is possible for 24 h.',
      },
    ],
    places: [{ view: 'queues', label: 'Open the queue', job: null }],
  }
}
