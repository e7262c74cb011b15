// The .env editor: it changes what it was asked to change, and not one byte besides.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FailureError } from '../../electron/contract/failure.ts'
import { cutEnv } from '../../electron/core/env-lines.ts'
import { maskEnv, unmaskEnv } from '../../electron/core/env-mask.ts'
import { editEnv, parseEnv } from '../../electron/core/env-text.ts'
import { envFiles, envKeys, envValues } from '../support/env-files.ts'

const valuesOf = (text: string) => Object.fromEntries(parseEnv(text).values)
const refusal = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    if (error instanceof FailureError) return error.failure
    throw error
  }
  throw new Error('it should have been refused')
}

describe('reads', () => {
  it.each([
    ['A=1', { A: '1' }],
    ['\uFEFFA=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['  export A = "x # y" # tail\n', { A: 'x # y' }],
    ['A= # x\nB=#n\nC=1 # z\n', { A: '# x', B: '#n', C: '1' }],
    ['A="two\nlines"\nB=1\n', { A: 'two\nlines', B: '1' }],
    ["A='it\\'s'\nB='C:\\app'\n", { A: "it's", B: 'C:\\app' }],
    ['A="a\\tb\\\\c\\$d\\"\\q"\n', { A: 'a\tb\\c$d"\\q' }],
    ['A=1\nA=2\nB=$A\nA=3\n', { A: '3', B: '2' }],
    [`A=1\nB='$A'\nC=$A-\${A}-\${Q:-no\${A}}-$$\n`, { A: '1', B: '$A', C: '1-1-no1-$' }],
    [`A=\${Z-d}\${Z:+e}\nB=1\nC=\${B:+e}\${B+f}\${B:-d}\${B?x}$1\n`, { A: 'd', B: '1', C: 'ef11$1' }],
    ['A: yaml\nexport\tE=5\n', { A: 'yaml', E: '5' }],
    ['A\n9B=1\nC!=2\n# D=3\n', {}],
    ['A=1\n__proto__=x\n', JSON.parse('{"A":"1","__proto__":"x"}')],
  ])('%j', (text, values) => {
    expect(valuesOf(text)).toEqual(values)
  })

  it('any text without throwing, in pieces that join to it again', () => {
    const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'A=\'"\\#$ \r\n{}:') }))
    fc.assert(
      fc.property(texts, (text) => {
        parseEnv(text)
        expect(
          cutEnv(text)
            .map((piece) => piece.text)
            .join(''),
        ).toBe(text)
      }),
      { numRuns: 3000 },
    )
  })

  it.each([
    ['A=', ' ', '#'],
    ['A=x', ' ', 'y'],
    ['A=x', '\t', '#'],
    ['# A=', '\t', 'x'],
    ['A=', '$\u007b', ''],
    ['A=', '${A', '}'],
    ['A=', '${A:-', '}'],
    ['A=', 'a://b:${', ''],
    ['A="', '\\"', ''],
    ['', "A='x\n", ''],
    ['', 'A=$A$A\n', ''],
    ['', '\n', 'A_SECRET=1'],
    ['A=1\n', 'A=$A$A\n', ''],
  ])('%j, %j a hundred thousand times, %j: in the time that its length takes', (before, part, after) => {
    const text = before + part.repeat(100_000) + after
    // A quadratic reading takes minutes, and with them the test's time.
    parseEnv(text)
    unmaskEnv(maskEnv(text), text)
  })

  it('and warns of what compose reads otherwise than a person', () => {
    expect(parseEnv('A=1\nnot this\n\nA="2"\nB\n9=1\nC=\'open\n').warnings).toEqual([
      'Line 2 is no assignment.',
      'Line 5 has no “=”: compose takes its value from the shell.',
      'Line 6 begins with a digit, so compose ignores it.',
      "Line 7 opens a ' that is never closed.",
      'A is set in lines 1, 4; the last one counts.',
    ])
  })
})

