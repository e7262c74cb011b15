// A service was killed because memory ran short.
import { finding, type Rule } from '../facts.ts'
import { serviceName, serviceRows, servicesNow, startRemedy } from '../service-facts.ts'

export const outOfMemory: Rule = {
  id: 'out-of-memory',
  runbook: '4-qc-jobs-stuck.md, "Cause 2: Memory Exhaustion (OOM)"',
  diagnose(facts) {
    return servicesNow(facts)
      .filter((service) => service.outOfMemory)
      .map((service) => ({
        ...finding(facts, 'out-of-memory', service.container),
        severity: 'critical',
        headline: `${serviceName(service)} was killed because memory ran short.`,
        explanation: 'What it worked on is lost; it will happen again until it has more memory or does less at once.',
        evidence: serviceRows(facts, service),
        remedies: startRemedy(service),
        places: [{ view: 'stack', label: 'Open the services', job: null }],
      }))
  },
}
