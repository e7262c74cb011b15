// Chunks back into one transcript: words heard twice around a cut are kept once, segments are in order.
import type { ChunkResult } from './read-words.ts'

type HeardWord = ChunkResult['words'][number]
export interface HeardChunk {
  readonly startMs: number
  /** Where the next chunk starts; words past it are the overlap of a cut without silence. */
  readonly endMs: number
  readonly words: readonly HeardWord[]
}
export interface StitchedSegment {
  readonly startMs: number
  readonly endMs: number
  readonly text: string
}

/** How far apart the two hearings of one word may be. */
const sameWordMs = 1000

/**
 * Joins chunks in order of time. Where two of them heard the same stretch, the join is at a word both heard alike,
 * nearest to the middle; where no word agrees, by time. Segments are sorted, do not overlap and are never empty.
 */
export function stitch(chunks: readonly HeardChunk[]): StitchedSegment[] {
  const words: HeardWord[] = []
  let before: HeardChunk | null = null
  for (const chunk of chunks.toSorted((a, b) => a.startMs - b.startMs)) {
    const joined = before === null ? { drop: 0, skip: 0 } : join(words, chunk, before)
    words.splice(words.length - joined.drop)
    words.push(...chunk.words.slice(joined.skip).map((word, i) => (i === 0 ? { ...word, first: true as const } : word)))
    before = chunk
  }
  return segments(words)
}

/** How many words to take from the end of what is there, and from the beginning of what comes. */
function join(words: readonly HeardWord[], next: HeardChunk, before: HeardChunk): { drop: number; skip: number } {
  const from = next.startMs
  const heardUntil = Math.max(before.endMs, words.at(-1)?.endMs ?? 0)
  if (heardUntil <= from) return { drop: 0, skip: 0 }
  const tailStart = words.findIndex((word) => word.endMs > from - sameWordMs)
  const old = tailStart === -1 ? [] : words.slice(tailStart)
  const fresh = next.words.slice(0, next.words.findLastIndex((word) => word.startMs < heardUntil + sameWordMs) + 1)
  const middle = (from + heardUntil) / 2
  if (!fresh.some((word) => word.startMs < heardUntil)) return { drop: 0, skip: 0 }
  const match = agreement(old, fresh, middle)
  if (match !== null) return { drop: old.length - match.old - 1, skip: match.fresh + 1 }
  const kept = old.filter((word) => centre(word) < middle)
  const end = kept.at(-1)?.endMs ?? from
  const skip = fresh.findIndex((word) => centre(word) >= Math.max(middle, Math.min(end, heardUntil)))
  return { drop: old.length - kept.length, skip: skip === -1 ? fresh.length : skip }
}

const centre = (word: HeardWord) => (word.startMs + word.endMs) / 2
const plain = (word: HeardWord) => word.text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '')

/** The word that both heard, preferring one whose neighbours agree too, then the same time, then the middle. */
function agreement(old: readonly HeardWord[], fresh: readonly HeardWord[], middle: number) {
  let best: { old: number; fresh: number; run: number; apart: number; off: number } | null = null
  for (const [i, a] of old.entries())
    for (const [j, b] of fresh.entries()) {
      const apart = Math.abs(centre(a) - centre(b))
      if (apart > sameWordMs || plain(a) === '' || plain(a) !== plain(b)) continue
      const run = agreeingRun(old, fresh, i, j)
      const off = Math.abs((centre(a) + centre(b)) / 2 - middle)
      const candidate = { old: i, fresh: j, run, apart, off }
      if (best === null || compare(candidate, best) < 0) best = candidate
    }
  return best
}

function compare(
  a: { run: number; apart: number; off: number },
  b: { run: number; apart: number; off: number },
): number {
  return b.run - a.run || Math.round(a.apart / 200) - Math.round(b.apart / 200) || a.off - b.off
}

/** Of the words just before, at and after this pair, how many agree. */
function agreeingRun(old: readonly HeardWord[], fresh: readonly HeardWord[], i: number, j: number): number {
  return [-1, 0, 1].filter((step) => {
    const a = old[i + step]
    const b = fresh[j + step]
    return a !== undefined && b !== undefined && plain(a) === plain(b)
  }).length
}

function segments(words: readonly HeardWord[]): StitchedSegment[] {
  const made: { startMs: number; endMs: number; text: string }[] = []
  let until = 0
  for (const word of words) {
    const startMs = Math.max(until, Math.round(word.startMs))
    const endMs = Math.max(startMs, Math.round(word.endMs))
    const last = made.at(-1)
    if (last === undefined || word.first === true) made.push({ startMs, endMs, text: word.text })
    else {
      last.text += word.text
      last.endMs = endMs
    }
    until = endMs
  }
  return made.map((segment) => ({ ...segment, text: segment.text.trim() })).filter((segment) => segment.text !== '')
}
