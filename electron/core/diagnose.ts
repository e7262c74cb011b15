// Runs every rule over the facts; a rule that throws becomes a finding. Ranked: the first is the verdict.
import type { Finding, RuleId, Severity } from '../contract/finding.ts'
import { type Facts, finding, type Rule, row } from './facts.ts'

const ranks: Record<Severity, number> = { critical: 0, warning: 1, info: 2 }

/** Findings of all systems, most severe first, then in the order of the rules, then of the systems. */
export function diagnose(
  systems: readonly Facts[],
  rules: readonly Rule[],
  onBug: (where: string, error: unknown) => void,
): Finding[] {
  const order = new Map<RuleId, number>(rules.map((rule, index) => [rule.id, index]))
  const place = (found: Finding) => order.get(found.rule) ?? rules.length
  return systems
    .flatMap((facts) => rules.flatMap((rule) => run(rule, facts, onBug)))
    .sort((a, b) => ranks[a.severity] - ranks[b.severity] || place(a) - place(b))
}

function run(rule: Rule, facts: Facts, onBug: (where: string, error: unknown) => void): readonly Finding[] {
  if (rule.kinds?.includes(facts.system.kind) === false) return []
  try {
    return rule.diagnose(facts)
  } catch (error) {
    onBug(`rule ${rule.id}`, error)
    const because = error instanceof Error ? error.message : String(error)
    return [
      {
        ...finding(facts, 'rule-failed', rule.id),
        headline: `The rule ${rule.id} could not be evaluated.`,
        explanation: 'This is a fault of Unjam, not of the system. The other rules were evaluated.',
        evidence: [row(facts, 'Error', because, 'unjam')],
      },
    ]
  }
}
