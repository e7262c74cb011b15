// What a sample incident is made of: its words, and how its systems come into being and move.
import type { SampleIncident } from '../../contract/sample.ts'
import type { Clock } from '../../core/ports/local.ts'
import type { System } from '../../core/ports/system.ts'
import type { SampleDatabase } from './sample-database.ts'

export interface IncidentParts {
  readonly clock: Clock
  /** The folder of resources. */
  readonly root: string
  /** Of its own, dropped when the sample is left. */
  database(): Promise<SampleDatabase>
  heartbeatLimitMs(): number
}

/** An incident that runs. */
export interface Staged {
  readonly systems: readonly System[]
  /** A second of its small world: workers work, beat beats, heartbeats come. */
  tick(): Promise<void>
  close(): Promise<void>
}

export interface Incident extends Omit<SampleIncident, 'systems' | 'running'> {
  stage(parts: IncidentParts): Promise<Staged>
}
