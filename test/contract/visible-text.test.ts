// Foreign text made visible: nothing steers or hides, and the text of every language stays as it is.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { visibleJson, visibleLine, visibleText } from '../../electron/contract/visible-text.ts'

const STEERING = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\u00ad\u3164]/u

describe('spelled out', () => {
  test.each([
    ['\u001b[2J\u001b[31mgone', '␛[2J␛[31mgone'],
    ['\u009b2Jgone', '\\u009b2Jgone'],
    ['bell\u0007 del\u007f nul\u0000', 'bell␇ del␡ nul␀'],
    ['call\u202egpj.exe', 'call\\u202egpj.exe'],
    ['\u2066a\u2069 \u200eb\u200f \u061cc', '\\u2066a\\u2069 \\u200eb\\u200f \\u061cc'],
    ['ad\u200bmin ad\u2060min \ufeffadmin ad\u00admin', 'ad\\u200bmin ad\\u2060min \\ufeffadmin ad\\u00admin'],
    ['a\u2028b\u2029c\u0085d', 'a\\u2028b\\u2029c\\u0085d'],
    ['over\rwritten', 'over␍written'],
    ['a\u200db', 'a\\u200db'],
    ['a\u200cb', 'a\\u200cb'],
    ['\u{1F468}\u200d', '\u{1F468}\\u200d'],
    ['x\u{E0041}\u{E0042}', 'x\\u{e0041}\\u{e0042}'],
    // A message in variation selectors, one after the other: only the first varies a character.
    ['a\ufe0f\ufe0e\ufe0d', 'a\ufe0f\\ufe0e\\ufe0d'],
    ['\u3164', '\\u3164'],
    ['lone \ud800 half', 'lone \\ud800 half'],
  ])('%j', (text, shown) => {
    expect(visibleText(text)).toBe(shown)
    expect(visibleLine(text)).toBe(shown)
  })

  test('lines and tabs stay in a text and are spelled out in a name', () => {
    expect(visibleText('a\r\n\tb\nc')).toBe('a\n\tb\nc')
    expect(visibleLine('a\r\n\tb\nc')).toBe('a␍␊␉b␊c')
  })
})

test.each([
  'Gespräch mit Žofie – 3 × „größer“ … 100 %',
  'تسجيل المكالمة ٢٠٢٦',
  'שיחה עם הלקוח, יום א׳',
  'می‌خواهم خانه‌ها', // Persian with zero-width non-joiners
  'क्‍ष ශ්‍රී ලංකා', // Indic conjuncts with joiners
  '会議の録音 第３回 ㈱ 葛󠄀城',
  '통화 녹음',
  'บันทึกการโทร',
  '👨‍👩‍👧‍👦 🏳️‍🌈 👩🏽‍🚀 ❤️ 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👁️‍🗨️ 🧔🏾‍♂️',
  'é combined, Zürich, ﬁ, ½, €',
])('%s stays as it is', (text) => {
  expect(visibleText(text)).toBe(text)
  expect(visibleLine(text)).toBe(text)
  expect(JSON.parse(visibleJson(JSON.stringify(text)))).toBe(text)
})

const anything = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      ...'\u001b\u0000\n\r\t\u0085\u009b\u007f\u202e\u2066\u200d\u200b\u200e\ufe0f\ufeff\u2028\ud83d'.split(''),
    ),
    fc.constantFrom('👩', '🏽', '\u{E0041}', '\u{E007F}', '🏴', 'م', 'क', 'a', '\\', '"'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
})

test('whatever the text, nothing of it steers a terminal or reorders what stands beside it', () => {
  fc.assert(
    fc.property(anything, (text) => {
      expect(visibleText(text).replaceAll(/[\n\t]/g, '')).not.toMatch(STEERING)
      expect(visibleLine(text)).not.toMatch(/[\n\t]/)
      expect(visibleLine(text)).not.toMatch(STEERING)
    }),
  )
})

test('applying it again changes nothing, and text without such characters is untouched', () => {
  fc.assert(
    fc.property(anything, (text) => {
      expect(visibleText(visibleText(text))).toBe(visibleText(text))
      expect(visibleLine(visibleLine(text))).toBe(visibleLine(text))
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
      expect(visibleLine(text)).toBe(text)
    }),
  )
})

test('a JSON document parses to the same value, and is safe to print', () => {
  fc.assert(
    fc.property(fc.dictionary(anything, anything), (document) => {
      const shown = visibleJson(JSON.stringify(document, null, 2))
      expect(JSON.parse(shown)).toEqual(document)
      expect(shown.replaceAll('\n', '')).not.toMatch(STEERING)
    }),
  )
})
