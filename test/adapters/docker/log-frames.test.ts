// The engine's log stream as lines, however it is cut; cursors that come back as they went; levels of runbook 0.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCursor, secondsOf, stampOf, writeCursor } from '../../../electron/adapters/docker/log-cursor.ts'
import { framedLines, frameSplitter, type LineReader, rawLines } from '../../../electron/adapters/docker/log-frames.ts'
import { levelOf } from '../../../electron/adapters/docker/logs.ts'
import { FailureError } from '../../../electron/contract/failure.ts'

const STAMP = '2026-11-25T02:05:17.984914601Z'

function frame(stream: number, payload: string | Buffer): Buffer {
  const bytes = Buffer.from(payload)
  const header = Buffer.alloc(8)
  header.writeUInt8(stream, 0)
  header.writeUInt32BE(bytes.length, 4)
  return Buffer.concat([header, bytes])
}
function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [...new Set(at.map((n) => n % (bytes.length + 1)))].sort((a, b) => a - b)
  return [...places, bytes.length].map((end, i) => bytes.subarray(places[i - 1] ?? 0, end))
}
const read = (reader: LineReader, chunks: readonly Buffer[]) => [
  ...chunks.flatMap((chunk) => reader.push(chunk)),
  ...reader.end(),
]

describe('frames', () => {
  it('come out whole wherever the stream was cut', () => {
    const frames = fc.array(fc.record({ stream: fc.constantFrom(1, 2), payload: fc.uint8Array({ maxLength: 40 }) }), {
      maxLength: 12,
    })
    fc.assert(
      fc.property(frames, fc.array(fc.nat(2000), { maxLength: 30 }), (sent, at) => {
        const split = frameSplitter()
        const bytes = Buffer.concat(sent.map(({ stream, payload }) => frame(stream, Buffer.from(payload))))
        const got = cut(bytes, at).flatMap((chunk) => split(chunk))
        expect(got.map(({ stream, payload }) => [stream, [...payload]])).toEqual(
          sent.map(({ stream, payload }) => [stream, [...payload]]),
        )
      }),
    )
  })

  it('an invalid header is an error, not text', () => {
    expect(() => frameSplitter()(Buffer.from('plain text of a TTY'))).toThrow('invalid frame header')
  })
})

describe('lines of frames', () => {
  it('are the same at every cut, a character and a timestamp in two included', () => {
    const bytes = Buffer.concat([
      frame(1, `${STAMP} Transcribing “Gespräch” 01:03:00…\n`),
      frame(2, ''),
      frame(2, `${STAMP} warning\r\n`),
      frame(1, `${STAMP} \n`),
    ])
    const whole = read(framedLines(), [bytes])
    expect(whole.map(({ text }) => text)).toEqual(['Transcribing “Gespräch” 01:03:00…', 'warning', ''])
    expect(whole.every(({ stamp }) => stamp === STAMP)).toBe(true)
    for (let at = 0; at <= bytes.length; at++) expect(read(framedLines(), cut(bytes, [at]))).toEqual(whole)
  })

  it('a message that the engine cut at 16 KB is one line, also in the middle of a character', () => {
    const text = Buffer.from('ä'.repeat(20))
    const parts = [
      frame(1, Buffer.concat([Buffer.from(`${STAMP} `), text.subarray(0, 7)])),
      frame(2, `${STAMP} between\n`),
      frame(1, Buffer.concat([Buffer.from(`${STAMP} `), text.subarray(7), Buffer.from('\n')])),
    ]
    expect(read(framedLines(), parts).map((line) => line.text)).toEqual(['between', 'ä'.repeat(20)])
  })

  it('colours go, and a line without an end comes at the end', () => {
    expect(read(framedLines(), [frame(1, `${STAMP} \u001b[31mERROR\u001b[0m x`)])).toEqual([
      { stamp: STAMP, text: 'ERROR x' },
    ])
  })
})

it('lines of a TTY are raw bytes', () => {
  const bytes = Buffer.from(`${STAMP} eins\r\n${STAMP} zwölf\r\nrest`)
  for (let at = 0; at <= bytes.length; at++)
    expect(read(rawLines(), cut(bytes, [at])).map(({ stamp, text }) => [stamp, text])).toEqual([
      [STAMP, 'eins'],
      [STAMP, 'zwölf'],
      ['', 'rest'],
    ])
})

describe('cursor', () => {
  const stamps = fc
    .tuple(
      fc.date({ min: new Date('2001-09-10'), max: new Date('2200-01-01'), noInvalidDate: true }),
      fc.nat(999_999_999),
    )
    .map(([date, nanos]) => `${date.toISOString().slice(0, 19)}.${String(nanos).padStart(9, '0')}Z`)
  it('comes back to the nanosecond, and is short enough for the contract', () => {
    const ids = fc.stringMatching(/^[0-9a-f]{12}$/)
    fc.assert(
      fc.property(fc.dictionary(ids, fc.record({ stamp: stamps, seen: fc.nat(1000) }), { maxKeys: 10 }), (places) => {
        const cursor = new Map(Object.entries(places))
        const text = writeCursor(cursor)
        expect(text.length).toBeLessThanOrEqual(500)
        expect(Object.fromEntries(readCursor(text))).toEqual({ ...places })
      }),
    )
    expect(stampOf(secondsOf(STAMP))).toBe(STAMP)
  })

  it('that is none is refused', () => {
    for (const text of ['x', '"a":1', '"0123456789ab":["1",1]']) expect(() => readCursor(text)).toThrow(FailureError)
  })
})

it.each([
  ['ERROR: relation "recordings" does not exist', 'error'],
  ['[2026-02-04 22:18:32: ERROR/ForkPoolWorker-1] Task failed', 'error'],
  ['FAIL', 'error'],
  ['TimeLimitExceeded: Exception raised', 'error'],
  ['Traceback (most recent call last):', 'error'],
  ['billiard.exceptions.SoftTimeLimitException', 'error'],
  ['WARNING/MainProcess] late', 'warn'],
  ['Processing audio with duration 01:03:00.882', 'info'],
  ['checked 12 files, 0 failed, no errors', 'info'],
])('level of %s is %s', (text, level) => {
  expect(levelOf(text)).toBe(level)
})
