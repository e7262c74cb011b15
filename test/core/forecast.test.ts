// Speed from finished attempts, and what it says about the end.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AttemptBar } from '../../electron/contract/snapshot.ts'
import { etaOf, learnSpeed, needsMs, queueEtaMs, speedOf } from '../../electron/core/forecast.ts'
import { ago, HOUR, MINUTE, runningJob, throughput } from '../support/snapshot-builders.ts'

const bar = (audioMs: number | null, wallMs: number, part: Partial<AttemptBar> = {}): AttemptBar => ({
  job: 'a',
  title: 'a',
  worker: 'w1',
  startedAt: ago(wallMs),
  endedAt: ago(0),
  outcome: 'done',
  audioMs,
  ...part,
})

describe('learnSpeed', () => {
  it('learns nothing from attempts that tell nothing', () => {
    expect(learnSpeed([])).toBeNull()
    const useless = [
      bar(null, MINUTE),
      bar(0, MINUTE),
      bar(MINUTE, 500),
      bar(MINUTE, MINUTE, { outcome: 'failed' }),
      bar(MINUTE, MINUTE, { endedAt: null }),
    ]
    expect(learnSpeed(useless)).toBeNull()
  })

  it('is not moved by outliers', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.25, max: 0.35, noNaN: true }), { minLength: 5, maxLength: 30 }),
        (speeds) => {
          const bars = speeds.map((speed) => bar(MINUTE * speed * 10, MINUTE * 10))
          const learned = learnSpeed([...bars, bar(HOUR, 3000), bar(3000, HOUR)])!
          expect(learned.median).toBeGreaterThanOrEqual(0.249)
          expect(learned.median).toBeLessThanOrEqual(0.351)
          expect(learned.low).toBeLessThanOrEqual(learned.median)
          expect(learned.high).toBeGreaterThanOrEqual(learned.median)
        },
      ),
    )
  })

  it('of one worker only, when asked', () => {
    const bars = [bar(MINUTE, MINUTE), bar(4 * MINUTE, MINUTE, { worker: 'fast' })]
    expect(learnSpeed(bars, 'fast')?.median).toBe(4)
  })
})

describe('speedOf', () => {
  it('believes the job itself first, then its worker, then all', () => {
    const progress = {
      audioDoneMs: 1,
      audioTotalMs: 2,
      speed: 0.5,
      etaMs: null,
      chunksDone: 0,
      chunksTotal: 1,
      movedAgeMs: 0,
    }
    const bars = [1, 2, 3].map(() => bar(2 * MINUTE, MINUTE))
    expect(speedOf(runningJob({ progress }), bars, throughput())).toBe(0.5)
    expect(speedOf(runningJob({ worker: 'w1' }), bars, throughput())).toBe(2)
    expect(speedOf(runningJob({ worker: 'w1' }), bars.slice(1), throughput())).toBe(0.29)
    expect(speedOf(runningJob(), bars, throughput({ speed: null }))).toBe(2)
    expect(speedOf(runningJob(), null, null)).toBeNull()
  })
})

describe('etaOf', () => {
  it('is runbook 0’s 37 minutes: 63 minutes of audio at 0.29×, three hours gone', () => {
    expect(Math.round(etaOf(runningJob(), 0.29)! / MINUTE)).toBe(37)
  })

  it('is unknown rather than “any moment” when the forecast is overdue, and without a length or a speed', () => {
    expect(etaOf(runningJob({ elapsedMs: 4 * HOUR }), 0.29)).toBeNull()
    expect(etaOf(runningJob({ audioMs: null }), 0.29)).toBeNull()
    expect(etaOf(runningJob(), null)).toBeNull()
    expect(needsMs({ audioMs: MINUTE }, 0)).toBeNull()
  })

  it('follows the position of a job that tells it', () => {
    const progress = {
      audioDoneMs: 52 * MINUTE,
      audioTotalMs: 63 * MINUTE,
      speed: null,
      etaMs: null,
      chunksDone: 5,
      chunksTotal: 7,
      movedAgeMs: 0,
    }
    expect(etaOf(runningJob({ progress }), 0.5)).toBe(22 * MINUTE)
    expect(etaOf(runningJob({ progress: { ...progress, etaMs: 5000 } }), 0.5)).toBe(5000)
  })
})

describe('queueEtaMs', () => {
  const queue = { running: [37 * MINUTE], waiting: 20, meanAudioMs: 3 * MINUTE, speed: 0.5, slots: 1 }
  it('adds what runs and what waits, over the slots', () => {
    expect(queueEtaMs(queue)).toBe((37 + 20 * 6) * MINUTE)
    expect(queueEtaMs({ ...queue, slots: 2 })).toBe(((37 + 20 * 6) * MINUTE) / 2)
    expect(queueEtaMs({ ...queue, waiting: 0 })).toBe(37 * MINUTE)
  })
  it('is unknown when any part of it is', () => {
    expect(queueEtaMs({ ...queue, running: [null] })).toBeNull()
    expect(queueEtaMs({ ...queue, meanAudioMs: null })).toBeNull()
    expect(queueEtaMs({ ...queue, speed: null })).toBeNull()
  })
})
