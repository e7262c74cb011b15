// Alerts as people see them: what was raised together is one, and it stands until it is answered or has cleared.
import type { Alert, AlertKind, AlertReason } from '../contract/alert.ts'
import type { Finding, Severity } from '../contract/finding.ts'
import { alertKind, type Raised } from './alerts.ts'
import { lifeOf } from './finding-life.ts'

/** What follows so soon joins the alert that stands, without another sound. */
const TOGETHER_MS = 60_000
const MOST = 50
const LISTED = 3

/** The alerts that stand now, newest first. */
export function standingAlerts(
  before: readonly Alert[],
  raised: readonly Raised[],
  findings: readonly Finding[],
  at: string,
): Alert[] {
  const here = new Map(findings.map((finding) => [finding.key, finding]))
  const open = before.flatMap((alert) => still(alert, here))
  for (const [group, together] of grouped(raised)) {
    const old = open.findIndex((alert) => alert.group === group)
    const last = open[old]
    if (old !== -1) open.splice(old, 1)
    const joins = last !== undefined && Date.parse(at) - Date.parse(last.at) < TOGETHER_MS && isQuieter(together, last)
    const kept = last?.keys.filter((key) => !together.some(({ finding }) => finding.key === key)) ?? []
    const all = [...together.map(({ finding }) => finding), ...kept.flatMap((key) => here.get(key) ?? [])]
    const reason = joins ? last.reason : (together[0]?.reason ?? 'new')
    const made = alertOf(group, reason, all, at)
    if (made !== null) open.unshift(joins ? { ...made, id: last.id, at: last.at } : made)
  }
  return open.slice(0, MOST)
}

/** Escalations are never swallowed by what was said a moment before. */
function isQuieter(raised: readonly Raised[], last: Alert): boolean {
  return raised.every(({ reason }) => reason === 'new' || reason === last.reason)
}

/** What is left of an alert: findings that are there and that nobody has answered. */
function still(alert: Alert, here: ReadonlyMap<string, Finding>): Alert[] {
  const left = alert.keys.flatMap((key) => here.get(key) ?? []).filter((finding) => isOpen(finding, alert.reason))
  if (left.length === alert.keys.length) return [alert]
  const less = alertOf(alert.group, alert.reason, left, alert.at)
  return less === null ? [] : [{ ...less, id: alert.id }]
}

/** That it persists is also told to whoever has acknowledged it. */
function isOpen(finding: Finding, reason: AlertReason): boolean {
  const { acknowledged, snoozedUntil } = lifeOf(finding)
  return snoozedUntil === null && (acknowledged === null || reason === 'persisting')
}

/** Stuck, slow and starved never share an alert, nor do two systems, nor what is critical and what is not. */
function grouped(raised: readonly Raised[]): ReadonlyMap<string, readonly Raised[]> {
  return Map.groupBy(raised, ({ finding }) => `${alertKind(finding)}:${finding.severity}:${finding.system}`)
}

function alertOf(group: string, reason: AlertReason, findings: readonly Finding[], at: string): Alert | null {
  const [first, ...more] = findings
  if (first === undefined) return null
  const { severity, system } = first
  const kind = alertKind(first)
  const what = more.length === 0 ? first.headline : many(kind, severity, system, findings.length)
  return {
    ...{ id: `${group}@${at}`, group, at, kind, reason, severity, system },
    title: `${prefixes[reason]}${what}`,
    body: more.length === 0 ? first.explanation : listed(findings),
    keys: findings.map(({ key }) => key),
    // Giving up work that may be healthy is never what an interruption offers first.
    remedy: first.remedies.find(({ action }) => action !== 'cancel-job') ?? null,
  }
}

const prefixes: Readonly<Record<AlertReason, string>> = {
  new: '',
  worse: '',
  unanswered: '15 min without an answer: ',
  persisting: 'Still there after 30 min: ',
  woken: 'Still there after the snooze: ',
}

function many(kind: AlertKind, severity: Severity, system: string, n: number): string {
  const words: Readonly<Record<AlertKind, string>> = {
    slow: `${n} findings say that work in ${system} is slow.`,
    stuck: `${n} findings say that work in ${system} is stuck.`,
    starved: `${n} findings say that nothing starts in ${system}.`,
    unreadable: `${n} sources of ${system} cannot be read.`,
    failing: `${n} ${severity} findings in ${system}.`,
  }
  return words[kind]
}

function listed(findings: readonly Finding[]): string {
  const rest = findings.length - LISTED
  const lines = findings.slice(0, LISTED).map(({ headline }) => headline)
  return [...lines, ...(rest > 0 ? [`And ${rest} more.`] : [])].join('\n')
}
