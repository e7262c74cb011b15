// Runbook 4: every 2 minutes, jobs stuck for over 2 minutes are marked as failed. Two cycles later it does not run.
import { expect, it } from 'vitest'
import { autoRecoveryDead as rule } from '../../../electron/core/rules/auto-recovery-dead.ts'
import { qcFacts, qcJob, run } from '../../support/facts.ts'
import { ago, MINUTE } from '../../support/snapshot-builders.ts'

it.each([
  ['it is stuck for less than two cycles', qcFacts([qcJob(17, 6)])],
  ['nobody knows for how long', qcFacts([qcJob(17, null, { stuck: true })])],
  ['nothing is stuck', qcFacts([qcJob(17, 1)])],
])('stays silent when %s', (_why, given) => {
  expect(run(rule, given)).toEqual([])
})

it('is critical from the third cycle on, with where to look', () => {
  const [found] = run(rule, qcFacts([qcJob(17, 7, {}, 'a'), qcJob(60, 9, {}, 'b'), qcJob(5, 3)]))
  expect(found).toMatchObject({
    severity: 'critical',
    headline: 'Auto-recovery does not run. 2 stuck jobs outlived two of its cycles.',
    since: ago(3 * MINUTE),
  })
  expect(found?.hints?.slice(0, 2)).toEqual([
    'Check that processBatch is being triggered',
    'Look in the service’s log, https://dashboard.render.com, for “[QCWorker] Stuck job check failed”',
  ])
  expect(found?.remedies.map(({ action }) => action)).toEqual(['cancel-stuck', 'trigger-worker'])
})
