// When did it stop: buckets of the past with runbook 0's numbers, gaps that are not zeros, findings that stood.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openRecords } from '../../electron/adapters/records-sqlite.ts'
import { historyMoment } from '../../electron/core/history-moment.ts'
import { bucketLength, historyRange } from '../../electron/core/history-range.ts'
import { criticalFinding } from '../support/fake-api.ts'
import { memoryFindings } from '../support/memory-findings.ts'
import { recordedSystem, recordPast } from '../support/recorded-past.ts'
import { ago, HOUR, MINUTE, NOW } from '../support/snapshot-builders.ts'

const now = Date.parse(NOW)
const day = { from: ago(24 * HOUR), to: NOW, points: 144 }

function past() {
  return { records: openRecords(':memory:'), findings: memoryFindings() }
}

describe('a range', () => {
  it('shows runbook 0: 1069 done, then none for three hours while the broker fills to 93', () => {
    const own = past()
    recordPast(own.records, now, 20)
    const range = historyRange(own, day, now)
    const [calls] = range.systems
    expect(range.bucketMs).toBe(10 * MINUTE)
    expect(calls).toMatchObject({ id: 'calls', lastDoneAt: ago(3 * HOUR), waits: true })
    const after = calls?.buckets.filter(({ from }) => from > ago(3 * HOUR - 10 * MINUTE)) ?? []
    expect(after.length).toBeGreaterThan(15)
    expect(after.every(({ finished }) => finished === 0)).toBe(true)
    expect(after.at(-1)).toMatchObject({ queued: 20, messages: 93 })
    const before = calls?.buckets.filter(({ from }) => from > ago(6 * HOUR) && from < ago(4 * HOUR)) ?? []
    expect(before.every(({ finished }) => finished === 2)).toBe(true)
  })

  it('what was not recorded or not readable is null, and what was done meanwhile appears when it is seen', () => {
    const own = past()
    recordPast(own.records, now, 20)
    const [calls] = historyRange(own, day, now).systems
    const unrecorded = calls?.buckets[0]
    expect(unrecorded).toMatchObject({ moments: 0, finished: null, queued: null, messages: null })
    const unreadable = calls?.buckets.filter(({ moments, queued }) => moments > 0 && queued === null) ?? []
    expect(unreadable.length).toBeGreaterThanOrEqual(3)
    expect(unreadable.every(({ finished, messages }) => finished === null && messages === null)).toBe(true)
    const first = calls?.buckets.find(({ from }) => from > (unreadable.at(-1)?.from ?? ''))
    expect(first?.finished).toBeGreaterThan(4)
  })

  it('a counter that was cleaned up counts nothing backwards', () => {
    const own = past()
    const counts = (done: number) => ({ queued: 0, running: 0, done, failed: 0, skipped: 0 })
    for (const [n, done] of [100, 105, 3, 4].entries())
      own.records.append(
        { at: ago((40 - n * 10) * MINUTE), systems: [recordedSystem({ counts: counts(done) })] },
        'coarse',
      )
    const [calls] = historyRange(own, { from: ago(HOUR), to: NOW, points: 10 }, now).systems
    expect(calls?.buckets.flatMap(({ finished }) => finished ?? [])).toEqual([5, 0, 1])
  })

  it('any counter: what its buckets gained is what it gained, however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 60 }),
        fc.integer({ min: 10, max: 200 }),
        (gains, points) => {
          const own = past()
          let done = 7
          for (const [n, gain] of gains.entries()) {
            done += gain
            const counts = { queued: 1, running: 0, done, failed: 0, skipped: 0 }
            own.records.append({ at: ago((gains.length - n) * MINUTE), systems: [recordedSystem({ counts })] }, 'fine')
          }
          const [calls] = historyRange(own, { from: ago(90 * MINUTE), to: NOW, points }, now).systems
          const gained = calls?.buckets.reduce((sum, { finished }) => sum + (finished ?? 0), 0)
          // The first bucket has nothing before it to compare with.
          const length = bucketLength(90 * MINUTE, points)
          const first = Math.floor((now - gains.length * MINUTE) / length)
          const later = gains.filter((_, n) => Math.floor((now - (gains.length - n) * MINUTE) / length) !== first)
          expect(gained).toBe(later.reduce((sum, gain) => sum + gain, 0))
          own.records.close()
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('a moment', () => {
  it('has the last reading up to it and the findings that stood', () => {
    const own = past()
    recordPast(own.records, now, 5)
    const finding = criticalFinding({ key: 'k', system: 'calls', since: ago(2 * HOUR) })
    const event = { key: 'k', finding, until: null, by: null }
    own.findings.append([
      { ...event, at: ago(2 * HOUR), change: 'appeared' },
      { ...event, at: ago(HOUR), change: 'cleared' },
    ])
    expect(historyMoment(own, ago(3 * HOUR)).findings).toEqual([])
    const then = historyMoment(own, ago(90 * MINUTE - 20_000))
    expect(then.findings.map(({ key }) => key)).toEqual(['k'])
    expect(then.moment?.at).toBe(ago(90 * MINUTE))
    expect(then.moment?.systems[0]?.counts?.done).toBe(1069)
    expect(historyMoment(own, NOW).findings).toEqual([])
    expect(historyMoment(own, ago(9 * HOUR)).moment).toBeNull()
    expect(historyRange(own, { from: ago(30 * MINUTE), to: NOW, points: 10 }, now).findings).toEqual([])
    expect(historyRange(own, { from: ago(90 * MINUTE), to: NOW, points: 10 }, now).findings).toHaveLength(1)
  })
})
