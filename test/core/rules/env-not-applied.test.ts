// Runbook 1: "Restart the worker after changing" keeps the old value; only a new container has the new one.
import { describe, expect, it } from 'vitest'
import { envNotApplied as rule } from '../../../electron/core/rules/env-not-applied.ts'
import { facts, run } from '../../support/facts.ts'
import { known, unknown } from '../../support/snapshot-builders.ts'
import { envEntry } from '../../support/stack-builders.ts'

const old = envEntry({ unapplied: true, running: [{ service: 'worker', value: '1800' }] })
const env = (...entries: ReturnType<typeof envEntry>[]) => known({ path: 'C:\\app\\.env', entries })

describe('stays silent', () => {
  it.each([
    ['file and container agree', env(envEntry())],
    ['the file cannot be read', unknown({ path: '', entries: [old] })],
    ['there is no file', null],
  ])('when %s', (_why, given) => {
    expect(run(rule, facts({ env: given }))).toEqual([])
  })
})

it('says both values, and recreates what uses it', () => {
  const [found] = run(rule, facts({ env: env(old, envEntry({ key: 'OTHER' })) }))
  expect(found).toMatchObject({
    headline: 'TASK_TIMEOUT_SECONDS in .env is not what the containers have.',
    evidence: [{ label: 'TASK_TIMEOUT_SECONDS', value: '7200 in the file, 1800 in worker' }],
    remedies: [{ action: 'set-env', params: { TASK_TIMEOUT_SECONDS: '7200' } }],
  })
})

it('shows no secret and offers none as a parameter', () => {
  const secret = envEntry({ key: 'POSTGRES_PASSWORD', secret: true, value: '••••••', unapplied: true })
  const [found] = run(rule, facts({ env: env(secret) }))
  expect(found?.evidence[0]?.value).toBe('differs in worker')
  expect(found?.remedies).toEqual([])
})
