// The rules: causes before symptoms, so that of two equally severe findings the first explains the other.
import type { Rule } from '../facts.ts'
import { heartbeatStale } from './heartbeat-stale.ts'
import { longJobHoldsWorker } from './long-job-holds-worker.ts'
import { noModel } from './no-model.ts'
import { noWorker } from './no-worker.ts'
import { nothingFinishing } from './nothing-finishing.ts'
import { sourceUnreachable } from './source-unreachable.ts'

export const rules: readonly Rule[] = [
  sourceUnreachable,
  noModel,
  noWorker,
  heartbeatStale,
  longJobHoldsWorker,
  nothingFinishing,
]
