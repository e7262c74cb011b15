// Numbers and times as people read them: the reference's own examples, and what must never be shown.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ago,
  audio,
  bytes,
  clock,
  count,
  duration,
  failureText,
  glued,
  percent,
  position,
  remaining,
  speed,
  took,
  when,
} from '../../renderer/format.ts'

const s = 1000
const min = 60 * s
const h = 60 * min

describe('duration', () => {
  test.each([
    [-5, '0 s'],
    [0, '0 s'],
    [999, '0 s'],
    [40 * s, '40 s'],
    [59_999, '59 s'],
    [37 * min, '37 min'],
    [59 * min + 59 * s, '59 min'],
    [3 * h, '3 h 00 min'],
    [3 * h + 7 * min, '3 h 07 min'],
    [47 * h + 59 * min, '47 h 59 min'],
    [76 * h, '3 d 04 h'],
  ])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text))

  test('never shows 60 of a unit, and never runs backwards', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * h }), fc.integer({ min: 0, max: h }), (ms, more) => {
        expect(duration(ms)).not.toMatch(/\b60 (s|min)\b|\b24 h\b(?! \d)/)
        const worth = (text: string) =>
          [...text.matchAll(/(\d+) (s|min|h|d)/g)].reduce(
            (sum, [, n, unit]) => sum + Number(n) * { s, min, h, d: 24 * h }[unit as 's' | 'min' | 'h' | 'd'],
            0,
          )
        expect(worth(duration(ms))).toBeLessThanOrEqual(ms)
        expect(worth(duration(ms + more))).toBeGreaterThanOrEqual(worth(duration(ms)))
      }),
    )
  })

  test('time left is rounded up, so that it never promises too much', () => {
    expect(remaining(36 * min + 1)).toBe('37 min')
    expect(remaining(1)).toBe('1 s')
    expect(remaining(59_001)).toBe('1 min')
    expect(remaining(59 * min + 30 * s)).toBe('1 h 00 min')
  })

  test('what is younger than a second is now', () => {
    expect(ago(999)).toBe('now')
    expect(ago(40 * s)).toBe('40 s ago')
  })
})

describe('audio', () => {
  test.each([
    [0, '0:00'],
    [58 * s, '0:58'],
    [52 * min + 12 * s, '52:12'],
    [63 * min, '1:03:00'],
    [63 * min + 482, '1:03:00'],
    [7990, '0:08'],
    [63 * min - 11, '1:03:00'],
    [100 * h, '100:00:00'],
  ])('%d ms is %s', (ms, text) => expect(audio(ms)).toBe(text))

  test('reads back to the same second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 * h }), (ms) => {
        const seconds = audio(ms)
          .split(':')
          .reduce((sum, part) => sum * 60 + Number(part), 0)
        expect(seconds).toBe(Math.round(ms / s))
      }),
    )
  })

  test('a position is the second that has begun, never one that has not', () => {
    expect([position(0), position(7990), position(63 * min - 1)]).toEqual(['0:00', '0:07', '1:02:59'])
  })
})

test.each([
  [0, '0.1 s'],
  [325, '0.3 s'],
  [9949, '9.9 s'],
  [9950, '9 s'],
  [63 * min, '1 h 03 min'],
])('%d ms took %s', (ms, text) => expect(took(ms)).toBe(text))

test.each([
  [0.29, '0.29×'],
  [0.714, '0.71×'],
  [9.996, '10.0×'],
  [12.44, '12.4×'],
  [99.97, '100×'],
  [140.3, '140×'],
])('speed %d is %s', (times, text) => expect(speed(times)).toBe(text))

describe('bytes', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 KB'],
    [487_601_967, '488 MB'],
    [1_533_774_781, '1.5 GB'],
    [999_600_000, '1.0 GB'],
  ])('%d is %s', (n, text) => expect(bytes(n)).toBe(text))

  test('never shows a thousand of a unit that has a larger one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9e14 }), (n) => {
        expect(Number.parseFloat(bytes(n))).toBeLessThan(1000)
      }),
    )
  })
})

test('a percentage is 100 at the end only', () => {
  expect(percent(62.999 * min, 63 * min)).toBe(99)
  expect(percent(63 * min, 63 * min)).toBe(100)
  expect(percent(70, 63)).toBe(100)
  expect(percent(5, 0)).toBe(0)
  expect(percent(-1, 10)).toBe(0)
})

test('a clock gives the day only when it is another one', () => {
  const now = new Date(2026, 1, 5, 19, 43).getTime()
  expect(clock(now)).toBe('19:43')
  expect(when(new Date(2026, 1, 5, 0, 1).getTime(), now)).toBe('00:01')
  expect(when(new Date(2026, 1, 4, 22, 18).getTime(), now)).toBe('4 Feb 22:18')
  expect(when(new Date(2025, 11, 31, 8, 5).getTime(), now)).toBe('31 Dec 2025 08:05')
})

test('one is not many', () => {
  expect([count(0, 'job'), count(1, 'job'), count(20, 'job')]).toEqual(['0 jobs', '1 job', '20 jobs'])
})

test('a failure says what was tried, on what, why, and what to do', () => {
  const failure = {
    kind: 'refused',
    tried: 'Read the database',
    on: 'calls',
    because: 'the password is wrong',
  } as const
  expect(failureText({ ...failure, remedy: 'Set it in Settings.' })).toBe(
    'Read the database (calls): the password is wrong. Set it in Settings.',
  )
  expect(failureText({ ...failure, on: '', remedy: null })).toBe('Read the database: the password is wrong.')
})

test.each([
  ['It ends in 2 h 17 min.', 'It ends in 2\u00a0h\u00a017\u00a0min.'],
  ['flat for 40 s', 'flat for 40\u00a0s'],
  ['One 63-minute recording. 20 jobs wait.', 'One 63-minute recording. 20 jobs wait.'],
  ['4 hours, 3 sources', '4 hours, 3 sources'],
])('%s keeps its numbers and units together', (text, together) => expect(glued(text)).toBe(together))
