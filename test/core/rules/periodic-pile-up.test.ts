// Runbook 0: 93 messages, many of them enqueue_pending_recordings, sent every 2 minutes while the worker is busy.
import { describe, expect, it } from 'vitest'
import { periodicPileUp as rule } from '../../../electron/core/rules/periodic-pile-up.ts'
import { facts, run } from '../../support/facts.ts'
import { known, unknown } from '../../support/snapshot-builders.ts'
import { ENQUEUE, group, queue } from '../../support/stack-builders.ts'

describe('stays silent', () => {
  it.each([
    ['there is no broker', null],
    ['the queues cannot be read', unknown([queue()])],
    ['one waits between two ticks', known([queue({ groups: [group({ task: ENQUEUE, jobs: null, messages: 1 })] })])],
    ['they are jobs, however many', known([queue({ groups: [group({ messages: 900, jobs: 900 })] })])],
    ['the messages cannot be read', known([queue({ groups: [group({ task: null, jobs: null, messages: 90 })] })])],
  ])('when %s', (_why, queues) => {
    expect(run(rule, facts({ queues }))).toEqual([])
  })
})

it('begins with the second message of the same task', () => {
  const queues = known([queue({ groups: [group({ task: ENQUEUE, jobs: null, messages: 2 })] })])
  const [found] = run(rule, facts({ queues }))
  expect(found?.headline).toBe('enqueue_pending_recordings waits twice in queue celery. One would do.')
  expect(found?.remedies[0]?.effect).toContain('1 message goes to quarantine')
})

it('names the task, how often it waits, and collapses it to one', () => {
  const [found, ...more] = run(rule, facts({ queues: known([queue()]) }))
  expect(more).toEqual([])
  expect(found).toMatchObject({
    severity: 'info',
    headline: 'enqueue_pending_recordings waits 90 times in queue celery. One would do.',
    evidence: [{ label: 'Messages', value: '93, of them 90 enqueue_pending_recordings' }, { value: 'gen1@beat' }],
    remedies: [{ action: 'collapse-periodic', params: { queue: 'celery' } }],
  })
  expect(found?.remedies[0]?.effect).toContain('89 messages')
})
