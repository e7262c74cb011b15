// The schedule's rules, one by one and as properties.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  afterWork,
  type Candidate,
  freshTurns,
  isSeniorDue,
  rank,
  score,
  senior,
  stepAside,
} from '../../worker/schedule.ts'

const minute = 60_000
const job = (id: string, waited: number, remaining: number, arrived = waited): Candidate => ({
  id,
  waitedMs: waited * minute,
  remainingMs: remaining * minute,
  arrivedMs: arrived * minute,
})
const ids = (jobs: readonly Candidate[]) => jobs.map(({ id }) => id)

const candidate = fc.record({
  id: fc.uuid(),
  waitedMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
  remainingMs: fc.double({ min: 1000, max: 1e8, noNaN: true }),
  arrivedMs: fc.double({ min: 0, max: 1e10, noNaN: true }),
})

describe('order', () => {
  test.each([
    ['of equal waits the shorter', [job('hour', 10, 60), job('minute', 10, 1)], ['minute', 'hour']],
    ['of equal lengths the one that waits longer', [job('late', 1, 10), job('early', 9, 10)], ['early', 'late']],
    ['of a like score the older', [job('b', 10, 10, 20), job('a', 10, 10, 30)], ['a', 'b']],
    [
      'an hour that has waited for long before a minute that just came',
      [job('new', 0.5, 1), job('hour', 60, 60)],
      ['hour', 'new'],
    ],
    [
      'a job put back after three days not before minutes that wait',
      [job('retried', 4320, 61), job('minute', 3, 1)],
      ['minute', 'retried'],
    ],
  ])('%s leads', (_, jobs, expected) => {
    expect(ids(rank(jobs, 'fair', false))).toEqual(expected)
  })

  test('first in, first out is by age alone', () => {
    expect(ids(rank([job('minute', 10, 1, 10), job('hour', 1, 60, 11)], 'fifo', false))).toEqual(['hour', 'minute'])
  })

  test('who came first leads when it is due', () => {
    const jobs = [job('minute', 10, 1, 10), job('hour', 1, 60, 500)]
    expect(ids(rank(jobs, 'fair', false))).toEqual(['minute', 'hour'])
    expect(ids(rank(jobs, 'fair', true))).toEqual(['hour', 'minute'])
  })

  test('of two that came at once the smaller id leads, whichever is read first', () => {
    const twins = [job('a', 5, 1), job('b', 5, 1)]
    for (const due of [true, false]) {
      expect(ids(rank(twins, 'fair', due))).toEqual(['a', 'b'])
      expect(ids(rank(twins.toReversed(), 'fair', due))).toEqual(['a', 'b'])
    }
  })

  test('loses and invents nobody, whatever the order they are given in', () => {
    fc.assert(
      fc.property(
        fc.array(candidate, { maxLength: 20 }),
        fc.boolean(),
        fc.constantFrom('fair', 'fifo'),
        (jobs, due, policy) => {
          const ranked = rank(jobs, policy, due)
          expect(ids(ranked).sort()).toEqual(ids(jobs).sort())
          expect(ids(rank(jobs.toReversed(), policy, due))).toEqual(ids(ranked))
        },
      ),
    )
  })

  test('waiting longer or being shorter never lowers a score', () => {
    fc.assert(
      fc.property(candidate, fc.double({ min: 0, max: 1e9, noNaN: true }), (one, more) => {
        expect(score({ ...one, waitedMs: one.waitedMs + more })).toBeGreaterThanOrEqual(score(one))
        expect(score({ ...one, remainingMs: one.remainingMs + more })).toBeLessThanOrEqual(score(one))
      }),
    )
  })
})

describe('stepping aside', () => {
  const long = job('long', 0, 53, 10)
  test.each([
    ['for minutes that wait', long, [job('a', 5, 1), job('b', 9, 1)], 'b'],
    ['for the short one, not for the long one that waits with it', long, [job('days', 600, 60), job('a', 5, 1)], 'a'],
    ['not for a longer one, however long it waits', long, [job('days', 6000, 60)], null],
    ['not for one of nearly its own length', job('x', 0, 10), [job('y', 9, 9.8)], null],
    ['not for one that has just come while it has waited itself', job('x', 60, 30), [job('new', 0.1, 1)], null],
    ['not when nobody waits', long, [], null],
  ])('%s', (_, running, waiting, expected) => {
    expect(stepAside(running, waiting, 'fair', false)?.id ?? null).toBe(expected)
  })

  test('never, first in first out', () => {
    expect(stepAside(long, [job('a', 50, 1)], 'fifo', false)).toBeNull()
  })

  test('for the one that came first when it is due, unless it is the running one', () => {
    expect(stepAside(job('b', 0, 20, 5), [job('first', 0, 60, 90)], 'fair', true)?.id).toBe('first')
    expect(stepAside(job('first', 0, 60, 90), [job('b', 0, 61, 5)], 'fair', true)).toBeNull()
  })

  test('two jobs never displace each other in turn: what ran has only become shorter', () => {
    fc.assert(
      fc.property(candidate, candidate, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, done) => {
        fc.pre(a.id !== b.id)
        if (stepAside(a, [b], 'fair', false) === null) return
        const worked = { ...b, remainingMs: b.remainingMs * (1 - done) }
        expect(stepAside(worked, [{ ...a, waitedMs: a.waitedMs + 1e9 }], 'fair', false)).toBeNull()
      }),
    )
  })
})

describe('turns of the oldest', () => {
  test('come after six chunks of others, and are not counted while nobody older waits', () => {
    const chunk = 10 * minute
    let turns = freshTurns
    for (let i = 0; i < 5; i++) turns = afterWork(turns, chunk, true)
    expect(isSeniorDue(turns, chunk)).toBe(false)
    turns = afterWork(turns, chunk, true)
    expect(isSeniorDue(turns, chunk)).toBe(true)
    expect(isSeniorDue(turns, null)).toBe(false)
    expect(isSeniorDue(afterWork(turns, chunk, false), chunk)).toBe(false)
  })

  test('go to the one that came first', () => {
    expect(senior([job('a', 1, 1, 3), job('b', 1, 1, 9)])?.id).toBe('b')
    expect(senior([])).toBeNull()
  })
})
