// Services that are down, restarting, unhealthy, or were killed for their memory.
import { describe, expect, it } from 'vitest'
import type { Service } from '../../../electron/contract/service.ts'
import { outOfMemory } from '../../../electron/core/rules/out-of-memory.ts'
import { serviceUnhealthy } from '../../../electron/core/rules/service-unhealthy.ts'
import { facts, run } from '../../support/facts.ts'
import { known, unknown } from '../../support/snapshot-builders.ts'
import { service } from '../../support/stack-builders.ts'

const of = (part: Partial<Service>) => facts({ services: known([service(part)]) })
const both = [outOfMemory, serviceUnhealthy]

describe('both stay silent', () => {
  it.each([
    ['it is healthy', of({})],
    ['it has no health check', of({ health: null })],
    ['it is starting', of({ health: 'starting' })],
    ['a one-off ended well', of({ state: 'exited', exitCode: 0, health: null })],
    ['the services cannot be read', facts({ services: unknown([service({ state: 'dead' })]) })],
    ['there is no stack', facts()],
  ])('when %s', (_why, given) => {
    expect(both.flatMap((rule) => run(rule, given))).toEqual([])
  })
})

it.each<[Partial<Service>, string, string, string[]]>([
  [{ health: 'unhealthy' }, 'Service worker is unhealthy.', 'warning', []],
  [{ state: 'restarting', exitCode: 1 }, 'Service worker restarts again and again.', 'critical', []],
  [{ state: 'exited', exitCode: 1 }, 'Service worker ended with exit code 1.', 'critical', ['start-service']],
  [{ state: 'paused' }, 'Service worker is paused.', 'critical', ['start-service']],
  [
    { state: 'created', health: null, startedAt: null },
    'Service worker was created and never started.',
    'warning',
    ['start-service'],
  ],
  [
    { state: 'exited', exitCode: 137, outOfMemory: true, number: 2 },
    'Service worker #2 was killed because memory ran short.',
    'critical',
    ['start-service'],
  ],
])('%o is one finding: %s', (part, headline, severity, actions) => {
  const found = both.flatMap((rule) => run(rule, of(part)))
  expect(found.map((one) => [one.headline, one.severity])).toEqual([[headline, severity]])
  expect(found[0]?.remedies.map(({ action }) => action)).toEqual(actions)
})

it('a container that was only created beside the one that runs is a recreate under way', () => {
  const made = service({ state: 'created', container: 'ba98_app-worker-1', health: null })
  const old = service()
  const other = service({ service: 'beat', container: 'app-beat-1' })
  expect(run(serviceUnhealthy, facts({ services: known([old, made]) }))).toEqual([])
  expect(run(serviceUnhealthy, facts({ services: known([other, made]) }))).toHaveLength(1)
})

it('quotes the health check', () => {
  const [found] = run(serviceUnhealthy, of({ health: 'unhealthy', healthOutput: 'connection refused\n' }))
  expect(found?.explanation).toBe('Its health check says: connection refused')
})
