// The whole pipeline without a database: decode, transcribe chunk by chunk, stitch.
import type { Children } from './children.ts'
import { type ChunkAudio, cutChunks, noSound, probe } from './decode.ts'
import { type HeardChunk, type StitchedSegment, stitch } from './stitch.ts'
import { type ChunkResult, EngineFailed, EngineUnusable, Stalled, transcribeChunk } from './whisper.ts'

export interface FileProgress {
  readonly audioDoneMs: number
  readonly audioTotalMs: number | null
  /** Audio seconds per wall second since the start; null until something is done. */
  readonly speed: number | null
  readonly etaMs: number | null
}

export interface TranscribeFileOptions {
  readonly path: string
  readonly engine: string
  readonly model: string
  readonly language: string
  readonly threads: number
  readonly chunkMs: number
  readonly scratch: string
  readonly children: Children
  readonly stallMs: number
  readonly signal: AbortSignal
  onProgress(progress: FileProgress): void
}

/** A chunk that keeps failing ends the whole: what three processes cannot do, a fourth will not. */
const triesPerChunk = 3

/**
 * A recording's transcript. The language found in the first part that is not silent is used for the rest, as one
 * whisper-cli over the whole file would. Throws BadInput, Stalled, EngineFailed, or the signal's reason.
 */
export async function transcribeFile(
  options: TranscribeFileOptions,
): Promise<{ segments: StitchedSegment[]; audioMs: number }> {
  const { path, chunkMs, scratch, signal } = options
  const { durationMs } = await probe(path, signal)
  const startedAt = performance.now()
  const report = (audioDoneMs: number) => {
    const wallMs = performance.now() - startedAt
    const speed = audioDoneMs > 0 && wallMs > 0 ? audioDoneMs / wallMs : null
    const left = durationMs === null ? null : Math.max(0, durationMs - audioDoneMs)
    const etaMs = speed === null || left === null ? null : left / speed
    options.onProgress({ audioDoneMs, audioTotalMs: durationMs, speed, etaMs })
  }
  const heard: HeardChunk[] = []
  let language = options.language
  let silent = true
  let audioMs = 0
  for await (const chunk of cutChunks(path, { fromMs: 0, chunkMs, durationMs, scratch, signal })) {
    const result = await patiently(chunk, { ...options, language }, report)
    if (!chunk.silent) silent = false
    if (language === 'auto' && result.language !== null) language = result.language
    heard.push({ startMs: chunk.startMs, endMs: chunk.endMs, words: result.words })
    audioMs = chunk.endMs
    report(audioMs)
  }
  if (silent) throw noSound(path)
  return { segments: stitch(heard), audioMs }
}

async function patiently(
  chunk: ChunkAudio,
  options: TranscribeFileOptions,
  report: (audioDoneMs: number) => void,
): Promise<ChunkResult> {
  for (let attempt = 1; ; attempt++) {
    try {
      const onProgress = (fraction: number) => report(chunk.startMs + fraction * (chunk.endMs - chunk.startMs))
      return await transcribeChunk({ ...options, chunk, onProgress })
    } catch (error) {
      const again = error instanceof EngineFailed || error instanceof Stalled
      if (!again || error instanceof EngineUnusable || attempt === triesPerChunk) throw error
    }
  }
}
