// Something the QC service leans on is not ok, by its own health report.
import type { Finding } from '../../contract/finding.ts'
import type { Dependency } from '../../contract/snapshot.ts'
import { type Facts, finding, now, type Rule, row } from '../facts.ts'
import { hints } from '../qc-facts.ts'

/** Without these no QC job ends; others (billing, mail) hold up none. */
const NEEDED = /^(qc_worker|groq_api|google_oauth|database|supabase|storage|ffmpeg)$/i
const DRIVE = /google|drive/i

export const dependencyUnhealthy: Rule = {
  id: 'dependency-unhealthy',
  kinds: ['qc'],
  runbook: '4-qc-jobs-stuck.md, "Check System Health"',
  diagnose(facts) {
    const { dependencies } = facts.system
    const known = dependencies === null ? null : now(dependencies)
    if (known === null) return []
    const ill = known.filter(({ state }) => state === 'down' || state === 'degraded')
    return ill.map((one) => toFinding(facts, one, known))
  },
}

function toFinding(facts: Facts, { name, state, detail }: Dependency, all: readonly Dependency[]): Finding {
  const down = state === 'down'
  const ok = all.filter((one) => one.state === 'ok' && NEEDED.test(one.name)).map((one) => `${one.name} is ok`)
  const drive = DRIVE.test(name) ? ' Reconnect Google Drive in Settings, then retry.' : ''
  const said = detail === null ? '' : ` It says: ${detail.replace(/\.$/, '')}.`
  const source = 'health report'
  return {
    ...finding(facts, 'dependency-unhealthy', name),
    severity: down && NEEDED.test(name) ? 'critical' : 'warning',
    headline: `${name} is ${down ? 'not ok' : 'degraded'}.${drive}`,
    explanation: NEEDED.test(name)
      ? `QC jobs need it, so they stop where they reach it.${said}`
      : `QC jobs do without it.${said}`,
    evidence: [
      row(facts, name, detail === null ? state : `${state}: ${detail}`, source, facts.system.dependencies ?? undefined),
    ],
    notTheCause: ok,
    hints: hints(facts, 'dependency', false),
    remedies: [],
  }
}
