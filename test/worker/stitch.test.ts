// Stitching: words lying across the cuts appear once, whole, in order.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type HeardChunk, stitch } from '../../worker/stitch.ts'

type Said = { text: string; startMs: number; endMs: number }
const overlapMs = 2000

/** What each chunk hears of what was said: garbled where its sound begins or ends inside a word, times a little off. */
function hear(
  said: readonly Said[],
  cuts: readonly { atMs: number; hard: boolean }[],
  endMs: number,
  jitter: (n: number) => number,
): HeardChunk[] {
  const edges = [{ atMs: 0, hard: false }, ...cuts, { atMs: endMs, hard: false }]
  let n = 0
  return edges.slice(0, -1).map(({ atMs: from }, i) => {
    const end = edges[i + 1]!
    const until = end.hard ? Math.min(end.atMs + overlapMs, endMs) : end.atMs
    const words = said
      .filter((word) => word.endMs > from && word.startMs < until)
      .map((word, k) => {
        const whole = word.startMs >= from && word.endMs <= until
        const off = jitter(n++)
        const startMs = Math.max(from, Math.min(until, word.startMs + off))
        const heard = {
          startMs,
          endMs: Math.max(startMs, Math.min(until, word.endMs + off)),
          text: whole ? word.text : ' ~',
        }
        return k % 5 === 0 ? { ...heard, first: true as const } : heard
      })
    return { startMs: from, endMs: end.atMs, words }
  })
}
const spoken = (segments: readonly { text: string }[]) => segments.flatMap(({ text }) => text.split(' '))

describe('two hearings of one stretch', () => {
  const said = ['the', 'quick', 'brown', 'fox', 'jumps', 'over', 'the', 'lazy', 'dog'].map((text, i) => ({
    text: ` ${text}`,
    startMs: 7600 + i * 500,
    endMs: 7600 + i * 500 + 420,
  }))

  test('a cut through a word keeps the whole one of the chunk that heard it', () => {
    const chunks = hear(said, [{ atMs: 9300, hard: true }], 13_000, () => 0)
    expect(chunks[1]!.words[0]!.text).toBe(' ~')
    expect(spoken(stitch(chunks))).toEqual(said.map(({ text }) => text.trim()))
  })

  test('words are matched although their times differ and their spelling does in case and punctuation', () => {
    const chunks: HeardChunk[] = [
      {
        startMs: 0,
        endMs: 10_000,
        words: [w(' One', 8000, 8400), w(' two.', 10_100, 10_500), w(' Three', 11_000, 11_400)],
      },
      {
        startMs: 10_000,
        endMs: 20_000,
        words: [w(' Two', 10_400, 10_700), w(' three,', 11_300, 11_800), w(' four', 12_000, 12_500)],
      },
    ]
    expect(spoken(stitch(chunks)).map((word) => word.toLowerCase().replace(/\W/, ''))).toEqual([
      'one',
      'two',
      'three',
      'four',
    ])
  })

  test('a word said several times in a row is not taken for its neighbour', () => {
    const no = Array.from({ length: 8 }, (_, i) => ({ text: ' no', startMs: 8000 + i * 500, endMs: 8300 + i * 500 }))
    const chunks = hear(no, [{ atMs: 9900, hard: true }], 13_000, () => 0)
    expect(spoken(stitch(chunks))).toHaveLength(8)
  })

  test('where no word agrees, time decides', () => {
    const chunks: HeardChunk[] = [
      { startMs: 0, endMs: 10_000, words: [w(' a', 9000, 9500), w(' b', 10_200, 10_600), w(' c', 11_500, 11_900)] },
      {
        startMs: 10_000,
        endMs: 20_000,
        words: [w(' x', 10_200, 10_600), w(' y', 11_500, 11_900), w(' z', 12_500, 13_000)],
      },
    ]
    expect(spoken(stitch(chunks))).toEqual(['a', 'b', 'y', 'z'])
  })

  test('a chunk that heard nothing loses nothing of the other', () => {
    const words = [w(' a', 10_100, 10_500), w(' b', 11_000, 11_500)]
    expect(
      spoken(
        stitch([
          { startMs: 0, endMs: 10_000, words: [] },
          { startMs: 10_000, endMs: 20_000, words },
        ]),
      ),
    ).toEqual(['a', 'b'])
    expect(
      spoken(
        stitch([
          { startMs: 0, endMs: 10_000, words },
          { startMs: 10_000, endMs: 20_000, words: [] },
        ]),
      ),
    ).toEqual(['a', 'b'])
  })
})

