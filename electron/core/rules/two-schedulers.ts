// Two programs send the same periodic task: every tick comes twice.
import type { Finding } from '../../contract/finding.ts'
import { isPeriodic, queuesNow, shortTask } from '../broker-facts.ts'
import { type Facts, finding, type Rule, row } from '../facts.ts'
import { servicesNow } from '../service-facts.ts'

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
  const replaced = hosts.filter((host) => isContainer(host) && !isHere(facts, host))
  // Old messages of a beat that was recreated look like this, and so does a scheduler in somebody else's container.
  const sure =
    replaced.length === 0 || hosts.length - replaced.length !== 1 || !hosts.some((host) => isHere(facts, host))
  return {
    ...finding(facts, 'two-schedulers', task),
    severity: sure ? 'warning' : 'info',
    headline: sure
      ? `${hosts.length} schedulers send ${shortTask(task)}. Every tick comes ${hosts.length === 2 ? 'twice' : `${hosts.length} times`}.`
      : `${shortTask(task)} was sent by ${hosts.length} schedulers. One of them is not in this stack any more.`,
    explanation: sure
      ? 'A beat that was recreated has a new host name and is counted once more until its old messages are gone; two that run at once double every message.'
      : 'A beat that was recreated leaves messages under its old name until they are taken. Where their number goes on growing, another stack has a scheduler on this broker.',
    evidence: [
      row(facts, 'Sent by', hosts.join(', '), 'broker', facts.system.queues ?? undefined),
      ...(sure
        ? []
        : [row(facts, 'Not in this stack', replaced.join(', '), 'stack', facts.system.services ?? undefined)]),
    ],
    places: [{ view: 'stack', label: 'Open the services', job: null }],
  }
}

/** Docker calls the host inside a container by the first twelve digits of its id. */
function isContainer(host: string): boolean {
  return /^[0-9a-f]{12}$/.test(host)
}

function isHere(facts: Facts, host: string): boolean {
  return servicesNow(facts).some(({ id, state }) => state === 'running' && id.startsWith(host))
}
