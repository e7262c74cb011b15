// JSON and reprs exactly as Python writes them, and JSON as Python emits it read without loss.

export type Plain = string | number | bigint | boolean | null | readonly Plain[] | { readonly [name: string]: Plain }

/** `json.dumps(value)`: ", " and ": ", everything outside printable ASCII escaped. Equal work has equal bytes then. */
export function pythonJson(value: Plain): string {
  if (typeof value === 'string')
    return JSON.stringify(value).replace(
      /[\u007f-\uffff]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return Number.isNaN(value) ? 'NaN' : String(value)
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`
  if (isRecord(value)) {
    const members = Object.entries(value).map(([name, member]) => `${pythonJson(name)}: ${pythonJson(member)}`)
    return `{${members.join(', ')}}`
  }
  return String(value)
}

/** `saferepr(tuple)` of Celery, as it stands in `argsrepr`. */
export function tupleRepr(values: readonly Plain[]): string {
  return `(${values.map(pythonRepr).join(', ')}${values.length === 1 ? ',' : ''})`
}

/** Celery's `saferepr`, which escapes nothing in a string but the quote (celery/utils/saferepr.py). */
export function pythonRepr(value: Plain): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return `'${value.replaceAll("'", "\\'")}'`
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`
  if (isRecord(value)) {
    const members = Object.entries(value).map(([name, member]) => `${pythonRepr(name)}: ${pythonRepr(member)}`)
    return `{${members.join(', ')}}`
  }
  return String(value)
}

/**
 * JSON as Python emits it: `Infinity` and `NaN` are accepted (as numbers), integers that a double cannot hold become
 * bigints, kombu's typed values (`{"__type__": "uuid", …}`) their text.
 * @throws SyntaxError for what is no JSON at all, or nested deeper than Python itself reads.
 */
export function parsePythonJson(text: string): Plain {
  if (isTooDeep(text)) throw new SyntaxError(TOO_DEEP)
  if (SPECIAL.test(text)) return unwrapped(JSON.parse(marked(text)))
  const value: Plain = JSON.parse(text)
  return text.includes('__type__') ? unwrapped(value) : value
}

export function isRecord(value: unknown): value is { readonly [name: string]: Plain } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export const TOO_DEEP = 'nested too deeply to be read'
/** Python's own limit is about a thousand; everything that walks through a value here does so on the stack. */
const DEEPEST = 500

function isTooDeep(text: string): boolean {
  // Each level takes two characters: no usual body is even looked at.
  if (text.length < 2 * DEEPEST) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at)
    if (c === 0x22) at = stringEnd(text, at)
    else if (c === 0x5b || c === 0x7b) {
      if (++depth > DEEPEST) return true
    } else if (c === 0x5d || c === 0x7d) depth--
  }
  return false
}

/** Index of the quote that ends the string which begins at `open`; the text's length where none does. */
function stringEnd(text: string, open: number): number {
  let close = text.indexOf('"', open + 1)
  while (close !== -1 && isEscaped(text, close)) close = text.indexOf('"', close + 1)
  return close === -1 ? text.length : close
}

function isEscaped(text: string, at: number): boolean {
  let before = at
  while (text.charCodeAt(before - 1) === 0x5c) before--
  return (at - before) % 2 === 1
}

/** Cheap suspicion; only `marked` looks whether it is outside a string. */
const SPECIAL = /Infinity|NaN|\d{16}/
/** No text that a message can hold begins so: JSON has no raw control characters. */
const MARK = '\\u0000number:'

/** Puts tokens that JSON.parse refuses or rounds into marked strings; the digits of a fraction are none. One pass from quote to quote. */
function marked(text: string): string {
  const parts: string[] = []
  let at = 0
  while (at < text.length) {
    const open = text.indexOf('"', at)
    const outside = text.slice(at, open === -1 ? text.length : open)
    parts.push(outside.replace(/-?Infinity|NaN|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g, (token) => `"${MARK}${token}"`))
    if (open === -1) break
    const close = stringEnd(text, open)
    parts.push(text.slice(open, close + 1))
    at = close + 1
  }
  return parts.join('')
}

function unwrapped(value: unknown): Plain {
  if (typeof value === 'string') return value.startsWith('\0number:') ? numberOf(value.slice(8)) : value
  if (Array.isArray(value)) return value.map(unwrapped)
  if (!isRecord(value)) return typeof value === 'number' || typeof value === 'boolean' ? value : null
  if (typeof value.__type__ === 'string' && '__value__' in value) return typed(value.__type__, value.__value__)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, unwrapped(member)]))
}

function numberOf(token: string): Plain {
  if (!/\d/.test(token)) return Number(token)
  return Number.isSafeInteger(Number(token)) ? Number(token) : BigInt(token)
}

/** kombu ≥ 5.3 marks uuid, datetime, date, time, decimal and bytes (protocol reference §2.4). */
function typed(type: string, value: unknown): Plain {
  if (type === 'uuid' && isRecord(value) && typeof value.hex === 'string')
    return value.hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return unwrapped(value)
}
