// When a job's progress last changed, as far as this process has watched: for services that do not tell.
import type { ListedJob } from './read-debug.ts'

/** No progress for so long is stuck (runbook 4: "more than 2 minutes"). */
export const STUCK_MS = 2 * 60_000

export interface Movement {
  /** Takes note of the jobs as they are listed now. */
  watch(jobs: readonly ListedJob[], nowMs: number): void
  /** Since its progress last changed, ms; null while that is not known. */
  ageMs(job: ListedJob, nowMs: number): number | null
}

export function movement(): Movement {
  let seen = new Map<string, { percent: number | null; sinceMs: number; moved: boolean }>()
  return {
    watch(jobs, nowMs) {
      seen = new Map(
        jobs.map(({ id, percent }) => {
          const old = seen.get(id)
          if (old !== undefined && old.percent === percent) return [id, old]
          return [id, { percent, sinceMs: nowMs, moved: old !== undefined }]
        }),
      )
    },
    ageMs({ id }, nowMs) {
      const one = seen.get(id)
      if (one === undefined) return null
      const age = nowMs - one.sinceMs
      // First seen a moment ago says nothing about how long it has been so.
      return one.moved || age > STUCK_MS ? age : null
    },
  }
}
