// A job as the QC service lists it, as a job of the house.
import type { Job, JobState, SystemId } from '../../contract/job.ts'
import type { JobRow } from '../../core/ports/jobs.ts'
import { type Movement, STUCK_MS } from './movement.ts'
import type { ListedJob } from './read-debug.ts'

export interface Moment {
  readonly system: SystemId
  /** Now by the service's clock, with which its own times are compared. */
  readonly serverMs: number
  readonly nowMs: number
  readonly movement: Movement
}

/** A job whose state the service tells. */
export type StatedJob = ListedJob & { readonly state: JobState }

export function stated(job: ListedJob): job is StatedJob {
  return job.state !== null
}

export function toJob(listed: StatedJob, moment: Moment): Job {
  const { id, title, state, createdAt, startedAt, updatedAt, endedAt, error } = listed
  const age = (at: string | null) => (at === null ? null : Math.max(0, moment.serverMs - Date.parse(at)))
  const base = { system: moment.system, id, title, audioMs: null, retryCount: null, createdAt }
  switch (state) {
    case 'queued':
      return { ...base, state, waitingMs: age(createdAt) }
    case 'running':
      return {
        ...base,
        state,
        phase: 'active',
        startedAt,
        elapsedMs: age(startedAt),
        // It has none: what stands still is its progress.
        heartbeatAgeMs: null,
        worker: null,
        progress: {
          ...{ audioDoneMs: null, audioTotalMs: null, speed: null, etaMs: null, chunksDone: null, chunksTotal: null },
          movedAgeMs: age(updatedAt) ?? moment.movement.ageMs(listed, moment.nowMs),
          step: error,
          percent: listed.percent,
          stuck: listed.stuck,
        },
      }
    case 'done':
      return {
        ...base,
        state,
        endedAt: endedAt ?? updatedAt,
        tookMs:
          startedAt === null || endedAt === null ? null : Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)),
        speed: null,
      }
    case 'failed':
      return { ...base, state, endedAt: endedAt ?? updatedAt, error }
    case 'skipped':
      return { ...base, state, endedAt: endedAt ?? updatedAt, reason: error }
  }
}

export function toRow(listed: StatedJob, moment: Moment): JobRow {
  const { id, title, error } = listed
  return {
    id,
    title,
    job: toJob(listed, moment),
    image: '',
    fingerprint: JSON.stringify([id, listed.state, error]),
  }
}

/** Listed as stuck, or without progress for longer than the runbook allows; one that has just moved is not. */
export function standsStill(job: Job): boolean {
  if (job.state !== 'running' || job.progress === null) return false
  const { movedAgeMs, stuck } = job.progress
  return movedAgeMs === null ? stuck === true : movedAgeMs > STUCK_MS
}
