// Several messages for one job: it would be worked on again and again.
import type { Finding } from '../../contract/finding.ts'
import type { Queue } from '../../contract/queue.ts'
import { isPeriodic, queuesNow, shortTask } from '../broker-facts.ts'
import { type Facts, finding, type Rule, row } from '../facts.ts'
import { count, number, plural } from '../wording.ts'

export const duplicateMessages: Rule = {
  id: 'duplicate-messages',
  runbook: '2-redis-celery-cleanup.md, "Optional: remove duplicate messages only"',
  diagnose(facts) {
    return (queuesNow(facts) ?? []).flatMap((queue) => {
      const groups = queue.groups.filter((group) => !isPeriodic(group) && group.duplicates > 0)
      return groups.length === 0 ? [] : [toFinding(facts, queue, groups)]
    })
  },
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
