// What ran in the report's time, as its pictures need it: attempts by worker, lengths against the limit, heartbeats.
import type { Bundle } from '../../contract/bundle.ts'
import type { Finding } from '../../contract/finding.ts'
import type { JobPoint, LimitReport } from '../../contract/proof.ts'
import type { AttemptBar, Reading, SystemSnapshot } from '../../contract/snapshot.ts'

/** `worker` is its name. */
export interface RunBar extends AttemptBar {
  /** A verdict is about this job. */
  readonly blamed: boolean
}

export interface Beat {
  readonly title: string
  /** ms; null: not known. */
  readonly ageMs: number | null
}

export interface SystemRuns {
  readonly system: string
  /** Begun or ended between `fromMs` and `toMs`, oldest first. */
  readonly bars: readonly RunBar[]
  readonly fromMs: number
  readonly toMs: number
  readonly points: readonly JobPoint[]
  /** Audio time per wall time; null: none learned. */
  readonly speed: number | null
  /** TASK_TIMEOUT_SECONDS in ms; null: none. */
  readonly limitMs: number | null
  /** Oldest first; none where the report ends in the past, as nobody recorded them. */
  readonly beats: readonly Beat[]
  readonly heartbeatLimitMs: number
}

/** Runbook 2. */
const HEARTBEAT_LIMIT_MS = 15 * 60_000
/** The snapshot speaks of the report's end when it is no older or younger than this. */
const PRESENT_MS = 2 * 60_000

export function runsOf(bundle: Bundle, limits: readonly LimitReport[]): SystemRuns[] {
  const { snapshot, from, to } = bundle
  const present = Math.abs(Date.parse(snapshot.at) - Date.parse(to)) <= PRESENT_MS
  return snapshot.systems.map((system) => {
    const report = limits.find((one) => one.system === system.id) ?? null
    const bars = barsOf(system, snapshot.findings, Date.parse(from), Date.parse(to))
    return {
      system: system.id,
      bars,
      // The hours before the first of them would be empty.
      fromMs: Math.max(Date.parse(from), Date.parse(bars[0]?.startedAt ?? from)),
      toMs: Date.parse(to),
      points: report?.points ?? [],
      speed: report?.speed?.median ?? null,
      limitMs: report?.currentSeconds == null ? null : report.currentSeconds * 1000,
      beats: present ? beatsOf(system) : [],
      heartbeatLimitMs: last(system.limits)?.heartbeatLimitMs ?? HEARTBEAT_LIMIT_MS,
    }
  })
}

function last<T>(reading: Reading<T>): T | null {
  return reading.status === 'known' ? reading.value : reading.last
}

function barsOf(system: SystemSnapshot, findings: readonly Finding[], fromMs: number, toMs: number): RunBar[] {
  const names = new Map(last(system.workers)?.map(({ id, name }) => [id, name]))
  const blamed = new Set(
    findings
      .filter((finding) => finding.system === system.id && finding.severity !== 'info')
      .flatMap(({ places, remedies }) => [
        ...places.map(({ job }) => job),
        ...remedies.flatMap(({ ids }) => ids ?? []),
      ]),
  )
  return (last(system.attempts) ?? [])
    .filter(({ startedAt, endedAt }) => {
      const began = Date.parse(startedAt)
      return began < toMs && (endedAt === null || Date.parse(endedAt) > fromMs)
    })
    .map((bar) => ({ ...bar, worker: names.get(bar.worker) ?? bar.worker, blamed: blamed.has(bar.job) }))
    .toSorted((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
}

function beatsOf({ running }: SystemSnapshot): Beat[] {
  return (last(running) ?? [])
    .map(({ title, heartbeatAgeMs }) => ({ title, ageMs: heartbeatAgeMs }))
    .toSorted((a, b) => (b.ageMs ?? 0) - (a.ageMs ?? 0))
}

/** Its part of the report's time, ms; what still runs runs until the end. */
export function spanOf({ startedAt, endedAt }: RunBar, { fromMs, toMs }: SystemRuns): { from: number; to: number } {
  const to = endedAt === null ? toMs : Math.min(toMs, Date.parse(endedAt))
  return { from: Math.max(fromMs, Date.parse(startedAt)), to }
}

/** Attempts that overlap ran in different slots: each goes to the first row that is free. */
export function rowsOf(runs: SystemRuns): { worker: string; bars: RunBar[] }[] {
  const rows: { worker: string; bars: RunBar[] }[] = []
  for (const bar of runs.bars) {
    const free = rows.find(({ worker, bars }) => {
      const before = bars.at(-1)
      return worker === bar.worker && before !== undefined && spanOf(before, runs).to <= spanOf(bar, runs).from + 1000
    })
    if (free === undefined) rows.push({ worker: bar.worker, bars: [bar] })
    else free.bars.push(bar)
  }
  return rows.sort((a, b) => (a.worker < b.worker ? -1 : a.worker > b.worker ? 1 : 0))
}

const WORST = 10

/** The attempts that took longest, for readers without pictures. */
export function longest(runs: readonly SystemRuns[]): { system: string; bar: RunBar; tookMs: number }[] {
  const all = runs.flatMap((one) =>
    one.bars.map((bar) => ({
      system: one.system,
      bar,
      tookMs: (bar.endedAt === null ? one.toMs : Date.parse(bar.endedAt)) - Date.parse(bar.startedAt),
    })),
  )
  return all.toSorted((a, b) => b.tookMs - a.tookMs).slice(0, WORST)
}

/** Jobs that took, or would take, longer than the limit. */
export function aboveLimit({ points, limitMs }: SystemRuns): readonly JobPoint[] {
  return limitMs === null ? [] : points.filter(({ wallMs }) => wallMs > limitMs)
}
