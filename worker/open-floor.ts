// Everything a worker needs before its first job, in order; and how it leaves.
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkerConfig, WorkerLine } from '../electron/contract/worker-protocol.ts'
import { CannotWork, checkTools, recipeOf } from './check-tools.ts'
import { ownChildren, sweepChildren } from './children.ts'
import { isAway, openDatabase, reason } from './database.ts'
import type { Floor } from './floor.ts'
import { workerBeat } from './heartbeat.ts'
import { recordingsElsewhere } from './recordings-here.ts'
import { freshTurns, type Policy } from './schedule.ts'
import { beatWorker } from './store/beat-worker.ts'
import { openPool, type Queryable } from './store/pool.ts'
import { readTable, WrongTable } from './store/read-table.ts'
import { registerWorker } from './store/register-worker.ts'
import { releaseParked } from './store/release-job.ts'
import type { Timing } from './timing.ts'

interface Opening {
  readonly timing: Timing
  readonly policy: Policy
  readonly lastCall: AbortSignal
  stop(fatal: CannotWork | null): void
}

export interface OpenedFloor {
  readonly floor: Floor
  register(): Promise<void>
  close(): Promise<void>
}

/** Throws `CannotWork`, or the signal's reason when stopped before it could begin. */
export async function openFloor(
  config: WorkerConfig,
  { emit }: { emit(line: WorkerLine): void },
  opening: Opening,
  signal: AbortSignal,
): Promise<OpenedFloor> {
  const log: Floor['log'] = (level, message) => emit({ type: 'log', level, message })
  const swept = await sweepChildren(config.children)
  if (swept > 0) log('warn', `${swept} processes left by an earlier worker were ended.`)
  await emptyScratch(config.scratch)
  await checkTools(config)
  const recipe = await recipeOf(config, signal)
  signal.throwIfAborted()

  const pool = openPool(config.database, config.slots + 4, (error) => {
    if (!isAway(error)) log('warn', `A database connection broke: ${reason(error)}`)
  })
  const db = openDatabase(pool, config.table.timeZone, opening.timing, log)
  const worker = randomUUID()
  const { slots, threads } = config
  const model = basename(config.model)
  const children = ownChildren(join(config.children, `worker-${process.pid}-${worker.slice(0, 8)}.json`))
  const row = { id: worker, host: hostname(), pid: process.pid, slots, threads, model }
  const register = () => db.once((client) => registerWorker(client, row))
  const closePool = () => Promise.race([pool.close(), sleep(1000, undefined, { ref: false })])
  try {
    const table = await db.insist((client) => checkTable(client, config), signal)
    const elsewhere = await recordingsElsewhere({ config, db, table }, signal)
    if (elsewhere !== null) throw elsewhere
    await db.insist((client) => registerWorker(client, row), signal)
    emit({ type: 'ready', worker, pid: process.pid, slots, threads, model })

    let woken = Promise.withResolvers<void>()
    const floor: Floor = {
      config,
      table,
      worker,
      recipe,
      children,
      db,
      timing: opening.timing,
      policy: opening.policy,
      lives: new Set(),
      mode: 'working',
      turns: freshTurns,
      speed: null,
      preferred: null,
      claiming: false,
      emit,
      log,
      wake() {
        woken.resolve()
        woken = Promise.withResolvers<void>()
      },
      nextWake: () => woken.promise,
      stop: opening.stop,
      ended: () => signal.aborted,
      lastCall: opening.lastCall,
    }
    return { floor, register, close: () => leave(floor, closePool) }
  } catch (error) {
    await closePool()
    throw signal.aborted || error instanceof CannotWork ? error : refusal(error)
  }
}

async function checkTable(db: Queryable, config: WorkerConfig) {
  const { rows } = await db.query<{ there: boolean }>(`SELECT to_regclass('unjam.lease') IS NOT NULL AS there`)
  if (rows[0]?.there !== true)
    throw new CannotWork(
      'The database has no schema "unjam" yet, where the worker keeps its leases. Run "unjam migrate" against it first.',
    )
  const table = await readTable(db, config.table)
  if (table.path === null)
    throw new CannotWork('The recordings table has no column with the path of a file; name it in the settings.')
  return table
}

function refusal(error: unknown): CannotWork {
  if (error instanceof WrongTable) return new CannotWork(error.message, { cause: error })
  return new CannotWork(`The database refuses the worker: ${reason(error)}.`, { cause: error })
}

/** Nothing of this worker stays: no child, no file, no job that looks running. */
async function leave(floor: Floor, closePool: () => Promise<unknown>): Promise<void> {
  const { db, table, worker, children, config, lastCall, log } = floor
  await children.killAll()
  const within = AbortSignal.any([lastCall, AbortSignal.timeout(10_000)])
  try {
    const released = await db.insist((client) => releaseParked(client, table, worker), within)
    if (released.length > 0)
      log('info', `Given back to the queue with their chunks: ${released.length} of its parked jobs.`)
    await db.insist((client) => beatWorker(client, worker, { ...workerBeat(floor), state: 'stopped', busy: 0 }), within)
  } catch (error) {
    log('warn', `The worker could not sign off in the database: ${reason(error)}`)
  }
  await closePool()
  await emptyScratch(config.scratch)
}

/** Only the folders of its slots: the configuration names the place, and it may hold other things. */
async function emptyScratch(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory() && /^slot-\d+$/.test(entry.name))
      await rm(join(folder, entry.name), { recursive: true, force: true, maxRetries: 3 })
}