describe('edits', () => {
  it.each([
    ['A=1\n', { A: '2' }, 'A=2\n'],
    ['\uFEFFA=1\r\n# c\r\nB=2', { A: '3' }, '\uFEFFA=3\r\n# c\r\nB=2'],
    ['  export A = "1"  # why\n', { A: '2' }, '  export A = 2  # why\n'],
    ['A=1\nA=2\nB=3\n', { A: '4' }, 'A=1\nA=4\nB=3\n'],
    ['A=1\nB=2\n', { C: '3' }, 'A=1\nB=2\nC=3\n'],
    ['A=1\r\nB=2', { C: '3' }, 'A=1\r\nB=2\r\nC=3'],
    ['', { C: '3' }, 'C=3\n'],
    ['# A=1  # seconds\nB=2\n', { A: '5' }, 'A=5  # seconds\nB=2\n'],
    ['#A=1\nB=2\n', { A: '5' }, 'A=5\nB=2\n'],
    ['# A=1 means a lot\nB=2\n', { A: '5' }, '# A=1 means a lot\nB=2\nA=5\n'],
    ['A=1\nA=2 # x\nB=3\n', { A: null }, '# A=1\n# A=2 # x\nB=3\n'],
    ['A="two\nlines"\nB=3\n', { A: null }, '# A="two\n# lines"\nB=3\n'],
    ['A="two\nlines" # t\nB=3\n', { A: '1' }, 'A=1 # t\nB=3\n'],
    ['B=3\n', { A: null }, 'B=3\n'],
    ['A=1 # x\n', { A: '' }, "A='' # x\n"],
    ['A=1\t# x\n', { A: '2' }, "A='2'\t# x\n"],
    ['A="1"\n', { A: '1' }, 'A="1"\n'],
    ['A=1\n', { A: "it's $5" }, 'A="it\'s $$5"\n'],
    ['A=1\n', { A: 'a b' }, "A='a b'\n"],
    ['A=1\n', { A: '\\\\srv\\x' }, 'A="\\\\\\\\srv\\\\x"\n'],
    ['A=1 # x\n', { A: "it's\\" }, "A=it's\\ # x\n"],
    ['B=1\nA=$B\n', { A: '1' }, 'B=1\nA=$B\n'],
    ['B=1\nA=$B\n', { A: '1', B: '2' }, 'B=2\nA=1\n'],
    ['A: 1\n', { A: '2' }, 'A: 2\n'],
  ])('%j with %j', (text, changes, after) => {
    expect(editEnv(text, changes).text).toBe(after)
  })

  it('nothing but the lines of the changed keys; the values are then those, and all others as before', () => {
    fc.assert(
      fc.property(envFiles, fc.dictionary(envKeys, fc.option(envValues), { maxKeys: 3 }), (text, changes) => {
        const after = editEnv(text, changes).text
        const expected = new Map(parseEnv(text).values)
        for (const [key, value] of Object.entries(changes))
          if (value === null) expected.delete(key)
          else expected.set(key, value)
        expect(valuesOf(after)).toEqual(Object.fromEntries(expected))
        const about = (line: string) =>
          /^# .* lines"/.test(line) || Object.keys(changes).some((key) => line.includes(key))
        const rest = (all: string) =>
          cutEnv(all.replace('\uFEFF', ''))
            .map((piece) => piece.text.replace(/\r?\n$/, ''))
            .filter((line) => !about(line))
        expect(rest(after)).toEqual(rest(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('and back: a value of its own writing, changed or commented out and set again, leaves the same bytes', () => {
    fc.assert(
      fc.property(envFiles, envKeys, envValues, fc.option(envValues), (text, key, value, other) => {
        fc.pre(text.split(key).length <= 2)
        const before = editEnv(text, { [key]: value }).text
        const canonical = editEnv(editEnv(before, { [key]: 'x' }).text, { [key]: value }).text
        expect(editEnv(editEnv(canonical, { [key]: other }).text, { [key]: value }).text).toBe(canonical)
      }),
      { numRuns: 1000 },
    )
  })

  it('shows the change with what stands around it, secrets masked', () => {
    const text = 'A=1\nB=2\nC=3\nD=4\nPOSTGRES_PASSWORD=old secret\nE=5\n'
    expect(editEnv(text, { C: '9', POSTGRES_PASSWORD: 'new secret' }).diff).toEqual([
      { kind: 'same', text: 'A=1' },
      { kind: 'same', text: 'B=2' },
      { kind: 'removed', text: 'C=3' },
      { kind: 'added', text: 'C=9' },
      { kind: 'same', text: 'D=4' },
      { kind: 'removed', text: 'POSTGRES_PASSWORD=••••••' },
      { kind: 'added', text: 'POSTGRES_PASSWORD=••••••' },
      { kind: 'same', text: 'E=5' },
    ])
  })

  it('warns of what other readers take differently', () => {
    expect(editEnv('A=1\nA=1\n', { B: "it's $5" }).warnings).toEqual([
      'A is set in lines 1, 2; the last one counts.',
      'B has signs that docker-compose v1 reads differently; docker compose v2 reads the value as given.',
    ])
  })
})

describe('refuses', () => {
  it.each([
    [{ 'A B': '1' }, 'a name has letters, digits and underscores, and begins with no digit'],
    [{ '1A': '1' }, 'a name has letters, digits and underscores, and begins with no digit'],
    [{ A: 'two\nlines' }, 'a value has one line'],
    [{ A: 'a\0b' }, 'no environment can hold a NUL character'],
    [{ A: '\ud800' }, 'the value has half of a character, which UTF-8 cannot hold'],
  ])('%j', (changes, because) => {
    expect(refusal(() => editEnv('A=1\n', changes))).toMatchObject({ kind: 'invalid', because })
  })

  it.each(['A="open\nB=1\n', "A='x'y\nB=1\n", 'A=1\rB=2\n'])(
    'a file whose lines could change their meaning: %j',
    (text) => {
      expect(refusal(() => editEnv(text, { B: '2' }))).toMatchObject({ kind: 'refused', on: 'line 1' })
    },
  )
})
