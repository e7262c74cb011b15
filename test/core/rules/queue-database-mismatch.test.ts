// Runbook 2: the database is the source of truth; the queue is repopulated from it every 2 minutes.
import { describe, expect, it } from 'vitest'
import type { BeatFacts } from '../../../electron/core/beat.ts'
import type { LedgerBooks } from '../../../electron/core/ledger-books.ts'
import { reconcile } from '../../../electron/core/reconcile.ts'
import { queueDatabaseMismatch as rule } from '../../../electron/core/rules/queue-database-mismatch.ts'
import { facts, run } from '../../support/facts.ts'
import { books, message, queued } from '../../support/ledger-builders.ts'
import { known, MINUTE, runningJob, unknown } from '../../support/snapshot-builders.ts'
import { celeryWorker, fourFailed, task } from '../../support/stack-builders.ts'

const at = (given: LedgerBooks, more = {}, part = {}) =>
  facts(
    { workers: known([celeryWorker()]), ...part },
    { ledgers: known({ system: 'calls', unread: [], ...reconcile(given) }), ...more },
  )
/** A scheduler whose log last named a tick so long ago; null: nothing tells. */
const beat = (loggedAgeMs: number | null) => ({
  beat: known<BeatFacts>({
    ...{ task: 'enqueue_pending_recordings', everyMs: 2 * MINUTE, service: 'beat', noArrivalMs: null },
    loggedAgeMs,
  }),
})
const lost = books({}, [queued('a'), queued('b')])

describe('stays silent', () => {
  it.each([
    ['everything agrees', at(books({ messages: [message('a')] }, [queued('a')]))],
    ['93 enqueuers wait for the busy worker (runbook 0)', at(books({ periodic: 90 }, [queued('a')]))],
    ['how many wait is unknown', at(books({ periodic: null }, [queued('a')]))],
    ['the scheduler is silent: that is the cause', at(lost, beat(20 * MINUTE))],
    ['a job was queued after the last ticks', at(books({}, [queued('a', MINUTE)]), beat(MINUTE))],
    ['not every message was read', at(books({ allMessages: false }, [queued('a')]))],
    ['the ledgers cannot be read', facts({}, { ledgers: unknown(null) })],
    ['there is no broker', facts()],
  ])('when %s', (_why, given) => {
    expect(run(rule, given)).toEqual([])
  })
})

it('offers to enqueue what the scheduler passes over', () => {
  const [found] = run(rule, at(lost, beat(40_000)))
  expect(found).toMatchObject({
    severity: 'warning',
    headline: '2 queued jobs have no message. The scheduler passes over them.',
    remedies: [{ action: 'enqueue-now', ids: ['a', 'b'] }],
  })
  expect(found?.explanation).toContain('The scheduler ticked 40 s ago')
})

it('sends nothing that nobody would take', () => {
  const [found] = run(rule, at(lost, beat(40_000), { workers: known([celeryWorker({ state: 'lost' })]) }))
  expect(found?.remedies).toEqual([])
})

it('says that it does not know of a scheduler, where nothing tells', () => {
  for (const more of [{}, beat(null)]) {
    const [found] = run(rule, at(lost, more))
    expect(found?.headline).toBe('2 queued jobs have no message. Nothing is known to start them.')
    expect(found?.evidence).toContainEqual(
      expect.objectContaining({ label: 'Scheduler', value: 'unknown: no log and no waiting message tells' }),
    )
  }
})

it.each([
  [
    'has ended',
    books({ messages: [message(fourFailed[0]!.id)] }, fourFailed),
    'Messages wait for 1 job that has ended. Workers would run it again.',
  ],
  ['does not exist', books({ messages: [message('x')] }), 'Messages wait for 1 job that the database does not have.'],
  [
    'runs already',
    books({ messages: [message(runningJob().id)], tasks: [task()] }, [runningJob()]),
    'Messages wait for 1 job that runs already. A free worker would begin it again.',
  ],
])('offers to purge messages whose job %s', (_what, given, headline) => {
  expect(run(rule, at(given))).toMatchObject([{ headline, remedies: [{ action: 'purge-queue' }] }])
})
