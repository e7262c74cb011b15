// Runbook 2: "removing duplicate enqueuers".
import { describe, expect, it } from 'vitest'
import { twoSchedulers as rule } from '../../../electron/core/rules/two-schedulers.ts'
import { facts, run } from '../../support/facts.ts'
import { known, unknown } from '../../support/snapshot-builders.ts'
import { ENQUEUE, group, queue } from '../../support/stack-builders.ts'

const from = (...origins: string[]) =>
  known([queue({ groups: [group({ task: ENQUEUE, jobs: null, messages: 4, origins })] })])

describe('stays silent', () => {
  it.each([
    ['one beat sends', from('gen1@beat')],
    ['one beat was restarted on the same host', from('gen1@beat', 'gen9@beat')],
    ['jobs come from several programs', known([queue({ groups: [group({ origins: ['gen1@api', 'gen2@worker'] })] })])],
    ['the queues cannot be read', unknown(null)],
  ])('when %s', (_why, queues) => {
    expect(run(rule, facts({ queues }))).toEqual([])
  })
})

it('names both hosts, in whatever queue their messages are', () => {
  const one = group({ task: ENQUEUE, jobs: null, messages: 2, origins: ['gen1@beat'] })
  const other = { ...one, origins: ['gen1@old-server'] }
  const queues = known([queue({ groups: [one] }), queue({ name: 'default', groups: [other] })])
  const [found] = run(rule, facts({ queues }))
  expect(found).toMatchObject({
    severity: 'warning',
    headline: '2 schedulers send enqueue_pending_recordings. Every tick comes twice.',
    evidence: [{ value: 'beat, old-server' }],
  })
})
