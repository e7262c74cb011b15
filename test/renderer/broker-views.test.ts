// Queues, workers and ledgers as their screens derive them: unknown is no zero, and each bad state is its own.
import { describe, expect, test } from 'vitest'
import type { Queue } from '../../electron/contract/queue.ts'
import type { SystemSnapshot, Worker } from '../../electron/contract/snapshot.ts'
import type { JobLedgers } from '../../electron/contract/task.ts'
import type { LiveState } from '../../renderer/live.ts'
import { selectTrend, type Trend, withSamples } from '../../renderer/message-trend.ts'
import { anyQueue } from '../../renderer/route.ts'
import { historyRevision, selectSystems } from '../../renderer/select.ts'
import { celerySentence, selectCelery, workerDeaf, workerStates } from '../../renderer/select-celery.ts'
import { ledgerRevision, ledgersOf, pastAttempts } from '../../renderer/select-ledgers.ts'
import { attemptsText, isConsumable, nothingToDo, prioritiesText, selectQueues } from '../../renderer/select-queues.ts'
import {
  archiveResults,
  callQueues,
  celeryWorker,
  ledgersOf as fixtureLedgers,
  noResults,
  queue,
} from './fixture-broker.ts'
import { BASE, jobsOf, LONG_JOB, type Scenario, snapshotAt } from './fixture-data.ts'
import { iso, MINUTE } from './fixture-time.ts'

const at = (scenario: Scenario): LiveState => ({
  snapshot: snapshotAt(scenario, BASE),
  clockAheadMs: 0,
  link: { state: 'open' },
})
/** The same moment with one system changed. */
function changed(state: LiveState, id: string, fields: Partial<SystemSnapshot>): LiveState {
  const snapshot = state.snapshot!
  return {
    ...state,
    snapshot: { ...snapshot, systems: snapshot.systems.map((one) => (one.id === id ? { ...one, ...fields } : one)) },
  }
}
const known = <T>(value: T) => ({ status: 'known', at: iso(BASE), value }) as const
const failure = { kind: 'unreachable', tried: 'Read', on: 'redis', because: 'refused', remedy: null } as const

