// What the stack's readings say about its services, in the words findings share.
import type { Evidence, Remedy } from '../contract/finding.ts'
import type { Service } from '../contract/service.ts'
import { type Facts, now, row } from './facts.ts'
import { count } from './wording.ts'

/** 128 + SIGKILL: the kernel's way out when memory runs short, or somebody's `docker kill`. */
const KILLED = 137

export function servicesNow(facts: Facts): readonly Service[] {
  return facts.system.services === null ? [] : (now(facts.system.services) ?? [])
}

/** A worker's service is called so in every runbook (`worker`, `qc_worker`, `worker-2`). */
export function isWorkerService({ service }: Pick<Service, 'service'>): boolean {
  return /worker/i.test(service)
}

export function serviceName(service: Service): string {
  return service.number === 1 ? `Service ${service.service}` : `Service ${service.service} #${service.number}`
}

export function startRemedy(service: Service): Remedy[] {
  if (!['exited', 'dead', 'created', 'paused'].includes(service.state)) return []
  const label = service.state === 'paused' ? `Let ${service.service} go on` : `Start ${service.service}`
  return [{ action: 'start-service', label, ids: [service.service], params: {}, effect: null }]
}

export function serviceRows(facts: Facts, service: Service): Evidence[] {
  const reading = facts.system.services ?? undefined
  const exit = service.exitCode === null || service.state === 'running' ? [] : [exitRow(facts, service.exitCode)]
  return [
    row(facts, 'State', [service.state, service.health].filter((part) => part !== null).join(', '), 'stack', reading),
    ...exit,
    row(facts, 'Restarts', count(service.restarts, 'restart'), 'stack', reading),
  ]
}

function exitRow(facts: Facts, code: number): Evidence {
  return row(
    facts,
    'Exit code',
    code === KILLED ? '137 (killed)' : String(code),
    'stack',
    facts.system.services ?? undefined,
  )
}
