// A recording as chunk files: streamed, cut at silences, each its own WAV, the next one decoding while one is in use.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { BadInput } from './bad-input.ts'
import { type OpenAudio, openAudio } from './open-audio.ts'
import { chooseCut, isSilent, LevelMeter, levelMs, neededMs, searchMs, wholeLevels } from './plan-chunks.ts'
import { samplesPerMs } from './resample.ts'
import { createWav, type WavFile } from './wav.ts'

export interface Probe {
  readonly durationMs: number | null
}

/** A stretch of the recording in a file of its own. Times are whole ms of the recording. */
export interface ChunkAudio {
  readonly startMs: number
  /** Where the next chunk starts. Resuming from here gives the same chunks as never having stopped. */
  readonly endMs: number
  /** Where the sound in the file ends: past `endMs` by the overlap when no silence was found, else equal. */
  readonly audioEndMs: number
  readonly wav: string
  /** Nothing can be heard in it: no engine needs to run. */
  readonly silent: boolean
  readonly last: boolean
}

export interface CutOptions {
  /** 0, or the `endMs` of a chunk. */
  readonly fromMs: number
  readonly chunkMs: number
  /** As somebody else knows it, for recordings that do not tell; the sound itself decides where it ends. */
  readonly durationMs: number | null
  readonly scratch: string
  readonly signal: AbortSignal
}

/** Shorter recordings hold no speech that could be recognised. */
const leastMs = 100

/** How long a recording is, as its container says. Throws BadInput where it cannot be read at all. */
export async function probe(path: string, signal: AbortSignal): Promise<Probe> {
  const audio = await openAudio(path, signal)
  await audio.close()
  return { durationMs: audio.durationMs === null ? null : Math.round(audio.durationMs) }
}

/** What to say of a recording in which every chunk is silent. */
export function noSound(path: string): BadInput {
  return new BadInput(
    `There is no sound in "${basename(path)}": it is silent from beginning to end. Check the microphone or the export, then add a new recording.`,
  )
}

/**
 * Cuts a recording into chunks, from `fromMs` to its end. While a chunk is in use the next one is decoded, never more.
 * A chunk's file is removed when the next is asked for. Throws BadInput.
 */
export async function* cutChunks(path: string, options: CutOptions): AsyncGenerator<ChunkAudio, void, void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  await mkdir(options.scratch, { recursive: true })
  const folder = await mkdtemp(join(options.scratch, 'audio-'))
  const chunks = decodeChunks(path, { ...options, chunkMs: wholeLevels(options.chunkMs), signal }, folder)
  let next = chunks.next()
  try {
    while (true) {
      const made = await next
      if (made.done === true) return
      next = chunks.next()
      // A failure of the chunk ahead is thrown when that chunk is asked for, not before.
      next.catch(() => undefined)
      yield made.value
      await rm(join(made.value.wav, '..'), { recursive: true, force: true })
    }
  } finally {
    stop.abort()
    await Promise.allSettled([next])
    await rm(folder, { recursive: true, force: true })
  }
}

async function* decodeChunks(
  path: string,
  options: CutOptions,
  folder: string,
): AsyncGenerator<ChunkAudio, void, void> {
  const audio = await openAudio(path, options.signal)
  try {
    yield* chunksOf(path, audio, options, folder)
  } finally {
    await audio.close()
  }
}

/** The sound of one chunk while it grows: all of it in the file, the part that may belong to the next in memory too. */
interface Growing {
  readonly startMs: number
  readonly wav: WavFile
  readonly path: string
  readonly meter: LevelMeter
  /** Samples so far. */
  length: number
  readonly kept: Int16Array[]
  keptLength: number
}

