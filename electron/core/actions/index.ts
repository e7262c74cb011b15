// The actions, least dangerous first. Adding files is a procedure (`jobs.add`): it is undone by removing the jobs.
import type { Action } from './action.ts'
import { cancelJob } from './cancel-job.ts'
import { cancelStuck } from './cancel-stuck.ts'
import { collapsePeriodic } from './collapse-periodic.ts'
import { createStack } from './create-stack.ts'
import { deduplicateQueue } from './deduplicate-queue.ts'
import { enqueueNow } from './enqueue-now.ts'
import { failJobs } from './fail-jobs.ts'
import { failRuns } from './fail-runs.ts'
import { finalizeParent } from './finalize-parent.ts'
import { pauseQueue, resumeQueue } from './pause-queue.ts'
import { pauseWorker } from './pause-worker.ts'
import { purgeQueue } from './purge-queue.ts'
import { releaseJobs } from './release-jobs.ts'
import { removeJobs } from './remove-jobs.ts'
import { requeueRuns } from './requeue-runs.ts'
import { resizePool } from './resize-pool.ts'
import { restartService } from './restart-service.ts'
import { retryJobs } from './retry-jobs.ts'
import { retryQcJobs } from './retry-qc-jobs.ts'
import { revokeTask } from './revoke-task.ts'
import { scaleService } from './scale-service.ts'
import { setEnv } from './set-env.ts'
import { skipJobs } from './skip-jobs.ts'
import { startService } from './start-service.ts'
import { startWorker } from './start-worker.ts'
import { stopService } from './stop-service.ts'
import { stopWorker } from './stop-worker.ts'
import { takeOverJob } from './take-over-job.ts'
import { triggerWorker } from './trigger-worker.ts'
import { unhangWorker } from './unhang-worker.ts'

export const actions: readonly Action[] = [
  startWorker,
  startService,
  pauseWorker,
  enqueueNow,
  resumeQueue,
  resizePool,
  triggerWorker,
  retryJobs,
  retryQcJobs,
  requeueRuns,
  finalizeParent,
  releaseJobs,
  skipJobs,
  failJobs,
  failRuns,
  createStack,
  takeOverJob,
  pauseQueue,
  unhangWorker,
  cancelJob,
  collapsePeriodic,
  deduplicateQueue,
  scaleService,
  restartService,
  setEnv,
  stopService,
  stopWorker,
  cancelStuck,
  purgeQueue,
  revokeTask,
  removeJobs,
]
