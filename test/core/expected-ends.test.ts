// Ends with intervals: ordered, monotone in what is left, scaled by speed, not moved by outliers.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AttemptBar } from '../../electron/contract/snapshot.ts'
import { type ForecastSources, forecast, leftOf } from '../../electron/core/expected-ends.ts'
import { expectSpeed, learnSpeed } from '../../electron/core/forecast.ts'
import { ago, counts, HOUR, MINUTE, NOW, runningJob, throughput, worker } from '../support/snapshot-builders.ts'

const bar = (audioMs: number, wallMs: number, part: Partial<AttemptBar> = {}): AttemptBar => ({
  ...{ job: 'a', title: 'a', worker: 'w1', startedAt: ago(wallMs), endedAt: NOW, outcome: 'done', audioMs },
  ...part,
})
/** Finished attempts of ten minutes of wall time at these speeds. */
const at = (...speeds: number[]) => speeds.map((speed) => bar(speed * 10 * MINUTE, 10 * MINUTE))
const steady = at(0.28, 0.29, 0.29, 0.3, 0.29, 0.28, 0.3)
const sources = (part: Partial<ForecastSources> = {}): ForecastSources => ({
  ...{ nowMs: Date.parse(NOW), running: [], bars: steady, throughput: null, workers: [worker()], counts: counts() },
  ...{ meanAudioMs: 4 * MINUTE, heartbeatLimitMs: 15 * MINUTE },
  ...part,
})

const speeds = fc.array(fc.double({ min: 0.05, max: 20, noNaN: true }), { minLength: 1, maxLength: 40 })

it('of a job that gave no sign of life for longer than the limit is not told, nor that of the queue behind it', () => {
  const of = (heartbeatAgeMs: number | null) =>
    forecast(sources({ running: [runningJob({ audioMs: HOUR, elapsedMs: MINUTE, progress: null, heartbeatAgeMs })] }))
  for (const age of [null, 15 * MINUTE]) {
    expect(of(age).jobs).toHaveLength(1)
    expect(of(age).queue).not.toBeNull()
  }
  expect(of(16 * MINUTE)).toMatchObject({ jobs: [], queue: null })
})

describe('a learned speed', () => {
  it('lies inside its interval, scales with the audio, and is surer the more is known', () => {
    fc.assert(
      fc.property(speeds, fc.double({ min: 0.1, max: 10, noNaN: true }), (all, factor) => {
        const one = learnSpeed(at(...all))!
        expect(one.low).toBeLessThan(one.median)
        expect(one.high).toBeGreaterThan(one.median)
        const scaled = learnSpeed(at(...all.map((speed) => speed * factor)))!
        for (const part of ['low', 'median', 'high'] as const) expect(scaled[part] / one[part]).toBeCloseTo(factor, 6)
        const again = learnSpeed(at(...all, ...all))!
        expect(again.high / again.low).toBeLessThanOrEqual(one.high / one.low + 1e-9)
      }),
    )
  })

  it('hardly moves, nor does its interval, when a fifth of the samples are absurd', () => {
    const good = fc.array(fc.double({ min: 0.25, max: 0.35, noNaN: true }), { minLength: 12, maxLength: 40 })
    const absurd = fc.array(fc.constantFrom(0.001, 900), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(good, absurd, (most, few) => {
        const { low, median, high } = learnSpeed(at(...most, ...few))!
        expect(median).toBeGreaterThanOrEqual(0.25)
        expect(median).toBeLessThanOrEqual(0.35)
        expect(low).toBeGreaterThan(0.1)
        expect(high).toBeLessThan(0.9)
      }),
    )
  })

  it('is of the worker and its model where three attempts show it', () => {
    const large = [1, 2, 3].map(() => bar(MINUTE, 10 * MINUTE, { model: 'large' }))
    const small = [1, 2, 3].map(() => bar(20 * MINUTE, 10 * MINUTE, { model: 'small' }))
    const of = (model: string, bars: AttemptBar[]) =>
      expectSpeed(runningJob({ worker: 'w1' }), bars, null, [worker({ name: 'w1', model })])?.median
    expect(of('large', [...large, ...small])).toBeCloseTo(0.1)
    expect(of('small', [...large, ...small])).toBeCloseTo(2)
    // A worker that has just come: another with the same model tells more than all together.
    const elsewhere = small.map((one) => ({ ...one, worker: 'w2' }))
    expect(of('small', elsewhere)).toBeCloseTo(2)
  })
})

