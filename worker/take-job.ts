// Takes the job that is next, and decides at the end of a chunk whether another one is.
import { isAway, reason } from './database.ts'
import { assumedMs, type Floor } from './floor.ts'
import type { LiveJob } from './live-job.ts'
import { afterWork, type Candidate, isSeniorDue, longestWaitMs, rank, senior, stepAside } from './schedule.ts'
import { type Claimed, claimJob } from './store/claim-job.ts'
import { localPath } from './store/local-path.ts'
import { readWaiting, type Waiting } from './store/read-waiting.ts'
import { readExpired, reapLease } from './store/reap-leases.ts'
import { releaseStrays } from './store/release-job.ts'

/** Candidates looked at; among so many another worker cannot have taken all. */
const considered = 32

interface Survey {
  readonly expired: readonly string[]
  readonly waiting: readonly Waiting[]
}

async function survey(floor: Floor): Promise<Survey> {
  return floor.db.once(async (db) => ({
    expired: await readExpired(db),
    waiting: await readWaiting(db, floor.table, {
      worker: floor.worker,
      recipe: floor.recipe,
      deadAfterMs: 3 * floor.timing.workerBeatMs,
      assumedMs,
      longestWaitMs,
      limit: considered,
    }),
  }))
}

function seniorDue(floor: Floor): boolean {
  return isSeniorDue(floor.turns, floor.speed === null ? null : floor.config.chunkMs / floor.speed)
}

/** Somebody in `waiting` came before `job` and before whatever runs. */
function passesOver(floor: Floor, job: Candidate, waiting: readonly Candidate[]): boolean {
  const first = senior(waiting.filter(({ id }) => id !== job.id))
  if (first === null || first.arrivedMs <= job.arrivedMs) return false
  return [...floor.lives].every((live) => live.candidate(assumedMs).arrivedMs < first.arrivedMs)
}

/** Ends what lost workers left behind, then claims the best that can be had. Null when nothing waits. */
export async function takeJob(floor: Floor): Promise<{ job: Claimed; passedOver: boolean } | null> {
  const { table, worker, timing } = floor
  if (floor.claiming) await releaseUnknown(floor)
  let { expired, waiting } = await survey(floor)
  if (expired.length > 0) {
    for (const recording of expired) await reap(floor, recording)
    waiting = (await survey(floor)).waiting
  }
  const ranked = rank(waiting, floor.policy, seniorDue(floor))
  const preferred = ranked.filter(({ id }) => id === floor.preferred)
  floor.preferred = null
  for (const one of [...preferred, ...ranked]) {
    const job = await floor.db.once((db) => claimJob(db, table, { recording: one.id, worker, leaseMs: timing.leaseMs }))
    if (job !== null) {
      const path = localPath(job.path, floor.config.folders)
      return { job: { ...job, path }, passedOver: passesOver(floor, one, waiting) }
    }
  }
  return null
}

/** A claim whose answer never came may have been made all the same: then its job would wait for the lease to run out. */
async function releaseUnknown(floor: Floor): Promise<void> {
  const held = [...floor.lives].map(({ job }) => job.token)
  const strays = await floor.db.once((db) => releaseStrays(db, floor.table, floor.worker, held))
  floor.claiming = false
  for (const recording of strays)
    floor.log('info', `The claim of ${recording} was taken back; its answer had been lost.`)
}

/** One that cannot be settled (a table that refuses the word, say) must not keep the others waiting. */
async function reap(floor: Floor, recording: string): Promise<void> {
  const { db, table, config } = floor
  try {
    const became = await db.once((client) => reapLease(client, table, recording, config.maxRetries))
    if (became !== null) floor.log('info', `The lease on ${recording} had run out; the job is ${became} now.`)
  } catch (error) {
    if (isAway(error)) throw error
    floor.log('error', `The lease on ${recording} has run out and cannot be settled: ${reason(error)}`)
  }
}

/** For whom this job steps aside now, or null. Throws what the database throws. */
export async function makeWay(floor: Floor, live: LiveJob): Promise<Waiting | null> {
  if (floor.policy === 'fifo' || floor.mode === 'finishing') return null
  const { waiting } = await survey(floor)
  const running = live.candidate(assumedMs)
  live.passedOver = passesOver(floor, running, waiting)
  const other = stepAside(running, waiting, floor.policy, seniorDue(floor))
  floor.preferred = other?.id ?? null
  return other
}

/** Accounts for a stretch of work: whose turn it was, and how fast this machine is (smoothed over some chunks). */
export function noteWork(floor: Floor, live: LiveJob, audioMs: number, wallMs: number, heard: boolean): void {
  floor.turns = afterWork(floor.turns, wallMs, live.passedOver)
  if (!heard || wallMs <= 0) return
  const speed = audioMs / wallMs
  floor.speed = floor.speed === null ? speed : floor.speed * 0.7 + speed * 0.3
}
