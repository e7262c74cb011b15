// Findings for tests of their life and of alerts.
import type { Alert } from '../../electron/contract/alert.ts'
import type { Finding, FindingLife } from '../../electron/contract/finding.ts'
import { NOW } from './snapshot-builders.ts'

export const untouched: FindingLife = { changed: null, acknowledged: null, snoozedUntil: null }

export function aFinding(part: Partial<Finding> = {}): Finding {
  return {
    ...{ key: 'heartbeat-stale:calls:7', rule: 'heartbeat-stale', severity: 'critical', system: 'calls', since: NOW },
    ...{ headline: 'Call 7 is stuck.', explanation: 'It gave no sign of life for 16 min.' },
    ...{ evidence: [], notTheCause: [], remedies: [], places: [], ...part },
  }
}

export function anAlert(part: Partial<Alert> = {}): Alert {
  const group = part.group ?? 'stuck:critical:local'
  const at = part.at ?? NOW
  return {
    ...{ id: `${group}@${at}`, group, at, kind: 'stuck', reason: 'new', severity: 'critical', system: 'local' },
    ...{ title: 'Call 7 is stuck.', body: 'It gave no sign of life for 16 min.', keys: ['a'], remedy: null, ...part },
  }
}
