// Arbitrary .env files as people write them, for property tests: comments, blanks, quotes, duplicates, CRLF, BOM.
import fc from 'fast-check'

export const envKeys = fc.constantFrom('ALPHA', 'BRAVO', 'CHARLIE', 'DELTA', 'ECHO_2')

/** What an environment can hold in one line. */
export const envValues = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '7200',
    'redis://redis:6379/0',
    'C:\\app\\data',
    '\\\\server\\share\\',
    "it's",
    '$HOME',
    'a # b',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !/[\0\r\n]/.test(text) && text.isWellFormed()),
  fc.string({ unit: fc.constantFrom(...'\'"\\#$ab {}=:\t'), maxLength: 10 }),
)

const blank = fc.constantFrom('', ' ', '  ', '\t')
const plain = fc.string({ unit: fc.constantFrom(...'abcXYZ019_./:@%+,-'), minLength: 1, maxLength: 10 })
const written = fc.oneof(
  plain,
  fc.constant(''),
  fc.tuple(plain, plain).map(([a, b]) => `${a} ${b}`),
  plain.map((text) => `"${text} # no comment"`),
  plain.map((text) => `'${text}$x "inner" \\n'`),
  plain.map((text) => `"two\n${text} lines"`),
)
const assignment = fc
  .tuple(
    fc.constantFrom('', 'export ', '  '),
    envKeys,
    blank,
    blank,
    written,
    fc.constantFrom('', ' # why', '  #', ' '),
  )
  .map(
    ([before, key, left, right, value, tail]) => `${before}${key}${left}=${right}${value}${value === '' ? '' : tail}`,
  )
const comment = fc.oneof(
  fc.constantFrom('', '   ', '# a comment', '#', '# See http://example.org/a=b'),
  assignment.filter((line) => !line.includes('\n')).map((line) => `# ${line}`),
  assignment.filter((line) => !line.includes('\n')).map((line) => `#${line}`),
)

export const envFiles = fc
  .record({
    lines: fc.array(fc.oneof(assignment, comment), { maxLength: 8 }),
    eol: fc.constantFrom('\n', '\r\n'),
    bom: fc.boolean(),
    ended: fc.boolean(),
  })
  .map(({ lines, eol, bom, ended }) => {
    const text = lines.join('\n').replaceAll('\n', eol)
    return (bom ? '\uFEFF' : '') + text + (ended && lines.length > 0 ? eol : '')
  })
