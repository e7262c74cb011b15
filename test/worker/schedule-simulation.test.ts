// The schedule over time: runbook 0's evening, floods of short jobs, and everything in between always ends.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Arrival, simulate } from './simulated-slot.ts'

const minute = 60_000
const long: Arrival = { id: 'long', atMs: 0, lengthMs: 63 * minute }
const shorts = Array.from({ length: 20 }, (_, i) => ({ id: `short ${i}`, atMs: 1000, lengthMs: minute }))
const meanWait = (jobs: readonly { id: string; atMs: number; startMs: number | null }[]) => {
  const waits = jobs.filter(({ id }) => id !== 'long').map(({ startMs, atMs }) => startMs! - atMs)
  return waits.reduce((sum, wait) => sum + wait, 0) / waits.length
}
const ended = (result: ReturnType<typeof simulate>, id: string) => result.jobs.find((job) => job.id === id)!.endMs

describe('runbook 0: 63 minutes running, twenty times one minute behind it', () => {
  test.each([
    [10, 3.5, 22],
    [5, 4.5, 22],
    // Six minutes of others are one chunk for the one that came first, so it has three turns in between.
    [1, 4.5, 25],
  ])('with %i-minute chunks the short ones wait less by a factor of at least %f', (chunkMinutes, factor, switches) => {
    const options = { chunkMs: chunkMinutes * minute, switchMs: 2000 }
    const fair = simulate([long, ...shorts], options)
    const fifo = simulate([long, ...shorts], { ...options, policy: 'fifo' })
    expect(meanWait(fifo.jobs) / meanWait(fair.jobs)).toBeGreaterThanOrEqual(factor)
    expect(ended(fair, 'long')!).toBeLessThanOrEqual(83 * minute * 1.1)
    expect(fair.switches).toBe(switches)
  })
})

describe('nobody starves', () => {
  test.each([
    ['just as many as the slot can do', 60_000],
    ['twice as many as the slot can do', 30_000],
    ['ten times as many as the slot can do', 6000],
  ])('63 minutes end although a one-minute job comes all the time, %s', (_, everyMs) => {
    const horizon = 12 * 60 * minute
    const flood = Array.from({ length: horizon / everyMs }, (_, i) => ({
      id: `short ${i}`,
      atMs: i * everyMs,
      lengthMs: minute,
    }))
    const result = simulate([long, ...flood], { chunkMs: 10 * minute, untilMs: horizon })
    // A seventh of the time is its own: at most 7 × 63 minutes, and one round.
    expect(ended(result, 'long')).not.toBeNull()
    expect(ended(result, 'long')!).toBeLessThanOrEqual(7 * 63 * minute + 70 * minute)
    // And it is not paid for by the short ones alone: they keep most of the slot until then.
    const served = result.jobs.filter(
      ({ id, endMs }) => id !== 'long' && endMs !== null && endMs <= ended(result, 'long')!,
    )
    expect(served.length * minute).toBeGreaterThanOrEqual(ended(result, 'long')! - 64 * minute - minute)
  })

  test('a long file that is queued, not running, when the flood begins ends too', () => {
    const horizon = 24 * 60 * minute
    const flood = Array.from({ length: 2 * 24 * 60 }, (_, i) => ({
      id: `short ${i}`,
      atMs: i * 30_000,
      lengthMs: minute,
    }))
    const result = simulate([...flood, { ...long, atMs: 5 * minute }], { chunkMs: 10 * minute, untilMs: horizon })
    expect(ended(result, 'long')).not.toBeNull()
  })
})

test('whatever comes, all of it ends, no time is wasted, and equal files are done one after the other', () => {
  const arrival = fc.record({
    atMs: fc.integer({ min: 0, max: 300 * minute }),
    lengthMs: fc.integer({ min: 1000, max: 180 * minute }),
  })
  fc.assert(
    fc.property(
      fc.array(arrival, { minLength: 1, maxLength: 25 }),
      fc.constantFrom(5, 10, 30),
      (found, chunkMinutes) => {
        const arrivals = found.map((one, i) => ({ ...one, id: `job ${i}` }))
        const result = simulate(arrivals, { chunkMs: chunkMinutes * minute })
        expect(result.jobs.every(({ endMs }) => endMs !== null)).toBe(true)
        const work = arrivals.reduce((sum, { lengthMs }) => sum + lengthMs, 0)
        expect(result.endMs).toBeLessThanOrEqual(Math.max(...arrivals.map(({ atMs }) => atMs)) + work)
      },
    ),
  )
  const equal = Array.from({ length: 6 }, (_, i) => ({ id: `hour ${i}`, atMs: i, lengthMs: 60 * minute }))
  expect(simulate(equal, { chunkMs: 10 * minute }).switches).toBeLessThanOrEqual(12)
})
