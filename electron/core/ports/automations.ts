// What the core asks of the memory of automations: every run, kept over restarts.
import type { AutomationRun } from '../../contract/automation.ts'

export interface AutomationsLog {
  /** Adds a run, or replaces the one with its id. */
  put(run: AutomationRun): void
  /** The latest first. */
  runs(name: string, limit: number): readonly AutomationRun[]
}
