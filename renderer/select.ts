// Named selectors over the live state: every number on screen that is not read as it is, is derived here.
import type { Finding } from '../electron/contract/finding.ts'
import type { Counts, Reading, Snapshot, SystemSnapshot, Worker } from '../electron/contract/snapshot.ts'
import { ago, count, duration, time, when, whole } from './format.ts'
import type { LiveState } from './live.ts'
import { walkedThrough } from './select-sample.ts'

export type Level = 'critical' | 'warning' | 'info' | 'unknown' | 'clear'

/** A reading as a cell shows it: its last value, and whether that is still true. */
export interface Shown<T> {
  readonly value: T | null
  /** null while known; else how old the last value is and why there is no newer one. */
  readonly lost: { readonly ageMs: number; readonly because: string } | null
}

/** The core's clock now; ages of instants are taken against it. */
export function coreNow(state: LiveState, nowMs: number): number {
  return nowMs - state.clockAheadMs
}

export function shown<T>(reading: Reading<T>, now: number): Shown<T> {
  if (reading.status === 'known') return { value: reading.value, lost: null }
  return {
    value: reading.last,
    lost: { ageMs: Math.max(0, now - time(reading.since)), because: reading.failure.because },
  }
}

/** How much older an age has become since it was read. */
export function grown(ageMs: number | null, readAt: string, now: number): number | null {
  return ageMs === null ? null : Math.max(0, ageMs) + Math.max(0, now - time(readAt))
}

export function readAt<T>(reading: Reading<T>): string {
  return reading.status === 'known' ? reading.at : reading.since
}

export function lastValue<T>(reading: Reading<T>): T | null {
  return reading.status === 'known' ? reading.value : reading.last
}

export function systemOf(snapshot: Snapshot | null, id: string | null): SystemSnapshot | null {
  return snapshot?.systems.find((system) => system.id === id) ?? null
}

/** The system a screen is about when its address names none: the one that has a finding, else the first. */
export function defaultSystem(snapshot: Snapshot | null): string {
  const seen = snapshot === null ? null : walkedThrough(snapshot)
  return seen?.findings[0]?.system ?? seen?.systems[0]?.id ?? 'local'
}

/** Changes when somebody, here or in a terminal, may have done or undone something. */
export function historyRevision({ snapshot }: LiveState): string {
  const systems = snapshot?.systems.map(({ counts, queues, services }) => [
    lastValue(counts),
    queues === null ? null : lastValue(queues)?.map(({ messages, paused }) => [messages, paused]),
    services === null ? null : lastValue(services)?.map(({ id, state }) => [id, state]),
  ])
  return `${JSON.stringify(systems)} ${snapshot?.host.worker.state}`
}

export interface LinkModel {
  readonly text: string
  readonly age: string | null
  readonly lost: { readonly since: string; readonly forText: string; readonly because: string } | null
}

/** “4 of 5 systems read 2 s ago”. */
export function selectLink(state: LiveState, nowMs: number): LinkModel {
  const { snapshot, link } = state
  const now = coreNow(state, nowMs)
  const lost =
    link.state === 'lost'
      ? { since: when(link.sinceMs, nowMs), forText: duration(nowMs - link.sinceMs), because: link.because }
      : null
  if (snapshot === null) return { text: 'Connecting', age: null, lost }
  const known = snapshot.systems.filter((system) => system.counts.status === 'known')
  const newest = Math.max(...known.map((system) => time(readAt(system.counts))))
  const of = `${known.length} of ${count(snapshot.systems.length, 'system')} read`
  return { text: of, age: known.length === 0 ? null : ago(now - newest), lost }
}

export function levelOf(finding: Pick<Finding, 'rule' | 'severity'>): Level {
  if (finding.rule === 'source-unreachable' && finding.severity !== 'critical') return 'unknown'
  return finding.severity
}

export function findingsOf(snapshot: Snapshot, system: string): Finding[] {
  return snapshot.findings.filter((finding) => finding.system === system)
}

export function systemLevel(snapshot: Snapshot, system: SystemSnapshot): Level {
  const levels = findingsOf(snapshot, system.id).map(levelOf)
  for (const level of ['critical', 'warning'] as const) if (levels.includes(level)) return level
  return system.counts.status === 'unknown' ? 'unknown' : 'clear'
}