describe('queues', () => {
  test('runbook 0: 93 messages, 90 of them enqueuers, 1 duplicate; the one taken stands apart', () => {
    const { chosen, rows } = selectQueues(at('stuck'), BASE, anyQueue)
    expect(chosen).toMatchObject({ system: 'calls', name: 'celery', read: 'read 2 s ago' })
    expect(chosen?.queue).toMatchObject({ messages: 93, unacked: 1 })
    expect(chosen?.groups.map(({ short, messages, jobs, duplicates }) => [short, messages, jobs, duplicates])).toEqual([
      ['enqueue_pending_recordings', '90', '–', 0],
      ['process_recording', '3', '2', 1],
    ])
    expect(Math.round(chosen?.groups[0]?.share ?? 0)).toBe(97)
    expect(chosen?.groups[0]?.seen).toBe('≥ 2 h 58 min')
    expect(rows.map(({ system, name, level, note }) => [system, name, level, note])).toEqual([
      ['calls', 'celery', 'clear', ''],
      ['archive', 'celery', 'clear', 'empty'],
      ['crawl', 'crawl', 'critical', 'no worker consumes it'],
      ['crawl', 'default', 'clear', 'empty'],
    ])
  })
  test('a long queue that is still being read, a paused one, and one whose workers are silent look different', () => {
    const { rows } = selectQueues(at('storm'), BASE, anyQueue)
    expect(rows.map(({ name, note }) => [name, note])).toEqual([
      ['celery', 'being read, 41 % of 1,000,000'],
      ['priority', 'paused through Unjam'],
      ['exports', 'consumers unknown: the workers do not answer'],
      ['celery', 'last known 14 min ago'],
    ])
  })
  test('a broker that could never be read is unknown, not without queues', () => {
    const state = changed(at('stuck'), 'calls', {
      queues: { status: 'unknown', since: iso(BASE), failure, last: null },
    })
    const model = selectQueues(state, BASE, { ...anyQueue, system: 'calls' })
    expect(model.blind).toEqual([{ system: 'calls', because: 'refused' }])
    expect(model.none).toBe(false)
    expect(selectQueues(at('clear'), BASE, anyQueue).none).toBe(true)
  })
  test('what the address names is chosen; a queue that is gone gives way to the longest', () => {
    const route = { ...anyQueue, system: 'crawl', queue: 'default' }
    expect(selectQueues(at('stuck'), BASE, route).chosen?.name).toBe('default')
    expect(selectQueues(at('stuck'), BASE, { ...route, queue: 'gone' }).chosen?.name).toBe('crawl')
  })
  test('priorities are said where they matter', () => {
    expect(callQueues().map(prioritiesText)).toEqual(['91 at 0, 2 at 3'])
    expect(prioritiesText(queue('celery', 5))).toBe('')
  })
  test('runbook 1: 4 jobs, not 23, and the attempts that name none are no job of their own', () => {
    expect(attemptsText(archiveResults, 4)).toBe(
      '4 jobs, not 23: each failed attempt is counted here, also those that were retried. 20 belong to 4 jobs; 3 name none. 1 key never expires.',
    )
    expect(attemptsText(noResults, 0)).toContain('No failed attempt')
    expect(attemptsText({ ...noResults, failed: 1, failedJobs: 1 }, null)).toBe('1 failed attempt. 1 belong to 1 job.')
  })
  test.each<[string, Partial<Queue>, string | null]>([
    ['purge-queue', { messages: 0, read: 0 }, 'The queue is empty.'],
    ['enqueue-now', { messages: 0, read: 0 }, null],
    ['deduplicate-queue', {}, 'No job has more than one message.'],
    ['deduplicate-queue', { read: 3 }, null],
    ['pause-queue', {}, null],
  ])('%s on %o: %s', (action, fields, because) => {
    expect(nothingToDo(action, queue('celery', 5, fields))).toBe(because)
  })
  test('a queue without consumers can be given some, whether or not it was Unjam that took them', () => {
    const cases: Partial<Queue>[] = [{ paused: true }, { consumers: 0 }, { consumers: null }, {}]
    expect(cases.map((fields) => isConsumable(queue('q', 1, fields)))).toEqual([true, true, false, false])
  })
})

describe('Celery workers', () => {
  const model = selectCelery(at('storm'), BASE)
  test('every state has a word and a shape of its own', () => {
    const states = Object.values(workerStates)
    expect(new Set(states.map(({ word }) => word)).size).toBe(states.length)
    expect(new Set(states.map(({ glyph }) => glyph)).size).toBe(states.length)
  })
  test('each says on what its state rests; what cannot be read now is last known', () => {
    expect(model.workers.map(({ worker, word }) => [worker.name, word])).toEqual([
      ['celery@worker-1', 'running'],
      ['celery@worker-2', 'busy, cannot answer'],
      ['celery@worker-3', 'takes nothing'],
      ['celery@worker-4', 'hung, does not answer'],
      ['celery@worker-5', 'frozen'],
      ['celery@worker-6', 'lost'],
      ['celery@archive-1', 'last known 14 min ago'],
    ])
    expect(celerySentence(model)).toBe('3 of 6 slots taken. 2 are well, 4 are not.')
  })
  test('what runs comes first, with what is given out twice marked', () => {
    expect(model.tasks.map(({ short, elapsed, alarming }) => [short, elapsed, alarming])).toEqual([
      ['process_recording', '3 h 00 min', false],
      ['process_recording', '8 min', true],
      ['enqueue_pending_recordings', '–', false],
    ])
  })
  test.each<[Parameters<typeof workerDeaf>[0], Partial<Worker>, string | null]>([
    ['grow', {}, null],
    ['shrink', {}, 'It has only one slot.'],
    ['shrink', { slots: 2 }, null],
    ['grow', { pool: 'solo' }, 'A solo pool has one slot and cannot change.'],
    ['grow', { state: 'frozen' }, 'It does not answer control commands now.'],
    ['unhang', { state: 'hung' }, null],
    ['unhang', {}, 'Its control connection is not known to hang.'],
  ])('%s of %o: %s', (action, fields, because) => {
    expect(workerDeaf(action, celeryWorker('w', fields))).toBe(because)
  })
})

