// One job of the in-memory system: how it is seeded, what it reads like, what its row is.
import type { Attempt, Job, Segment, SystemId } from '../contract/job.ts'
import type { JobRow } from '../core/ports/jobs.ts'
import type { LeaseStanding, Standing } from './postgres/verdict.ts'

export interface SeedLease {
  readonly state: 'held' | 'parked' | 'cancelling'
  /** False: its worker is gone and another may take the job. */
  readonly live: boolean
  /** null: taken over, and no worker has come for it yet. */
  readonly worker: string | null
  readonly audioDoneMs: number
  readonly audioTotalMs: number | null
  readonly speed: number | null
  readonly etaMs: number | null
  readonly chunksDone: number
  readonly chunksTotal: number | null
  readonly movedAgoMs: number
}

/** A job as a test describes it; times are "so long ago" in ms. What is left out is null, 0 or empty. */
export interface SeedJob {
  readonly id: string
  readonly title: string
  readonly state: Job['state']
  readonly audioMs?: number | null
  readonly retryCount?: number
  /** The error of a failed job, the reason of a skipped one. */
  readonly error?: string | null
  readonly createdAgoMs?: number
  readonly heartbeatAgoMs?: number
  readonly startedAgoMs?: number | null
  readonly endedAgoMs?: number | null
  readonly path?: string
  readonly sha256?: string | null
  readonly lease?: SeedLease | null
  readonly attempts?: readonly Attempt[]
  readonly segments?: readonly Segment[]
}

/** The stored form: absolute times in ms of the injected clock. */
export interface MemoryJob {
  readonly id: string
  readonly title: string
  readonly state: Job['state']
  readonly audioMs: number | null
  readonly retryCount: number
  readonly error: string | null
  readonly createdAt: number
  readonly heartbeatAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly path: string
  readonly sha256: string | null
  readonly lease: (Omit<SeedLease, 'movedAgoMs'> & { readonly movedAt: number }) | null
  readonly attempts: readonly Attempt[]
  readonly segments: readonly Segment[]
}

export function fromSeed(seed: SeedJob, now: number): MemoryJob {
  const ago = (ms: number | null | undefined) => (ms === null || ms === undefined ? null : now - ms)
  return {
    id: seed.id,
    title: seed.title,
    state: seed.state,
    audioMs: seed.audioMs ?? null,
    retryCount: seed.retryCount ?? 0,
    error: seed.error ?? null,
    createdAt: now - (seed.createdAgoMs ?? 0),
    heartbeatAt: now - (seed.heartbeatAgoMs ?? 0),
    startedAt: ago(seed.startedAgoMs),
    endedAt: ago(seed.endedAgoMs),
    path: seed.path ?? `/recordings/${seed.title}`,
    sha256: seed.sha256 ?? null,
    lease: seed.lease ? { ...seed.lease, movedAt: now - seed.lease.movedAgoMs } : null,
    attempts: seed.attempts ?? [],
    segments: seed.segments ?? [],
  }
}

const instant = (ms: number) => new Date(ms).toISOString()
const instantOrNull = (ms: number | null) => (ms === null ? null : instant(ms))

export function leaseStanding(job: MemoryJob): LeaseStanding {
  if (job.lease === null) return 'none'
  if (job.lease.state === 'parked') return 'parked'
  return job.lease.live ? job.lease.state : 'expired'
}

export function toJob(job: MemoryJob, system: SystemId, now: number): Job {
  const { id, title, audioMs, retryCount, lease } = job
  const base = { system, id, title, audioMs, retryCount, createdAt: instant(job.createdAt) }
  const endedAt = instantOrNull(job.endedAt)
  switch (job.state) {
    case 'queued':
      return { ...base, state: 'queued', waitingMs: now - job.createdAt }
    case 'running': {
      const progress = lease && {
        audioDoneMs: lease.audioDoneMs,
        audioTotalMs: lease.audioTotalMs ?? audioMs,
        speed: lease.speed,
        etaMs: lease.etaMs,
        chunksDone: lease.chunksDone,
        chunksTotal: lease.chunksTotal,
        movedAgeMs: now - lease.movedAt,
      }
      return {
        ...base,
        state: 'running',
        phase: lease === null || lease.state === 'held' ? 'active' : lease.state,
        startedAt: instantOrNull(job.startedAt),
        elapsedMs: job.startedAt === null ? null : now - job.startedAt,
        heartbeatAgeMs: now - job.heartbeatAt,
        worker: lease?.worker ?? null,
        progress,
      }
    }
    case 'done': {
      const worked = job.attempts.reduce((sum, attempt) => sum + (attempt.wallMs ?? 0), 0)
      const took = worked > 0 ? worked : (job.endedAt ?? 0) - (job.startedAt ?? 0)
      const tookMs = job.startedAt === null || job.endedAt === null ? null : took
      return { ...base, state: 'done', endedAt, tookMs, speed: tookMs && audioMs ? audioMs / tookMs : null }
    }
    case 'failed':
      return { ...base, state: 'failed', endedAt, error: job.error }
    case 'skipped':
      return { ...base, state: 'skipped', endedAt, reason: job.error }
  }
}

export function toRow(job: MemoryJob, system: SystemId, now: number): JobRow & Standing {
  return {
    id: job.id,
    title: job.title,
    job: toJob(job, system, now),
    image: JSON.stringify(job),
    fingerprint: JSON.stringify([job.id, job.state, job.retryCount, job.error]),
    state: job.state,
    lease: leaseStanding(job),
    heartbeatAgeMs: now - job.heartbeatAt,
  }
}
