// Messages wait in a queue that no live worker consumes.
import type { Finding } from '../../contract/finding.ts'
import type { Queue } from '../../contract/queue.ts'
import { queuesNow, workerHint } from '../broker-facts.ts'
import { type Facts, finding, now, type Rule, row } from '../facts.ts'
import { lines, liveWorkers, noFailureLine } from '../heartbeat.ts'
import { count, listed, plural } from '../wording.ts'

export const queueWithoutConsumer: Rule = {
  id: 'queue-without-consumer',
  runbook: '3-stuck-crawl-runs.md, "worker --loglevel=info -Q default,crawl"',
  diagnose(facts) {
    return (queuesNow(facts) ?? [])
      .filter((queue) => queue.messages > 0 && queue.consumers === 0)
      .map((queue) => (queue.paused ? paused(facts, queue) : unconsumed(facts, queue)))
  },
}

function paused(facts: Facts, queue: Queue): Finding {
  return {
    ...finding(facts, 'queue-without-consumer', `${queue.name} paused`),
    severity: 'info',
    headline: `Queue ${queue.name} is paused. ${waits(queue)} until it is resumed.`,
    explanation: 'Nothing is wrong: its workers were told to stop taking messages from it.',
    evidence: rows(facts, queue),
    remedies: [
      {
        action: 'resume-queue',
        label: 'Resume the queue',
        ids: null,
        params: { queue: queue.name },
        effect: 'Workers take its next message at once.',
      },
    ],
    places: [{ view: 'queues', label: 'Open the queue', job: null }],
  }
}

function unconsumed(facts: Facts, queue: Queue): Finding {
  return {
    ...finding(facts, 'queue-without-consumer', queue.name),
    headline: `No live worker consumes queue ${queue.name}. ${waits(queue)} in it.`,
    explanation: 'A worker takes only the queues it was started with (-Q), or was told to add.',
    evidence: rows(facts, queue),
    notTheCause: lines(noFailureLine(facts)),
    hints: workerHint(facts),
    remedies:
      (liveWorkers(facts)?.length ?? 0) === 0
        ? []
        : [
            {
              action: 'resume-queue',
              label: 'Let the workers consume it',
              ids: null,
              params: { queue: queue.name },
              effect: 'Until they restart; for good it belongs in their -Q option.',
            },
          ],
    places: [{ view: 'queues', label: 'Open the queue', job: null }],
  }
}

function waits(queue: Queue): string {
  return `${count(queue.messages, 'message')} ${plural(queue.messages, 'waits', 'wait')}`
}

function rows(facts: Facts, queue: Queue) {
  const live = liveWorkers(facts)?.filter(({ kind }) => kind === 'celery') ?? []
  const consumed = [...new Set(live.flatMap((worker) => worker.queues ?? []))]
  return [
    row(facts, 'Waiting', count(queue.messages, 'message'), 'broker', facts.system.queues ?? undefined),
    row(
      facts,
      'Consumed',
      now(facts.system.workers) === null
        ? 'unknown: the workers cannot be read'
        : consumed.length === 0
          ? 'no queue at all'
          : listed(consumed, 6),
      'worker',
      facts.system.workers,
    ),
  ]
}
