// What finished lately, of jobs in memory.
import type { Throughput } from '../contract/snapshot.ts'
import type { MemoryJob } from './memory-job.ts'

const halfHourMs = 1_800_000

export function throughput(all: readonly MemoryJob[], now: number): Throughput {
  const midnight = new Date(now).setHours(0, 0, 0, 0)
  const ended = all.flatMap((job) => (job.endedAt === null ? [] : [{ ...job, endedAt: job.endedAt }]))
  const done = ended.filter(({ state }) => state === 'done').sort((a, b) => a.endedAt - b.endedAt)
  const today = done.filter(({ endedAt }) => endedAt >= midnight)
  const last = done.at(-1)
  const open = now - (now % halfHourMs)
  const buckets = Array.from({ length: 20 }, (_, i) => {
    const from = open - (19 - i) * halfHourMs
    const within = ended.filter(({ endedAt }) => endedAt >= from && endedAt < from + halfHourMs)
    const count = (state: string) => within.filter((job) => job.state === state).length
    return { from: new Date(from).toISOString(), done: count('done'), failed: count('failed') }
  })
  const speeds = done
    .slice(-50)
    .flatMap(({ audioMs, startedAt, endedAt }) =>
      audioMs === null || startedAt === null || endedAt <= startedAt ? [] : [audioMs / (endedAt - startedAt)],
    )
    .sort((a, b) => a - b)
  const middle = speeds.length / 2
  const median = ((speeds[Math.ceil(middle) - 1] ?? 0) + (speeds[Math.floor(middle)] ?? 0)) / 2
  return {
    doneToday: today.length,
    audioTodayMs: today.reduce((sum, { audioMs }) => sum + (audioMs ?? 0), 0),
    lastDoneAt: last === undefined ? null : new Date(last.endedAt).toISOString(),
    lastDoneAgeMs: last === undefined ? null : now - last.endedAt,
    buckets,
    speed: speeds.length === 0 ? null : median,
  }
}
