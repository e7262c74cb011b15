// Which write a job's standing allows, and which undo: one policy for every JobSystem that holds rows.
import type { JobState } from '../../contract/job.ts'
import type { JobRow, JobWrite } from '../../core/ports/jobs.ts'

/**
 * Who holds a running job: `held` and `cancelling` have a live worker of Unjam's, `parked` waits between two chunks,
 * `expired` lost its worker, `none` never had one of ours.
 */
export type LeaseStanding = 'none' | 'held' | 'cancelling' | 'parked' | 'expired'

export interface Standing {
  readonly state: JobState
  readonly lease: LeaseStanding
  /** By the store's own clock; null when the row has no heartbeat. */
  readonly heartbeatAgeMs: number | null
}

export type Verdict =
  | { do: 'move'; to: 'queued' | 'skipped' | 'failed' }
  | { do: 'ask' }
  | { do: 'remove' }
  | { do: 'take' }
  | { do: 'leave'; because: string }

const leave = (because: string): Verdict => ({ do: 'leave', because })
const isNow = (state: JobState) => leave(`it is ${state}`)

/** What `write` does to a job that stands like this; `leave` never touches it. */
export function verdict({ state, lease, heartbeatAgeMs }: Standing, write: JobWrite): Verdict {
  const alive = lease === 'held' || lease === 'cancelling'
  switch (write.verb) {
    case 'retry':
      return state === 'failed' || state === 'skipped' ? { do: 'move', to: 'queued' } : isNow(state)
    case 'skip':
      if (state === 'running' && alive) return leave('a worker is on it; cancel it instead')
      return state === 'done' || state === 'skipped' ? isNow(state) : { do: 'move', to: 'skipped' }
    case 'fail':
      if (state === 'running' && alive) return leave('a worker is on it; cancel it instead')
      return state === 'queued' || state === 'running' ? { do: 'move', to: 'failed' } : isNow(state)
    case 'release':
      if (state !== 'running') return isNow(state)
      if (alive) return leave('its worker holds it and is alive')
      if (heartbeatAgeMs !== null && heartbeatAgeMs < write.olderThanMs)
        return leave(`its heartbeat is fresh (${Math.max(0, Math.round(heartbeatAgeMs / 1000))} s old)`)
      return { do: 'move', to: 'queued' }
    case 'cancel':
      if (state === 'queued') return { do: 'move', to: 'skipped' }
      if (state !== 'running') return isNow(state)
      if (lease === 'held') return { do: 'ask' }
      if (lease === 'cancelling') return leave('it is being cancelled already')
      if (lease === 'none') return leave("the worker that took it is not one of Unjam's and cannot be told to stop")
      return { do: 'move', to: 'skipped' }
    case 'remove':
      return state === 'running' && alive ? leave('a worker is on it; cancel it first') : { do: 'remove' }
    case 'take-over':
      if (state !== 'queued' && state !== 'running') return isNow(state)
      if (state === 'running' && lease !== 'none') return leave("one of Unjam's workers has it already")
      return { do: 'take' }
    case 'finalize':
      return leave('it has no children')
  }
}

export type UndoVerdict =
  | { do: 'put back' }
  | { do: 'give back' }
  | { do: 'requeue' }
  | { do: 'insert' }
  | { do: 'leave'; because: string }

/** A cancel that its worker was asked for: the only write whose result is not there when the write ends. */
export const wasAsked = (after: JobRow | null): boolean =>
  after?.job.state === 'running' && after.job.phase === 'cancelling'

/** Taken over and not begun: the only write that leaves a running job parked. */
const wasTaken = (after: JobRow): boolean => after.job.state === 'running' && after.job.phase === 'parked'

/** How a write on a row is undone, given the row as it is now (null: gone). */
export function undoVerdict(now: (Standing & JobRow) | null, after: JobRow | null): UndoVerdict {
  if (after === null)
    return now === null ? { do: 'insert' } : { do: 'leave', because: 'a job with its id exists again' }
  if (now === null) return { do: 'leave', because: 'it was removed meanwhile' }
  if (wasTaken(after)) return undoTaken(now, after)
  if (!wasAsked(after))
    return now.fingerprint === after.fingerprint
      ? { do: 'put back' }
      : { do: 'leave', because: `it changed meanwhile and is ${now.state} now` }
  // Nobody runs a cancelled job any more, so its undo is a place in the queue, never a running row without a worker.
  // While the worker is still ending it, taking the lease away is enough: every write of that worker is fenced by it.
  if (now.state === 'skipped' && now.job.retryCount === after.job.retryCount) return { do: 'requeue' }
  if (now.state === 'running' && now.job.state === 'running' && now.job.phase === 'cancelling') return { do: 'requeue' }
  return { do: 'leave', because: `it changed meanwhile and is ${now.state} now` }
}

/**
 * `give back` is the row as it was, without the lease. A worker that has begun is fenced out, and the job waits: whoever
 * had it before has let go of it by then.
 */
function undoTaken(now: Standing & JobRow, after: JobRow): UndoVerdict {
  if (now.fingerprint !== after.fingerprint || now.lease === 'none')
    return { do: 'leave', because: `it changed meanwhile and is ${now.state} now` }
  const begun = now.lease !== 'parked' || (now.job.state === 'running' && (now.job.progress?.chunksDone ?? 0) > 0)
  return { do: begun ? 'requeue' : 'give back' }
}
