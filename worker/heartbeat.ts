// A worker's signs of life: the line to its supervisor, its own row, its leases, and `updated_at` of its jobs.
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAway, reason } from './database.ts'
import type { Floor } from './floor.ts'
import type { LiveJob } from './live-job.ts'
import { beatHeld, beatParked } from './store/beat-jobs.ts'
import { beatWorker } from './store/beat-worker.ts'
import { expireDead, silentWorkers } from './store/expire-dead.ts'
import { type Hold, LeaseLost } from './store/fence.ts'
import { renewLease } from './store/renew-lease.ts'
import { findMoved, watchLeases } from './store/watch-leases.ts'

/** Beats until the signal is aborted. Nothing in it throws: a beat that fails is followed by the next one. */
export async function keepBeating(floor: Floor, signal: AbortSignal, register: () => Promise<void>): Promise<void> {
  const { timing } = floor
  await Promise.all([
    every(floor, timing.lineMs, signal, async () => sayBeat(floor)),
    every(floor, timing.workerBeatMs, signal, async () => {
      if (!(await floor.db.once((db) => beatWorker(db, floor.worker, workerBeat(floor))))) await register()
      await endSilence(floor)
    }),
    every(floor, timing.jobBeatMs, signal, () => beatJobs(floor)),
    every(floor, timing.progressMs, signal, () => renewAll(floor)),
    every(floor, timing.watchMs, signal, () => watch(floor)),
  ])
}

/** Repeats `work` with pauses of `ms` between an end and the next start; an error is logged, except that the database is away. */
export async function every(floor: Floor, ms: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await work()
    } catch (error) {
      if (!isAway(error)) floor.log('error', `A heartbeat failed: ${reason(error)}`)
    }
    await sleep(ms, undefined, { signal }).catch(() => undefined)
  }
}

export function workerBeat(floor: Floor) {
  const { mode, lives, speed } = floor
  const state = mode === 'working' ? 'running' : mode === 'paused' ? 'paused' : 'draining'
  return { state, busy: lives.size, speed } as const
}

function sayBeat(floor: Floor): void {
  floor.emit({
    type: 'beat',
    rssBytes: process.memoryUsage.rss(),
    paused: floor.mode === 'paused',
    slots: [...floor.lives].map((live) => live.beat()).toSorted((a, b) => a.slot - b.slot),
  })
}

async function beatJobs(floor: Floor): Promise<void> {
  const { db, table, lives, timing } = floor
  await db.once(async (client) => {
    await beatHeld(client, table, holds(lives))
    await beatParked(client, table, timing.jobBeatMs * 0.8)
  })
}

/** Renews each lease with its progress, and looks whether a row was changed under its job. */
async function renewAll(floor: Floor): Promise<void> {
  const { db, table, lives, timing } = floor
  for (const live of lives) {
    try {
      await db.once((client) => renewLease(client, live.job, timing.leaseMs, live.progress()))
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error
      cut(floor, live, error.why)
    }
  }
  if (lives.size === 0) return
  const moved = await db.once((client) => findMoved(client, table, holds(lives)))
  for (const live of [...lives]) if (moved.includes(live.job.token)) cut(floor, live, 'moved')
}

async function watch(floor: Floor): Promise<void> {
  if (floor.lives.size === 0) return
  const gone = await floor.db.once((db) => watchLeases(db, holds(floor.lives)))
  for (const live of [...floor.lives]) {
    const why = gone.get(live.job.token)
    if (why !== undefined) cut(floor, live, why)
  }
}

/** A job that has just ended by itself has given its lease back: what was read before that is old. */
function cut(floor: Floor, live: LiveJob, why: LeaseLost['why']): void {
  if (floor.lives.has(live) && !live.settling) live.interrupt(why)
}

function holds(lives: ReadonlySet<LiveJob>): Hold[] {
  return [...lives].filter(({ settling }) => !settling).map(({ job }) => job)
}

/** A worker of this machine whose process is gone gives no sign any more: its jobs need not wait for its leases to run out. */
async function endSilence(floor: Floor): Promise<void> {
  const { db, timing, worker } = floor
  const silent = await db.once((client) => silentWorkers(client, hostname(), timing.silentMs))
  for (const { id, pid } of silent) {
    if (id === worker || isRunning(pid)) continue
    const freed = await db.once((client) => expireDead(client, id, timing.silentMs))
    if (freed.length === 0) continue
    floor.log('info', `A worker of this machine (process ${pid}) is gone; its ${freed.length} jobs go on here.`)
    floor.wake()
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
