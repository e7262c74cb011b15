// Flat counters count like a Map does.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createKeyCounts } from '../../../../electron/adapters/celery/queues/key-counts.ts'

test('any sequence of adding and taking away', () => {
  const step = fc.record({
    key: fc.nat(3000),
    lane: fc.constantFrom('all' as const, 'work' as const),
    up: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6000, size: 'max' }), (steps) => {
      const counts = createKeyCounts()
      const truth = new Map<string, number>()
      for (const { key, lane, up } of steps) {
        const name = `${lane} ${key}`
        const before = truth.get(name) ?? 0
        if (!up && before === 0) continue
        truth.set(name, before + (up ? 1 : -1))
        // Hashes are large; their low parts alone would all differ.
        const hash = key * 2 ** 40 + (key % 7)
        expect(counts.add(hash, lane, up ? 1 : -1)).toBe(truth.get(name))
        expect(counts.count(hash, lane)).toBe(truth.get(name))
      }
      for (const lane of ['all', 'work'] as const) {
        const left = [...truth].filter(([name, n]) => name.startsWith(lane) && n > 0).map(([, n]) => n)
        const grouped = new Map([...Map.groupBy(left, (n) => n)].map(([n, all]) => [n, all.length]))
        expect(new Map(counts.histogram(lane))).toEqual(grouped)
      }
    }),
    { numRuns: 30 },
  )
})

test('more messages of one job than 16 bits hold', () => {
  const counts = createKeyCounts()
  counts.add(8, 'work', 1)
  for (let i = 1; i <= 70_000; i++) expect(counts.add(7, 'all', 1)).toBe(i)
  for (let i = 69_999; i >= 0; i--) expect(counts.add(7, 'all', -1)).toBe(i)
  expect(counts.add(8, 'work', 1)).toBe(2)
})

test('keys that are gone make room', () => {
  const counts = createKeyCounts()
  for (let i = 1; i <= 200_000; i++) {
    counts.add(i * 7919, 'all', 1)
    expect(counts.add(i * 7919, 'all', -1)).toBe(0)
  }
})
