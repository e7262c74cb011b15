// Runbook 1: Flower says 23 failed, the database says 4; each retry is one more attempt.
import { describe, expect, it } from 'vitest'
import { attemptsVsJobs as rule } from '../../../electron/core/rules/attempts-vs-jobs.ts'
import { facts, run } from '../../support/facts.ts'
import { counts, known, unknown } from '../../support/snapshot-builders.ts'
import { results } from '../../support/stack-builders.ts'

const four = known(counts({ failed: 4 }))

describe('stays silent', () => {
  it.each([
    ['both numbers agree', { counts: four, results: known(results({ failed: 4, failedJobs: 4 })) }],
    ['no attempt has failed lately', { counts: four, results: known(results()) }],
    ['the results cannot be read', { counts: four, results: unknown(results({ failed: 23 })) }],
    [
      'the database cannot be read',
      { counts: unknown(counts({ failed: 4 })), results: known(results({ failed: 23 })) },
    ],
    ['there is no result backend', { counts: four, results: null }],
  ])('when %s', (_why, part) => {
    expect(run(rule, facts(part))).toEqual([])
  })
})

it('explains fewer attempts than failed jobs: their results have expired', () => {
  const [found] = run(rule, facts({ counts: four, results: known(results({ failed: 1, failedJobs: 1 })) }))
  expect(found?.headline).toBe('4 jobs have failed, not 1. Flower counts only attempts of the last day.')
  expect(found?.explanation).toContain('Results are forgotten when they expire')
})

it('says which number to believe and what the attempts belong to', () => {
  const [found] = run(
    rule,
    facts({ counts: four, results: known(results({ failed: 23, failedJobs: 3, failedUnknown: 5 })) }),
  )
  expect(found).toMatchObject({
    severity: 'info',
    headline: '4 jobs have failed, not 23. Flower counts each failed attempt.',
    evidence: [{ value: '4' }, { value: '23' }, { value: '3 known jobs; 5 name no job' }],
  })
})
