// One slot in virtual time: the schedule's own functions decide, nothing else is like the worker.
import {
  afterWork,
  type Candidate,
  freshTurns,
  isSeniorDue,
  type Policy,
  rank,
  senior,
  stepAside,
  type Turns,
} from '../../worker/schedule.ts'

export interface Arrival {
  readonly id: string
  readonly atMs: number
  readonly lengthMs: number
}
export interface Served extends Arrival {
  /** Begin and end of the work on it; null while that has not come. */
  startMs: number | null
  endMs: number | null
}
interface Job extends Served {
  leftMs: number
  waitedMs: number
  sinceMs: number
}

/** Runs arrivals until all are served or `untilMs`; audio passes at the speed of the clock. `switchMs` is lost at each change of job. */
export function simulate(
  arrivals: readonly Arrival[],
  options: { chunkMs: number; policy?: Policy; switchMs?: number; untilMs?: number },
): { jobs: readonly Served[]; switches: number; endMs: number } {
  const { chunkMs, policy = 'fair', switchMs = 0, untilMs = Number.POSITIVE_INFINITY } = options
  const jobs: Job[] = arrivals.map((one) => ({
    ...one,
    startMs: null,
    endMs: null,
    leftMs: one.lengthMs,
    waitedMs: 0,
    sinceMs: one.atMs,
  }))
  let now = 0
  let turns: Turns = freshTurns
  let running: Job | null = null
  let preferred: string | null = null
  let switches = 0
  const see = (job: Job): Candidate => ({
    id: job.id,
    waitedMs: job.waitedMs + (job === running ? 0 : now - job.sinceMs),
    remainingMs: job.leftMs,
    arrivedMs: now - job.atMs,
  })
  const waiting = () => jobs.filter((job) => job !== running && job.endMs === null && job.atMs <= now).map(see)
  const isDue = () => isSeniorDue(turns, chunkMs)

  while (now < untilMs && jobs.some(({ endMs }) => endMs === null)) {
    if (running === null) {
      const ranked = rank(waiting(), policy, isDue())
      const next = ranked.find(({ id }) => id === preferred) ?? ranked[0]
      preferred = null
      if (next === undefined) {
        now = Math.min(...jobs.filter(({ atMs }) => atMs > now).map(({ atMs }) => atMs))
        continue
      }
      running = jobs.find(({ id }) => id === next.id)!
      running.waitedMs += now - running.sinceMs
      running.startMs ??= now
      now += switchMs
      switches++
    }
    const first = senior(waiting())
    const passedOver = first !== null && first.arrivedMs > now - running.atMs
    const work = Math.min(chunkMs, running.leftMs)
    now += work
    running.leftMs -= work
    turns = afterWork(turns, work, passedOver)
    if (running.leftMs <= 0) {
      running.endMs = now
      running = null
      continue
    }
    const other = stepAside(see(running), waiting(), policy, isDue())
    if (other === null) continue
    running.sinceMs = now
    running = null
    preferred = other.id
  }
  return { jobs, switches, endMs: now }
}
