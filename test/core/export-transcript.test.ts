// Transcripts as files: every format holds every word, at times a player accepts.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Segment } from '../../electron/contract/job.ts'
import { exportTranscript } from '../../electron/core/export-transcript.ts'

const segments: Segment[] = [
  { startMs: 0, endMs: 1500, text: 'Good morning.' },
  { startMs: 1500, endMs: 2000, text: '  ' },
  { startMs: 3_661_001, endMs: 3_662_000, text: ' a --> b & <i>c</i>\n\nnext' },
]

test('text alone, one segment a line, blank ones left out', () => {
  expect(exportTranscript('Talk.m4a', segments, 'txt')).toEqual({
    fileName: 'Talk.txt',
    mimeType: 'text/plain; charset=utf-8',
    text: 'Good morning.\na --> b & <i>c</i> next\n',
  })
})

test('SubRip numbers its cues without gaps and keeps arrows out of the text', () => {
  expect(exportTranscript('Talk', segments, 'srt').text).toBe(
    '1\n00:00:00,000 --> 00:00:01,500\nGood morning.\n\n2\n01:01:01,001 --> 01:01:02,000\na -> b & <i>c</i> next\n\n',
  )
})

test('WebVTT escapes what would be markup', () => {
  expect(exportTranscript('Talk', segments, 'vtt').text).toBe(
    'WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nGood morning.\n\n01:01:01.001 --> 01:01:02.000\na --&gt; b &amp; &lt;i&gt;c&lt;/i&gt; next\n\n',
  )
})

test('a recording of more than 99 hours keeps its hours', () => {
  const long = [{ startMs: 100 * 3_600_000, endMs: 123 * 3_600_000 + 59_999, text: 'late' }]
  expect(exportTranscript('Long', long, 'srt').text).toContain('100:00:00,000 --> 123:00:59,999')
})

test('no segments give an empty but valid file', () => {
  expect(exportTranscript('Nothing', [], 'txt').text).toBe('')
  expect(exportTranscript('Nothing', [], 'srt').text).toBe('')
  expect(exportTranscript('Nothing', [], 'vtt').text).toBe('WEBVTT\n\n')
  expect(JSON.parse(exportTranscript('Nothing', [], 'json').text)).toEqual({ title: 'Nothing', segments: [] })
})

test.each([
  ['../../etc/passwd', '_.._etc_passwd.txt'],
  ['C:\\Temp\\a?b*.wav', 'C_Temp_a_b_.txt'],
  ['con.mp3', 'con_.txt'],
  ['  .  ', 'transcript.txt'],
  ['Größe 50 %.m4a', 'Größe 50 %.txt'],
  ['a\u0000b\nc', 'a_b_c.txt'],
  [`${'ä'.repeat(250)}.m4a`, `${'ä'.repeat(120)}.txt`],
])('the name %j becomes %j', (title, fileName) => {
  expect(exportTranscript(title, [], 'txt').fileName).toBe(fileName)
})

const anySegments = fc.array(
  fc.record({
    startMs: fc.integer({ min: 0, max: 400 * 3_600_000 }),
    endMs: fc.integer({ min: 0, max: 400 * 3_600_000 }),
    text: fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('-->', '--->', '\n\n', ' ', 'WEBVTT', '1\n00:00', '<v>&amp;'),
    ),
  }),
)
const words = (text: string) => text.split(/[\s\p{Cc}]+/u).filter((word) => word !== '')
const timeLine = /^(\d{2,}):([0-5]\d):([0-5]\d)[,.](\d{3}) --> (\d{2,}):([0-5]\d):([0-5]\d)[,.](\d{3})$/

test('whatever the segments, cue times never run backwards and every cue is one line', () => {
  fc.assert(
    fc.property(anySegments, fc.constantFrom('srt' as const, 'vtt' as const), (given, format) => {
      const cues = exportTranscript('x', given, format)
        .text.replace(/^WEBVTT\n\n/, '')
        .split('\n\n')
        .slice(0, -1)
      expect(cues).toHaveLength(given.filter(({ text }) => words(text).length > 0).length)
      let until = 0
      for (const [i, cue] of cues.entries()) {
        const lines = cue.split('\n')
        if (format === 'srt') expect(lines.shift()).toBe(String(i + 1))
        expect(lines).toHaveLength(2)
        expect(lines[1]).not.toContain('-->')
        const [, ...parts] = (timeLine.exec(lines[0] ?? '') ?? []).map(Number)
        const ms = (n: number[]) => ((n[0]! * 60 + n[1]!) * 60 + n[2]!) * 1000 + n[3]!
        const [from, to] = [ms(parts.slice(0, 4)), ms(parts.slice(4))]
        expect(from).toBeGreaterThanOrEqual(until)
        expect(to).toBeGreaterThanOrEqual(from)
        until = to
      }
    }),
  )
})

test('JSON gives back the same words in order of time, and exporting again changes nothing', () => {
  fc.assert(
    fc.property(anySegments, (given) => {
      const first = exportTranscript('x', given, 'json')
      const { segments: back } = JSON.parse(first.text) as { segments: Segment[] }
      const sorted = given.toSorted((a, b) => a.startMs - b.startMs)
      expect(back.flatMap(({ text }) => words(text))).toEqual(sorted.flatMap(({ text }) => words(text)))
      expect(exportTranscript('x', back, 'json').text).toBe(first.text)
      expect(exportTranscript('x', back, 'txt').text).toBe(exportTranscript('x', given, 'txt').text)
    }),
  )
})
