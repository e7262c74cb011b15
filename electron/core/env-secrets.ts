// Where a .env holds secrets: in values, comments, private keys over many lines, and lines that are no assignment.
import { isSecretKey } from '../contract/secrets/key-names.ts'
import { findKnown, isFindable, type KnownSecrets } from '../contract/secrets/known-text.ts'
import { mergeSpans, type Span } from '../contract/secrets/mask.ts'
import { textSpans } from '../contract/secrets/mask-text.ts'
import { secretsIn, valueSpans } from '../contract/secrets/mask-value.ts'
import { isSecretLooking } from '../contract/secrets/random-value.ts'
import { expandVariables } from './env-expand.ts'
import { BOM, cutEnv, type EnvAssignment, type EnvOther, type EnvPiece } from './env-lines.ts'

export interface ReadPiece {
  readonly piece: EnvPiece
  /** Sorted, within the piece's text, without overlap. */
  readonly secrets: readonly Span[]
}

/** Every piece of a text without its byte order mark. `more`: secrets of another version of the same file. */
export function readPieces(text: string, more: readonly string[] = []): ReadPiece[] {
  const pieces = cutEnv(text)
  const own = pieces.map(ownSpans())
  const known = findKnown([...secretsOf(pieces, own), ...more])
  return pieces.map((piece, n) => ({ piece, secrets: mergeSpans([...(own[n] ?? []), ...foundIn(piece, known)]) }))
}

/** Every secret of a file that can be looked for in other texts, the longest first. */
export function envSecrets(text: string): string[] {
  const pieces = cutEnv(text.replace(BOM, ''))
  return secretsOf(pieces, pieces.map(ownSpans()))
}

function secretsOf(pieces: readonly EnvPiece[], own: readonly (readonly Span[])[]): string[] {
  const values: [string, string][] = []
  const seen = new Map<string, string>()
  const broken = new Set<string>()
  for (const [n, piece] of pieces.entries()) {
    if (piece.kind === 'other') {
      for (const { from, to } of own[n] ?? []) for (const part of partsOf(piece.text.slice(from, to))) broken.add(part)
      continue
    }
    const { key, value, expands } = piece
    const filled = expands ? expandVariables(value, (name) => seen.get(name)) : value
    if (piece.kind === 'assignment') seen.set(key, filled)
    values.push([key, value])
  }
  return [...new Set([...secretsIn([...values, ...seen]), ...broken])].toSorted((a, b) => b.length - a.length)
}

/** Of a value whose quotes do not match: as written, and without them. */
function partsOf(written: string): string[] {
  return [written, written.replaceAll(/["']/g, ''), ...written.split(/["']/)]
    .map((part) => part.trim())
    .filter(isFindable)
}

/** By names and looks alone, in the order of the file: a line may continue what an earlier one began. */
function ownSpans(): (piece: EnvPiece) => Span[] {
  let inside: 'key block' | 'open value' | null = null
  return (piece) => {
    const { text } = piece
    const whole = [{ from: 0, to: contentEnd(text) }]
    if (inside === 'key block') {
      if (text.includes('-----END')) inside = null
      return whole
    }
    if (inside === 'open value') {
      if (goesOn(piece)) return whole
      inside = null
    }
    const spans = piece.kind === 'other' ? otherSpans(piece) : assignmentSpans(piece)
    if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(text) && !text.includes('-----END')) inside = 'key block'
    else if (piece.kind === 'other' && piece.broken && spans.length > 0) inside = 'open value'
    return spans
  }
}

/** Behind a value whose quote is open, a line belongs to it unless it clearly begins something else. */
function goesOn(piece: EnvPiece): boolean {
  if (piece.kind === 'other') return piece.problem !== null
  return piece.kind === 'assignment' && !/^[A-Z_][A-Z0-9_]*$/.test(piece.key)
}

function assignmentSpans(piece: EnvAssignment): Span[] {
  const { key, value, text, from, to } = piece
  if (value === '' && from === to) return []
  // Compose ends a bare value only at a space and a #, so that it may be longer than it looks.
  const end = text.startsWith(value, from) ? Math.max(to, from + value.length) : to
  if (isSecretKey(key, value) || isSecretLooking(key, value)) return value === '' ? [] : [{ from, to: end }]
  const quoted = /^["']/.test(text.slice(from)) ? 1 : 0
  return moved(valueSpans(key, text.slice(from + quoted, to - quoted)), from + quoted)
}

/** A comment, or a line that programs ignore or refuse and that holds a secret all the same. */
function otherSpans({ text, problem }: EnvOther): Span[] {
  const end = contentEnd(text)
  if (problem === null) return textSpans(text)
  const spans = textSpans(text.slice(0, end))
  for (const match of text.matchAll(/([\w.-]{1,200})[^\S\r\n]{0,20}[=:][^\S\r\n]{0,20}/g)) {
    const from = match.index + match[0].length
    const line = text.indexOf('\r', from)
    const to = line < 0 ? end : Math.min(line, end)
    if (isSecretKey(match[1] ?? '', text.slice(from, to))) spans.push({ from, to })
  }
  const word = text.slice(0, end).trim()
  if (isSecretLooking('', word)) spans.push({ from: text.indexOf(word), to: text.indexOf(word) + word.length })
  return spans
}

/** Known secrets in values and comments, never over a quote or name that says what the line is. */
function foundIn(piece: EnvPiece, known: KnownSecrets): Span[] {
  const { text } = piece
  if (piece.kind === 'other') return known(text.slice(0, contentEnd(text)))
  const quoted = /^["']/.test(text.slice(piece.from)) ? 1 : 0
  const [from, to] = [piece.from + quoted, Math.max(piece.from + quoted, piece.to - quoted)]
  const comment = piece.to + (piece.gap?.length ?? 0)
  return [
    ...moved(known(text.slice(from, to)), from),
    ...moved([...known(text.slice(comment, contentEnd(text))), ...textSpans(text.slice(comment))], comment),
  ]
}

function moved(spans: readonly Span[], by: number): Span[] {
  return spans.map(({ from, to }) => ({ from: from + by, to: to + by }))
}

/** Without the line end. */
function contentEnd(text: string): number {
  return text.length - (/\r?\n$/.exec(text)?.[0].length ?? 0)
}
