// Edits a .env text: the value that is meant, and not one byte besides (practice guide §5).
import type { DiffLine } from '../contract/action.ts'
import { FailureError } from '../contract/failure.ts'
import { diffEnv } from './env-diff.ts'
import { expandVariables } from './env-expand.ts'
import { BOM, cutEnv, type EnvAssignment, type EnvPiece } from './env-lines.ts'

export interface ParsedEnv {
  readonly bom: boolean
  readonly lineEnding: 'LF' | 'CRLF' | 'mixed'
  readonly pieces: readonly EnvPiece[]
  /** What compose reads, variables filled in; of a key that is set twice the last. */
  readonly values: ReadonlyMap<string, string>
  /** Duplicate keys, lines that are no assignment: each as a sentence. */
  readonly warnings: readonly string[]
}

/** What to write: a value, or null to comment the key out. */
export type EnvChanges = Readonly<Record<string, string | null>>

export interface EditedEnv {
  readonly text: string
  /** Secrets masked. */
  readonly diff: readonly DiffLine[]
  readonly warnings: readonly string[]
}

/** Of a key that is set again and again, the last few are named. */
const MOST_LINES = 8

/** Reads any text; what is no assignment becomes a warning. */
export function parseEnv(text: string): ParsedEnv {
  const bom = text.startsWith(BOM)
  const pieces = cutEnv(bom ? text.slice(1) : text)
  const values = new Map<string, string>()
  const lines = new Map<string, number[]>()
  const warnings: string[] = []
  let line = 1
  for (const piece of pieces) {
    if (piece.kind === 'assignment') {
      const { key, value } = piece
      values.set(key, piece.expands ? expandVariables(value, (name) => values.get(name)) : value)
      const at = lines.get(key) ?? []
      at.push(line)
      lines.set(key, at)
    } else if (piece.kind === 'other' && piece.problem !== null) warnings.push(`Line ${line} ${piece.problem}.`)
    line += piece.text.split('\n').length - 1
  }
  for (const [key, at] of lines)
    if (at.length > 1) warnings.push(`${key} is set in lines ${at.slice(-MOST_LINES).join(', ')}; the last one counts.`)
  return { bom, lineEnding: lineEndingOf(text), pieces, values, warnings }
}

/**
 * Sets or comments out keys. Only the value of the last active occurrence changes; a key that is only commented out
 * comes back in its place, any other is appended.
 * @throws FailureError for a name or value that no .env can hold, and for a file whose quotes do not match.
 */
export function editEnv(text: string, changes: EnvChanges): EditedEnv {
  const { bom, pieces, lineEnding, values } = parseEnv(text)
  const alone = Object.keys(changes).length === 1
  refuseBroken(pieces)
  const eol = lineEnding === 'CRLF' || (lineEnding === 'mixed' && /\r\n$/.test(text)) ? '\r\n' : '\n'
  const notes: string[] = []
  let edited = pieces
  for (const [key, value] of Object.entries(changes)) {
    checkName(key)
    if (value !== null) {
      checkValue(key, value)
      notes.push(...portability(key, value))
    }
    // What it says already stays as it is written, `${OTHER}` too where nothing else changes.
    if (alone && values.get(key) === value) continue
    edited = value === null ? commentOut(edited, key) : set(edited, key, value, eol)
  }
  const after = (bom ? BOM : '') + edited.map((piece) => piece.text).join('')
  return { text: after, diff: diffEnv(text, after), warnings: [...parseEnv(after).warnings, ...notes] }
}

function set(pieces: readonly EnvPiece[], key: string, value: string, eol: string): readonly EnvPiece[] {
  const last = (is: (piece: EnvAssignment) => boolean) =>
    pieces.findLastIndex((piece) => piece.kind !== 'other' && piece.key === key && is(piece))
  const ways = [
    last(({ kind }) => kind === 'assignment'),
    last((piece) => piece.kind === 'commented' && piece.value === value),
    last(({ kind, plain }) => kind === 'commented' && plain),
  ]
  const at = ways.find((way) => way >= 0) ?? -1
  const piece = pieces[at]
  if (piece === undefined || piece.kind === 'other') return appended(pieces, `${key}=${quoted(value, null)}`, eol)
  if (piece.kind === 'assignment' && piece.value === value && !(piece.expands && value.includes('$'))) return pieces
  const start = piece.kind === 'commented' ? piece.text.indexOf('#') : piece.begin
  const head = piece.text.slice(0, start) + piece.text.slice(piece.begin, piece.from)
  // An empty value behind a blank needs quotes too, or the blank would belong to what follows.
  const gap = piece.gap ?? (/[=:]$/.test(head) ? null : ' ')
  const written = head + quoted(value, gap) + piece.text.slice(piece.to)
  return pieces.with(at, ...cutOne(written))
}

