// One moment of the past: the numbers that were read, and the findings that stood.
import type { Instant } from '../contract/failure.ts'
import type { Finding } from '../contract/finding.ts'
import type { FindingEvent } from '../contract/finding-life.ts'
import type { HistoryMoment } from '../contract/history.ts'
import type { Past } from './history-range.ts'

const KEPT_MS = 31 * 24 * 60 * 60_000
const order = { critical: 0, warning: 1, info: 2 }

export function historyMoment({ records, findings }: Past, at: Instant): HistoryMoment {
  const ms = Date.parse(at)
  const events = findings.between(new Date(ms - KEPT_MS).toISOString(), new Date(ms + 1).toISOString())
  return { moment: records.at(ms), findings: standingAfter(events) }
}

/** The most urgent first, as each was after its last event. */
export function standingAfter(events: readonly FindingEvent[]): Finding[] {
  const standing = new Map<string, Finding>()
  for (const { key, change, finding } of events) {
    if (change === 'cleared') standing.delete(key)
    else standing.set(key, finding)
  }
  return [...standing.values()].toSorted((a, b) => order[a.severity] - order[b.severity])
}
