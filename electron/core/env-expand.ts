// Variables inside a value of .env, filled in as compose does: `$A`, `${A}`, `${A:-else}`, `${A-else}`, `${A:+then}`, `${A+then}`.

type Look = (name: string) => string | undefined

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
/** Deeper than anybody writes by hand; a hostile file must not exhaust the stack. */
const DEEPEST = 20
const LONGEST_WORD = 2000
/** Variables made of variables made of variables grow without bounds. */
const LONGEST_VALUE = 100_000

/** What is no variable stays as it is written; a variable that nobody sets is empty. */
export function expandVariables(text: string, look: Look, depth = 0): string {
  if (!text.includes('$') || depth > DEEPEST) return text
  let out = ''
  for (let at = 0; at < text.length; ) {
    const dollar = text.indexOf('$', at)
    if (dollar < 0) return out + text.slice(at)
    out += text.slice(at, dollar)
    const found = variableAt(text, dollar + 1, look, depth)
    out += found?.value ?? '$'
    at = found?.end ?? dollar + 1
    if (out.length > LONGEST_VALUE) return text
  }
  return out
}

/** What begins behind a `$`; null when it is no variable. */
function variableAt(text: string, at: number, look: Look, depth: number): { value: string; end: number } | null {
  if (text[at] === '$') return { value: '$', end: at + 1 }
  const braced = text[at] === '{'
  const name = nameAt(text, braced ? at + 1 : at)
  if (name === null) return null
  if (!braced) return { value: look(name) ?? '', end: at + name.length }
  const from = at + 1 + name.length
  const close = closing(text, from)
  if (close < 0) return null
  const value = chosen(look(name), text.slice(from, close), (inner) => expandVariables(inner, look, depth + 1))
  return value === null ? null : { value, end: close + 1 }
}

/** By the operator behind the name; null when it is none. `?` only asks for a message, which is not ours to give. */
function chosen(value: string | undefined, rest: string, expand: (text: string) => string): string | null {
  const [, colon, operator, word] = /^(:?)([-+?])([\s\S]*)$/.exec(rest) ?? []
  if (rest === '') return value ?? ''
  if (operator === undefined || word === undefined) return null
  const there = value !== undefined && (colon === '' || value !== '')
  if (operator === '-') return there ? value : expand(word)
  if (operator === '+') return there ? expand(word) : ''
  return value ?? ''
}

function nameAt(text: string, at: number): string | null {
  NAME.lastIndex = at
  return NAME.exec(text)?.[0] ?? null
}

/** The `}` that belongs to the brace before `at`, or −1. */
function closing(text: string, at: number): number {
  const end = Math.min(text.length, at + LONGEST_WORD)
  for (let i = at, open = 1; i < end; i++) {
    if (text[i] === '{') open++
    else if (text[i] === '}' && --open === 0) return i
  }
  return -1
}
