// What is selected of a job, and the Job made of it: rows of the table, with Unjam's own knowledge where it is.
import type { Job, SystemId } from '../../contract/job.ts'
import { ageOf, isoOf, spanOf } from './instants.ts'
import { type Shape, stateOf } from './shape.ts'
import type { LeaseStanding } from './verdict.ts'

/** One selected job, before it is known which state its word means. */
export interface JobRecord {
  readonly id: string
  readonly title: string | null
  readonly word: string | null
  readonly audioMs: number | null
  readonly retryCount: number | null
  readonly error: string | null
  readonly createdAt: string | null
  readonly waitingMs: number | null
  readonly startedAt: string | null
  readonly elapsedMs: number | null
  readonly heartbeatAgeMs: number | null
  readonly endedAt: string | null
  readonly updatedAt: string | null
  readonly tookMs: number | null
  readonly lease: LeaseStanding
  readonly cancelling: boolean
  readonly worker: string | null
  readonly leaseAudioMs: number | null
  readonly audioDoneMs: number | null
  readonly speed: number | null
  readonly etaMs: number | null
  readonly chunksDone: number | null
  readonly chunksTotal: number | null
  readonly movedAgeMs: number | null
}

/** How a worker is called wherever it is shown. */
export const workerName = (alias: string) => `${alias}.host || ' · ' || ${alias}.pid`

/** The select list over `t` and, where schema unjam is open, what `jobJoins` joins to it. */
export function jobColumns({ t, unjam }: Shape): string {
  const col = (name: string | null, cast: string) => (name === null ? `NULL::${cast}` : `t.${name}::${cast}`)
  const seconds = (name: string | null) => (name === null ? 'NULL::float8' : `t.${name}::float8 * 1000`)
  const open = unjam === 'open'
  const started = t.startedAt === null ? null : `t.${t.startedAt}`
  const ended = t.completedAt === null ? `t.${t.heartbeat}` : `coalesce(t.${t.completedAt}, t.${t.heartbeat})`
  const startedOrTaken = open
    ? started === null
      ? 'l.taken_at'
      : `coalesce(${started}::timestamptz, l.taken_at)`
    : started
  const span = started === null || t.completedAt === null ? 'NULL::float8' : spanOf(started, `t.${t.completedAt}`)
  const own = open
    ? `CASE WHEN l.recording IS NULL THEN 'none' WHEN l.state = 'parked' THEN 'parked'
            WHEN l.expires_at <= now() THEN 'expired' ELSE l.state END AS lease,
       coalesce(l.state = 'cancelling', false) AS cancelling, ${workerName('w')} AS worker,
       coalesce(l.audio_total_ms, au.duration_ms) AS "leaseAudioMs", l.audio_done_ms AS "audioDoneMs", l.speed,
       l.eta_ms AS "etaMs", l.chunks_done AS "chunksDone", l.chunks_total AS "chunksTotal",
       ${ageOf('l.moved_at')} AS "movedAgeMs", coalesce(a.worked_ms, ${span}) AS "tookMs"`
    : `'none' AS lease, false AS cancelling, NULL AS worker, NULL::float8 AS "leaseAudioMs",
       NULL::float8 AS "audioDoneMs", NULL::float8 AS speed, NULL::float8 AS "etaMs", NULL::int AS "chunksDone",
       NULL::int AS "chunksTotal", NULL::float8 AS "movedAgeMs", ${span} AS "tookMs"`
  return `t.${t.id}::text AS id, t.${t.title}::text AS title, t.${t.status}::text AS word,
       ${seconds(t.duration)} AS "audioMs", ${col(t.retryCount, 'int')} AS "retryCount",
       ${col(t.error, 'text')} AS error,
       ${isoOf(`t.${t.createdAt}`)} AS "createdAt", ${ageOf(`t.${t.createdAt}`)} AS "waitingMs",
       ${startedOrTaken === null ? 'NULL::text' : isoOf(startedOrTaken)} AS "startedAt",
       ${startedOrTaken === null ? 'NULL::float8' : ageOf(startedOrTaken)} AS "elapsedMs",
       ${ageOf(`t.${t.heartbeat}`)} AS "heartbeatAgeMs", ${isoOf(ended)} AS "endedAt",
       ${isoOf(`t.${t.heartbeat}`)} AS "updatedAt",
       ${own}`
}

/**
 * What `jobColumns` needs beside `t`. Work is the wall time of the attempts since the job last failed for good; the
 * time it was parked between them is not in it.
 */
export function jobJoins({ t, unjam }: Shape): string {
  if (unjam !== 'open') return ''
  return `LEFT JOIN unjam.lease l ON l.recording = t.${t.id}::text
       LEFT JOIN unjam.worker w ON w.id = l.worker
       LEFT JOIN unjam.audio au ON au.recording = t.${t.id}::text
       LEFT JOIN LATERAL (
         SELECT sum(${spanOf('a.started_at', 'a.ended_at')}) AS worked_ms FROM unjam.attempt a
          WHERE a.recording = t.${t.id}::text
            AND a.number > coalesce((SELECT max(f.number) FROM unjam.attempt f
                                      WHERE f.recording = a.recording AND f.final), 0)
       ) a ON true`
}

/** Null when the mapping does not know the word in the status column. */
export function toJob(shape: Shape, system: SystemId, row: JobRecord): Job | null {
  const state = stateOf(shape, row.word)
  const audioMs = row.audioMs ?? row.leaseAudioMs
  const title = row.title === null || row.title === '' ? row.id : row.title
  const base = { system, id: row.id, title, audioMs, retryCount: row.retryCount, createdAt: row.createdAt }
  switch (state) {
    case null:
      return null
    case 'queued':
      return { ...base, state, waitingMs: row.waitingMs }
    case 'running':
      return {
        ...base,
        state,
        phase: row.cancelling ? 'cancelling' : row.lease === 'parked' ? 'parked' : 'active',
        startedAt: row.startedAt,
        elapsedMs: row.elapsedMs,
        heartbeatAgeMs: row.heartbeatAgeMs,
        worker: row.worker,
        progress:
          row.lease === 'none'
            ? null
            : {
                audioDoneMs: row.audioDoneMs,
                audioTotalMs: row.leaseAudioMs ?? audioMs,
                speed: row.speed,
                etaMs: row.etaMs,
                chunksDone: row.chunksDone,
                chunksTotal: row.chunksTotal,
                movedAgeMs: row.movedAgeMs,
              },
      }
    case 'done': {
      const speed = row.tookMs !== null && row.tookMs > 0 && audioMs !== null ? audioMs / row.tookMs : null
      return { ...base, state, endedAt: row.endedAt, tookMs: row.tookMs, speed }
    }
    case 'failed':
      return { ...base, state, endedAt: row.endedAt, updatedAt: row.updatedAt, error: row.error }
    case 'skipped':
      return { ...base, state, endedAt: row.endedAt, reason: row.error }
  }
}
