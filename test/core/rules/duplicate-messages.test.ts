// Runbook 2: "many duplicate process_recording messages for the same recording".
import { describe, expect, it } from 'vitest'
import { reconcile } from '../../../electron/core/reconcile.ts'
import { duplicateMessages as rule } from '../../../electron/core/rules/duplicate-messages.ts'
import { facts, run } from '../../support/facts.ts'
import { books, message, queued } from '../../support/ledger-builders.ts'
import { known, unknown } from '../../support/snapshot-builders.ts'
import { ENQUEUE, group, queue } from '../../support/stack-builders.ts'

describe('stays silent', () => {
  it.each([
    ['every job has one message', known([queue({ groups: [group()] })])],
    ['only the enqueuer repeats', known([queue({ groups: [group({ task: ENQUEUE, jobs: null, duplicates: 89 })] })])],
    ['the queues cannot be read', unknown([queue()])],
    ['there is no broker', null],
  ])('when %s', (_why, queues) => {
    expect(run(rule, facts({ queues }))).toEqual([])
  })
})

it('counts what repeats, keeps the first of each, and says what a partial reading covers', () => {
  const repeated = group({ messages: 60, jobs: 20, duplicates: 40 })
  const [found] = run(rule, facts({ queues: known([queue({ messages: 60, read: 60, groups: [repeated] })]) }))
  expect(found).toMatchObject({
    headline: '40 messages in queue celery repeat a job.',
    evidence: [{ label: 'process_recording', value: '60 messages for 20 jobs' }],
    remedies: [{ action: 'deduplicate-queue', params: { queue: 'celery' } }],
  })
  const [partly] = run(rule, facts({ queues: known([queue({ messages: 900, read: 60, groups: [repeated] })]) }))
  expect(partly?.evidence[0]?.value).toBe('60 messages for 20 jobs of the 60 read so far')
})

describe('of copies that are not in one list', () => {
  const at = (where: 'queue' | 'unacked', part = {}) => {
    const given = books({ messages: [message('a'), message('a', where)] }, [queued('a')])
    return facts(part, { ledgers: known({ system: 'calls', unread: [], ...reconcile(given) }) })
  }

  it('one that a worker has taken counts too', () => {
    expect(run(rule, at('unacked', { queues: known([queue({ groups: [group()] })]) }))).toMatchObject([
      {
        headline: '1 job has more than one message: one waits, one is elsewhere.',
        evidence: [{ value: 'a.m4a' }],
        remedies: [{ action: 'purge-queue' }],
      },
    ])
  })

  it('says it once where the queue itself shows them', () => {
    const queues = known([queue({ groups: [group({ messages: 2, jobs: 1, duplicates: 1 })] })])
    expect(run(rule, at('queue', { queues })).map(({ key }) => key)).toEqual(['duplicate-messages:calls:celery'])
  })
})
