// A .env with its secrets masked for screens, and the masks replaced again where an edited text comes back.
import { FailureError } from '../contract/failure.ts'
import { isSecretKey } from '../contract/secrets/key-names.ts'
import { coverSpans, MASK } from '../contract/secrets/mask.ts'
import { BOM, cutEnv, type EnvPiece } from './env-lines.ts'
import { type ReadPiece, readPieces } from './env-secrets.ts'

/** The text for the raw editor; comments and lines that are no assignment are masked too. */
export function maskEnv(text: string): string {
  const bom = text.startsWith(BOM) ? BOM : ''
  return bom + readPieces(text.slice(bom.length)).map(shownOf).join('')
}

/** Line by line, as many lines as the text has: for a diff. `more`: secrets of the other side. */
export function maskedLines(text: string, more: readonly string[]): string[] {
  const cover = (secret: string) => secret.split('\n').fill(MASK).join('\n')
  return readPieces(text.replace(BOM, ''), more)
    .map(({ piece, secrets }) => coverSpans(piece.text, secrets, cover))
    .join('')
    .split('\n')
}

/**
 * A masked text, with each mask replaced by what it stands for in `before`: the same line, or else the same key.
 * @throws FailureError where a mask stands for nothing, or could stand for several things.
 */
export function unmaskEnv(text: string, before: string): string {
  if (!text.includes(MASK)) return text
  const bom = text.startsWith(BOM) ? BOM : ''
  const old = readPieces(before.replace(BOM, '')).map((one) => ({ ...one, shown: shownOf(one) }))
  const { head, tail, middle } = unchangedEnds(text.slice(bom.length), old)
  const between = old.slice(head, old.length - tail)
  const start = joined(old.slice(0, head))
  refuseAmbiguous([...old.slice(0, head), ...old.slice(old.length - tail)], middle, old)
  const edited = unmaskMiddle(middle, between, old, start.split('\n').length)
  return bom + start + edited + joined(old.slice(old.length - tail))
}

interface Shown extends ReadPiece {
  readonly shown: string
}

/** Pieces that stand at the beginning and at the end as they were shown: they are what they were. */
function unchangedEnds(text: string, old: readonly Shown[]): { head: number; tail: number; middle: string } {
  let [head, from] = [0, 0]
  for (let one = old[head]; one !== undefined && text.startsWith(one.shown, from); one = old[++head]) {
    if (!one.shown.endsWith('\n') && from + one.shown.length < text.length) break
    from += one.shown.length
  }
  let [tail, to] = [0, text.length]
  for (let one = old.at(-1); one !== undefined && tail < old.length - head; one = old.at(-1 - ++tail)) {
    const begins = to - one.shown.length
    const whole = begins === from || text[begins - 1] === '\n'
    if (begins < from || !whole || text.slice(begins, to) !== one.shown) break
    to = begins
  }
  return { head, tail, middle: text.slice(from, to) }
}

function unmaskMiddle(text: string, between: readonly Shown[], old: readonly Shown[], first: number): string {
  const waiting = byLine(between)
  const all = byLine(old)
  let line = first
  const written = cutEnv(text).map((piece) => {
    const at = line
    line += piece.text.split('\n').length - 1
    if (!piece.text.includes(MASK)) return piece.text
    const shown = withoutEnd(piece.text)
    // Duplicates stand in order; a line that was copied means the last of them.
    const same = waiting.get(shown)?.shift() ?? all.get(shown)?.at(-1)
    return same === undefined ? unmaskPiece(piece, old, at) : same + piece.text.slice(shown.length)
  })
  return written.join('')
}

/** Of lines that look the same and are not, all or none must stay: which one is meant cannot be seen. */
function refuseAmbiguous(kept: readonly Shown[], middle: string, old: readonly Shown[]): void {
  const stays = byLine(kept)
  const edited = cutEnv(middle).map(({ text }) => withoutEnd(text))
  for (const [shown, texts] of byLine(old)) {
    if (new Set(texts).size < 2) continue
    const count = (stays.get(shown)?.length ?? 0) + edited.filter((line) => line === shown).length
    if (count === 0 || count >= texts.length) continue
    throw lost(
      old.findIndex((one) => withoutEnd(one.shown) === shown) + 1,
      `${texts.length} different lines look like ${shown} and only some of them are left; write their values`,
    )
  }
}

/** Texts of the pieces that hold secrets, by what is shown of them. */
function byLine(pieces: readonly Shown[]): Map<string, string[]> {
  const lines = new Map<string, string[]>()
  for (const { shown, piece } of pieces) {
    const line = withoutEnd(shown)
    if (line.includes(MASK)) lines.set(line, [...(lines.get(line) ?? []), withoutEnd(piece.text)])
  }
  return lines
}

function unmaskPiece(piece: EnvPiece, old: readonly Shown[], line: number): string {
  if (piece.kind === 'other') throw lost(line, 'no line of the file looks like it')
  const same = (kind: EnvPiece['kind']) =>
    old.findLast((one) => one.piece.kind === kind && one.piece.kind !== 'other' && one.piece.key === piece.key)
  const source = same('assignment') ?? same('commented')
  if (source === undefined) throw lost(line, `the file has no value of ${piece.key} that it could stand for`)
  const values = source.secrets.map(({ from, to }) => source.piece.text.slice(from, to))
  const parts = piece.text.split(MASK)
  const whole = !isSecretKey(piece.key, piece.value) || piece.text.slice(piece.from, piece.to) === MASK
  if (!whole || parts.length - 1 !== values.length)
    throw lost(line, `the mask of ${piece.key} was changed; write the whole value, or leave the mask alone`)
  if (piece.kind === 'commented' && values.some((value) => value.includes('\n')))
    throw lost(line, `the value of ${piece.key} has several lines, so it cannot become a comment`)
  return parts.map((part, n) => part + (values[n] ?? '')).join('')
}

function shownOf({ piece, secrets }: ReadPiece): string {
  return coverSpans(piece.text, secrets)
}

function joined(pieces: readonly ReadPiece[]): string {
  return pieces.map(({ piece }) => piece.text).join('')
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