const w = (text: string, startMs: number, endMs: number, first = false) =>
  first ? { text, startMs, endMs, first: true as const } : { text, startMs, endMs }

describe('segments', () => {
  test('begin where whisper began them, and keep the text as it was given', () => {
    const words = [
      w(' Hello,', 0, 400, true),
      w(' you', 400, 800),
      w('!', 800, 810),
      w(' Next', 2000, 2500, true),
      w(' one.', 2500, 3000),
    ]
    expect(stitch([{ startMs: 0, endMs: 5000, words }])).toEqual([
      { startMs: 0, endMs: 810, text: 'Hello, you!' },
      { startMs: 2000, endMs: 3000, text: 'Next one.' },
    ])
  })

  test('a cut in silence begins a new one', () => {
    const chunks = [
      { startMs: 0, endMs: 5000, words: [w(' a', 100, 200, true), w(' b', 4000, 4500)] },
      { startMs: 5000, endMs: 9000, words: [w(' c', 5100, 5500)] },
    ]
    expect(stitch(chunks).map(({ text }) => text)).toEqual(['a b', 'c'])
    expect(stitch(chunks.toReversed())).toEqual(stitch(chunks))
  })

  test('blank ones are left out; nothing at all is no segment', () => {
    expect(stitch([])).toEqual([])
    expect(
      stitch([{ startMs: 0, endMs: 5000, words: [w('  ', 100, 200, true), w(' a', 300, 400, true)] }]),
    ).toHaveLength(1)
  })
})

const recording = fc
  .record({
    gaps: fc.array(fc.record({ pause: fc.integer({ min: 20, max: 900 }), length: fc.integer({ min: 80, max: 900 }) }), {
      minLength: 1,
      maxLength: 80,
    }),
    cuts: fc.uniqueArray(fc.integer({ min: 6000, max: 90_000 }), { maxLength: 5 }),
    jitters: fc.array(fc.integer({ min: -150, max: 150 }), { minLength: 1, maxLength: 20 }),
  })
  .map(({ gaps, cuts, jitters }) => {
    let at = 0
    const said = gaps.map(({ pause, length }, i) => {
      const startMs = at + pause
      at = startMs + length
      return { text: ` w${i}`, startMs, endMs: at }
    })
    const sorted = cuts
      .toSorted((a, b) => a - b)
      .filter((cut, i, all) => cut < at - 5000 && (i === 0 || cut - all[i - 1]! >= 6000))
    return { said, cuts: sorted.map((atMs) => ({ atMs, hard: true })), endMs: at + 100, jitters }
  })

test('wherever the cuts fall, every word is there once, in order, whole', () => {
  fc.assert(
    fc.property(recording, ({ said, cuts, endMs }) => {
      expect(spoken(stitch(hear(said, cuts, endMs, () => 0)))).toEqual(said.map(({ text }) => text.trim()))
    }),
    { numRuns: 500 },
  )
})

test('with times a little off, segments still are in order, do not overlap, and lose or double no word they agree on', () => {
  fc.assert(
    fc.property(recording, ({ said, cuts, endMs, jitters }) => {
      const chunks = hear(said, cuts, endMs, (n) => jitters[n % jitters.length]!)
      const segments = stitch(chunks)
      let until = 0
      for (const { startMs, endMs: end, text } of segments) {
        expect(startMs).toBeGreaterThanOrEqual(until)
        expect(end).toBeGreaterThanOrEqual(startMs)
        expect(text.trim()).toBe(text)
        expect(text).not.toBe('')
        until = end
      }
      const words = spoken(segments).filter((word) => word !== '~')
      expect(new Set(words).size).toBe(words.length)
      const clear = said.filter(({ startMs, endMs: end }) =>
        cuts.every(({ atMs }) => end < atMs - 400 || startMs > atMs + overlapMs + 400),
      )
      expect(words).toEqual(expect.arrayContaining(clear.map(({ text }) => text.trim())))
    }),
    { numRuns: 500 },
  )
})
