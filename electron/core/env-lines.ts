// A .env file cut into pieces that join to the very same text, read as compose reads it (compose-go `dotenv/parser.go`).

/** One statement with its line end; a quoted value may span lines. */
export type EnvPiece = EnvOther | EnvAssignment

/** A blank line, a comment, or a line that is no assignment (`problem` says so, as a clause). */
export interface EnvOther {
  readonly kind: 'other'
  readonly text: string
  readonly problem: string | null
  /** compose refuses the whole file for it, and an edit elsewhere could change what it means. */
  readonly broken: boolean
}

export interface EnvAssignment {
  /** `commented`: `# KEY=value`, which sets nothing. */
  readonly kind: 'assignment' | 'commented'
  readonly text: string
  readonly key: string
  /** Where the statement begins: after indentation, and after the `#` of a commented one. */
  readonly begin: number
  /** The value as written, quotes included. */
  readonly from: number
  readonly to: number
  /** As decoded, before variables are filled in. */
  readonly value: string
  /** `$` means a variable in it: unquoted and in double quotes. */
  readonly expands: boolean
  /** What stands before a comment behind the value; null when none does. */
  readonly gap: string | null
  /** A comment that reads as one value, and not as prose that happens to have an `=`. */
  readonly plain: boolean
}

const BLANK = '[\\t\\v\\f \\u0085\\u00a0]'
const HEAD = new RegExp(`${BLANK}*(?:export${BLANK}+)?([\\w.\\-[\\]]+)${BLANK}*([=:])${BLANK}*`, 'y')
const COMMENT = new RegExp(`${BLANK}*#[#\\t ]*`, 'y')
const ENDED = new RegExp(`(?<gap>${BLANK}*)(?:#[^\\n]*?)?(?:\\r?\\n|\\r?$)`, 'y')

export const BOM = '\uFEFF'

/** The pieces of a text without its byte order mark. */
export function cutEnv(text: string): EnvPiece[] {
  const pieces: EnvPiece[] = []
  for (let at = 0; at < text.length; ) {
    const piece = pieceAt(text, at)
    pieces.push(piece)
    at += piece.text.length
  }
  return pieces
}

function pieceAt(text: string, at: number): EnvPiece {
  const line = text.slice(at, lineEnd(text, at))
  const other = (problem: string | null, broken = false): EnvOther => ({ kind: 'other', text: line, problem, broken })
  if (/\r(?!\n|$)/.test(line)) return other('has a line end of old Macs, which programs read differently', true)
  if (line.trim() === '') return other(null)
  if (matchAt(COMMENT, line, 0) !== null) return commented(line) ?? other(null)
  const head = matchAt(HEAD, text, at)
  if (head === null) return other(noAssignment(line))
  const key = head[1] ?? ''
  if (/^\d/.test(key)) return other('begins with a digit, so compose ignores it')
  const found = valueAt(text, at + head[0].length)
  if (typeof found === 'string') return other(found, true)
  const begin = line.length - line.trimStart().length
  return { kind: 'assignment', text: text.slice(at, found.end), key, begin, ...relative(found, at), plain: true }
}

/** `# KEY=value` on one line; null for any other comment. */
function commented(line: string): EnvAssignment | null {
  const begin = matchAt(COMMENT, line, 0)?.[0].length ?? 0
  const head = matchAt(HEAD, line, begin)
  if (head?.[2] !== '=') return null
  const key = head[1] ?? ''
  const found = valueAt(line, begin + head[0].length)
  if (typeof found === 'string' || /^\d/.test(key)) return null
  const plain = /^['"]/.test(line.slice(found.from)) || !/\s/.test(found.value)
  return { kind: 'commented', text: line, key, begin, ...relative(found, 0), plain }
}

interface Found {
  readonly from: number
  readonly to: number
  readonly end: number
  readonly value: string
  readonly expands: boolean
  readonly gap: string | null
}

/** The value that begins at `from`, or why there is none. */
function valueAt(text: string, from: number): Found | string {
  const quote = text[from]
  return quote === "'" || quote === '"' ? quotedAt(text, from, quote) : bareAt(text, from)
}

function bareAt(text: string, from: number): Found {
  const end = lineEnd(text, from)
  const rest = trimmedEnd(text.slice(from, end))
  if (rest === '') return emptyAt(text, from, end)
  // Only a space begins a comment for compose; other readers take a tab too, so that it bounds the value as written.
  const comment = rest.search(/(?<=\s)#/)
  const written = comment < 0 ? rest : trimmedEnd(rest.slice(0, comment))
  const cut = rest.indexOf(' #')
  const gap = comment < 0 ? null : rest.slice(written.length, comment)
  return {
    from,
    to: from + written.length,
    end,
    value: trimmedEnd(cut < 0 ? rest : rest.slice(0, cut)),
    expands: true,
    gap,
  }
}

/** Blanks behind the `=` of an empty value are what follows it. */
function emptyAt(text: string, from: number, end: number): Found {
  const at = 1 + Math.max(text.lastIndexOf('=', from - 1), text.lastIndexOf(':', from - 1))
  return { from: at, to: at, end, value: '', expands: false, gap: null }
}

function quotedAt(text: string, from: number, quote: '"' | "'"): Found | string {
  let value = ''
  let escaped = false
  for (let at = from + 1; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === quote && !escaped) return closedAt(text, from, at + 1, quote === '"' ? decoded(value) : value, quote)
    if (char === '\\' && !escaped) {
      escaped = true
      continue
    }
    value += escaped && char !== quote ? `\\${char}` : char
    escaped = false
  }
  return `opens a ${quote} that is never closed`
}

function closedAt(text: string, from: number, to: number, value: string, quote: string): Found | string {
  const ended = matchAt(ENDED, text, to)
  if (ended === null) return `has something behind the closing ${quote}`
  const gap = ended[0].includes('#') ? (ended.groups?.gap ?? '') : null
  return { from, to, end: to + ended[0].length, value, expands: quote === '"', gap }
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  '\\': '\\',
  $: '$$',
}

/** Escapes of a double-quoted value; `\$` becomes `$$`, which is a dollar sign when variables are filled in. */
function decoded(value: string): string {
  return value.replace(/\\(?:0([0-7]{3})|([abfnrtv$"\\]))/g, (whole, octal?: string, letter?: string) =>
    octal !== undefined ? String.fromCharCode(Number.parseInt(octal, 8)) : (ESCAPES[letter ?? ''] ?? whole),
  )
}

function noAssignment(line: string): string {
  return /^\s*(?:export\s+)?[\w.\-[\]]+\s*$/.test(line)
    ? 'has no “=”: compose takes its value from the shell'
    : 'is no assignment'
}

function relative(found: Found, at: number): Pick<EnvAssignment, 'from' | 'to' | 'value' | 'expands' | 'gap'> {
  return { from: found.from - at, to: found.to - at, value: found.value, expands: found.expands, gap: found.gap }
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end + 1
}

function trimmedEnd(text: string): string {
  let end = text.length
  // A pattern anchored at the end takes quadratic time on a long run of blanks inside.
  while (end > 0 && /[\s\u0085]/.test(text.charAt(end - 1))) end--
  return text.slice(0, end)
}
