// One attempt at one job: measured, planned, transcribed chunk by chunk from the last checkpoint, settled.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { BadInput } from './bad-input.ts'
import { CannotWork } from './check-tools.ts'
import { noSound, probe } from './decode.ts'
import { fileIdentity } from './file-identity.ts'
import type { Floor } from './floor.ts'
import type { LiveJob } from './live-job.ts'
import { machineTrouble } from './machine-trouble.ts'
import { hasFolder, recordingsElsewhere } from './recordings-here.ts'
import { runChunks } from './run-chunks.ts'
import { settleInterruption, settleWrong } from './settle-job.ts'
import { stitch } from './stitch.ts'
import { finishJob } from './store/finish-job.ts'
import { loadChunks } from './store/load-chunks.ts'
import { skipJob } from './store/skip-job.ts'

/** setTimeout fires at once beyond this. */
const longestTimerMs = 2 ** 31 - 1

/** Runs until the job is done, parked, or settled otherwise; does not throw for anything that is the job's own. */
export async function runJob(floor: Floor, live: LiveJob): Promise<void> {
  const { config } = floor
  const scratch = join(config.scratch, `slot-${live.slot}`)
  const limit =
    config.attemptLimitMs === null
      ? undefined
      : setTimeout(() => live.interrupt('timeout'), Math.min(config.attemptLimitMs, longestTimerMs))
  try {
    await attempt(floor, live, scratch)
  } catch (error) {
    clearTimeout(limit)
    live.settling = true
    const blocked = cannotWork(error, config.scratch) ?? (await elsewhere(floor, live, error))
    if (blocked !== null) floor.stop(blocked)
    if (live.signal.aborted || blocked !== null) await settleInterruption(floor, live)
    else await settleWrong(floor, live, error)
  } finally {
    clearTimeout(limit)
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Neither is it the job's fault when this machine has none of the recordings. */
async function elsewhere(floor: Floor, { job, signal }: LiveJob, error: unknown): Promise<CannotWork | null> {
  if (signal.aborted || !(error instanceof BadInput) || (await hasFolder(job.path))) return null
  return recordingsElsewhere(floor, signal, [job.path])
}

/** What is wrong with this machine is not the job's fault: the job goes back and the worker says why it ends. */
function cannotWork(error: unknown, scratch: string): CannotWork | null {
  if (error instanceof CannotWork) return error
  const trouble = machineTrouble(error, scratch)
  return trouble === null ? null : new CannotWork(trouble, { cause: error })
}

async function attempt(floor: Floor, live: LiveJob, scratch: string): Promise<void> {
  const { db, table } = floor
  const { job, signal } = live
  if (job.path === '') throw new BadInput('The row of this job names no file.')
  const { durationMs } = await probe(job.path, signal)
  live.audioTotalMs = durationMs ?? job.durationMs
  if (await isTooLong(floor, live)) return

  const plan = `${floor.recipe}.${await fileIdentity(job.path, signal)}`
  live.plan = plan
  const checkpoint = await db.insist((client) => loadChunks(client, job.recording, plan), signal)
  floor.emit({
    type: 'started',
    job: job.recording,
    title: job.title,
    attempt: job.number,
    resumedChunks: checkpoint.chunks.length,
  })
  const chunks = await runChunks(floor, live, { plan, scratch, checkpoint })
  if (chunks === 'parked') return
  if (chunks.every(({ silent }) => silent)) throw noSound(job.path)

  live.phase = 'saving'
  const segments = stitch(chunks)
  const audioMs = chunks.at(-1)?.endMs ?? 0
  live.settling = true
  await db.insist((client) => finishJob(client, table, job, { segments, durationMs: audioMs }), signal)
  floor.emit({
    type: 'done',
    job: job.recording,
    title: job.title,
    audioMs,
    wallMs: Math.round(live.wallMs()),
    segments: segments.length,
  })
  floor.wake()
}

/** The maximum duration of the settings: the job is skipped or failed at once, with the reason in its row. */
async function isTooLong(floor: Floor, live: LiveJob): Promise<boolean> {
  const { maxDuration } = floor.config
  const { job, signal, audioTotalMs } = live
  if (maxDuration === null || audioTotalMs === null || audioTotalMs <= maxDuration.ms) return false
  const minutes = (ms: number) => Math.round(ms / 6000) / 10
  const reason = `The recording is ${minutes(audioTotalMs)} minutes long; the settings allow ${minutes(maxDuration.ms)}. Raise the maximum duration to have it transcribed.`
  if (maxDuration.verdict === 'fail') throw new BadInput(reason)
  await floor.db.insist((client) => skipJob(client, floor.table, job, { outcome: 'skipped', reason }), signal)
  floor.log('info', `Skipped ${job.title}: ${reason}`)
  return true
}
