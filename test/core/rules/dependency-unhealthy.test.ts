// Runbook 4, "Check System Health": qc_worker, groq_api and google_oauth should be ok.
import { expect, it } from 'vitest'
import type { Dependency } from '../../../electron/contract/snapshot.ts'
import { dependencyUnhealthy as rule } from '../../../electron/core/rules/dependency-unhealthy.ts'
import { facts, qcFacts, run } from '../../support/facts.ts'
import { known, unknown } from '../../support/snapshot-builders.ts'

const one = (name: string, state: Dependency['state'], detail: string | null = null): Dependency => ({
  name,
  state,
  detail,
})
const given = (...all: Dependency[]) => qcFacts([], { dependencies: known(all) })

it.each([
  ['all are ok', given(one('qc_worker', 'ok'), one('groq_api', 'ok'))],
  ['one does not say how it is', given(one('google_oauth', 'unknown', 'Not configured (optional)'))],
  ['the report cannot be read', qcFacts([], { dependencies: unknown([one('groq_api', 'down')]) })],
  ['there is none', facts()],
])('stays silent when %s', (_why, facts) => {
  expect(run(rule, facts)).toEqual([])
})

it.each([
  ['qc_worker', 'down', 'critical', 'qc_worker is not ok.'],
  ['groq_api', 'down', 'critical', 'groq_api is not ok.'],
  ['google_oauth', 'down', 'critical', 'google_oauth is not ok. Reconnect Google Drive in Settings, then retry.'],
  ['groq_api', 'degraded', 'warning', 'groq_api is degraded.'],
  ['stripe', 'down', 'warning', 'stripe is not ok.'],
] as const)('%s %s is %s', (name, state, severity, headline) => {
  const [found, ...more] = run(rule, given(one('database', 'ok'), one(name, state, 'HTTP 503')))
  expect(more).toEqual([])
  expect(found).toMatchObject({ key: `dependency-unhealthy:qc:${name}`, severity, headline })
  expect(found?.explanation).toContain('It says: HTTP 503.')
  expect(found?.notTheCause).toEqual(['database is ok'])
  expect(found?.hints).toContain('Groq status: https://status.groq.com')
})
