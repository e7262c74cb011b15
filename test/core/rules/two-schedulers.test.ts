// Runbook 2: "removing duplicate enqueuers".
import { describe, expect, it } from 'vitest'
import { twoSchedulers as rule } from '../../../electron/core/rules/two-schedulers.ts'
import { facts, run } from '../../support/facts.ts'
import { known, unknown } from '../../support/snapshot-builders.ts'
import { ENQUEUE, group, queue, service } from '../../support/stack-builders.ts'

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

it('counts how often each tick comes', () => {
  const [found] = run(rule, facts({ queues: from('gen1@beat', 'gen1@old-server', 'gen1@laptop') }))
  expect(found?.headline).toBe('3 schedulers send enqueue_pending_recordings. Every tick comes 3 times.')
})

describe('of a beat that was recreated while its messages waited', () => {
  const origins = ['gen7@0123456789ab', 'gen7@ffffffffffff']
  const services = known([service({ service: 'beat', container: 'app-beat-1' })])

  it('does not claim that two run', () => {
    const [found] = run(rule, facts({ queues: from(...origins), services }))
    expect(found).toMatchObject({
      severity: 'info',
      headline: 'enqueue_pending_recordings was sent by 2 schedulers. One of them is not in this stack any more.',
      evidence: [{}, { label: 'Not in this stack', value: 'ffffffffffff' }],
    })
  })

  it.each([
    ['both run in this stack', origins, known([service(), service({ id: 'ffffffffffff', service: 'beat' })])],
    ['the other is no container', ['gen7@0123456789ab', 'gen7@old-server'], services],
    ['the services cannot be read', origins, unknown(null)],
  ])('and goes on to warn where %s', (_why, names, seen) => {
    expect(run(rule, facts({ queues: from(...names), services: seen }))[0]?.severity).toBe('warning')
  })
})
