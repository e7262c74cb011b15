// The sample incidents, in the order of the runbooks.
import { failedTasks } from './failed-tasks.ts'
import type { Incident } from './incident.ts'
import { queueCleanup } from './queue-cleanup.ts'
import { stuckAt1069 } from './stuck-at-1069.ts'
import { stuckQc } from './stuck-qc.ts'
import { stuckRuns } from './stuck-runs.ts'

export const incidents: readonly Incident[] = [stuckAt1069, failedTasks, queueCleanup, stuckRuns, stuckQc]
