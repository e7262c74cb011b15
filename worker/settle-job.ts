// How an attempt that did not finish ends in the database: given back, cancelled, failed, or simply left.
import { basename } from 'node:path'
import { BadInput } from './bad-input.ts'
import { reason } from './database.ts'
import type { Floor } from './floor.ts'
import { Interrupted, type LiveJob } from './live-job.ts'
import { ChunkFailed } from './run-chunks.ts'
import { failAttempt } from './store/fail-attempt.ts'
import { LeaseLost, readOutcome } from './store/fence.ts'
import { leaveJob } from './store/leave-job.ts'
import type { Queryable } from './store/pool.ts'
import { releaseJob } from './store/release-job.ts'
import { skipJob } from './store/skip-job.ts'

/** Outcomes that nobody but the holder writes. */
const ownEnds: readonly string[] = ['done', 'parked', 'failed', 'timeout', 'skipped']

/** The sentence of a job that ran into the attempt limit, in the words the runbooks search for. */
export function timeoutError(limitMs: number): string {
  return `Timeout exceeded: TimeLimitExceeded(${limitMs / 1000})`
}

/** After the job's signal was aborted, or when the worker itself has to give up. */
export async function settleInterruption(floor: Floor, live: LiveJob): Promise<void> {
  const { reason: why } = live.signal
  await settleCut(floor, live, why instanceof Interrupted ? why.cut : 'stop')
}

/** After an error in the work itself. */
export async function settleWrong(floor: Floor, live: LiveJob, error: unknown): Promise<void> {
  if (error instanceof LeaseLost) return settleCut(floor, live, error.why)
  const final = error instanceof BadInput || error instanceof ChunkFailed
  if (!final)
    floor.log('error', `${live.job.title}: ${error instanceof Error ? (error.stack ?? error.message) : error}`)
  await fail(floor, live, reason(error), 'failed', final)
}

async function settleCut(floor: Floor, live: LiveJob, cut: Interrupted['cut']): Promise<void> {
  const { job } = live
  const { table, log, emit } = floor
  const name = job.title || basename(job.path)
  switch (cut) {
    case 'taken':
      await write(floor, async (db) => {
        const outcome = await readOutcome(db, job.attempt)
        // The connection may break after the commit of a job's end and before its answer; asked again, the lease is gone.
        if (outcome !== null && ownEnds.includes(outcome))
          log('info', `${name}: its end (${outcome}) had been written.`)
        else log('warn', `${name}: another worker has taken over; the work here stops and writes nothing.`)
      })
      floor.wake()
      return
    case 'moved':
      log('info', `${name}: its row was changed by somebody else; the work on it stops.`)
      await write(floor, (db) => leaveJob(db, job, 'released'))
      return
    case 'cancelling':
      await write(
        floor,
        (db) => skipJob(db, table, job, { outcome: 'cancelled', reason: 'Cancelled.' }),
        async () => {
          await write(floor, (db) => leaveJob(db, job, 'cancelled'))
        },
      )
      emit({ type: 'cancelled', job: job.recording, title: job.title })
      floor.wake()
      return
    case 'timeout':
      await fail(floor, live, timeoutError(floor.config.attemptLimitMs ?? 0), 'timeout', false)
      return
    case 'stop':
      await write(
        floor,
        (db) => releaseJob(db, table, job),
        () => settleCut(floor, live, 'moved'),
      )
      return
  }
}

async function fail(
  floor: Floor,
  live: LiveJob,
  error: string,
  outcome: 'failed' | 'timeout',
  final: boolean,
): Promise<void> {
  const { job } = live
  const { maxRetries } = floor.config
  let result = { final: false }
  let left = false
  await write(
    floor,
    async (db) => {
      result = await failAttempt(db, floor.table, job, { error, outcome, maxRetries, final })
    },
    async (lost) => {
      left = true
      await settleCut(floor, live, lost.why)
    },
  )
  if (left) return
  floor.emit({ type: 'failed', job: job.recording, title: job.title, error, final: result.final })
  floor.wake()
}

/** Insists until the database has it; when the lease is lost meanwhile `lost` says what is left to do. */
async function write(
  floor: Floor,
  work: (db: Queryable) => Promise<void>,
  lost?: (error: LeaseLost) => Promise<void>,
): Promise<void> {
  try {
    await floor.db.insist(work, floor.lastCall)
  } catch (error) {
    if (error instanceof LeaseLost) await lost?.(error)
    else if (floor.lastCall.aborted) floor.log('warn', 'The database did not answer; the lease will run out by itself.')
    else floor.log('error', `The end of an attempt could not be written: ${reason(error)}`)
  }
}
