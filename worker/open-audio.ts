// A recording as 16 kHz mono samples: opened, checked and decoded by FFmpeg (node-av), in slices that leave the loop free.
import { open, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import {
  AV_CHANNEL_LAYOUT_MONO,
  AV_LOG_QUIET,
  AV_NOPTS_VALUE,
  AV_SAMPLE_FMT_S16,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants'
import {
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  Frame,
  Log,
  Packet,
  SoftwareResampleContext,
  type Stream,
} from 'node-av/lib'
import { BadInput } from './bad-input.ts'

/** Samples per second of everything whisper.cpp hears. */
export const sampleRate = 16_000
export const samplesPerMs = sampleRate / 1000

export interface OpenAudio {
  /** Declared by the container; null when it does not tell. */
  readonly durationMs: number | null
  /** Whether the container's own index says how long the sound is, so that less of it means a truncated file. */
  readonly durationIsExact: boolean
  /** The samples from the start; may be read once. */
  samples(signal: AbortSignal): AsyncGenerator<Int16Array, void, void>
  close(): Promise<void>
}

// FFmpeg would otherwise print on stderr, which belongs to the worker's own log.
Log.setLevel(AV_LOG_QUIET)

/** One turn of decoding may hold the event loop this long: heartbeats and progress are on the same loop. */
const sliceMs = 10
/** A hole in the timestamps longer than this is filled with silence, so that later words keep their place. */
const holeMs = 100

const playlists = ['hls', 'concat', 'dash', 'sdp', 'rtsp', 'imf', 'applehttp']

/** The sentence for what the file system itself refuses. */
export async function checkFile(path: string): Promise<void> {
  const name = basename(path)
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => error)
  if (found instanceof Error) throw unreadable(path, found)
  if (found.isDirectory())
    throw new BadInput(`"${name}" is a folder, not a recording; add the files inside it instead.`)
  if (!found.isFile()) throw new BadInput(`"${name}" is not a regular file; add a recording stored on disk.`)
  if (found.size === 0)
    throw new BadInput(
      `"${name}" is empty (0 bytes); its upload or copy did not finish. Copy it again and add it anew.`,
    )
  try {
    await (await open(path, 'r')).close()
  } catch (error) {
    throw unreadable(path, error as NodeJS.ErrnoException)
  }
}

function unreadable(path: string, error: NodeJS.ErrnoException): BadInput {
  const name = basename(path)
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new BadInput(`"${name}" is no longer there (${path}). Put the file back, then retry.`)
    case 'EACCES':
    case 'EPERM':
      return new BadInput(`"${name}" may not be read by this account (${path}). Allow reading it, then retry.`)
    case 'EBUSY':
      return new BadInput(`"${name}" is locked by another program (${path}). Close it there, then retry.`)
    default:
      return new BadInput(`"${name}" cannot be read: ${error.message}. Copy it to a local disk and add it again.`)
  }
}

