// Cuts: at the pause nearest to the intended end, inside the search window, never leaving a scrap at the end.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  chooseCut,
  isSilent,
  LevelMeter,
  levelMs,
  neededMs,
  overlapMs,
  searchMs,
  shortestLastMs,
  silentLevel,
} from '../../worker/plan-chunks.ts'

const minute = 60_000
/** Loud everywhere but in the given stretches (ms), at their level. */
function sound(
  totalMs: number,
  pauses: readonly { from: number; to: number; level?: number }[],
  loud = 3000,
): number[] {
  return Array.from({ length: totalMs / levelMs }, (_, i) => {
    const ms = i * levelMs
    const pause = pauses.find(({ from, to }) => ms >= from && ms < to)
    return pause === undefined ? loud : (pause.level ?? 0)
  })
}

describe('where to cut', () => {
  test('in the pause nearest to the target, not in a longer one further off', () => {
    const levels = sound(neededMs(10 * minute), [
      { from: 9.2 * minute, to: 9.2 * minute + 5000 },
      { from: 10 * minute + 20_000, to: 10 * minute + 20_600 },
    ])
    const { atMs, overlapMs: overlap } = chooseCut(levels, 10 * minute, null)
    expect(overlap).toBe(0)
    expect(atMs).toBeGreaterThan(10 * minute + 20_000)
    expect(atMs).toBeLessThan(10 * minute + 20_600)
  })

  test('rather a little before the target than a little after it', () => {
    const levels = sound(neededMs(10 * minute), [
      { from: 10 * minute - 9000, to: 10 * minute - 8000 },
      { from: 10 * minute + 1000, to: 10 * minute + 2000 },
    ])
    expect(chooseCut(levels, 10 * minute, null).atMs).toBeLessThan(10 * minute)
  })

  test('within a second, in the quieter of two pauses', () => {
    const levels = sound(neededMs(minute), [
      { from: 60_200, to: 60_600, level: 90 },
      { from: 60_800, to: 61_200, level: 10 },
    ])
    const { atMs } = chooseCut(levels, minute, null)
    expect(atMs).toBeGreaterThan(60_800)
    expect(atMs).toBeLessThan(61_200)
  })

  test('at the target itself in the middle of a long silence', () => {
    const levels = sound(neededMs(minute), [{ from: 40_000, to: 80_000 }])
    expect(chooseCut(levels, minute, null)).toEqual({ atMs: minute, overlapMs: 0 })
  })

  test('not in a gap too short to be a pause, nor outside the window: a hard cut with overlap', () => {
    const levels = sound(neededMs(10 * minute), [
      { from: 10 * minute, to: 10 * minute + 200 },
      { from: 8 * minute, to: 8.9 * minute },
    ])
    expect(chooseCut(levels, 10 * minute, null)).toEqual({ atMs: 10 * minute, overlapMs })
  })

  test('in a noisy recording, in what is 20 dB below its loud parts', () => {
    const pause = { from: 58_000, to: 59_000 }
    expect(chooseCut(sound(neededMs(minute), [{ ...pause, level: 280 }]), minute, null).overlapMs).toBe(0)
    expect(chooseCut(sound(neededMs(minute), [{ ...pause, level: 400 }]), minute, null).overlapMs).toBe(overlapMs)
  })
})

test('a chunk of one minute: sentences with pauses of half a second are cut in the pause nearest to it', () => {
  const sentences = Array.from({ length: 12 }, (_, i) => ({ from: i * 7300 + 6800, to: i * 7300 + 7300 }))
  const { atMs, overlapMs: overlap } = chooseCut(sound(neededMs(minute), sentences), minute, null)
  expect(overlap).toBe(0)
  expect(atMs).toBeGreaterThan(57_900)
  expect(atMs).toBeLessThan(58_400)
})

describe('the end of a recording', () => {
  test('what is left is one chunk when it fits, or when the rest would be shorter than five seconds', () => {
    for (const totalMs of [1, 3000, minute, minute + shortestLastMs])
      expect(chooseCut(sound(80_000, []), minute, totalMs)).toEqual({ atMs: null, overlapMs: 0 })
  })

  test('a pause too near to the end is passed over', () => {
    const levels = sound(68_000, [
      { from: 50_000, to: 51_000 },
      { from: 66_000, to: 67_000 },
    ])
    expect(chooseCut(levels, minute, 68_000).atMs).toBeLessThan(51_000)
  })
})

test('whatever the sound, a cut keeps to its window and leaves at least five seconds', () => {
  const chunks = fc.integer({ min: 500, max: 30_000 }).map((levels) => levels * levelMs)
  fc.assert(
    fc.property(
      chunks,
      fc.array(fc.nat(400), { minLength: 1, maxLength: 60 }),
      fc.double({ min: 0, max: 1.5, noNaN: true }),
      (chunkMs, pattern, share) => {
        const needed = neededMs(chunkMs)
        const totalMs = share < 1 ? Math.round(needed * share) : null
        const levels = Array.from(
          { length: Math.floor((totalMs ?? needed) / levelMs) },
          (_, i) => pattern[Math.floor(i / 7) % pattern.length]!,
        )
        const { atMs, overlapMs: overlap } = chooseCut(levels, chunkMs, totalMs)
        if (atMs === null) {
          expect(totalMs).toBeLessThanOrEqual(chunkMs + shortestLastMs)
          return
        }
        expect(Math.abs(atMs - chunkMs)).toBeLessThanOrEqual(searchMs(chunkMs))
        expect(atMs).toBeGreaterThanOrEqual(shortestLastMs)
        expect(atMs % levelMs).toBe(0)
        expect([0, overlapMs]).toContain(overlap)
        expect(atMs + overlap).toBeLessThanOrEqual(totalMs ?? needed)
        if (totalMs !== null) expect(totalMs - atMs).toBeGreaterThanOrEqual(shortestLastMs)
      },
    ),
  )
})

test('levels do not depend on how the samples arrive', () => {
  const samples = Int16Array.from({ length: 16_000 }, (_, i) => Math.round(1000 * Math.sin(i / 5)))
  const whole = new LevelMeter(320)
  whole.add(samples)
  const pieces = new LevelMeter(320)
  for (let i = 0; i < samples.length; i += 77) pieces.add(samples.subarray(i, i + 77))
  expect(pieces.levels).toEqual(whole.levels)
  expect(whole.levels).toHaveLength(50)
  expect(whole.levels[10]).toBeGreaterThan(690)
  expect(whole.levels[10]).toBeLessThan(725)
})

test('silent is what has no stretch above -60 dBFS', () => {
  expect(isSilent([])).toBe(true)
  expect(isSilent([0, 5, silentLevel])).toBe(true)
  expect(isSilent([0, silentLevel + 1, 0])).toBe(false)
})
