// Speed learned from finished jobs, and from it when a job and the queue will end.
import type { RunningJob } from '../contract/job.ts'
import type { AttemptBar, Throughput } from '../contract/snapshot.ts'

/** Audio time per wall time, with the middle half of what was seen. */
export interface Speed {
  readonly median: number
  readonly low: number
  readonly high: number
  readonly samples: number
}

/** Very short attempts measure loading the model, not the speed. */
const SHORTEST_MS = 2000

/**
 * Speed of finished attempts: the median, so that one file copied from cache or one hour of swapping does not move it.
 * Start and end of a bar come from the same database, so their difference is a duration. null when none has ended.
 */
export function learnSpeed(bars: readonly AttemptBar[], worker: string | null = null): Speed | null {
  const seen = bars
    .filter((bar) => bar.outcome === 'done' && (worker === null || bar.worker === worker))
    .flatMap((bar) => {
      if (bar.endedAt === null || bar.audioMs === null || bar.audioMs <= 0) return []
      const wallMs = Date.parse(bar.endedAt) - Date.parse(bar.startedAt)
      return wallMs >= SHORTEST_MS ? [bar.audioMs / wallMs] : []
    })
    .sort((a, b) => a - b)
  const median = quantile(seen, 0.5)
  if (median === null) return null
  return {
    median,
    low: quantile(seen, 0.25) ?? median,
    high: quantile(seen, 0.75) ?? median,
    samples: seen.length,
  }
}

/** The speed to expect of a job: what it shows itself, else what finished jobs of its worker, or of all, have shown. */
export function speedOf(
  job: RunningJob,
  bars: readonly AttemptBar[] | null,
  throughput: Throughput | null,
): number | null {
  const own = job.progress?.speed ?? null
  if (own !== null && own > 0) return own
  const ofWorker = job.worker === null ? null : learnSpeed(bars ?? [], job.worker)
  if (ofWorker !== null && ofWorker.samples >= 3) return ofWorker.median
  const known = throughput?.speed ?? null
  if (known !== null && known > 0) return known
  return learnSpeed(bars ?? [])?.median ?? null
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

/** Linear between the neighbours; null of nothing. */
function quantile(sorted: readonly number[], q: number): number | null {
  const place = (sorted.length - 1) * q
  const low = sorted[Math.floor(place)]
  const high = sorted[Math.ceil(place)]
  if (low === undefined || high === undefined) return null
  return low + (high - low) * (place - Math.floor(place))
}
