// The rules: causes before symptoms, so that of two equally severe findings the first explains the other.
import type { Rule } from '../facts.ts'
import { attemptsVsJobs } from './attempts-vs-jobs.ts'
import { autoRecoveryDead } from './auto-recovery-dead.ts'
import { beatSilent } from './beat-silent.ts'
import { dependencyUnhealthy } from './dependency-unhealthy.ts'
import { duplicateMessages } from './duplicate-messages.ts'
import { engineNeedsLogin } from './engine-needs-login.ts'
import { envNotApplied } from './env-not-applied.ts'
import { errorMaskedByRetries } from './error-masked-by-retries.ts'
import { failedTogether } from './failed-together.ts'
import { heartbeatStale } from './heartbeat-stale.ts'
import { hostLow } from './host-low.ts'
import { interruptedOperation } from './interrupted-operation.ts'
import { longJobHoldsWorker } from './long-job-holds-worker.ts'
import { noModel } from './no-model.ts'
import { noWorker } from './no-worker.ts'
import { nothingFinishing } from './nothing-finishing.ts'
import { outOfMemory } from './out-of-memory.ts'
import { parentNotFinalized } from './parent-not-finalized.ts'
import { periodicPileUp } from './periodic-pile-up.ts'
import { qcStageStuck } from './qc-stage-stuck.ts'
import { queueDatabaseMismatch } from './queue-database-mismatch.ts'
import { queueWithoutConsumer } from './queue-without-consumer.ts'
import { resultsNeverExpire } from './results-never-expire.ts'
import { runNeverStarted } from './run-never-started.ts'
import { runOverdue } from './run-overdue.ts'
import { runPrevention } from './run-prevention.ts'
import { serviceUnhealthy } from './service-unhealthy.ts'
import { sourceUnreachable } from './source-unreachable.ts'
import { timeoutBelowDuration } from './timeout-below-duration.ts'
import { timeoutNotNeeded } from './timeout-not-needed.ts'
import { twoSchedulers } from './two-schedulers.ts'
import { visibilityTimeout } from './visibility-timeout.ts'
import { workerLogErrors } from './worker-log-errors.ts'
import { workerNotConsuming } from './worker-not-consuming.ts'
import { workerUnreachable } from './worker-unreachable.ts'

export const rules: readonly Rule[] = [
  sourceUnreachable,
  interruptedOperation,
  outOfMemory,
  hostLow,
  serviceUnhealthy,
  beatSilent,
  qcStageStuck,
  dependencyUnhealthy,
  autoRecoveryDead,
  noModel,
  workerUnreachable,
  workerNotConsuming,
  noWorker,
  queueWithoutConsumer,
  heartbeatStale,
  parentNotFinalized,
  runOverdue,
  runNeverStarted,
  timeoutBelowDuration,
  timeoutNotNeeded,
  visibilityTimeout,
  longJobHoldsWorker,
  envNotApplied,
  workerLogErrors,
  nothingFinishing,
  queueDatabaseMismatch,
  duplicateMessages,
  twoSchedulers,
  periodicPileUp,
  runPrevention,
  resultsNeverExpire,
  engineNeedsLogin,
  attemptsVsJobs,
  errorMaskedByRetries,
  failedTogether,
]
