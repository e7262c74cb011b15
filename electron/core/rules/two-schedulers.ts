// Two programs send the same periodic task: every tick comes twice.
import type { Finding } from '../../contract/finding.ts'
import { isPeriodic, queuesNow, shortTask } from '../broker-facts.ts'
import { type Facts, finding, type Rule, row } from '../facts.ts'

export const twoSchedulers: Rule = {
  id: 'two-schedulers',
  runbook: '2-redis-celery-cleanup.md, "removing duplicate enqueuers"',
  diagnose(facts) {
    const origins = new Map<string, Set<string>>()
    for (const group of (queuesNow(facts) ?? []).flatMap(({ groups }) => groups)) {
      if (!isPeriodic(group) || group.task === null) continue
      const hosts = origins.get(group.task) ?? new Set()
      for (const origin of group.origins) hosts.add(hostOf(origin))
      origins.set(group.task, hosts)
    }
    return [...origins].flatMap(([task, hosts]) => (hosts.size > 1 ? [toFinding(facts, task, [...hosts])] : []))
  },
}

/** `gen13702@host`: a restarted beat has another pid on the same host, so only hosts are compared. */
function hostOf(origin: string): string {
  return origin.slice(origin.indexOf('@') + 1)
}

function toFinding(facts: Facts, task: string, hosts: readonly string[]): Finding {
  return {
    ...finding(facts, 'two-schedulers', task),
    headline: `${hosts.length} schedulers send ${shortTask(task)}. Every tick comes twice.`,
    explanation:
      'A beat that was recreated has a new host name and is counted once more until its old messages are gone; two that run at once double every message.',
    evidence: [row(facts, 'Sent by', hosts.join(', '), 'broker', facts.system.queues ?? undefined)],
    places: [{ view: 'stack', label: 'Open the services', job: null }],
  }
}
