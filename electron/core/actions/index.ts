// The actions, least dangerous first. Adding files is a procedure (`jobs.add`): it is undone by removing the jobs.
import type { Action } from './action.ts'
import { cancelJob } from './cancel-job.ts'
import { collapsePeriodic } from './collapse-periodic.ts'
import { createStack } from './create-stack.ts'
import { deduplicateQueue } from './deduplicate-queue.ts'
import { failJobs } from './fail-jobs.ts'
import { pauseWorker } from './pause-worker.ts'
import { purgeQueue } from './purge-queue.ts'
import { releaseJobs } from './release-jobs.ts'
import { removeJobs } from './remove-jobs.ts'
import { restartService } from './restart-service.ts'
import { retryJobs } from './retry-jobs.ts'
import { scaleService } from './scale-service.ts'
import { skipJobs } from './skip-jobs.ts'
import { startService } from './start-service.ts'
import { startWorker } from './start-worker.ts'
import { stopService } from './stop-service.ts'
import { stopWorker } from './stop-worker.ts'
import { takeOverJob } from './take-over-job.ts'

export const actions: readonly Action[] = [
  startWorker,
  startService,
  pauseWorker,
  retryJobs,
  releaseJobs,
  skipJobs,
  failJobs,
  createStack,
  takeOverJob,
  cancelJob,
  collapsePeriodic,
  deduplicateQueue,
  scaleService,
  restartService,
  stopService,
  stopWorker,
  purgeQueue,
  removeJobs,
]
