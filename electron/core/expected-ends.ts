// When what runs and what waits will have ended, each with an interval: the forecast as screens show it.
import type { ExpectedEnd, Forecast, Speed } from '../contract/forecast.ts'
import type { RunningJob } from '../contract/job.ts'
import type { AttemptBar, Counts, Throughput, Worker } from '../contract/snapshot.ts'
import { etaOf, expectSpeed, needsMs, queueEtaMs, systemSpeed } from './forecast.ts'

/** What it is made of; null is unknown. */
export interface ForecastSources {
  readonly nowMs: number
  /** With ages as of now. */
  readonly running: readonly RunningJob[] | null
  readonly bars: readonly AttemptBar[] | null
  readonly throughput: Throughput | null
  readonly workers: readonly Worker[] | null
  readonly counts: Counts | null
  /** Mean audio of the next jobs. */
  readonly meanAudioMs: number | null
  /** A running job that has been silent for longer is not expected to end; null is unknown. */
  readonly heartbeatLimitMs: number | null
}

/** Wall time until the end, ms: the middle, the soonest, the latest. */
interface Left {
  readonly at: number
  readonly from: number
  readonly to: number
}

const MINUTE = 60_000
/** Finer would change with every look, and nobody can use it. */
const GRAIN = 10_000

export function forecast(sources: ForecastSources): Forecast {
  const { nowMs, running, bars, throughput } = sources
  const speed = systemSpeed(bars, throughput)
  const ends = (running ?? []).map((job) => ({
    id: job.id,
    active: job.phase === 'active',
    left: isSilent(job, sources) ? null : leftOf(job, sources),
  }))
  return {
    speed,
    jobs: ends.flatMap(({ id, active, left }) => (left === null || !active ? [] : [{ id, ends: toEnd(nowMs, left) }])),
    queue:
      running === null
        ? null
        : queueEnd(
            sources,
            ends.map(({ left }) => left),
            speed,
          ),
  }
}

function isSilent({ heartbeatAgeMs }: RunningJob, { heartbeatLimitMs }: ForecastSources): boolean {
  return heartbeatAgeMs !== null && heartbeatLimitMs !== null && heartbeatAgeMs > heartbeatLimitMs
}

/** null when nothing tells, and when even the slowest that is expected would have ended by now. */
export function leftOf(
  job: RunningJob,
  { bars, throughput, workers }: Pick<ForecastSources, 'bars' | 'throughput' | 'workers'>,
): Left | null {
  const speed = expectSpeed(job, bars, throughput, workers ?? [])
  const told = job.progress?.etaMs ?? null
  if (told !== null) {
    const by = speed === null ? 1.15 : speed.high / speed.median
    return { at: Math.max(0, told), from: Math.max(0, told / by), to: Math.max(0, told * by) }
  }
  if (speed === null) return null
  const latest = etaOf(job, speed.low)
  if (latest === null) return null
  // Near and after the expected end it is rather late than at any moment.
  const middle = Math.max(etaOf(job, speed.median) ?? 0, latest / 2)
  return { at: middle, from: Math.min(middle, etaOf(job, speed.high) ?? 0), to: latest }
}

function queueEnd(sources: ForecastSources, left: readonly (Left | null)[], speed: Speed | null): ExpectedEnd | null {
  const { nowMs, counts, workers, meanAudioMs } = sources
  if (counts === null || counts.queued + left.length === 0) return null
  const live = (workers ?? []).filter(({ state }) => state !== 'lost' && state !== 'unknown')
  // Without a worker nothing will end, whatever the speed was.
  if (left.length === 0 && live.length === 0) return null
  const slots = live.length === 0 ? null : live.reduce((sum, worker) => sum + worker.slots, 0)
  const at = (of: (one: Left) => number, pace: number | null) =>
    queueEtaMs({
      running: left.map((one) => (one === null ? null : of(one))),
      waiting: counts.queued,
      meanAudioMs,
      speed: pace,
      slots,
    })
  const middle = at((one) => one.at, speed?.median ?? null)
  const soonest = at((one) => one.from, speed?.high ?? null)
  const latest = at((one) => one.to, speed?.low ?? null)
  return middle === null || soonest === null || latest === null
    ? null
    : toEnd(nowMs, { at: middle, from: soonest, to: latest })
}

function toEnd(nowMs: number, { at, from, to }: Left): ExpectedEnd {
  const instant = (ms: number) => new Date(ms).toISOString()
  return {
    at: instant(Math.round((nowMs + at) / GRAIN) * GRAIN),
    from: instant(Math.floor((nowMs + from) / MINUTE) * MINUTE),
    to: instant(Math.ceil((nowMs + to) / MINUTE) * MINUTE),
  }
}

/** Wall time a job of this length needs at the slowest speed that is expected, ms. */
export function needsAtMost(audioMs: number | null, speed: Speed | null): number | null {
  return needsMs({ audioMs }, speed?.low ?? null)
}
