// Where a recording is cut: at the silence nearest to every chunk's intended end; pure, from levels alone.

/** Loudness is measured over stretches of this many ms. */
export const levelMs = 20
/** Root mean square of s16 samples below which nothing is said: -60 dBFS. */
export const silentLevel = 33
/** No silence in reach: this much sound past the cut is heard by both chunks, so that no word is lost (DESIGN §7). */
export const overlapMs = 2000
/** A last chunk shorter than this is heard with the one before. */
export const shortestLastMs = 5000

/** A silence must last this long to be cut in, so that it is a pause and not the gap inside a word. */
const pauseMs = 300
/** -50 dBFS: silent in any recording. In a noisy one: 20 dB below what is loud near the cut. */
const surelySilent = 104
const belowLoud = 0.1

/** A chunk length that levels can be counted in. */
export function wholeLevels(ms: number): number {
  return Math.max(1, Math.round(ms / levelMs)) * levelMs
}

/** whisper.cpp hears windows of 30 s: a chunk a little longer than planned costs a whole one more, so earlier is nearer. */
const lateMs = 10_000

/** How far around the intended end a silence is looked for. */
export function searchMs(chunkMs: number): number {
  return Math.min(60_000, Math.floor((chunkMs * 0.4) / levelMs) * levelMs)
}

/** Sound that must be there before a cut can be decided, unless the recording ends. */
export function neededMs(chunkMs: number): number {
  return chunkMs + searchMs(chunkMs) + shortestLastMs + overlapMs
}

export interface Cut {
  /** From the chunk's start; null: the chunk goes to the end of the recording. */
  readonly atMs: number | null
  readonly overlapMs: number
}

/**
 * Decides where a chunk ends. `levels` are RMS values of every 20 ms from the chunk's start; `totalMs` is the length
 * of what is left when the recording ends within `neededMs`, else null.
 */
export function chooseCut(levels: ArrayLike<number>, chunkMs: number, totalMs: number | null): Cut {
  const lastCut = totalMs === null ? Number.POSITIVE_INFINITY : totalMs - shortestLastMs
  if (totalMs !== null && totalMs <= chunkMs + shortestLastMs) return { atMs: null, overlapMs: 0 }
  const reach = searchMs(chunkMs)
  const quiet = quietest(levels, chunkMs, chunkMs - reach, Math.min(chunkMs + reach, lastCut))
  if (quiet !== null) return { atMs: quiet, overlapMs: 0 }
  return { atMs: chunkMs, overlapMs: Math.min(overlapMs, totalMs === null ? overlapMs : totalMs - chunkMs) }
}

/** The quietest moment of the pause nearest to `target` within [from, to] ms, or null where nothing is silent enough. */
function quietest(levels: ArrayLike<number>, target: number, from: number, to: number): number | null {
  const first = Math.max(0, Math.ceil(from / levelMs))
  const last = Math.min(levels.length, Math.floor(to / levelMs))
  if (last <= first) return null
  const near = Array.from({ length: last - first }, (_, i) => levels[first + i] ?? 0)
  const loud = near.toSorted((a, b) => a - b)[Math.floor(near.length * 0.9)] ?? 0
  const limit = Math.max(surelySilent, loud * belowLoud)
  const width = Math.ceil(pauseMs / levelMs)
  const pauses: { ms: number; loudness: number; distance: number }[] = []
  let run = 0
  for (let i = 0; i < near.length; i++) {
    run = (near[i] ?? 0) <= limit ? run + 1 : 0
    if (run < width) continue
    const ms = (first + i + 1 - Math.floor(width / 2)) * levelMs
    pauses.push({
      ms,
      loudness: Math.max(...near.slice(i + 1 - width, i + 1)),
      distance: Math.abs(ms - target) + (ms > target ? lateMs : 0),
    })
  }
  const nearest = Math.min(...pauses.map(({ distance }) => distance))
  // Within a second of the nearest pause the quietest moment wins.
  const [best] = pauses
    .filter(({ distance }) => distance <= nearest + 1000)
    .sort((a, b) => a.loudness - b.loudness || a.distance - b.distance)
  return best?.ms ?? null
}

/** RMS of every whole 20 ms of 16 kHz samples, gathered while they stream by. */
export class LevelMeter {
  readonly levels: number[] = []
  readonly #every: number
  #sum = 0
  #count = 0

  constructor(samplesPerLevel: number) {
    this.#every = samplesPerLevel
  }

  add(samples: Int16Array): void {
    for (const sample of samples) {
      this.#sum += sample * sample
      if (++this.#count < this.#every) continue
      this.levels.push(Math.sqrt(this.#sum / this.#every))
      this.#sum = 0
      this.#count = 0
    }
  }
}

/** Whether nothing can be heard in these levels. */
export function isSilent(levels: ArrayLike<number>): boolean {
  for (let i = 0; i < levels.length; i++) if ((levels[i] ?? 0) > silentLevel) return false
  return true
}
