// Speed learned from finished jobs, and from it when a job and the queue will end.
import type { Speed } from '../contract/forecast.ts'
import type { RunningJob } from '../contract/job.ts'
import type { AttemptBar, Throughput, Worker } from '../contract/snapshot.ts'

/** Very short attempts measure loading the model, not the speed. */
const SHORTEST_MS = 2000
/** So many samples of a worker speak for it; fewer say less than those of all. */
const ENOUGH = 3
/** A normal distribution's eight of ten, in standard deviations; its deviation from a median absolute deviation. */
const EIGHT_OF_TEN = 1.2816
const DEVIATION = 1.4826

/**
 * Speed of finished attempts: the median, so that one file copied from cache or one hour of swapping does not move it.
 * The interval is made of the median distance from it, in ratios: half as fast is as far as twice as fast. Start and end
 * of a bar come from the same clock, so their difference is a duration. null when none has ended.
 */
export function learnSpeed(
  bars: readonly AttemptBar[],
  worker: string | null = null,
  model: string | null = null,
): Speed | null {
  const key = JSON.stringify([worker, model])
  const known = learned.get(bars) ?? new Map<string, Speed | null>()
  const speed = known.has(key) ? (known.get(key) ?? null) : learn(bars, worker, model)
  learned.set(bars, known.set(key, speed))
  return speed
}

/** Bars are never changed, and every running job asks them the same: learned once for each reading. */
const learned = new WeakMap<readonly AttemptBar[], Map<string, Speed | null>>()

function learn(bars: readonly AttemptBar[], worker: string | null, model: string | null): Speed | null {
  const seen = bars
    .filter((bar) => bar.outcome === 'done' && (worker === null || bar.worker === worker))
    .filter((bar) => model === null || bar.model == null || bar.model === model)
    .flatMap((bar) => {
      if (bar.endedAt === null || bar.audioMs === null || bar.audioMs <= 0) return []
      const wallMs = Date.parse(bar.endedAt) - Date.parse(bar.startedAt)
      return wallMs >= SHORTEST_MS ? [Math.log(bar.audioMs / wallMs)] : []
    })
  const middle = medianOf(seen)
  const spread = medianOf(seen.map((one) => Math.abs(one - (middle ?? 0))))
  if (middle === null || spread === null) return null
  const n = seen.length
  return between(
    Math.exp(middle),
    Math.max(leastSpread(n), EIGHT_OF_TEN * DEVIATION * spread * Math.sqrt(1 + 2 / n)),
    n,
  )
}

/** One sample says little of the next: 55 % either way; twenty that agree leave 8 %. */
function leastSpread(samples: number): number {
  return 0.05 + 0.5 / samples
}

function between(median: number, spread: number, samples: number): Speed {
  return { median, low: median * Math.exp(-spread), high: median * Math.exp(spread), samples }
}

/**
 * The speed to expect of a job: what it shows itself, else what finished jobs of its worker with its model, of its
 * worker, or of all have shown. `throughput` knows the median of jobs that are older than the bars.
 */
export function expectSpeed(
  job: RunningJob,
  bars: readonly AttemptBar[] | null,
  throughput: Throughput | null,
  workers: readonly Worker[] = [],
): Speed | null {
  const own = job.progress?.speed ?? null
  const all = learnSpeed(bars ?? [])
  // What it has shown so far is of this very file: the rest of it differs less than other files do.
  if (own !== null && own > 0)
    return between(own, Math.min(0.25, all === null ? 0.15 : Math.log(all.high / all.median)), 1)
  const model = workers.find(({ name }) => name === job.worker)?.model ?? null
  const ofWorker = job.worker === null ? null : learnSpeed(bars ?? [], job.worker, model)
  if (ofWorker !== null && ofWorker.samples >= ENOUGH) return ofWorker
  const ofModel = model === null ? null : learnSpeed(bars ?? [], null, model)
  if (ofModel !== null && ofModel.samples >= ENOUGH) return ofModel
  return systemSpeed(bars, throughput)
}

/** Of the system as a whole. */
export function systemSpeed(bars: readonly AttemptBar[] | null, throughput: Throughput | null): Speed | null {
  const all = learnSpeed(bars ?? [])
  const known = throughput?.speed ?? null
  if (known === null || known <= 0) return all
  // A median without its samples: as far apart as those that are known, else as three would leave it.
  return between(known, all === null ? leastSpread(ENOUGH) : Math.log(all.high / all.median), all?.samples ?? 0)
}

export function speedOf(
  job: RunningJob,
  bars: readonly AttemptBar[] | null,
  throughput: Throughput | null,
): number | null {
  return expectSpeed(job, bars, throughput)?.median ?? null
}

/** Wall time the whole job needs, ms; null when its length or the speed is not known. */
export function needsMs(job: { audioMs: number | null }, speed: number | null): number | null {
  return job.audioMs === null || speed === null || speed <= 0 ? null : job.audioMs / speed
}

/** Wall time until a running job ends, ms, never negative; null when nothing tells. */
export function etaOf(job: RunningJob, speed: number | null): number | null {
  if (job.progress !== null && job.progress.etaMs !== null) return Math.max(0, job.progress.etaMs)
  const total = job.progress?.audioTotalMs ?? job.audioMs
  const done = job.progress?.audioDoneMs ?? null
  if (total !== null && done !== null && speed !== null && speed > 0) return Math.max(0, (total - done) / speed)
  const needs = needsMs(job, speed)
  // Overdue: the forecast was wrong, and "any moment now" would be wrong again and again.
  return needs === null || job.elapsedMs === null || job.elapsedMs > needs ? null : needs - job.elapsedMs
}

/** Wall time until waiting jobs of a mean length are done on so many slots, ms; null when nothing tells. */
export function queueEtaMs(queue: {
  running: readonly (number | null)[]
  waiting: number
  meanAudioMs: number | null
  speed: number | null
  slots: number | null
}): number | null {
  const { waiting, meanAudioMs, speed } = queue
  if (queue.running.some((eta) => eta === null)) return null
  const running = queue.running.reduce<number>((sum, eta) => sum + (eta ?? 0), 0)
  const slots = Math.max(1, queue.slots ?? queue.running.length)
  if (waiting === 0) return Math.max(0, ...queue.running.map((eta) => eta ?? 0))
  if (meanAudioMs === null || speed === null || speed <= 0) return null
  return (running + (waiting * meanAudioMs) / speed) / slots
}

function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const low = sorted[Math.floor((sorted.length - 1) / 2)]
  const high = sorted[Math.ceil((sorted.length - 1) / 2)]
  return low === undefined || high === undefined ? null : (low + high) / 2
}
