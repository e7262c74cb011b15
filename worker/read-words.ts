// whisper-cli's full JSON as words with times of the recording.

/** Times in ms of the recording. `text` keeps the leading space it was given, so words join by concatenation. */
export interface Word {
  readonly startMs: number
  readonly endMs: number
  readonly text: string
}

export interface ChunkResult {
  /** `first` marks the first word of a whisper segment. */
  readonly words: readonly (Word & { first?: true })[]
  /** The language whisper.cpp heard or was told; null when nothing ran. */
  readonly language: string | null
}

interface Offsets {
  readonly from: number
  readonly to: number
}
interface Token {
  readonly text: string
  readonly id: number
  readonly offsets?: Offsets
}
interface Output {
  readonly model: { readonly multilingual: boolean }
  readonly result: { readonly language: string }
  readonly transcription: readonly {
    readonly offsets: Offsets
    readonly text: string
    readonly tokens: readonly Token[]
  }[]
}

/** Scripts written without spaces between words: every token stands for itself. */
const unspaced =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/**
 * Reads the file whisper-cli wrote for a chunk; null when it is not complete. Every byte is kept as one character until
 * words are joined, because a character may be split across tokens (whisper.cpp issue 1798).
 */
export function readWords(bytes: Buffer, span: { startMs: number; audioEndMs: number }): ChunkResult | null {
  const output = parse(bytes)
  if (output === null) return null
  // whisper.cpp src/whisper.cpp whisper_vocab: end of text is 50256, one more in multilingual models; special tokens follow.
  const special = output.model.multilingual ? 50257 : 50256
  const words: (Word & { first?: true })[] = []
  let before = span.startMs
  for (const segment of output.transcription) {
    const from = segment.offsets.from
    const to = Math.max(from, segment.offsets.to)
    for (const [i, part] of group(segment.tokens.filter(({ id }) => id < special)).entries()) {
      const text = Buffer.from(part.text, 'latin1').toString('utf8').replaceAll('\ufffd', '')
      if (text.trim() === '') continue
      const at = (ms: number) => Math.min(span.startMs + Math.min(Math.max(ms, from), to), span.audioEndMs)
      const startMs = Math.max(before, at(part.from ?? from))
      const endMs = Math.max(startMs, at(part.to ?? to))
      words.push(i === 0 ? { startMs, endMs, text, first: true } : { startMs, endMs, text })
      before = startMs
    }
  }
  return { words, language: output.result.language || null }
}

/** Control characters inside strings are the one thing whisper-cli leaves unescaped (examples/cli/cli.cpp:513). */
function parse(bytes: Buffer): Output | null {
  const text = bytes.toString('latin1')
  try {
    return JSON.parse(text) as Output
  } catch {
    // Newlines and tabs between values become spaces too, which changes nothing.
    try {
      // Read as latin1 nothing is above 0xff: what is not from the space on is a control character.
      return JSON.parse(text.replaceAll(/[^\x20-\xff]/g, ' ')) as Output
    } catch {
      return null
    }
  }
}

interface Part {
  text: string
  from: number | null
  to: number | null
}

/** Tokens as words: a leading space begins one, and so does every character of an unspaced script. */
function group(tokens: readonly Token[]): Part[] {
  const parts: Part[] = []
  let open: Buffer = Buffer.alloc(0)
  for (const token of tokens) {
    const last = parts.at(-1)
    const complete = last === undefined || !open.toString('utf8').endsWith('\ufffd')
    const begins = token.text.startsWith(' ') || unspaced.test(Buffer.from(token.text, 'latin1').toString('utf8'))
    if (last === undefined || (complete && begins)) {
      parts.push({ text: token.text, from: token.offsets?.from ?? null, to: token.offsets?.to ?? null })
    } else {
      last.text += token.text
      last.to = token.offsets?.to ?? last.to
    }
    open = Buffer.from(parts.at(-1)?.text ?? '', 'latin1')
  }
  return parts
}
