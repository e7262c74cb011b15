// The actions, least dangerous first. Adding files is a procedure (`jobs.add`): it is undone by removing the jobs.
import type { Action } from './action.ts'
import { cancelJob } from './cancel-job.ts'
import { collapsePeriodic } from './collapse-periodic.ts'
import { deduplicateQueue } from './deduplicate-queue.ts'
import { failJobs } from './fail-jobs.ts'
import { pauseWorker } from './pause-worker.ts'
import { purgeQueue } from './purge-queue.ts'
import { releaseJobs } from './release-jobs.ts'
import { removeJobs } from './remove-jobs.ts'
import { retryJobs } from './retry-jobs.ts'
import { skipJobs } from './skip-jobs.ts'
import { startWorker } from './start-worker.ts'
import { stopWorker } from './stop-worker.ts'
import { takeOverJob } from './take-over-job.ts'

export const actions: readonly Action[] = [
  startWorker,
  pauseWorker,
  retryJobs,
  releaseJobs,
  skipJobs,
  failJobs,
  takeOverJob,
  cancelJob,
  collapsePeriodic,
  deduplicateQueue,
  stopWorker,
  purgeQueue,
  removeJobs,
]
