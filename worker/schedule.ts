// Who is next: waiting time ÷ remaining time, so that short jobs do not wait for long ones and every job ends.

/** A job as the schedule sees it. All values are ages and lengths in ms, never points in time. */
export interface Candidate {
  readonly id: string
  /** Time it has been ready and nobody worked on it. Being worked on is not waiting, so it adds nothing. */
  readonly waitedMs: number
  /** Audio still to transcribe. */
  readonly remainingMs: number
  /** Age since it was added. */
  readonly arrivedMs: number
}

export type Policy = 'fair' | 'fifo'

/** Stepping aside costs a decoded chunk and a claim; a job must be shorter by at least this much audio to be worth it. */
const switchCostMs = 20_000
/** And score higher by this factor, so that two jobs of like score do not take turns. */
const advantage = 1.1
/**
 * Under steady overload the score alone would keep a long job waiting for ever (the waits of the short ones grow as
 * fast as its own). So whoever came first gets one chunk for every six chunks' time given to jobs that came later:
 * the oldest job always moves, hence ends, hence every job becomes the oldest one day.
 */
const seniorShare = 6

/**
 * Waits beyond this are all the same. A failed job put back after days (runbook 1 leaves `updated_at` as it is) looks
 * as if it had waited for days; without a bound it would hold off every short job for hours.
 */
export const longestWaitMs = 2 * 3_600_000

export function score({ waitedMs, remainingMs }: Candidate): number {
  return Math.min(waitedMs, longestWaitMs) / Math.max(remainingMs, 1000)
}

/** Who came first, and of two that came at once the smaller id: one order, whatever order they are read in. */
function byAge(a: Candidate, b: Candidate): number {
  return b.arrivedMs - a.arrivedMs || (a.id < b.id ? -1 : 1)
}

/** Best first. With `seniorDue` the one that came first leads. Ties go to the older, then to the smaller id. */
export function rank<C extends Candidate>(waiting: readonly C[], policy: Policy, seniorDue: boolean): C[] {
  const ranked = waiting.toSorted(policy === 'fifo' ? byAge : (a, b) => score(b) - score(a) || byAge(a, b))
  const first = seniorDue ? senior(waiting) : null
  return first === null ? ranked : [first, ...ranked.filter((one) => one !== first)]
}

/** The one that came first. */
export function senior<C extends Candidate>(jobs: readonly C[]): C | null {
  return jobs.reduce<C | null>((oldest, job) => (oldest === null || byAge(job, oldest) < 0 ? job : oldest), null)
}

/**
 * For whom a running job steps aside at the end of a chunk, or null to go on. Only for a shorter one: letting a longer
 * one in would delay both and gain nobody anything, and since work makes a job shorter, two jobs cannot displace
 * each other in turn.
 */
export function stepAside<C extends Candidate>(
  running: Candidate,
  waiting: readonly C[],
  policy: Policy,
  seniorDue: boolean,
): C | null {
  if (policy === 'fifo') return null
  const first = senior(waiting)
  if (seniorDue && first !== null && first.arrivedMs > running.arrivedMs) return first
  const better = waiting.filter(
    (one) => one.remainingMs + switchCostMs < running.remainingMs && score(one) > score(running) * advantage,
  )
  return rank(better, policy, false)[0] ?? null
}

/** Slot time given to others while somebody who came before them waited. */
export interface Turns {
  readonly othersMs: number
}

export const freshTurns: Turns = { othersMs: 0 }

/** After a stretch of work; `passedOver` tells whether somebody older was waiting during it. */
export function afterWork(turns: Turns, wallMs: number, passedOver: boolean): Turns {
  return passedOver ? { othersMs: turns.othersMs + wallMs } : freshTurns
}

/** `chunkWallMs` is what one chunk takes here; null before any was measured. */
export function isSeniorDue({ othersMs }: Turns, chunkWallMs: number | null): boolean {
  return chunkWallMs !== null && othersMs >= seniorShare * chunkWallMs
}
