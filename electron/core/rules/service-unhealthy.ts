// A service of the stack that is down, restarting again and again, or unhealthy.
import type { Finding } from '../../contract/finding.ts'
import type { Service } from '../../contract/service.ts'
import { type Facts, finding, type Rule } from '../facts.ts'
import { serviceName, serviceRows, servicesNow, startRemedy } from '../service-facts.ts'

export const serviceUnhealthy: Rule = {
  id: 'service-unhealthy',
  runbook: '4-qc-jobs-stuck.md, "Check System Health"',
  diagnose(facts) {
    const all = servicesNow(facts)
    return all.flatMap((service) => {
      const what = trouble(service, all)
      return what === null || service.outOfMemory ? [] : [unhealthy(facts, service, what)]
    })
  },
}

/** A one-off that ended well is not a service that is down. */
function trouble(service: Service, all: readonly Service[]): string | null {
  switch (service.state) {
    case 'running':
      return service.health === 'unhealthy' ? 'is unhealthy' : null
    case 'restarting':
      return 'restarts again and again'
    case 'paused':
      return 'is paused'
    case 'dead':
      return 'is dead'
    case 'exited':
      return service.exitCode === 0 ? null : `ended with exit code ${service.exitCode}`
    case 'created':
      // A recreate that was cut off between the old container's end and the new one's start leaves nothing that runs.
      return all.some((one) => one.service === service.service && one.state !== 'created')
        ? null
        : 'was created and never started'
    case 'removing':
      return null
  }
}

function unhealthy(facts: Facts, service: Service, what: string): Finding {
  return {
    ...finding(facts, 'service-unhealthy', service.container),
    // One that was only created is, for a moment, what every recreate looks like.
    severity: service.state === 'running' || service.state === 'created' ? 'warning' : 'critical',
    headline: `${serviceName(service)} ${what}.`,
    explanation:
      service.healthOutput === null || service.healthOutput.trim() === ''
        ? 'Its log says why.'
        : `Its health check says: ${service.healthOutput.trim().slice(0, 200)}`,
    evidence: serviceRows(facts, service),
    remedies: startRemedy(service),
    places: [{ view: 'stack', label: 'Open its log', job: null }],
  }
}
