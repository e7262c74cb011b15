// Where a reader of logs stands in each container: the last line's timestamp, and how many lines had that very one.
import * as z from 'zod'
import { FailureError } from '../../contract/failure.ts'

export interface Place {
  readonly stamp: string
  /** Lines read with exactly this stamp. */
  readonly seen: number
}

/** Containers by the first 12 characters of their id. */
export type Cursor = ReadonlyMap<string, Place>

const MOST = 10
const Text = z.record(
  z.string().regex(/^[0-9a-f]{12}$/),
  z.tuple([z.string().regex(/^\d{9,11}\.\d{9}$/), z.number().int().min(0)]),
)

/** Short enough for the contract's 500 characters: the newest containers are kept. */
export function writeCursor(cursor: Cursor): string {
  const newest = [...cursor].sort(([, a], [, b]) => (a.stamp < b.stamp ? 1 : -1)).slice(0, MOST)
  const entries = newest.map(([id, { stamp, seen }]) => [id, [secondsOf(stamp), seen]])
  return JSON.stringify(Object.fromEntries(entries)).slice(1, -1)
}

export function readCursor(text: string): Cursor {
  const { data } = Text.safeParse(parseObject(text))
  if (data !== undefined)
    return new Map(Object.entries(data).map(([id, [seconds, seen]]) => [id, { stamp: stampOf(seconds), seen }]))
  throw new FailureError({
    kind: 'invalid',
    tried: 'Read a log',
    on: 'the cursor',
    because: 'it is not one that an earlier page gave',
    remedy: 'Begin again without a cursor.',
  })
}

function parseObject(text: string): unknown {
  try {
    return JSON.parse(`{${text}}`)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** `2026-11-25T02:05:17.984914601Z` → `1795572317.984914601`: a float would lose the nanoseconds. */
export function secondsOf(stamp: string): string {
  return `${Math.floor(Date.parse(`${stamp.slice(0, 19)}Z`) / 1000)}.${stamp.slice(20, 29)}`
}

export function stampOf(seconds: string): string {
  const [whole = '0', nanos = '000000000'] = seconds.split('.')
  return `${new Date(Number(whole) * 1000).toISOString().slice(0, 19)}.${nanos}Z`
}