async function* chunksOf(
  path: string,
  audio: OpenAudio,
  { fromMs, chunkMs, durationMs, signal }: CutOptions,
  folder: string,
): AsyncGenerator<ChunkAudio, void, void> {
  const needed = neededMs(chunkMs) * samplesPerMs
  const keepFrom = (chunkMs - searchMs(chunkMs)) * samplesPerMs
  let skip = fromMs * samplesPerMs
  let total = 0

  async function begin(startMs: number): Promise<Growing> {
    const own = join(folder, String(startMs).padStart(10, '0'))
    await mkdir(own)
    const wavPath = join(own, 'chunk.wav')
    const meter = new LevelMeter(levelMs * samplesPerMs)
    return { startMs, path: wavPath, wav: await createWav(wavPath), meter, length: 0, kept: [], keptLength: 0 }
  }
  async function grow(chunk: Growing, samples: Int16Array): Promise<void> {
    const keep = samples.subarray(Math.min(samples.length, Math.max(0, keepFrom - chunk.length)))
    if (keep.length > 0) chunk.kept.push(keep)
    chunk.keptLength += keep.length
    chunk.length += samples.length
    chunk.meter.add(samples)
    await chunk.wav.write(samples)
  }
  async function finish(chunk: Growing, ended: boolean): Promise<{ chunk: ChunkAudio; rest: Int16Array | null }> {
    const lengthMs = chunk.length / samplesPerMs
    const cut = chooseCut(chunk.meter.levels, chunkMs, ended ? lengthMs : null)
    const last = cut.atMs === null
    const endMs = chunk.startMs + Math.ceil(cut.atMs ?? lengthMs)
    const heard = cut.atMs === null ? chunk.length : Math.round((cut.atMs + cut.overlapMs) * samplesPerMs)
    await chunk.wav.finish(heard)
    const levels = chunk.meter.levels.slice(0, Math.ceil(heard / samplesPerMs / levelMs))
    return {
      chunk: {
        startMs: chunk.startMs,
        endMs,
        audioEndMs: chunk.startMs + Math.ceil(heard / samplesPerMs),
        wav: chunk.path,
        silent: isSilent(levels),
        last,
      },
      rest: cut.atMs === null ? null : tail(chunk, cut.atMs * samplesPerMs),
    }
  }

  let growing = await begin(fromMs)
  try {
    for await (const block of audio.samples(audio.durationMs ?? durationMs, signal)) {
      total += block.length
      const dropped = Math.min(skip, block.length)
      skip -= dropped
      if (dropped < block.length) await grow(growing, block.subarray(dropped))
      while (growing.length >= needed) {
        const { chunk, rest } = await finish(growing, false)
        yield chunk
        growing = await begin(chunk.endMs)
        if (rest !== null) await grow(growing, rest)
      }
    }
    checkLength(path, audio, total / samplesPerMs)
    while (growing.length > 0) {
      const { chunk, rest } = await finish(growing, true)
      yield chunk
      if (rest === null) return
      growing = await begin(chunk.endMs)
      await grow(growing, rest)
    }
  } finally {
    await growing.wav.abandon()
  }
}

/** The samples of a growing chunk from `from` on. */
function tail(chunk: Growing, from: number): Int16Array {
  const rest = new Int16Array(chunk.length - from)
  let at = chunk.length - chunk.keptLength - from
  for (const block of chunk.kept) {
    if (at + block.length > 0) rest.set(block.subarray(Math.max(0, -at)), Math.max(0, at))
    at += block.length
  }
  return rest
}

/** Refuses a recording with hardly any sound, or with far less of it than its own index declares. */
function checkLength(path: string, audio: OpenAudio, readMs: number): void {
  const name = basename(path)
  if (readMs < leastMs)
    throw new BadInput(
      `"${name}" holds only ${Math.round(readMs)} ms of sound, too little to transcribe; record it again or remove it.`,
    )
  const declared = audio.durationIsExact ? audio.durationMs : null
  if (declared !== null && readMs < declared - Math.max(2000, declared * 0.02))
    throw new BadInput(
      `"${name}" is cut off: ${Math.round(readMs / 1000)} of ${Math.round(declared / 1000)} seconds can be read. Copy it again from where it was recorded, then retry.`,
    )
}
