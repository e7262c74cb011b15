// Fields of an answer whose exact shape nobody promised: found under any of their names, unknown when absent.
import * as z from 'zod'
import type { Instant } from '../../contract/failure.ts'

export type Fields = Readonly<Record<string, unknown>>

const Object_ = z.record(z.string(), z.unknown())

export function fieldsOf(value: unknown): Fields | null {
  return Array.isArray(value) ? null : (Object_.safeParse(value).data ?? null)
}

/** `file_name`, `fileName` and `FileName` are one name. */
function plain(name: string): string {
  return name.replaceAll(/[_\-\s]/g, '').toLowerCase()
}

/** The first field that is there, in the order of `names` (in lower case, without separators). */
export function pick(fields: Fields, ...names: readonly string[]): unknown {
  const there = new Map(Object.entries(fields).map(([name, value]) => [plain(name), value]))
  return names.map((name) => there.get(name)).find((value) => value !== undefined && value !== null)
}

export function text(value: unknown): string | null {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null
}

export function number(value: unknown): number | null {
  const n = typeof value === 'string' && /^\s*\d+(\.\d+)?\s*%?\s*$/.test(value) ? Number.parseFloat(value) : value
  return typeof n === 'number' && Number.isFinite(n) ? n : null
}

export function count(value: unknown): number | null {
  const n = Array.isArray(value) ? value.length : number(value)
  return n !== null && n >= 0 && Number.isInteger(n) ? n : null
}

/** ISO text, or seconds or milliseconds since 1970. */
export function instant(value: unknown): Instant | null {
  const ms = typeof value === 'number' ? (value < 1e11 ? value * 1000 : value) : Date.parse(text(value) ?? '')
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString() : null
}
