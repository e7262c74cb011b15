// The JSON of whisper-cli as words: joined, timed, cleaned, and refused when it is not whole.
import { expect, test } from 'vitest'
import { readWords } from '../../worker/read-words.ts'

const texts = (words: readonly { text: string }[]) => words.map(({ text }) => text)
const span = { startMs: 1000, audioEndMs: 11_000 }
const token = (text: string | Buffer, from: number, to: number, id = 1000) =>
  `{"text":"${typeof text === 'string' ? Buffer.from(text).toString('latin1') : text.toString('latin1')}","offsets":{"from":${from},"to":${to}},"id":${id}}`
const json = (tokens: string[], { from = 0, to = 10_000, multilingual = true } = {}) =>
  Buffer.from(
    `{"model":{"multilingual":${multilingual}},"result":{"language":"de"},"transcription":[{"offsets":{"from":${from},"to":${to}},"text":"","tokens":[${tokens.join(',')}]}]}`,
    'latin1',
  )

test('tokens are joined to words at their spaces; punctuation and endings stay with them', () => {
  const result = readWords(
    json([token(' Un', 0, 200), token('jam', 200, 500), token(',', 500, 520), token(' yes', 600, 900)]),
    span,
  )
  expect(result?.words).toEqual([
    { startMs: 1000, endMs: 1520, text: ' Unjam,', first: true },
    { startMs: 1600, endMs: 1900, text: ' yes' },
  ])
})

test('special tokens are dropped, in multilingual models one later', () => {
  const tokens = [token('[_BEG_]', 0, 0, 50_364), token(' a', 0, 100, 50_256), token('[_EOT_]', 0, 0, 50_257)]
  expect(texts(readWords(json(tokens), span)!.words)).toEqual([' a'])
  expect(texts(readWords(json(tokens, { multilingual: false }), span)!.words)).toEqual([])
})

test('a character split across tokens comes out whole, bytes that are none are dropped', () => {
  const euro = Buffer.from('€')
  const tokens = [
    token(' 5', 0, 100),
    token(euro.subarray(0, 1), 100, 200),
    token(euro.subarray(1), 200, 300),
    token(Buffer.from([0x20, 0xff]), 300, 400),
  ]
  expect(texts(readWords(json(tokens), span)!.words)).toEqual([' 5€'])
})

test('scripts without spaces are cut at their characters', () => {
  const result = readWords(
    json([token(' 今日', 0, 300), token('は', 300, 500), token('。', 500, 510), token('良い', 600, 900)]),
    span,
  )
  expect(texts(result!.words)).toEqual([' 今日', 'は。', '良い'])
  expect(result!.words[1]).toEqual({ startMs: 1300, endMs: 1510, text: 'は。' })
})

test('times outside the segment or the chunk, running backwards or missing are put right', () => {
  const result = readWords(
    json([token(' a', -50, 5000), token(' b', 4000, 3000), token(' c', 90_000, 95_000), '{"text":" d","id":5}'], {
      from: 500,
      to: 20_000,
    }),
    span,
  )
  expect(result!.words.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
    [1500, 6000],
    [5000, 5000],
    [11_000, 11_000],
    [11_000, 11_000],
  ])
})

test('control characters inside a text do not spoil the result', () => {
  expect(texts(readWords(json([token(' a\tb', 0, 100), token(' c', 100, 200)]), span)!.words)).toEqual([' a b', ' c'])
})

test('half a file is no result', () => {
  const whole = json([token(' a', 0, 100)])
  for (let length = 0; length < whole.length; length++) expect(readWords(whole.subarray(0, length), span)).toBeNull()
})
