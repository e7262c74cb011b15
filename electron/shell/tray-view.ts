// What the tray says about a snapshot: one of four states, a tooltip, and the lines of its menu.
import type { Finding, Severity } from '../contract/finding.ts'
import type { JobState } from '../contract/job.ts'
import { isSample } from '../contract/sample.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import { type Address, findingAddress, previewAddress } from './address.ts'
import { actionLines, runningLines } from './tray-lines.ts'

export type TrayState = 'clear' | 'attention' | 'critical' | 'unknown'

/** A line of the menu and what it opens; nothing is ever done by choosing it. */
export interface TrayLine {
  readonly label: string
  readonly opens: Address
}

export interface TrayView {
  readonly state: TrayState
  readonly tooltip: string
  /** The verdict; of the findings the first one is it. */
  readonly verdict: string
  /** The finding that the verdict is; null when nothing is wrong. */
  readonly opens: Address | null
  /** What to press first, as its button says it. */
  readonly remedy: TrayLine | null
  /** Jobs by state over all systems; a system that cannot be read makes them "unknown". */
  readonly counts: string
  readonly running: readonly TrayLine[]
  readonly actions: readonly TrayLine[]
  /** Findings whose alerts stand: what "Snooze alerts" is about. */
  readonly alerting: readonly string[]
}

/** Windows cuts tooltips after 127 characters. */
const TOOLTIP = 127
const states: readonly JobState[] = ['queued', 'running', 'done', 'failed', 'skipped']
const stateOf: Record<Severity, TrayState> = { critical: 'critical', warning: 'attention', info: 'clear' }

/** null: no core can be asked. */
export function trayView(seen: Snapshot | null): TrayView {
  const snapshot = seen === null ? null : withoutSamples(seen)
  const [first] = snapshot?.findings ?? []
  const silent = snapshot?.systems.filter(({ counts }) => counts.status === 'unknown').map(({ id }) => id) ?? []
  const state = first?.severity === 'critical' ? 'critical' : silent.length > 0 ? 'unknown' : calm(snapshot, first)
  const verdict = first?.headline ?? (silent.length > 0 ? `Cannot read ${silent.join(', ')}.` : quiet(snapshot))
  const tooltip = `Unjam: ${verdict}`
  return {
    state,
    verdict,
    tooltip: tooltip.length > TOOLTIP ? `${tooltip.slice(0, TOOLTIP - 1)}…` : tooltip,
    opens: first === undefined ? null : findingAddress(first.key),
    remedy: remedyOf(first),
    counts: states.map((one) => `${one.charAt(0).toUpperCase()}${one.slice(1)} ${total(snapshot, one)}`).join(' · '),
    running: snapshot === null ? [] : runningLines(snapshot),
    actions: snapshot === null ? [] : actionLines(snapshot),
    alerting: snapshot?.alerts.flatMap(({ keys }) => keys) ?? [],
  }
}

/** A sample is looked at in the window; the taskbar stays with what is real. */
function withoutSamples(seen: Snapshot): Snapshot {
  const systems = seen.systems.filter(({ id }) => !isSample(id))
  const findings = seen.findings.filter(({ system }) => !isSample(system))
  return { ...seen, systems, findings }
}

function remedyOf(first: Finding | undefined): TrayLine | null {
  // Giving up work that may be healthy is never offered first.
  const remedy = first?.remedies.find(({ action }) => action !== 'cancel-job')
  if (first === undefined || remedy === undefined) return null
  return { label: `${remedy.label}…`, opens: previewAddress(first.system, remedy) }
}

function calm(snapshot: Snapshot | null, first: Finding | undefined): TrayState {
  if (snapshot === null) return 'unknown'
  return first === undefined ? 'clear' : stateOf[first.severity]
}

function quiet(snapshot: Snapshot | null): string {
  return snapshot === null ? 'Cannot look: the core does not answer yet.' : 'Nothing is stuck.'
}

function total(snapshot: Snapshot | null, state: JobState): string {
  let sum = 0
  for (const { counts } of snapshot?.systems ?? []) {
    if (counts.status === 'unknown') return 'unknown'
    sum += counts.value[state]
  }
  return snapshot === null ? 'unknown' : String(sum)
}