/** Opens a recording and finds its sound. Throws BadInput with the sentence for the operator. */
export async function openAudio(path: string, signal: AbortSignal): Promise<OpenAudio> {
  signal.throwIfAborted()
  await checkFile(path)
  const name = basename(path)
  const format = new FormatContext()
  const interrupt = () => format.interrupt()
  signal.addEventListener('abort', interrupt, { once: true })
  const close = async () => {
    signal.removeEventListener('abort', interrupt)
    await format.closeInput()
  }
  try {
    // `file:` keeps names with a colon from being taken for a protocol; nothing but files may be opened from inside one.
    const only = new Dictionary()
    only.set('protocol_whitelist', 'file')
    const opened = await format.openInput(`file:${resolve(path)}`, null, only)
    signal.throwIfAborted()
    if (opened < 0)
      throw new BadInput(
        `"${name}" is not audio or video that can be read (${cause(opened)}); it may be truncated or not a recording at all. Play it elsewhere to check, or export it anew.`,
      )
    const container = format.iformat?.name ?? ''
    if (container.split(',').some((kind) => playlists.includes(kind)))
      throw new BadInput(`"${name}" is a playlist, not a recording; add the files it names instead.`)
    const info = await format.findStreamInfo()
    signal.throwIfAborted()
    const stream = format.streams[format.findBestStream(AVMEDIA_TYPE_AUDIO)]
    const codec = stream === undefined ? null : Codec.findDecoder(stream.codecpar.codecId)
    if (info < 0 || stream === undefined || codec === null) {
      const video = format.findBestStream(AVMEDIA_TYPE_VIDEO) >= 0 && container !== 'tty'
      throw new BadInput(
        video
          ? `"${name}" is a video without any sound; add the recording that carries the sound.`
          : `"${name}" holds no audio that can be read; it may not be a recording at all. Play it elsewhere to check.`,
      )
    }
    const durationMs = duration(format, stream)
    const durationIsExact = /\b(mov|mp4|m4a)\b/.test(container)
    return {
      durationMs,
      durationIsExact,
      samples: (readSignal) => decode(format, stream, codec, durationMs, name, readSignal),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function cause(code: number): string {
  return FFmpegError.strerror(code)
}

function duration(format: FormatContext, stream: Stream): number | null {
  const { num, den } = stream.timeBase
  if (stream.duration > 0n && stream.duration !== AV_NOPTS_VALUE) return (Number(stream.duration) * num * 1000) / den
  return format.duration > 0n && format.duration !== AV_NOPTS_VALUE ? Number(format.duration) / 1000 : null
}

async function* decode(
  format: FormatContext,
  stream: Stream,
  codec: Codec,
  durationMs: number | null,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<Int16Array, void, void> {
  const { num, den } = stream.timeBase
  const startMs = format.startTime === AV_NOPTS_VALUE ? 0 : Number(format.startTime) / 1000
  using decoder = new CodecContext()
  decoder.allocContext3(codec)
  decoder.parametersToContext(stream.codecpar)
  decoder.pktTimebase = stream.timeBase
  const opened = await decoder.open2(codec, null)
  if (opened < 0) throw new BadInput(`"${name}" uses sound of a kind that cannot be decoded (${cause(opened)}).`)
  using packet = new Packet()
  packet.alloc()
  using frame = new Frame()
  frame.alloc()
  using resampler = new Resampler()
  let out = 0
  let sliceEnds = performance.now() + sliceMs

  /** Everything the decoder can give now, as blocks; silence goes where the recording's own clock skips ahead. */
  function* drain(): Generator<Int16Array> {
    while (decoder.receiveFrameSync(frame) >= 0) {
      const stamp = frame.bestEffortTimestamp
      const atMs = stamp === AV_NOPTS_VALUE ? null : (Number(stamp) * num * 1000) / den - startMs
      const hole = atMs === null ? 0 : Math.round(atMs * samplesPerMs) - out - resampler.delay()
      if (atMs !== null && hole > holeMs * samplesPerMs && durationMs !== null && atMs <= durationMs + 1000) {
        for (let left = hole; left > 0; left -= sampleRate) yield new Int16Array(Math.min(left, sampleRate))
        out += hole
      }
      const block = resampler.convert(frame)
      frame.unref()
      out += block.length
      if (block.length > 0) yield block
    }
  }

  while (true) {
    signal.throwIfAborted()
    const read = format.readFrameSync(packet)
    // A broken tail ends the sound just as the end of the file does; whoever knows the length judges what is missing.
    if (read < 0) break
    if (packet.streamIndex === stream.index) decoder.sendPacketSync(packet)
    packet.unref()
    yield* drain()
    if (performance.now() >= sliceEnds) {
      await setImmediate()
      sliceEnds = performance.now() + sliceMs
    }
  }
  decoder.sendPacketSync(null)
  yield* drain()
  const rest = resampler.flush()
  if (rest.length > 0) yield rest
}

/** libswresample to 16 kHz mono s16, set up anew when the recording changes its own format midway. */
class Resampler implements Disposable {
  #context: SoftwareResampleContext | null = null
  #shape = ''
  #buffer = Buffer.alloc(0)

  convert(frame: Frame): Int16Array {
    const shape = `${frame.sampleRate}/${frame.format}/${frame.channels}`
    let before: Int16Array = new Int16Array(0)
    if (shape !== this.#shape) {
      before = this.flush()
      this.#context?.free()
      this.#context = new SoftwareResampleContext()
      const layout = frame.channelLayout
      this.#context.allocSetOpts2(
        AV_CHANNEL_LAYOUT_MONO,
        AV_SAMPLE_FMT_S16,
        sampleRate,
        layout,
        frame.format as typeof AV_SAMPLE_FMT_S16,
        frame.sampleRate,
      )
      FFmpegError.throwIfError(this.#context.init(), 'prepare the resampler')
      this.#shape = shape
    }
    const after = this.#run(frame.extendedData, frame.nbSamples)
    if (before.length === 0) return after
    const both = new Int16Array(before.length + after.length)
    both.set(before)
    both.set(after, before.length)
    return both
  }

  /** Samples still inside, in output samples. */
  delay(): number {
    return this.#context === null ? 0 : Number(this.#context.getDelay(BigInt(sampleRate)))
  }

  flush(): Int16Array {
    return this.#context === null ? new Int16Array(0) : this.#run(null, 0)
  }

  #run(input: Buffer[] | null, count: number): Int16Array {
    if (this.#context === null) return new Int16Array(0)
    const room = this.#context.getOutSamples(count) + 64
    if (this.#buffer.length < room * 2) this.#buffer = Buffer.alloc(room * 2)
    const made = this.#context.convertSync([this.#buffer], room, input, count)
    FFmpegError.throwIfError(made, 'resample')
    const samples = new Int16Array(made)
    new Uint8Array(samples.buffer).set(this.#buffer.subarray(0, made * 2))
    return samples
  }

  [Symbol.dispose](): void {
    this.#context?.free()
  }
}
