// Worker lanes over time: geometry in percent, computed from the snapshot.
import type { AttemptBar, SystemSnapshot, Worker } from '../electron/contract/snapshot.ts'
import { clock, count, duration, time } from './format.ts'
import type { LiveState } from './live.ts'
import { coreNow, lastValue, readAt, tellsNothing } from './select.ts'
import { endText } from './select-running.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

export interface LaneBar {
  readonly key: string
  readonly left: number
  readonly width: number
  readonly kind: 'ok' | 'bad' | 'live' | 'hold' | 'eta'
  readonly title: string
  /** Written into the bar when it is wide enough. */
  readonly label: string | null
}
export interface Lane {
  readonly key: string
  readonly system: string
  readonly worker: string
  readonly bars: readonly LaneBar[]
  readonly idle: string | null
}
export interface Timeline {
  readonly range: string
  readonly now: number
  readonly lanes: readonly Lane[]
  readonly more: number
  readonly ticks: readonly { left: number; label: string }[]
}

interface Span {
  readonly from: number
  readonly to: number
}

const MAX_LANES = 6
/** So that the first minutes of a fresh installation are more than a sliver. */
const SHORTEST = 15 * MINUTE

/** One bar per attempt of the last hours; `cause` is the job the verdict names. */
export function selectTimeline(state: LiveState, nowMs: number, cause: string | null): Timeline {
  const now = coreNow(state, nowMs)
  const systems = state.snapshot?.systems ?? []
  const span = spanOf(systems, now)
  const lanes = systems.flatMap((system) => lanesOf(system, span, now, cause))
  return {
    range: `${clock(span.from)} – ${clock(span.to)}`,
    now: place(now, span),
    lanes: lanes.slice(0, MAX_LANES),
    more: Math.max(0, lanes.length - MAX_LANES),
    ticks: ticksOf(span),
  }
}

function spanOf(systems: readonly SystemSnapshot[], now: number): Span {
  const starts = systems.flatMap((system) => barsNow(system).map((bar) => time(bar.startedAt)))
  const ends = systems.flatMap((system) => [
    ...(lastValue(system.running) ?? []).map((job) => now + (job.progress?.etaMs ?? 0)),
    ...expectedEnds(system),
  ])
  const from = Math.max(now - 6 * HOUR, Math.min(now - SHORTEST, ...starts))
  const past = now - from
  const to = Math.min(now + past / 2, Math.max(now + past / 12, ...ends.map((end) => end + past / 40)))
  return { from, to }
}

const expectedEnds = (system: SystemSnapshot) => system.forecast.jobs.map(({ ends }) => time(ends.at))
const place = (at: number, { from, to }: Span) => Math.max(0, Math.min(100, ((at - from) / (to - from)) * 100))

function lanesOf(system: SystemSnapshot, span: Span, now: number, cause: string | null): Lane[] {
  const bars = barsNow(system).filter((bar) => endOf(bar, now) > span.from)
  const workers = lastValue(system.workers) ?? []
  const names = new Map(workers.map((worker) => [worker.id, worker.name]))
  const byWorker = new Map<string, AttemptBar[]>()
  for (const worker of workers) if (worker.state !== 'lost') byWorker.set(laneName(system, worker.name), [])
  for (const bar of bars) {
    const name = laneName(system, names.get(bar.worker) ?? bar.worker)
    byWorker.set(name, [...(byWorker.get(name) ?? []), bar])
  }
  if (byWorker.size === 0) byWorker.set(system.kind === 'local' ? 'this computer' : 'no worker', [])
  return [...byWorker].flatMap(([name, own]) => {
    const rows = rowsOf(own, now)
    return rows.map((row, index) => ({
      key: `${system.id} ${name} ${index}`,
      system: system.id,
      worker: rows.length > 1 ? `${name} · ${index + 1}` : name,
      bars: row.flatMap((bar) => barsOf(bar, system, span, now, cause)),
      idle: row.length > 0 ? null : emptyText(system, busyIn(system, workers, name)),
    }))
  })
}

/** Attempts are read less often than what runs: a job that has begun since has its bar all the same. */
function barsNow(system: SystemSnapshot): readonly AttemptBar[] {
  const read = lastValue(system.attempts) ?? []
  // A Celery worker says itself what it runs; the job's row does not name it.
  const tasks = system.tasks === null ? [] : (lastValue(system.tasks) ?? [])
  const begun = (lastValue(system.running) ?? []).flatMap(({ id, title, startedAt, audioMs, phase, ...job }) => {
    const worker = job.worker ?? tasks.find((task) => task.job === id && task.state === 'active')?.worker ?? null
    return phase === 'parked' || startedAt === null || worker === null || read.some((bar) => bar.job === id)
      ? []
      : [{ job: id, title, worker, audioMs, startedAt, endedAt: null, outcome: 'running' as const }]
  })
  return begun.length === 0 ? read : [...read, ...begun]
}

/** A local worker that restarts is a new worker each time, and still the same place. */
const laneName = (system: SystemSnapshot, worker: string) => (system.kind === 'local' ? 'this computer' : worker)

