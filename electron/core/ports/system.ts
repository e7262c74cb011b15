// A job system with what is configured beside it.
import type { SystemId, SystemKind } from '../../contract/job.ts'
import type { QcTexts } from '../../contract/qc-texts.ts'
import type { Dependency } from '../../contract/snapshot.ts'
import type { Broker } from './broker.ts'
import type { JobRow, JobSystem } from './jobs.ts'
import type { EnvFile, QueueApi, Stack } from './stack.ts'

/** A job system with what is configured beside it; null is "not configured", never "cannot be read". */
export interface System {
  readonly id: SystemId
  readonly kind: SystemKind
  readonly jobs: JobSystem
  readonly broker: Broker | null
  readonly stack: Stack | null
  readonly env: EnvFile | null
  readonly api: QueueApi | null
  readonly dependencies: Dependencies | null
  readonly recovery: Recovery | null
  close(): Promise<void>
}

/** The health of what a pipeline leans on. */
export interface Dependencies {
  read(signal: AbortSignal): Promise<readonly Dependency[]>
}

/** What the operators of a QC service may order it, and what they are told beside its findings. */
export interface Recovery {
  readonly texts: QcTexts
  /** Jobs that the service lists as stuck, read anew. */
  stuck(signal: AbortSignal): Promise<readonly JobRow[]>
  /** The service decides which jobs it cancels; `told` is how many it says, null when it does not say. */
  cancelStuck(signal: AbortSignal): Promise<{ told: number | null }>
  triggerWorker(signal: AbortSignal): Promise<{ told: string | null }>
  /** The request as a person would send it. */
  command(action: 'cancel_stuck' | 'trigger_worker'): string
}
