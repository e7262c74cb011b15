// Replies found in bytes that come in any pieces; bytes that are no replies end in a fault and never in a hang.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createReplyScanner,
  ReplyFault,
  type ScannedReply,
} from '../../../../electron/adapters/celery/redis/reply-scan.ts'
import { fitsCommand } from '../../../../electron/adapters/celery/redis/reply-shapes.ts'

type Value = string | number | null | Error | { readonly status: string } | readonly Value[]

function encoded(value: Value): string {
  if (value === null) return '$-1\r\n'
  if (typeof value === 'number') return `:${value}\r\n`
  if (typeof value === 'string') return `$${Buffer.byteLength(value)}\r\n${value}\r\n`
  if (value instanceof Error) return `-${value.message}\r\n`
  if ('status' in value) return `+${value.status}\r\n`
  return `*${value.length}\r\n${value.map(encoded).join('')}`
}

function scan(bytes: Buffer, cuts: readonly number[] = []): { replies: ScannedReply[]; passed: number[] } {
  const scanner = createReplyScanner({ bytes: 100_000, elements: 1000 })
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  const replies: ScannedReply[] = []
  const passed: number[] = []
  for (const [i, end] of at.slice(1).entries()) {
    const chunk = bytes.subarray(at[i], end)
    let from = 0
    for (let found = scanner.next(chunk, from); found !== null; found = scanner.next(chunk, from)) {
      replies.push(found.reply)
      passed.push((at[i] ?? 0) + found.end)
      from = found.end
    }
  }
  return { replies, passed }
}

const word = fc.string({ unit: fc.constantFrom('a', 'B', '7', ' ', '$', '*', '\r', '\n', 'ä'), maxLength: 12 })
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    word,
    fc.integer({ min: -1000, max: 1000 }),
    fc.constant(null),
    fc.constantFrom(new Error('ERR no'), { status: 'OK' }),
    fc.array(tie('value'), { maxLength: 4 }),
  ),
}))

test('each reply ends where it ends, in whatever pieces it comes', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 5 }), fc.array(fc.nat(500), { maxLength: 10 }), (values, cuts) => {
      const ends: number[] = []
      let all = Buffer.alloc(0)
      for (const one of values) {
        all = Buffer.concat([all, Buffer.from(encoded(one))])
        ends.push(all.length)
      }
      const { replies, passed } = scan(all, cuts)
      expect(passed).toEqual(ends)
      for (const [i, one] of values.entries()) {
        const kind = Array.isArray(one) ? 'array' : one === null ? 'null' : typeof one === 'string' ? 'string' : null
        if (kind !== null) expect(replies[i]?.kind).toBe(kind)
        if (Array.isArray(one)) {
          expect(replies[i]?.elements).toBe(one.length)
          expect(replies[i]?.strings).toBe(one.every((element) => typeof element === 'string'))
        }
      }
    }),
  )
})

test('any bytes are replies, an unfinished one, or a fault', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .string({ unit: fc.constantFrom('*', '$', ':', '+', '-', '1', '9', '\r\n', '\n', 'x'), maxLength: 60 })
      .map((text) => Buffer.from(text)),
  )
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(300), { maxLength: 4 }), (given, cuts) => {
      try {
        scan(Buffer.from(given), cuts)
      } catch (error) {
        expect(error).toBeInstanceOf(ReplyFault)
      }
    }),
  )
})

describe('limits', () => {
  test.each([
    ['bytes of a text', '$200000\r\n'],
    ['bytes of many texts', `*900\r\n${`$200\r\n${'x'.repeat(200)}\r\n`.repeat(900)}`],
    ['elements announced', '*1001\r\n'],
    ['elements in all', `*3\r\n${`*500\r\n${':1\r\n'.repeat(500)}`.repeat(3)}`],
    ['depth', '*1\r\n'.repeat(6)],
    ['a line', `+${'x'.repeat(70_000)}`],
  ])('%s', (_name, bytes) => {
    expect(() => scan(Buffer.from(bytes))).toThrow(ReplyFault)
    expect(() => scan(Buffer.from(bytes), [1, 5, 999])).toThrow(ReplyFault)
  })
})

describe('a reply fits its command', () => {
  const fits = (command: string, given: Value) =>
    fitsCommand(command, scan(Buffer.from(encoded(given))).replies[0] as ScannedReply)
  test.each<[string, Value, Value]>([
    ['LRANGE', ['a', 'b'], ['a', 1]],
    ['lrange', [], 'a'],
    ['smembers', ['a'], [['a']]],
    ['llen', 3, '3'],
    ['type', { status: 'list' }, 1],
    ['get', null, ['a']],
    ['hgetall', ['a', 'b'], ['a']],
    ['scan', ['0', ['a']], ['0', 'a']],
    ['hscan', ['0', []], ['0', [1]]],
    ['brpop', null, ['a']],
    ['time', ['1', '2'], []],
    ['exec', null, { status: 'OK' }],
    ['psubscribe', ['psubscribe', 'a*', 1], 1],
  ])('%s', (command, right, wrong) => {
    expect(fits(command, right)).toBe(true)
    expect(fits(command, wrong)).toBe(false)
    expect(fits(command, new Error('ERR no'))).toBe(true)
  })
})
