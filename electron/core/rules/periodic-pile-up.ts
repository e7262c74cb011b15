// A periodic task waits many times over: its worker is busy, and one message of it does all the work of the rest.
import type { Finding } from '../../contract/finding.ts'
import type { Queue, QueueGroup } from '../../contract/queue.ts'
import { isPeriodic, queuesNow, shortTask } from '../broker-facts.ts'
import { type Facts, finding, type Rule, row } from '../facts.ts'
import { lines, noFailureLine } from '../heartbeat.ts'
import { count, plural } from '../wording.ts'

/** One waits between two ticks as a matter of course. */
const SOME = 2

export const periodicPileUp: Rule = {
  id: 'periodic-pile-up',
  runbook: '0-stuck-at-1069.md, "93 messages (many enqueue_pending_recordings every 2 min"',
  diagnose(facts) {
    return (queuesNow(facts) ?? []).flatMap((queue) =>
      queue.groups
        .filter((group) => isPeriodic(group) && group.messages >= SOME)
        .map((group) => toFinding(facts, queue, group)),
    )
  },
}

function toFinding(facts: Facts, queue: Queue, group: QueueGroup): Finding {
  const task = shortTask(group.task ?? '')
  return {
    ...finding(facts, 'periodic-pile-up', `${queue.name} ${group.task}`),
    severity: 'info',
    headline: `${task} waits ${group.messages === 2 ? 'twice' : `${group.messages} times`} in queue ${queue.name}. One would do.`,
    explanation:
      'Its schedule goes on while the worker is busy. It follows from something else: nothing is broken here.',
    evidence: [
      row(
        facts,
        'Messages',
        `${queue.messages}, of them ${group.messages} ${task}`,
        'broker',
        facts.system.queues ?? undefined,
      ),
      row(
        facts,
        'Sent by',
        group.origins.length === 0 ? 'unknown: the messages do not say' : group.origins.join(', '),
        'broker',
      ),
    ],
    notTheCause: lines(noFailureLine(facts)),
    remedies: [
      {
        action: 'collapse-periodic',
        label: 'Collapse the pile-up',
        ids: null,
        params: { queue: queue.name },
        effect: `${count(group.messages - 1, 'message')} ${plural(group.messages - 1, 'goes', 'go')} to quarantine, the first stays. Undo is possible for 24 h.`,
      },
    ],
    places: [{ view: 'queues', label: 'Open the queue', job: null }],
  }
}