/** Every active occurrence: were an earlier one left, it would count again. */
function commentOut(pieces: readonly EnvPiece[], key: string): readonly EnvPiece[] {
  return pieces.flatMap((piece) => {
    if (piece.kind !== 'assignment' || piece.key !== key) return [piece]
    const [first = '', ...more] = piece.text.slice(piece.begin).split(/(?<=\n)/)
    const commented = more.map((line) => `# ${line}`).join('')
    return cutEnv(`${piece.text.slice(0, piece.begin)}# ${first}${commented}`)
  })
}

/** With the file's line end before it; without one behind it where the file's last line has none. */
function appended(pieces: readonly EnvPiece[], statement: string, eol: string): readonly EnvPiece[] {
  const last = pieces.at(-1)
  if (last === undefined || last.text.endsWith('\n')) return [...pieces, ...cutEnv(statement + eol)]
  return [...pieces.slice(0, -1), ...cutEnv(last.text + eol), ...cutEnv(statement)]
}

function cutOne(text: string): [EnvPiece] {
  const [piece, ...more] = cutEnv(text)
  if (piece === undefined || more.length > 0) throw new Error('an edited statement is no longer one statement')
  return [piece]
}

/**
 * Without quotes where no reader needs any, else in single quotes (literal for all), else in double quotes: where a
 * backslash would escape something in single ones, for python-dotenv (compose v1) unescapes those. A backslash at the
 * end would escape the closing quote for one reader or the other. `gap` is what stands before a comment: compose ends a
 * bare value only at a space.
 */
function quoted(value: string, gap: string | null): string {
  if (value === '') return gap === null ? '' : "''"
  const ends = gap === null || gap.endsWith(' ')
  if (ends && /^[A-Za-z0-9_./:@%+,-]*$/.test(value)) return value
  if (!/'|\\\\|\\$/.test(value)) return `'${value}'`
  if (ends && value.endsWith('\\') && !/^[\s\u0085'"#]|\s#|\$/.test(value)) return value
  return `"${value
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('$', () => '$$')}"`
}

/** Values that compose v1 (python-dotenv) reads differently, however they are written. */
function portability(key: string, value: string): string[] {
  const one = quoted(value, '')
  const differs = one.startsWith('"') ? /\$|\\$/.test(value) : value.includes('${')
  return differs
    ? [`${key} has signs that docker-compose v1 reads differently; docker compose v2 reads the value as given.`]
    : []
}

function checkName(key: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key))
    throw unwritable(JSON.stringify(key), 'a name has letters, digits and underscores, and begins with no digit')
}

function checkValue(key: string, value: string): void {
  if (/[\r\n]/.test(value)) throw unwritable(key, 'a value has one line')
  if (value.includes('\0')) throw unwritable(key, 'no environment can hold a NUL character')
  if (!value.isWellFormed()) throw unwritable(key, 'the value has half of a character, which UTF-8 cannot hold')
}

function unwritable(key: string, because: string): FailureError {
  return new FailureError({ kind: 'invalid', tried: `Set ${key}`, on: '.env', because, remedy: 'Nothing was written.' })
}

function refuseBroken(pieces: readonly EnvPiece[]): void {
  let line = 1
  for (const piece of pieces) {
    if (piece.kind === 'other' && piece.broken)
      throw new FailureError({
        kind: 'refused',
        tried: 'Edit the .env',
        on: `line ${line}`,
        because: `it ${piece.problem}, so an edit could change what other lines mean`,
        remedy: 'Correct that line in the raw editor first.',
      })
    line += piece.text.split('\n').length - 1
  }
}

function lineEndingOf(text: string): ParsedEnv['lineEnding'] {
  const all = text.split('\n').length - 1
  const windows = text.split('\r\n').length - 1
  if (windows === 0) return 'LF'
  return windows === all ? 'CRLF' : 'mixed'
}