export interface SystemRow {
  readonly id: string
  readonly level: Level
  /** One fact for the sidebar: “20 wait”. */
  readonly fact: string
  readonly counts: Shown<Counts>
  readonly slots: Shown<string>
  readonly heartbeat: Shown<string>
  readonly messages: Shown<number> | null
  readonly finding: string
}

export function selectSystems(state: LiveState, nowMs: number): SystemRow[] {
  const { snapshot, link } = state
  if (snapshot === null) return []
  const now = coreNow(state, nowMs)
  const rows = snapshot.systems.map((system) => systemRow(snapshot, system, now))
  // Without a link every reading is the last known, and nothing is known to be well.
  if (link.state !== 'lost') return rows
  const lost = { ageMs: nowMs - link.sinceMs, because: link.because }
  const old = <T>(reading: Shown<T>): Shown<T> => ({ value: reading.value, lost: reading.lost ?? lost })
  return rows.map((row) => ({
    ...row,
    level: 'unknown',
    fact: duration((row.counts.lost ?? lost).ageMs),
    counts: old(row.counts),
    slots: old(row.slots),
    heartbeat: old(row.heartbeat),
    messages: row.messages === null ? null : old(row.messages),
  }))
}

function systemRow(snapshot: Snapshot, system: SystemSnapshot, now: number): SystemRow {
  const counts = shown(system.counts, now)
  const workers = shown(system.workers, now)
  const live = workers.value?.filter((worker) => worker.state !== 'lost' && worker.state !== 'unknown') ?? null
  return {
    id: system.id,
    level: systemLevel(snapshot, system),
    fact: counts.lost === null ? factOf(counts.value) : duration(counts.lost.ageMs),
    counts,
    slots: tellsNothing(system)
      ? nothingTold
      : {
          value: live === null || (workers.lost !== null && live.length === 0) ? null : slotsText(live),
          lost: workers.lost,
        },
    heartbeat: tellsNothing(system) ? nothingTold : { value: heartbeatText(live, system, now), lost: workers.lost },
    messages: messagesOf(system, now),
    finding: findingText(snapshot, system, counts, now),
  }
}

const nothingTold: Shown<string> = { value: '–', lost: null }

/** Its kind knows no workers: that is no failure, and nothing to wait for. */
export function tellsNothing({ workers }: SystemSnapshot): boolean {
  return workers.status === 'unknown' && workers.failure.kind === 'unsupported'
}

function messagesOf(system: SystemSnapshot, now: number): Shown<number> | null {
  if (system.queues === null) return null
  const queues = shown(system.queues, now)
  return { value: queues.value?.reduce((sum, queue) => sum + queue.messages, 0) ?? null, lost: queues.lost }
}

function factOf(counts: Counts | null): string {
  if (counts === null) return 'unread'
  const about = aboutSign(counts)
  if (counts.queued > 0) return `${about}${whole(counts.queued)} ${counts.queued === 1 ? 'waits' : 'wait'}`
  if (counts.running > 0) return `${about}${counts.running} ${counts.running === 1 ? 'runs' : 'run'}`
  return counts.failed > 0 ? `${about}${whole(counts.failed)} failed` : 'idle'
}

/** Before counts that are estimates or of some time ago. */
export function aboutSign({ approximate }: Counts): '≈ ' | '' {
  return approximate === true ? '≈ ' : ''
}

export function slotsText(workers: readonly Worker[]): string {
  if (workers.length === 0) return 'no worker'
  const sum = (of: (worker: Worker) => number) => workers.reduce((total, worker) => total + of(worker), 0)
  return `${sum((worker) => worker.busy)} of ${sum((worker) => worker.slots)}`
}

function heartbeatText(workers: readonly Worker[] | null, system: SystemSnapshot, now: number): string | null {
  if (workers === null || (workers.length === 0 && system.workers.status === 'unknown')) return null
  const ages = workers.flatMap((worker) => grown(worker.beatAgeMs, readAt(system.workers), now) ?? [])
  return ages.length === 0 ? '–' : ago(Math.min(...ages))
}

function findingText(snapshot: Snapshot, system: SystemSnapshot, counts: Shown<Counts>, now: number): string {
  const [first] = findingsOf(snapshot, system.id)
  if (counts.lost !== null) return `Cannot read: ${counts.lost.because} since ${when(now - counts.lost.ageMs, now)}`
  return first === undefined ? 'Nothing to do' : firstSentence(first.headline)
}

export function firstSentence(text: string): string {
  return text.replace(/\.\s.*$|\.$/s, '')
}
