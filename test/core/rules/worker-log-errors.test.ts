// Runbook 0: "No ERROR/FAIL/Exception" since the 63-minute recording was started.
import { describe, expect, it } from 'vitest'
import { longJobHoldsWorker } from '../../../electron/core/rules/long-job-holds-worker.ts'
import { workerLogErrors as rule } from '../../../electron/core/rules/worker-log-errors.ts'
import { facts, run } from '../../support/facts.ts'
import { ago, counts, HOUR, known, MINUTE, runningJob, unknown } from '../../support/snapshot-builders.ts'

const line = (ageMs: number | null, text = 'Traceback (most recent call last):') => ({
  at: ageMs === null ? null : ago(ageMs),
  container: 'app-worker-1',
  text,
})
const stuck = { counts: known(counts({ queued: 20, running: 1, done: 1069 })), running: known([runningJob()]) }
const logged = (...errors: ReturnType<typeof line>[]) => facts(stuck, { log: known({ errors, failures: [] }) })

describe('stays silent', () => {
  it.each([
    ['the log is clean', logged()],
    ['the error came before the job began', logged(line(4 * HOUR))],
    ['nobody knows when the line was written', logged(line(null))],
    ['nothing runs', facts({}, { log: known({ errors: [line(MINUTE)], failures: [] }) })],
    ['the log cannot be read', facts(stuck, { log: unknown({ errors: [line(MINUTE)], failures: [] }) })],
    ['there is no stack', facts(stuck)],
  ])('when %s', (_why, given) => {
    expect(run(rule, given)).toEqual([])
  })
})

it('shows the latest lines, newest first, and when they began', () => {
  const [found] = run(rule, logged(line(50 * MINUTE, 'one'), line(20 * MINUTE, 'two'), line(MINUTE, 'three')))
  expect(found).toMatchObject({
    headline: "The worker's log has 3 error lines since the running job began.",
    since: ago(50 * MINUTE),
  })
  expect(found?.evidence.map(({ value, at }) => [value, at])).toEqual([
    ['three', ago(MINUTE)],
    ['two', ago(20 * MINUTE)],
    ['one', ago(50 * MINUTE)],
  ])
})

it('is evidence by its absence: not the cause of a long job', () => {
  const clean = 'No ERROR, FAIL or Exception in the worker log'
  expect(run(longJobHoldsWorker, logged())[0]?.notTheCause).toContain(clean)
  expect(run(longJobHoldsWorker, logged(line(MINUTE)))[0]?.notTheCause).not.toContain(clean)
  expect(run(longJobHoldsWorker, facts(stuck))[0]?.notTheCause).not.toContain(clean)
})
