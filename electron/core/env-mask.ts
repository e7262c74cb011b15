// Secrets of a .env masked for screens, and put back where a masked text comes back unchanged.
import { FailureError } from '../contract/failure.ts'
import { BOM, cutEnv, type EnvPiece } from './env-lines.ts'

/** What stands in place of a secret wherever one would be shown. */
export const MASK = '••••••'

const SECRET_NAME = /PASSW|SECRET|(?:^|_)(?:TOKENS?|API_?KEYS?|KEYS?|PASS|PWD|CREDENTIALS?)(?:_|$)/i
// scheme://user:password@ up to the last @, for some write theirs unescaped; a mere ${VARIABLE} gives nothing away.
const URL_PASSWORD =
  /(?<=[a-z][a-z0-9+.-]{0,30}:\/\/[^\s"'/?#:@]{0,200}:)(?!\d{1,5}\/)(?!\$\{[^}]{0,200}\}@)[^\s"']{1,500}(?=@)/gi

/** Whether a value is never shown: by the key's name, or because it is a URL with a password. */
export function isSecret(key: string, value: string | null): boolean {
  return SECRET_NAME.test(key) || (value !== null && value.search(URL_PASSWORD) >= 0)
}

export function maskValue(key: string, value: string): string {
  if (value === '') return ''
  return SECRET_NAME.test(key) ? MASK : value.replace(URL_PASSWORD, MASK)
}

/** Values that must not appear in a log line or an error: those of secret keys, and passwords inside URLs. */
export function secretsIn(values: ReadonlyMap<string, string>): string[] {
  const found = [...values].flatMap(([key, value]) =>
    SECRET_NAME.test(key) ? [value] : [...value.matchAll(URL_PASSWORD)].map(([password]) => password),
  )
  // A secret of one or two characters would blot out half of every line and hide nothing.
  return [...new Set(found)].filter((secret) => secret.length > 2).sort((a, b) => b.length - a.length)
}

/** The text for the raw editor; commented-out secrets are masked too. */
export function maskEnv(text: string): string {
  const bom = text.startsWith(BOM) ? BOM : ''
  return (
    bom +
    cutEnv(text.slice(bom.length))
      .map((piece) => masked(piece, () => MASK))
      .join('')
  )
}

/** Line by line, as many lines as the text has: for a diff. */
export function maskedLines(text: string): string[] {
  const cover = (secret: string) =>
    secret
      .split('\n')
      .map(() => MASK)
      .join('\n')
  return cutEnv(text.replace(BOM, ''))
    .map((piece) => masked(piece, cover))
    .join('')
    .split('\n')
}

/**
 * A masked text, with each mask replaced by what it stands for in `before`: the same line, or else the same key.
 * @throws FailureError where a mask stands for nothing.
 */
export function unmaskEnv(text: string, before: string): string {
  if (!text.includes(MASK)) return text
  const bom = text.startsWith(BOM) ? BOM : ''
  const old = cutEnv(before.replace(BOM, ''))
  const lines = new Map<string, string[]>()
  for (const piece of old) {
    const shown = withoutEnd(masked(piece, () => MASK))
    if (!shown.includes(MASK)) continue
    const same = lines.get(shown) ?? []
    same.push(withoutEnd(piece.text))
    lines.set(shown, same)
  }
  let number = 1
  const pieces = cutEnv(text.slice(bom.length)).map((piece) => {
    const at = number
    number += piece.text.split('\n').length - 1
    if (!piece.text.includes(MASK)) return piece.text
    const same = lines.get(withoutEnd(piece.text))
    // Duplicates stand in order; a line that was copied means the last of them.
    const line = same !== undefined && same.length > 1 ? same.shift() : same?.[0]
    return line === undefined ? unmasked(piece, old, at) : line + piece.text.slice(withoutEnd(piece.text).length)
  })
  return bom + pieces.join('')
}

function unmasked(piece: EnvPiece, old: readonly EnvPiece[], line: number): string {
  if (piece.kind === 'other') throw lost(line, 'no line of the file looks like it')
  const same = (kind: 'assignment' | 'commented') => old.findLast((one) => one.kind === kind && one.key === piece.key)
  const source = same('assignment') ?? same('commented')
  if (source === undefined) throw lost(line, `the file has no value of ${piece.key} that it could stand for`)
  const secrets = spans(source).map(([from, to]) => source.text.slice(from, to))
  const parts = piece.text.split(MASK)
  const whole = !SECRET_NAME.test(piece.key) || piece.text.slice(piece.from, piece.to) === MASK
  if (!whole || parts.length - 1 !== secrets.length)
    throw lost(line, `the mask of ${piece.key} was changed; write the whole value, or leave the mask alone`)
  if (piece.kind === 'commented' && secrets.some((secret) => secret.includes('\n')))
    throw lost(line, `the value of ${piece.key} has several lines, so it cannot become a comment`)
  return parts.map((part, n) => part + (secrets[n] ?? '')).join('')
}

function masked(piece: EnvPiece, cover: (secret: string) => string): string {
  let text = piece.text
  for (const [from, to] of spans(piece).reverse())
    text = text.slice(0, from) + cover(text.slice(from, to)) + text.slice(to)
  return text
}

/** Where in its text a piece holds something secret. */
function spans(piece: EnvPiece): [from: number, to: number][] {
  if (piece.kind !== 'other' && SECRET_NAME.test(piece.key)) return piece.value === '' ? [] : [[piece.from, piece.to]]
  return [...piece.text.matchAll(URL_PASSWORD)].map((match) => [match.index, match.index + match[0].length])
}

function withoutEnd(text: string): string {
  return text.replace(/\r?\n$/, '')
}

function lost(line: number, because: string): FailureError {
  return new FailureError({
    kind: 'invalid',
    tried: 'Save the .env',
    on: `line ${line}`,
    because: `${MASK} stands there for a secret, but ${because}`,
    remedy: 'Nothing was written.',
  })
}
