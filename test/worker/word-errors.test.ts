// The measure of the speech bench: errors as they are counted by hand, and cues in which nothing said is found.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareWords, plainWords } from '../support/word-errors.ts'

test('words are compared without case, punctuation, sounds and ways to write a number', () => {
  expect(plainWords('Press ONE, [beep] or the user’s twenty (music) keys…')).toEqual([
    'press',
    '1',
    'or',
    'the',
    'users',
    '20',
    'keys',
  ])
})

test.each([
  ['the same', 'press one to go on', ['Press 1', 'to go on.'], 0, 0],
  ['a word less', 'press one to go on', ['Press 1', 'to on.'], 1, 0],
  ['another word', 'press one to go on', ['Press 1', 'to show on.'], 1, 0],
  ['a cue never said', 'press one to go on', ['Press 1', 'Thank you.', 'to go on.'], 2, 1],
  ['a loop in front of every cue', 'press one to go on', ['4. Press 1', '4. to go on.'], 2, 0],
  ['a sound described', 'press one', ['Press 1', '[Music]'], 0, 0],
  ['nothing heard', 'press one', [], 2, 0],
  ['nothing said', '', ['you', 'you'], 2, 2],
])('%s', (_, said, cues, errors, madeUp) => {
  expect(compareWords(said, cues)).toMatchObject({ errors, madeUp })
})

test('whatever is said and heard, errors are within what an edit distance can be', () => {
  const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 })
  fc.assert(
    fc.property(words, words, (said, heard) => {
      const { errors, madeUp } = compareWords(said.join(' '), heard)
      expect(errors).toBeGreaterThanOrEqual(Math.abs(said.length - heard.length))
      expect(errors).toBeLessThanOrEqual(Math.max(said.length, heard.length))
      expect(madeUp).toBeLessThanOrEqual(errors)
      expect(compareWords(heard.join(' '), said).errors).toBe(errors)
      expect(compareWords(said.join(' '), said)).toMatchObject({ errors: 0, madeUp: 0 })
    }),
  )
})
