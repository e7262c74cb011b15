// The command line: wrong usage is a sentence, and failures have their exit codes.
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { onePositional, readArguments, value, WrongUsage, wholeNumber } from '../../electron/cli/arguments.ts'
import { exitCode, exitCodeOf } from '../../electron/cli/exit-codes.ts'
import { failureOf } from '../../electron/cli/failure.ts'
import { FailureError, FailureKind } from '../../electron/contract/failure.ts'

describe('options', () => {
  const options = { limit: { type: 'string' } } as const

  test.each([
    [['--bogus'], "Unknown option '--bogus'"],
    [['--limit'], "Option '--limit <value>' argument missing"],
    [['--json=yes'], "Option '--json' does not take an argument"],
  ])('%j is wrong usage, told in one sentence', (args, sentence) => {
    expect(() => readArguments(args, options)).toThrow(new WrongUsage(sentence))
  })

  test('every command takes --data and --json; paths may begin with a dash after --', () => {
    const { values, positionals } = readArguments(['--data', '/d', '--json', '--limit=3', '--', '-odd.m4a'], options)
    expect({ ...values }).toEqual({ data: '/d', json: true, help: false, limit: '3' })
    expect(positionals).toEqual(['-odd.m4a'])
  })

  test.each(['0', '-1', '1.5', '1e3', 'ten', '', '501', '99999999999999'])(
    '--limit %j is no number from 1 to 500',
    (text) => {
      expect(() => wholeNumber('limit', text, 500)).toThrow(WrongUsage)
    },
  )

  test('numbers, words and names that are right come through', () => {
    expect(wholeNumber('limit', '500', 500)).toBe(500)
    expect(wholeNumber('limit', undefined, 500)).toBeUndefined()
    expect(value(z.enum(['a', 'b']), 'x', 'b', 'a or b')).toBe('b')
    expect(() => value(z.enum(['a', 'b']), 'x', 'c', 'a or b')).toThrow('--x c is not a or b')
    expect(onePositional(['one'], 'ID')).toBe('one')
    expect(() => onePositional([], 'ID')).toThrow('ID is missing')
    expect(() => onePositional(['a', 'b'], 'ID')).toThrow('one ID is enough; b is too many')
  })
})

describe('exit codes', () => {
  const failure = { tried: 'Do it', on: '', because: 'it is so', remedy: null }

  test('every kind of failure has one, and only stale has 3', () => {
    const codes = FailureKind.options.map((kind) => [kind, exitCodeOf({ ...failure, kind })])
    expect(Object.fromEntries(codes)).toEqual({
      unreachable: 2,
      timeout: 2,
      refused: 4,
      missing: 4,
      invalid: 4,
      busy: 4,
      unsupported: 4,
      stale: 3,
      bug: 70,
    })
  })

  test('a failure stays what it was; a full disk is no bug; anything else is', () => {
    expect(failureOf(new FailureError({ ...failure, kind: 'stale' }), 'act').kind).toBe('stale')
    const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC', path: '/d/x' })
    expect(failureOf(full, 'add')).toMatchObject({ kind: 'refused', on: '/d/x', because: 'the disk is full' })
    expect(failureOf(new TypeError('x is not a function'), 'add').kind).toBe('bug')
    expect(exitCodeOf(failureOf(new DOMException('late', 'TimeoutError'), 'status'))).toBe(exitCode.unread)
  })
})
