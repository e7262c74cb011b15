// Two texts of a .env as lines that stayed, went and came, secrets masked.
import type { DiffLine } from '../contract/action.ts'
import { maskedLines } from './env-mask.ts'
import { envSecrets } from './env-secrets.ts'

/** Unchanged lines shown before and after a change. */
const AROUND = 2
/** More cells than this is a file rewritten as a whole; comparing line by line would take seconds. */
const MOST_CELLS = 4_000_000

export function diffEnv(before: string, after: string): DiffLine[] {
  const [old, fresh] = [before.split('\n'), after.split('\n')]
  const secrets = [...envSecrets(before), ...envSecrets(after)]
  const [oldShown, freshShown] = [maskedLines(before, secrets), maskedLines(after, secrets)]
  let head = 0
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head++
  let tail = 0
  while (tail < Math.min(old.length, fresh.length) - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail++
  if (head === old.length && head === fresh.length) return []
  const pairs = common(old.slice(head, old.length - tail), fresh.slice(head, fresh.length - tail))
  const lines: DiffLine[] = []
  const say = (kind: DiffLine['kind'], shown: readonly string[], from: number, to: number) => {
    for (const text of shown.slice(from, to)) lines.push({ kind, text: text.replace(/\r$/, '') })
  }
  say('same', oldShown, 0, head)
  let [i, j] = [head, head]
  for (const [a, b] of [...pairs, [old.length - tail - head, fresh.length - tail - head] as const]) {
    say('removed', oldShown, i, head + a)
    say('added', freshShown, j, head + b)
    say('same', oldShown, head + a, head + a + (head + a < old.length - tail ? 1 : tail))
    ;[i, j] = [head + a + 1, head + b + 1]
  }
  return nearChanges(lines)
}

/** Index pairs of a longest common subsequence. */
function common(a: readonly string[], b: readonly string[]): (readonly [number, number])[] {
  if (a.length * b.length > MOST_CELLS) return []
  const width = b.length + 1
  const best = new Uint32Array((a.length + 1) * width)
  const cell = (i: number, j: number) => best[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      best[i * width + j] = a[i] === b[j] ? cell(i + 1, j + 1) + 1 : Math.max(cell(i + 1, j), cell(i, j + 1))
  const pairs: (readonly [number, number])[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++])
    else if (cell(i + 1, j) >= cell(i, j + 1)) i++
    else j++
  }
  return pairs
}

function nearChanges(lines: readonly DiffLine[]): DiffLine[] {
  const changed = lines.map(({ kind }) => kind !== 'same')
  // The text behind the last line end is no line.
  return lines.filter(({ kind, text }, n) => {
    if (kind !== 'same') return true
    const near = changed.slice(Math.max(0, n - AROUND), n + AROUND + 1).includes(true)
    return near && !(n === lines.length - 1 && text === '')
  })
}
