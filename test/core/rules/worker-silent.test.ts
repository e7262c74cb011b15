// Runbook 3, "Check Celery Worker Status": a worker that takes nothing and one that does not answer look different.
import { describe, expect, it } from 'vitest'
import type { Worker } from '../../../electron/contract/snapshot.ts'
import { workerNotConsuming } from '../../../electron/core/rules/worker-not-consuming.ts'
import { workerUnreachable } from '../../../electron/core/rules/worker-unreachable.ts'
import { facts, run } from '../../support/facts.ts'
import { known, unknown, worker } from '../../support/snapshot-builders.ts'
import { celeryWorker } from '../../support/stack-builders.ts'

const withState = (state: Worker['state']) => facts({ workers: known([celeryWorker({ state })]) })
const silentFor = (beatAgeMs: number, part: Partial<Worker>) =>
  facts({ workers: known([celeryWorker({ state: 'unknown', pool: 'prefork', beatAgeMs, ...part })]) })
const rules = [workerNotConsuming, workerUnreachable]

describe('both stay silent', () => {
  it.each<[string, ReturnType<typeof facts>]>([
    ['it runs', withState('running')],
    ['a task fills its solo pool', withState('busy')],
    ['its state is unknown', withState('unknown')],
    ['it has been silent for less than a minute', silentFor(59_000, {})],
    ['a solo pool may be in a task', silentFor(600_000, { pool: 'solo' })],
    ['the workers cannot be read', facts({ workers: unknown([celeryWorker({ state: 'lost' })]) })],
    ['it is Unjam’s own worker', facts({ workers: known([worker({ state: 'lost' })]) })],
  ])('when %s', (_why, given) => {
    expect(rules.flatMap((rule) => run(rule, given))).toEqual([])
  })
})

it.each<[Worker['state'], string, string[]]>([
  ['not-consuming', 'celery@worker-1 answers, but takes no messages.', []],
  ['hung', 'celery@worker-1 beats, but answers nothing. Its control connection hangs.', ['unhang-worker']],
  ['frozen', 'celery@worker-1 is connected and silent. Its process is stopped or frozen.', []],
  ['lost', 'celery@worker-1 is gone. It neither answers nor is it connected.', []],
])('%s has its own sentence and cure, and is never critical by itself', (state, headline, cures) => {
  const found = rules.flatMap((rule) => run(rule, withState(state)))
  expect(found.map(({ headline, severity }) => [headline, severity])).toEqual([[headline, 'warning']])
  expect(found[0]?.remedies.map(({ action }) => action)).toEqual(cures)
})

it('a worker without heartbeats that is silent for a minute is told, and so is that nobody knows which of two it is', () => {
  const [found, ...more] = run(workerUnreachable, silentFor(60_000, {}))
  expect(more).toEqual([])
  expect(found?.headline).toBe(
    'celery@worker-1 is connected and silent. It hangs, or its process is stopped or frozen.',
  )
  expect(found?.remedies).toMatchObject([{ action: 'unhang-worker', effect: expect.stringMatching(/^Where it hangs/) }])
})

it('gives the evidence of the reading as its explanation', () => {
  const because = 'It answered 40 s ago and its connection is there.'
  const [found] = run(workerUnreachable, facts({ workers: known([celeryWorker({ state: 'frozen', because })]) }))
  expect(found?.explanation).toBe(because)
})

describe('one that is gone, beside others', () => {
  const gone = celeryWorker({ state: 'lost', queues: ['celery'], beatAt: '2026-02-04T10:00:00.000Z' })
  const beside = (part: Partial<Worker>) => celeryWorker({ name: 'celery@worker-2', queues: ['celery'], ...part })
  const found = (other: Worker) => run(workerUnreachable, facts({ workers: known([gone, other]) }))

  it('is no finding when one begun since consumes the same: that took its place', () => {
    expect(found(beside({ startedAt: '2026-02-04T10:00:05.000Z' }))).toEqual([])
  })
  it('alarms nobody when it went before it ever said what it consumes', () => {
    const never = { ...gone, queues: null, beatAt: null }
    const [one] = run(workerUnreachable, facts({ workers: known([never, beside({})]) }))
    expect(one).toMatchObject({ severity: 'info', notTheCause: ['celery@worker-2 goes on'] })
  })
  it('is worth a word while one that was there before goes on', () => {
    const [one] = found(beside({ startedAt: '2026-02-04T09:00:00.000Z' }))
    expect(one).toMatchObject({
      severity: 'info',
      notTheCause: ['celery@worker-2 consumes the same queues and goes on'],
    })
  })
  it.each<[string, Partial<Worker>]>([
    ['another queue', { queues: ['crawl'] }],
    ['nothing that is known', { queues: null }],
    ['the same, but is itself frozen', { state: 'frozen' }],
  ])('is a warning when the other consumes %s', (_what, part) => {
    const [one] = found(beside({ startedAt: '2026-02-04T10:00:05.000Z', ...part }))
    expect(one?.severity).toBe('warning')
  })
})
