// What a time limit would do to a system's jobs: lengths counted where they are stored, speed as the forecast has it.
import { FailureError } from '../contract/failure.ts'
import type { JobQuery } from '../contract/job.ts'
import type { LimitReport } from '../contract/proof.ts'
import type { AttemptBar } from '../contract/snapshot.ts'
import { readEnvState, taskTimeoutMs } from './env-state.ts'
import { systemSpeed } from './forecast.ts'
import { adviceOn, lengthsThatFit, limitChoices, limitsToShow, pointOf } from './limit-report.ts'
import type { System } from './ports/system.ts'

const DONE = 200
const FAILED = 100
const RUNNING = 50
const ATTEMPTS = 200
const WINDOW_MS = 7 * 24 * 60 * 60_000

export async function readLimits(system: System, signal: AbortSignal): Promise<LimitReport> {
  const { id, jobs } = system
  const newest = (state: 'done' | 'failed', limit: number): JobQuery => ({
    ...{ system: id, state, search: '', cursor: null },
    ...{ sort: 'updated', descending: true, limit },
  })
  const [limitMs, throughput, bars, running, done, failed] = await Promise.all([
    limitOf(system, signal),
    jobs.throughput(signal),
    recentBars(system, signal),
    jobs.running(RUNNING, signal),
    jobs.page(newest('done', DONE), signal),
    jobs.page(newest('failed', FAILED), signal),
  ])
  const currentSeconds = limitMs === null ? null : limitMs / 1000
  const speed = systemSpeed(bars, throughput)
  const limits = limitsToShow(currentSeconds)
  const lengths = await jobs.lengths(lengthsThatFit(limits, speed), signal)
  const choices = limitChoices(limits, speed, lengths, currentSeconds)
  const heartbeats = running.length === 0 || running.some(({ heartbeatAgeMs }) => heartbeatAgeMs !== null)
  return {
    system: id,
    speed,
    currentSeconds,
    states: lengths.map(({ over: _over, ...rest }) => rest),
    choices,
    advice: adviceOn(choices, lengths, speed, heartbeats),
    points: [...done.jobs, ...running, ...failed.jobs].flatMap((job) => pointOf(job, speed) ?? []),
  }
}

/** As the running containers have it, else the .env, else the system's own settings. */
async function limitOf({ jobs, env, stack }: System, signal: AbortSignal): Promise<number | null> {
  if (env === null) return (await jobs.limits(signal)).taskTimeoutMs
  return taskTimeoutMs(await readEnvState(env, stack, signal))
}

/** Where Unjam's own schema is not, the median of done jobs speaks alone. */
async function recentBars({ jobs }: System, signal: AbortSignal): Promise<readonly AttemptBar[]> {
  return jobs.recentAttempts(WINDOW_MS, ATTEMPTS, signal).catch((error: unknown) => {
    if (error instanceof FailureError && error.failure.kind === 'unsupported') return []
    throw error
  })
}