describe('the end of a running job', () => {
  it('of runbook 0 is told as an interval around 20:20', () => {
    const { jobs } = forecast(sources({ running: [runningJob()] }))
    expect(jobs).toEqual([
      {
        id: runningJob().id,
        ends: { at: '2026-02-05T20:20:20.000Z', from: expect.any(String), to: expect.any(String) },
      },
    ])
    const { from, to } = jobs[0]!.ends
    expect([from, to]).toEqual(['2026-02-05T19:55:00.000Z', '2026-02-05T20:49:00.000Z'])
  })

  it('comes later the more is left, and its interval contains it', () => {
    fc.assert(
      fc.property(
        speeds,
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 0, max: 60 }),
        (all, minutes, more, elapsed) => {
          const left = (audio: number) =>
            leftOf(runningJob({ audioMs: audio * MINUTE, elapsedMs: elapsed * MINUTE }), sources({ bars: at(...all) }))
          const shorter = left(minutes)
          const longer = left(minutes + more)
          if (shorter === null) return
          expect(longer).not.toBeNull()
          for (const part of ['at', 'from', 'to'] as const)
            expect(longer![part]).toBeGreaterThanOrEqual(shorter[part] - 1e-3)
          expect(shorter.from).toBeLessThanOrEqual(shorter.at + 1e-3)
          expect(shorter.at).toBeLessThanOrEqual(shorter.to + 1e-3)
          expect(shorter.from).toBeGreaterThanOrEqual(0)
        },
      ),
    )
  })

  it('is not told when even the slowest would be done, when it stepped aside, or without a length', () => {
    expect(leftOf(runningJob({ elapsedMs: 9 * HOUR }), sources())).toBeNull()
    expect(leftOf(runningJob({ audioMs: null }), sources())).toBeNull()
    expect(forecast(sources({ running: [runningJob({ phase: 'parked' })] })).jobs).toEqual([])
    expect(forecast(sources({ running: null }))).toMatchObject({ jobs: [], queue: null })
  })
})

describe('the end of the queue', () => {
  const waiting = (queued: number, part: Partial<ForecastSources> = {}) =>
    forecast(sources({ running: [runningJob()], counts: counts({ queued, running: 1 }), ...part })).queue
  it('comes later with every job that waits, and sooner with more slots', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 50 }), (queued, more) => {
        const [few, many] = [waiting(queued)!, waiting(queued + more)!]
        for (const part of ['at', 'from', 'to'] as const)
          expect(Date.parse(many[part])).toBeGreaterThanOrEqual(Date.parse(few[part]))
        const faster = waiting(queued + more, { workers: [worker({ slots: 4 })] })!
        expect(Date.parse(faster.at)).toBeLessThanOrEqual(Date.parse(many.at))
      }),
    )
  })
  it('is unknown without a worker, a length or a speed', () => {
    const idle = { running: [] }
    expect(waiting(20, { ...idle, workers: [] })).toBeNull()
    expect(waiting(20, { ...idle, workers: [worker({ state: 'lost' })] })).toBeNull()
    expect(waiting(20, { meanAudioMs: null })).toBeNull()
    expect(waiting(20, { bars: [], throughput: throughput({ speed: null }) })).toBeNull()
    expect(waiting(0, idle)).toBeNull()
  })
})
