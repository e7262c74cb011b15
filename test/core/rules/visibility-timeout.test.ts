// Runbook 0: 63 minutes of audio take hours; kombu hands out what is not acknowledged after one.
import { describe, expect, it } from 'vitest'
import { visibilityTimeout as rule } from '../../../electron/core/rules/visibility-timeout.ts'
import { facts, run } from '../../support/facts.ts'
import { HOUR, known, MINUTE, runningJob, unknown } from '../../support/snapshot-builders.ts'
import { task } from '../../support/stack-builders.ts'

const late = { visibilityTimeoutMs: HOUR, from: 'default' as const, acksLate: true }
const at = (elapsedMs: number, delivery = {}, part = {}) =>
  facts(
    { tasks: known([task({ elapsedMs })]), running: known([runningJob({ elapsedMs })]), ...part },
    { delivery: known({ ...late, ...delivery }) },
  )

describe('stays silent', () => {
  it.each([
    ['messages are acknowledged when the task begins', at(3 * HOUR, { acksLate: false })],
    ['no worker says when', at(3 * HOUR, { acksLate: null })],
    ['the timeout leaves room', at(3 * HOUR, { visibilityTimeoutMs: 12 * HOUR })],
    ['the task is short', at(5 * MINUTE, {}, { running: known([runningJob({ audioMs: 3 * MINUTE })]) })],
    ['length and speed are unknown and it is young', at(5 * MINUTE, {}, { running: known([]) })],
    ['it cannot be read', facts({ tasks: known([task()]) }, { delivery: unknown(null) })],
  ])('when %s', (_why, given) => {
    expect(run(rule, given)).toEqual([])
  })
})

it('warns before the hour is over, and names a value with room', () => {
  const [found] = run(rule, at(20 * MINUTE))
  expect(found).toMatchObject({
    severity: 'warning',
    headline: 'A task will outlast the broker’s 60 min. It will run twice.',
  })
  // 63 minutes at 0.29× are 3 h 37 min; a quarter more, in whole hours.
  expect(found?.explanation).toContain('visibility_timeout to 18000')
})

it('is critical when the time is over', () => {
  expect(run(rule, at(3 * HOUR))[0]).toMatchObject({ severity: 'critical' })
})
