// Numbers as the screens and the runbooks write them.
import { expect, it } from 'vitest'
import { audio, count, duration, limit, listed, number, speed } from '../../electron/core/wording.ts'

it.each([
  [-5, '0 s'],
  [40_000, '40 s'],
  [99_400, '99 s'],
  [100_000, '2 min'],
  [37 * 60_000, '37 min'],
  [99 * 60_000, '99 min'],
  [10_800_000, '3 h 00 min'],
  [5_999_000, '1 h 40 min'],
  [4 * 86_400_000, '4 d'],
])('duration(%s) is %s', (ms, text) => {
  expect(duration(ms)).toBe(text)
})

it.each([
  [192_000, '3:12'],
  [3_780_882, '1:03:01'],
  [41_000, '0:41'],
])('audio(%s) is %s', (ms, text) => {
  expect(audio(ms)).toBe(text)
})

it('writes counts, limits, speeds and lists', () => {
  expect([count(1, 'job'), count(20, 'job'), number(1069), number(1_000_000)]).toEqual([
    '1 job',
    '20 jobs',
    '1069',
    '1,000,000',
  ])
  expect([limit(900_000), limit(90_000), limit(120_000)]).toEqual(['15 min', '90 s', '2 min'])
  expect([speed(0.29), speed(18.4)]).toEqual(['0.29×', '18×'])
  expect([listed([]), listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c', 'd', 'e'])]).toEqual([
    '',
    'a',
    'a and b',
    'a, b, c and 2 more',
  ])
})
