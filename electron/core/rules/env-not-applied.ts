// A running container has another value than .env: the file was edited and the service only restarted.
import type { Finding, Remedy } from '../../contract/finding.ts'
import type { EnvEntry } from '../../contract/service.ts'
import { type Facts, finding, now, type Rule, row } from '../facts.ts'
import { count, listed } from '../wording.ts'

export const envNotApplied: Rule = {
  id: 'env-not-applied',
  runbook: '1-failed-tasks.md, "Restart the worker after changing"',
  diagnose(facts) {
    const env = facts.system.env === null ? null : now(facts.system.env)
    const drifted = env?.entries.filter(({ unapplied }) => unapplied) ?? []
    return drifted.length === 0 ? [] : [toFinding(facts, drifted)]
  },
}

function toFinding(facts: Facts, drifted: readonly EnvEntry[]): Finding {
  const names = drifted.map(({ key }) => key)
  return {
    ...finding(facts, 'env-not-applied', null),
    headline: `${listed(names, 2)} in .env ${names.length === 1 ? 'is' : 'are'} not what the containers have.`,
    explanation:
      'Values reach a container when it is created. A restart keeps the old ones: the service must be recreated.',
    evidence: drifted
      .slice(0, 4)
      .flatMap((entry) =>
        entry.running.map(({ service, value }) =>
          row(
            facts,
            entry.key,
            entry.secret ? `differs in ${service}` : `${shown(entry.value)} in the file, ${shown(value)} in ${service}`,
            'stack',
            facts.system.env ?? undefined,
          ),
        ),
      ),
    remedies: drifted.filter(({ secret }) => !secret).map(apply),
    places: [{ view: 'stack', label: `Open ${count(drifted.length, 'value')} in .env`, job: null }],
  }
}

function apply(entry: EnvEntry): Remedy {
  return {
    action: 'set-env',
    label: `Apply ${entry.key}`,
    ids: null,
    params: { [entry.key]: entry.value ?? 'none' },
    effect: 'Recreates only the services that use it, and reads the value back.',
  }
}

function shown(value: string | null): string {
  return value === null || value === '' ? 'not set' : value
}
