// Calls for what a verdict rests on: ledgers side by side, and what a time limit would do.
import * as z from 'zod'
import { SystemId } from './job.ts'
import { call } from './procedure.ts'
import { LimitReport, Reconciliation } from './proof.ts'

export const proof = {
  limits: call
    .route({
      method: 'GET',
      path: '/proof/limits',
      summary: 'For each time limit the jobs that would not fit, and which value is advised',
      tags: ['proof'],
    })
    .input(z.object({ system: SystemId }))
    .output(LimitReport),
  ledgers: call
    .route({
      method: 'GET',
      path: '/proof/ledgers',
      summary: 'Database, broker, workers and past attempts side by side, and where they disagree',
      tags: ['proof'],
    })
    .input(z.object({ system: SystemId }))
    .output(Reconciliation),
}
