// Secrets that a text assigns to a name: `DB_PASSWORD=…`, `"token": "…"`, `Host=…;Password=…`, also where quotes are unbalanced.
import { isSecretField, isSecretKey } from './key-names.ts'
import type { Span } from './mask.ts'

const QUOTED = String.raw`\\?"(?:[^"\\\n]|\\(?!")[^\n]){0,4000}\\?"[^\s,;&)}\]]{0,500}|'(?:[^'\\\n]|\\.){0,4000}'[^\s,;&)}\]]{0,500}`
/** A name, its separator and the value; a value whose quote never closes ends with its line. */
const ASSIGNED = new RegExp(
  String.raw`(?<![\w.-])([A-Za-z_][\w.-]{0,80})(\\?["'])?(\s{0,3}(?:=>|:=|==?|:(?!\/\/))\s{0,3})(${QUOTED}|\\?["'][^\n]{1,4000}|[^\s"',;&)}\]]{1,300})`,
  'dg',
)
/** A variable of a shell or .env extends to the next blank. */
const WORD = /[^\s"']*/y
const BARE = /[^\s"',;&)}\]]*/y
const CONNECTION =
  /(?:^|[;\s"'])(?:host|server|data source|addr|address|user id|uid|username|user|database|initial catalog|endpoint|accountname|defaultendpointsprotocol|driver)\s{0,3}=/i
const PAIR = /(?<=^|;)([^;=\n]{1,400})=("(?:[^"\n]|""){0,1000}"|'(?:[^'\n]|''){0,1000}'|[^;\n]{0,1000})/dg

export function assignedSpans(text: string): Span[] {
  if (!/[=:]/.test(text)) return []
  return [...pairs(text), ...connectionStrings(text)]
}

function pairs(text: string): Span[] {
  const spans: Span[] = []
  const pattern = new RegExp(ASSIGNED)
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [, key = '', quote, separator = '', value = ''] = match
    const [from, to] = match.indices?.[4] ?? [0, 0]
    if (isAssignment(key, quote !== undefined, separator, value)) {
      const inner = unquoted(value)
      const end = inner.from > 0 ? from + inner.to : bareEnd(text, to, /^[A-Z][A-Z0-9_]*$/.test(key) ? WORD : BARE)
      spans.push({ from: from + inner.from, to: end })
      pattern.lastIndex = Math.max(end, to)
    }
    // A value may hold an assignment of its own: `command: PASSWORD=x`.
    else pattern.lastIndex = from
    if (pattern.lastIndex <= match.index) pattern.lastIndex = Math.max(to, match.index + 1)
  }
  return spans
}

/** "password: authentication failed" is prose, `password: "x"` and `PASSWORD: x` are not. */
function isAssignment(key: string, quotedKey: boolean, separator: string, value: string): boolean {
  const bare = unquoted(value)
  const plain = value.slice(bare.from, bare.to)
  if (/^\$\{?\w+\}?$/.test(plain)) return false
  const variable = /^[A-Z][A-Z0-9_]*$/.test(key)
  if (!(variable ? isSecretKey(key, plain) : isSecretField(key, plain))) return false
  if (separator.trim() !== ':' || quotedKey || variable || bare.from > 0) return true
  return plain.length >= 6 && /\d/.test(plain)
}

/** The pattern takes only the first part of a long value, so that no text is read again and again. */
function bareEnd(text: string, at: number, rest: RegExp): number {
  rest.lastIndex = at
  return at + (rest.exec(text)?.[0].length ?? 0)
}

/** Within the quotes, so that what is shown still parses; junk behind them counts as secret too. */
function unquoted(value: string): { from: number; to: number } {
  const quote = /^\\?["']/.exec(value)?.[0]
  if (quote === undefined) return { from: 0, to: value.length }
  const closes = value.length > quote.length && value.endsWith(quote)
  return { from: quote.length, to: closes ? value.length - quote.length : value.length }
}

/** ADO, ODBC and Azure: pairs with semicolons between, whose values may hold blanks. */
function connectionStrings(text: string): Span[] {
  if (!text.includes(';') || !CONNECTION.test(text)) return []
  return [...text.matchAll(PAIR)].flatMap((match) => {
    const key = /[A-Za-z][A-Za-z ]*$/.exec((match[1] ?? '').trim())?.[0] ?? ''
    const [from, to] = match.indices?.[2] ?? [0, 0]
    return isSecretField(key, match[2] ?? '') ? [{ from, to }] : []
  })
}
