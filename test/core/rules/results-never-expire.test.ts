// Runbook 2: result_expires is 86400 s, so every result key has a time to live.
import { expect, it } from 'vitest'
import { resultsNeverExpire as rule } from '../../../electron/core/rules/results-never-expire.ts'
import { facts, run } from '../../support/facts.ts'
import { known, unknown } from '../../support/snapshot-builders.ts'
import { results } from '../../support/stack-builders.ts'

it.each([
  ['every key expires', known(results({ done: 1069 }))],
  ['the results cannot be read', unknown(results({ withoutExpiry: 9 }))],
  ['there is no result backend', null],
])('stays silent when %s', (_why, given) => {
  expect(run(rule, facts({ results: given }))).toEqual([])
})

it('counts the keys that stay for ever', () => {
  const [found] = run(rule, facts({ results: known(results({ withoutExpiry: 1200 })) }))
  expect(found).toMatchObject({ severity: 'warning', headline: '1200 results will never expire. Redis only grows.' })
})
