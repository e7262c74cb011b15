// How far a transcript is from what was said: word errors by edit distance, and cues in which nothing said is found.

export interface Hearing {
  /** Substitutions, insertions and deletions. */
  readonly errors: number
  /** Words that were said. */
  readonly words: number
  /** Cues with words of which none was said there. */
  readonly madeUp: number
}

/** A model writes digits or words as it pleases: both are the same. */
const numbers = new Map(
  [
    ...'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen'.split(
      ' ',
    ),
    ...'seventeen eighteen nineteen'.split(' '),
  ].map((word, i) => [word, String(i)] as const),
)
for (const [i, word] of 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ').entries())
  numbers.set(word, String(20 + 10 * i))

/** Lower case, numbers in digits, without punctuation and without `[…]` or `(…)`, which describe sounds. */
export function plainWords(text: string): string[] {
  return text
    .toLowerCase()
    .replaceAll(/\[[^\]]*\]|\([^)]*\)/g, ' ')
    .replaceAll(/['’]/g, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => numbers.get(word) ?? word)
}

/** Compares the cues of a transcript, in order, with the words that were said. */
export function compareWords(said: string, cues: readonly string[]): Hearing {
  const reference = plainWords(said)
  const heard = cues.flatMap((cue, index) => plainWords(cue).map((word) => ({ word, cue: index })))
  const width = heard.length + 1
  const distance = new Uint32Array((reference.length + 1) * width)
  const at = (i: number, j: number) => distance[i * width + j] ?? 0
  for (let i = 0; i <= reference.length; i++)
    for (let j = 0; j <= heard.length; j++) {
      const same = i > 0 && j > 0 && reference[i - 1] === heard[j - 1]?.word
      const steps = [
        i > 0 && j > 0 ? at(i - 1, j - 1) + (same ? 0 : 1) : Number.POSITIVE_INFINITY,
        i > 0 ? at(i - 1, j) + 1 : Number.POSITIVE_INFINITY,
        j > 0 ? at(i, j - 1) + 1 : Number.POSITIVE_INFINITY,
      ]
      distance[i * width + j] = i === 0 && j === 0 ? 0 : Math.min(...steps)
    }
  const wordy = new Set(heard.map(({ cue }) => cue))
  for (let i = reference.length, j = heard.length; i > 0 || j > 0; ) {
    const word = heard[j - 1]
    const same = i > 0 && word !== undefined && reference[i - 1] === word.word
    if (same && at(i, j) === at(i - 1, j - 1)) {
      wordy.delete(word.cue)
      i--
      j--
    } else if (i > 0 && j > 0 && at(i, j) === at(i - 1, j - 1) + 1) {
      i--
      j--
    } else if (j > 0 && at(i, j) === at(i, j - 1) + 1) j--
    else i--
  }
  return { errors: at(reference.length, heard.length), words: reference.length, madeUp: wordy.size }
}
