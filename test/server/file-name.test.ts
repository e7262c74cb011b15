// Names that somebody else chose become names of files, on every system, still readable.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { safeFileName } from '../../electron/server/file-name.ts'

describe('safeFileName', () => {
  test.each([
    ['call.m4a', 'call.m4a'],
    ['Grüße aus Köln 100 %.mp3', 'Grüße aus Köln 100 %.mp3'],
    ['it\'s "quoted".wav', "it's _quoted_.wav"],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['C:\\Windows\\call.wav', 'C__Windows_call.wav'],
    ['..', 'recording'],
    ['', 'recording'],
    ['  .hidden.wav. ', 'hidden.wav'],
    ['.wav', 'wav'],
    ['nul', '_nul'],
    ['CON.m4a', '_CON.m4a'],
    ['com1.tar.gz', '_com1.tar.gz'],
    ['LPT¹.wav', '_LPT¹.wav'],
    ['console.wav', 'console.wav'],
    ['a\u0000b\nc\u202Egpj.exe', 'a_b_c_gpj.exe'],
    ['e\u0301.wav', '\u00e9.wav'],
    ['a.this is no extension', 'a.this is no extension'],
  ])('%j → %j', (given, expected) => {
    expect(safeFileName(given, 'win32')).toBe(expected)
  })

  test.each([
    ['it\'s "quoted": <b>1|2</b>?*.wav', 'it\'s "quoted": <b>1|2<_b>?*.wav'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['C:\\Windows\\call.wav', 'C:_Windows_call.wav'],
    ['a\u0000b\nc\u202Egpj.exe', 'a_b_c_gpj.exe'],
    [`${'x'.repeat(250)}.m4a`, `${'x'.repeat(232)}.m4a`],
  ])('where quotes may be in a name they stay: %j → %j', (given, expected) => {
    expect(safeFileName(given, 'linux')).toBe(expected)
    expect(safeFileName(given, 'darwin')).toBe(expected)
  })

  test('250 characters and more are cut, the extension stays, no character is halved', () => {
    expect(safeFileName(`${'x'.repeat(250)}.m4a`, 'win32')).toBe(`${'x'.repeat(176)}.m4a`)
    const family = '👨‍👩‍👧‍👦'
    const cut = safeFileName(`${family.repeat(40)}.m4a`, 'win32')
    expect(cut).toBe(`${family.repeat(7)}.m4a`)
  })

  test('whatever comes in: one safe component, and doing it twice changes nothing', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.string({
        unit: fc.constantFrom('.', ' ', '/', '\\', ':', 'nul', 'con', 'a', 'é', '\u0000', '\ud800', '%'),
        maxLength: 300,
      }),
    )
    fc.assert(
      fc.property(name, fc.constantFrom('win32', 'linux'), (given, platform) => {
        const safe = safeFileName(given, platform)
        expect(safe).not.toBe('')
        expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(platform === 'win32' ? 181 : 237)
        expect(safe).not.toMatch(platform === 'win32' ? /[/\\<>:"|?*\p{Cc}]/u : /[/\\\p{Cc}]/u)
        expect(safe).not.toMatch(/^[.\s]|[.\s]$/u)
        expect(safe).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i)
        expect(safe.isWellFormed()).toBe(true)
        expect(safeFileName(safe, platform)).toBe(safe)
      }),
      { numRuns: 2000 },
    )
  })
})