/** Tasks that its worker says it works on now. */
function busyIn(system: SystemSnapshot, workers: readonly Worker[], lane: string): number {
  return workers
    .filter(({ name, state }) => state !== 'lost' && laneName(system, name) === lane)
    .reduce((sum, { busy }) => sum + busy, 0)
}

/** Why a lane has no bar: a worker without a log may well be at work. */
function emptyText(system: SystemSnapshot, busy: number): string {
  if (tellsNothing(system)) return 'tells nothing of its workers'
  if (system.workers.status === 'unknown') return `cannot be read: ${system.workers.failure.because}`
  if (busy > 0) return `works on ${count(busy, 'task')}, nobody says since when`
  const queued = lastValue(system.counts)?.queued ?? 0
  return queued === 0 ? 'idle, nothing queued' : `idle, ${queued} queued`
}

const endOf = (bar: AttemptBar, now: number) => (bar.endedAt === null ? now : time(bar.endedAt))

/** Attempts that overlap ran in different slots: each goes to the first row that is free. */
function rowsOf(bars: readonly AttemptBar[], now: number): AttemptBar[][] {
  const rows: AttemptBar[][] = []
  for (const bar of bars.toSorted((a, b) => time(a.startedAt) - time(b.startedAt))) {
    const free = rows.find((row) => {
      const last = row.at(-1)
      return last === undefined || endOf(last, now) <= time(bar.startedAt) + 1000
    })
    if (free === undefined) rows.push([bar])
    else free.push(bar)
  }
  return rows.length === 0 ? [[]] : rows
}

/** A crawl run has no length that could be unknown. */
function lengthOf({ audioMs }: AttemptBar, { kind }: SystemSnapshot): string | null {
  if (audioMs !== null) return `${lengthText(audioMs)} of audio`
  return kind === 'crawl' || kind === 'qc' ? null : 'length unknown'
}

function barsOf(bar: AttemptBar, system: SystemSnapshot, span: Span, now: number, cause: string | null): LaneBar[] {
  const left = place(time(bar.startedAt), span)
  const right = place(endOf(bar, now), span)
  const length = lengthOf(bar, system)
  const kind = kindOf(bar, cause)
  const main: LaneBar = {
    key: `${bar.job} ${bar.startedAt}`,
    left,
    // A hair of a gap keeps neighbours apart.
    width: Math.max(0.3, right - left - 0.15),
    kind,
    title: `${[bar.title, length, bar.outcome].filter(Boolean).join(', ')}, ${clock(time(bar.startedAt))} to ${bar.endedAt === null ? 'now' : clock(time(bar.endedAt))}`,
    label: right - left > 18 ? [shortTitle(bar.title), length].filter(Boolean).join(' · ') : null,
  }
  const job = bar.endedAt === null ? lastValue(system.running)?.find(({ id }) => id === bar.job) : undefined
  const expected = system.forecast.jobs.find(({ id }) => id === bar.job)?.ends ?? null
  const eta = job?.progress?.etaMs ?? null
  if (job?.phase !== 'active' || (eta === null && expected === null)) return [main]
  const end = eta === null ? time(expected?.at ?? '') : time(readAt(system.running)) + eta
  if (!(end > now)) return [main]
  const until = place(end, span)
  const forecast = { key: `${main.key} eta`, left: right, width: Math.max(0, until - right), kind: 'eta' as const }
  return [
    main,
    {
      ...forecast,
      title: `Expected end ${expected === null ? clock(end) : endText(expected, now)}`,
      label: kind === 'hold' ? 'hold' : null,
    },
  ]
}

function kindOf(bar: AttemptBar, cause: string | null): 'ok' | 'bad' | 'live' | 'hold' {
  if (bar.endedAt === null) return bar.job === cause ? 'hold' : 'live'
  return bar.outcome === 'failed' || bar.outcome === 'timeout' || bar.outcome === 'lost' ? 'bad' : 'ok'
}

/** In minutes as people say it, “63-minute”, until hours are shorter. */
function lengthText(ms: number): string {
  return ms >= MINUTE && ms < 100 * MINUTE ? `${Math.round(ms / MINUTE)} min` : duration(ms)
}

export function shortTitle(title: string): string {
  return title.replace(/\.[a-z0-9]{2,4}$/i, '').replace(/(\d)_\d{6}_\d{6}$/, '$1')
}

function ticksOf(span: Span): { left: number; label: string }[] {
  const length = span.to - span.from
  const step = [5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR].find((one) => length / one <= 8) ?? HOUR
  const zone = new Date(span.from).getTimezoneOffset() * MINUTE
  const first = Math.ceil((span.from - zone) / step) * step + zone
  const count = Math.max(0, Math.floor((span.to - first) / step) + 1)
  return Array.from({ length: count }, (_, n) => first + n * step)
    .map((at) => ({ left: place(at, span), label: clock(at) }))
    .filter(({ left }) => left > 2 && left < 98)
}
