// The stack runs on Docker Desktop: it belongs to a person’s session and ends with it.
import { finding, now, type Rule, row } from '../facts.ts'

export const engineNeedsLogin: Rule = {
  id: 'engine-needs-login',
  runbook: '1-failed-tasks.md, "Windows deployment"',
  diagnose(facts) {
    const stack = facts.system.stack === null ? null : now(facts.system.stack)
    if (stack === null || !isDesktop(stack.engine.product)) return []
    return [
      {
        ...finding(facts, 'engine-needs-login', null),
        severity: 'info',
        headline: 'The engine is Docker Desktop. Every container stops when its user signs out.',
        explanation:
          'On a server it also stays down after a restart until somebody signs in. A Docker engine that runs as a service does not.',
        evidence: [
          row(
            facts,
            'Engine',
            `${stack.engine.product} ${stack.engine.version}`,
            'stack',
            facts.system.stack ?? undefined,
          ),
          row(facts, 'Address', stack.engine.endpoint, 'stack', facts.system.stack ?? undefined),
        ],
        places: [{ view: 'stack', label: 'Open the services', job: null }],
      },
    ]
  },
}

/** `OperatingSystem` of the engine’s own /info: “Docker Desktop”, elsewhere “Ubuntu 24.04.1 LTS”. */
function isDesktop(product: string | null): boolean {
  return /docker desktop/i.test(product ?? '')
}
