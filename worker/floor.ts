// What every job of one worker shares: its configuration, its database, its place in the schedule, its state.
import type { WorkerConfig, WorkerLine } from '../electron/contract/worker-protocol.ts'
import type { CannotWork } from './check-tools.ts'
import type { Children } from './children.ts'
import type { Database } from './database.ts'
import type { LiveJob } from './live-job.ts'
import type { Policy, Turns } from './schedule.ts'
import type { TableSql } from './store/table.ts'
import type { Timing } from './timing.ts'

/** `finishing`: what runs is done to its end, nothing is taken. `stopping`: what runs is given back now. */
export type Mode = 'working' | 'paused' | 'finishing' | 'stopping'

export interface Floor {
  readonly config: WorkerConfig
  readonly table: TableSql
  /** This worker's id in `unjam.worker`. */
  readonly worker: string
  readonly recipe: string
  readonly children: Children
  readonly db: Database
  readonly timing: Timing
  readonly policy: Policy
  readonly lives: Set<LiveJob>
  mode: Mode
  turns: Turns
  /** Audio seconds per wall second of recent chunks, all slots alike. */
  speed: number | null
  /** The job for which another one has just stepped aside. */
  preferred: string | null
  /** A claim was sent whose answer has not come (yet). */
  claiming: boolean
  emit(line: WorkerLine): void
  log(level: 'info' | 'warn' | 'error', message: string): void
  /** Slots look for work now instead of at their next poll. */
  wake(): void
  /** Settles at the next `wake`. */
  nextWake(): Promise<void>
  /** Gives all jobs back and ends; with a reason when the worker itself cannot go on (its model is gone, say). */
  stop(fatal: CannotWork | null): void
  /** Stopping was asked for. */
  ended(): boolean
  /** Aborted when even the last writes of given-back jobs must not be waited for any longer. */
  readonly lastCall: AbortSignal
}

/** Length taken for a recording that tells none: so much that it does not push in front, so little that it is not last. */
export const assumedMs = 600_000
