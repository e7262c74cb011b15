// Which transitions of findings deserve an alert, when to escalate, when to stay quiet. Pure: time is given.
import type { AlertKind, AlertReason } from '../contract/alert.ts'
import type { Instant } from '../contract/failure.ts'
import type { Finding, RuleId, Severity } from '../contract/finding.ts'
import { isSample } from '../contract/sample.ts'
import type { QuietHours } from '../contract/settings.ts'
import { lifeOf } from './finding-life.ts'

/** Nothing is said twice about a finding within it, unless it became worse; runbook 4: 15 minutes to respond. */
export const UNANSWERED_MS = 15 * 60_000
/** Runbook 4, "Escalation": if the issue persists after 30 minutes. */
export const PERSISTING_MS = 30 * 60_000
/** What has not been seen for so long begins anew. */
const FORGOTTEN_MS = 24 * 60 * 60_000

const MINUTE_MS = 60_000
const ranks: Record<Severity, number> = { info: 0, warning: 1, critical: 2 }

/** Rules that are not named fail in a way of their own. */
const kinds: Partial<Record<RuleId, AlertKind>> = {
  'long-job-holds-worker': 'slow',
  'heartbeat-stale': 'stuck',
  'nothing-finishing': 'stuck',
  'run-overdue': 'stuck',
  'qc-stage-stuck': 'stuck',
  'auto-recovery-dead': 'stuck',
  'worker-unreachable': 'stuck',
  'no-worker': 'starved',
  'no-model': 'starved',
  'queue-without-consumer': 'starved',
  'worker-not-consuming': 'starved',
  'run-never-started': 'starved',
  'beat-silent': 'starved',
  'source-unreachable': 'unreadable',
}

/** A late run may be worked on, or wait for a worker: then it is not stuck. */
const ofRuns: Readonly<Record<string, AlertKind>> = {
  working: 'slow',
  parent: 'slow',
  waits: 'starved',
  taken: 'starved',
}

export function alertKind({ rule, key }: Pick<Finding, 'rule' | 'key'>): AlertKind {
  const [, , subject = ''] = key.split(':')
  return (rule === 'run-overdue' ? ofRuns[subject] : undefined) ?? kinds[rule] ?? 'failing'
}

/** What was said about one finding; kept over restarts. */
export interface Alerted {
  /** Tells one life of the finding from the next. */
  readonly since: Instant
  readonly severity: Severity
  /** When the clock of its escalation began, and when anything was said last. */
  readonly firstMs: number
  readonly lastMs: number
  readonly stage: 'said' | 'unanswered' | 'persisting'
  readonly snoozed: boolean
  readonly seenMs: number
}
export type AlertMemory = ReadonlyMap<string, Alerted>

export interface Raised {
  readonly finding: Finding
  readonly reason: AlertReason
}

/** While `quiet`, nothing is said and nothing forgotten: what still holds afterwards is said then. */
export function nextAlerts(
  memory: AlertMemory,
  findings: readonly Finding[],
  nowMs: number,
  quiet: boolean,
): { memory: AlertMemory; raised: Raised[] } {
  const raised: Raised[] = []
  const next = new Map([...memory].filter(([, { seenMs }]) => nowMs - seenMs < FORGOTTEN_MS))
  for (const finding of findings.filter(deserves)) {
    const before = memory.get(finding.key)
    const reason = quiet ? null : due(before, finding, nowMs)
    if (reason !== null) raised.push({ finding, reason })
    const after = reason === null ? before : said(before, finding, reason, nowMs)
    if (after !== undefined) next.set(finding.key, { ...seen(after, finding, nowMs) })
  }
  return { memory: next, raised }
}

/** Critical ones, and warnings that say that work does not move or cannot be seen. */
function deserves(finding: Finding): boolean {
  if (isSample(finding.system) || finding.severity === 'info') return false
  return finding.severity === 'critical' || alertKind(finding) !== 'failing'
}

function due(before: Alerted | undefined, finding: Finding, nowMs: number): AlertReason | null {
  const { acknowledged, snoozedUntil } = lifeOf(finding)
  if (snoozedUntil !== null) return null
  const worse = before !== undefined && ranks[finding.severity] > ranks[before.severity]
  const same = before?.since === finding.since
  if (acknowledged === null) {
    if (before === undefined) return 'new'
    if (worse) return same ? 'worse' : 'new'
  }
  if (before === undefined || isWithin(UNANSWERED_MS, before.lastMs, nowMs)) return null
  const escalates = same && finding.severity === 'critical'
  if (escalates && before.stage !== 'persisting' && !isWithin(PERSISTING_MS, before.firstMs, nowMs)) return 'persisting'
  if (acknowledged !== null) return null
  if (!same) return 'new'
  if (before.snoozed) return 'woken'
  return escalates && before.stage === 'said' ? 'unanswered' : null
}

/** Also when the clock was set back a little; set back by more than `ms`, it cannot silence for ever. */
function isWithin(ms: number, thenMs: number, nowMs: number): boolean {
  return Math.abs(nowMs - thenMs) < ms
}

function said(before: Alerted | undefined, finding: Finding, reason: AlertReason, nowMs: number): Alerted {
  const { since, severity } = finding
  const again = before !== undefined && (reason === 'unanswered' || reason === 'persisting')
  return {
    ...{ since, severity, lastMs: nowMs, seenMs: nowMs, snoozed: false },
    firstMs: again ? before.firstMs : nowMs,
    stage: again ? reason : 'said',
  }
}

/** The moment is kept to the minute: what is kept on disk need not be written at each look. */
function seen(entry: Alerted, finding: Finding, nowMs: number): Alerted {
  const fresh = isWithin(MINUTE_MS, entry.seenMs, nowMs) ? entry.seenMs : nowMs
  return { ...entry, seenMs: fresh, snoozed: entry.snoozed || lifeOf(finding).snoozedUntil !== null }
}

export function isQuiet(hours: QuietHours | null, minuteOfDay: number): boolean {
  if (hours === null) return false
  const [from, to] = [minutes(hours.from), minutes(hours.to)]
  return from <= to ? from <= minuteOfDay && minuteOfDay < to : minuteOfDay >= from || minuteOfDay < to
}

function minutes(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number)
  return hour * 60 + minute
}