describe('ledgers of a job', () => {
  const done = jobsOf('stuck', 'archive', 'done', BASE)[1]!
  const none: JobLedgers = { messages: [], tasks: [], results: [], mismatches: [], unread: [] }
  test('a message left behind by a done job is marked where it is seen', () => {
    const [database, broker, attempts] = ledgersOf(done, fixtureLedgers('stuck', 'archive', 'done-1')!)
    expect(database).toMatchObject({ headline: 'Done', marked: false })
    expect(broker).toMatchObject({ headline: '1 message waits', glyph: 'attention', marked: true })
    expect(attempts).toMatchObject({ headline: 'Nothing runs', marked: false })
  })
  test('a book that was not read proves nothing', () => {
    const [, broker, attempts] = ledgersOf(done, { ...none, unread: ['Redis could not be read.'] })
    expect([broker.headline, attempts.headline]).toEqual(['Unknown', 'Unknown'])
    expect(ledgersOf(done, none).map(({ headline }) => headline)).toEqual(['Done', 'No message', 'Nothing runs'])
  })
  test('the running job is taken, not acknowledged, and runs', () => {
    const job = jobsOf('stuck', 'calls', 'running', BASE)[0]!
    const headlines = ledgersOf(job, fixtureLedgers('stuck', 'calls', LONG_JOB)!).map(({ headline }) => headline)
    expect(headlines).toEqual(['Processing', '1 taken, not acknowledged', 'Runs on celery@worker-1 for 3 h 00 min'])
  })
  test('past attempts keep their exception, and say who told the job', () => {
    const [first] = pastAttempts(fixtureLedgers('stuck', 'archive', 'failed-0')!.results, BASE)
    expect(first).toMatchObject({ text: 'TimeLimitExceeded(1800)', bad: true, note: 'retry 0, told by worker log' })
  })
  test('are asked for only where there is a broker, and again when its books move', () => {
    const state = at('stuck')
    expect(ledgerRevision(state, 'local')).toBeNull()
    const moved = changed(state, 'calls', { queues: known([queue('celery', 94)]) })
    expect(ledgerRevision(moved, 'calls')).not.toBe(ledgerRevision(state, 'calls'))
    expect(historyRevision(moved)).not.toBe(historyRevision(state))
  })
})

describe('messages over time', () => {
  const waiting = (minutes: number, messages: number): LiveState =>
    changed(at('stuck'), 'calls', {
      queues: { status: 'known', at: iso(BASE + minutes * MINUTE), value: [queue('celery', messages)] },
    })
  const trend = [0, 2, 4, 6].reduce<Trend>((so, minutes) => withSamples(so, waiting(minutes, 90 + minutes / 2)), {})

  test('a pile-up is a slope with its rate', () => {
    const chart = selectTrend(trend, waiting(6, 93), 'calls')
    expect(chart).toMatchObject({ title: 'Messages in celery', note: '93, +1 every 2 min', alarming: true })
    expect(chart?.points.split(' ')).toHaveLength(4)
  })
  test('nothing is drawn before there is a slope to see, and an unread broker adds no zero', () => {
    expect(selectTrend(withSamples({}, waiting(0, 90)), waiting(0, 90), 'calls')).toBeNull()
    const lost = changed(at('stuck'), 'calls', { queues: { status: 'unknown', since: iso(BASE), failure, last: [] } })
    expect(withSamples(trend, lost).calls).toBe(trend.calls)
  })
  test('readings close together are one', () => {
    const again = withSamples(trend, waiting(6.1, 500))
    expect(again.calls).toBe(trend.calls)
  })
})

test('counts that are estimates say so', () => {
  const counts = { queued: 20_000, running: 1, done: 5, failed: 0, skipped: 0, approximate: true } as const
  const row = selectSystems(changed(at('stuck'), 'calls', { counts: known(counts) }), BASE)[0]
  expect(row?.fact).toBe('≈ 20,000 wait')
})
