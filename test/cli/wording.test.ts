// What commands print: columns, durations, sizes, and the nearest word.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columns, duration, pairs, printable, size } from '../../electron/cli/columns.ts'
import { nearest } from '../../electron/cli/nearest.ts'

describe('columns', () => {
  test('align text left and numbers right, and show an unknown value as a dash', () => {
    expect(
      columns(
        ['system', 'queued', 'note'],
        [
          ['local', 7, ''],
          ['prod-recordings', 1069, 'late'],
          ['crawl', null, null],
        ],
      ),
    ).toBe(
      [
        'system           queued  note',
        'local                 7',
        'prod-recordings    1069  late',
        'crawl                 –  –',
      ].join('\n'),
    )
  })

  test('a foreign text cannot move the cursor or begin a line', () => {
    expect(columns(['name'], [['a\u001b[2Kb\nc']])).toBe('name\na␛[2Kb c')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/\p{Cc}/u)
        expect(pairs([['name', text]]).split('\n')).toHaveLength(1)
      }),
    )
  })
})

test.each([
  [null, null],
  [0, '0.0 s'],
  [3210, '3.2 s'],
  [42_000, '42 s'],
  [59_700, '1 min 0 s'],
  [419_700, '7 min 0 s'],
  [250_000, '4 min 10 s'],
  [217 * 60_000, '217 min'],
  [11 * 3_600_000, '11.0 h'],
])('duration of %s ms', (ms, text) => {
  expect(duration(ms)).toBe(text)
})

test.each([
  [null, null],
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1500, '1.5 KB'],
  [147_964_211, '148 MB'],
  [3_095_033_483, '3.1 GB'],
])('size of %s bytes', (bytes, text) => {
  expect(size(bytes)).toBe(text)
})

describe('the nearest word', () => {
  const words = ['status', 'jobs', 'job', 'act', 'add', 'undo', 'diagnose']

  test.each([
    ['stauts', 'status'],
    ['Jobs', 'jobs'],
    ['diagnoze', 'diagnose'],
    ['acct', 'act'],
  ])('%s is meant to be %s', (word, meant) => {
    expect(nearest(word, words)).toBe(meant)
  })

  test('a word that is far from all has none', () => {
    expect(nearest('purge-everything', words)).toBeNull()
  })

  test('a word of the list is its own nearest', () => {
    for (const word of words) expect(nearest(word, words)).toBe(word)
  })
})
