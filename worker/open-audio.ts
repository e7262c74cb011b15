// A recording as 16 kHz mono samples: opened, checked and decoded by FFmpeg (node-av), in slices that leave the loop free.
import { basename, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import {
  AV_LOG_QUIET,
  AV_NOPTS_VALUE,
  AV_PKT_FLAG_CORRUPT,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
  AVSEEK_FLAG_BACKWARD,
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
  type Stream,
} from 'node-av/lib'
import { BadInput } from './bad-input.ts'
import { checkFile } from './check-file.ts'
import { Resampler, sampleRate, samplesPerMs } from './resample.ts'

export interface OpenAudio {
  /** Declared by the container; null when it does not tell. */
  readonly durationMs: number | null
  /** Whether the container's own index says how long the sound is, so that less of it means a truncated file. */
  readonly durationIsExact: boolean
  /**
   * The samples from the start; may be read once. Holes in the recording's own clock become silence as far as
   * `withinMs`, its length as far as anybody knows it; null: no holes are believed.
   */
  samples(withinMs: number | null, signal: AbortSignal): AsyncGenerator<Int16Array, void, void>
  close(): Promise<void>
}

// FFmpeg would otherwise print on stderr, which belongs to the worker's own log.
Log.setLevel(AV_LOG_QUIET)

/** One turn of decoding may hold the event loop this long: heartbeats and progress are on the same loop. */
const sliceMs = 10
/** A hole in the timestamps longer than this is filled with silence, so that later words keep their place. */
const holeMs = 100

const playlists = ['hls', 'concat', 'dash', 'sdp', 'rtsp', 'imf', 'applehttp']

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
    const opened = await format.openInput(url(path), null, filesOnly())
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
      // FFmpeg shows text (tty) and pictures (image2, png_pipe …) as video too.
      const video = format.findBestStream(AVMEDIA_TYPE_VIDEO) >= 0 && !/tty|image2|_pipe/.test(container)
      throw new BadInput(
        video
          ? `"${name}" is a video without any sound; add the recording that carries the sound.`
          : `"${name}" holds no audio that can be read; it may not be a recording at all. Play it elsewhere to check.`,
      )
    }
    const durationMs = duration(format, stream)
    const durationIsExact = /\b(mov|mp4|m4a)\b/.test(container)
    if (durationIsExact && durationMs !== null && !(await reachesEnd(path, stream)))
      throw new BadInput(
        `"${name}" is cut off: its index promises ${Math.round(durationMs / 1000)} seconds of sound, and the end is missing. Copy it again from where it was recorded, then retry.`,
      )
    return {
      durationMs,
      durationIsExact,
      samples: (withinMs, reading) => decode(format, stream, codec, withinMs, name, reading),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** `file:` keeps names with a colon from being taken for a protocol. */
const url = (path: string) => `file:${resolve(path)}`

/** Nothing but files may be opened from inside a recording. */
function filesOnly(): Dictionary {
  const only = new Dictionary()
  only.set('protocol_whitelist', 'file')
  return only
}

/**
 * Whether the last second that the index lists can be read. Looked at through a second reader: seeking in the first
 * would lose the encoder's priming samples at its start.
 */
async function reachesEnd(path: string, stream: Stream): Promise<boolean> {
  const format = new FormatContext()
  using packet = new Packet()
  packet.alloc()
  try {
    if ((await format.openInput(url(path), null, filesOnly())) < 0) return true
    const start = stream.startTime === AV_NOPTS_VALUE ? 0n : stream.startTime
    const { num, den } = stream.timeBase
    const second = BigInt(Math.round(den / num))
    if ((await format.seekFrame(stream.index, start + stream.duration - second, AVSEEK_FLAG_BACKWARD)) < 0) return true
    let read = await format.readFrame(packet)
    while (read >= 0 && packet.streamIndex !== stream.index) {
      packet.unref()
      read = await format.readFrame(packet)
    }
    return read >= 0 && !packet.hasFlags(AV_PKT_FLAG_CORRUPT)
  } finally {
    await format.closeInput()
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
  withinMs: number | null,
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
      if (atMs !== null && hole > holeMs * samplesPerMs && withinMs !== null && atMs <= withinMs + 1000) {
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
