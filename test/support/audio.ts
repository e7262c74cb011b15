// Recordings that tests make for themselves: tones, silence and noise in any format, and a video without sound.

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { Encoder, Muxer } from 'node-av/api'
import { AV_CHANNEL_LAYOUT_MONO, AV_PIX_FMT_YUV420P, AV_SAMPLE_FMT_S16, type FFEncoderCodec } from 'node-av/constants'
import { Frame } from 'node-av/lib'

/** One stretch of sound: a sine of so many Hz, noise of a level 0–1, silence, or a hole that the file's clock skips. */
export type Part = ({ tone: number } | { silence: true } | { noise: number } | { skip: true }) & { ms: number }
export type AudioFormat = 'wav' | 'm4a' | 'mp3' | 'flac' | 'ogg' | 'mkv'

const codecs: Record<Exclude<AudioFormat, 'wav'>, string> = {
  m4a: 'aac',
  mp3: 'libmp3lame',
  flac: 'flac',
  ogg: 'libopus',
  mkv: 'aac',
}

/** Deterministic noise: the same file every time. */
function sampler(part: Part, rate: number): (i: number) => number {
  if ('tone' in part) return (i) => Math.round(8000 * Math.sin((2 * Math.PI * part.tone * i) / rate))
  if ('silence' in part || 'skip' in part) return () => 0
  let seed = 12345
  return () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0
    return Math.round((seed / 2 ** 31) * 32767 * part.noise)
  }
}

/** The parts as s16 mono blocks of at most one second. */
export function* pcm(parts: readonly Part[], rate: number): Generator<Int16Array<ArrayBuffer>> {
  for (const part of parts) yield* blocksOf(part, rate)
}

function* blocksOf(part: Part, rate: number): Generator<Int16Array<ArrayBuffer>> {
  const sample = sampler(part, rate)
  const total = Math.round((part.ms * rate) / 1000)
  for (let from = 0; from < total; from += rate) {
    const block = new Int16Array(Math.min(rate, total - from))
    for (let i = 0; i < block.length; i++) block[i] = sample(from + i)
    yield block
  }
}

/** A 44-byte RIFF header for s16 mono. */
export function wavHeader(samples: number, rate: number): Buffer {
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + samples * 2, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE(rate * 2, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(samples * 2, 40)
  return header
}

/** Writes the parts one after another as a recording; `rate` in Hz is the file's own (16000 for wav, 48000 otherwise). */
export async function writeAudio(
  path: string,
  parts: readonly Part[],
  options: { format: AudioFormat; rate?: number; indexFirst?: boolean },
): Promise<string> {
  const rate = options.rate ?? (options.format === 'wav' ? 16000 : 48000)
  if (options.format === 'wav') return writeWav(path, parts, rate)
  const encoder = await Encoder.create(codecs[options.format] as FFEncoderCodec, { bitrate: '64k', autoResample: true })
  await using output = await Muxer.open(
    path,
    options.indexFirst === true ? { options: { movflags: '+faststart' } } : {},
  )
  const stream = output.addStream(encoder)
  // Encoders count samples themselves, so a hole is made by moving the packets after it.
  const holes: { from: bigint; length: bigint }[] = []
  async function* frames(): AsyncGenerator<Frame | null> {
    let pts = 0n
    for (const part of parts) {
      if ('skip' in part) {
        holes.push({ from: pts, length: BigInt(Math.round((part.ms * rate) / 1000)) })
        continue
      }
      for (const block of blocksOf(part, rate)) {
        yield Frame.fromAudioBuffer(Buffer.from(block.buffer), {
          nbSamples: block.length,
          format: AV_SAMPLE_FMT_S16,
          sampleRate: rate,
          channelLayout: AV_CHANNEL_LAYOUT_MONO,
          timeBase: { num: 1, den: rate },
          pts,
        })
        pts += BigInt(block.length)
      }
    }
    yield null
  }
  for await (const packet of encoder.packets(frames())) {
    const moved = holes.reduce(
      (sum, { from, length }) => (packet !== null && packet.pts >= from ? sum + length : sum),
      0n,
    )
    if (packet !== null && moved > 0n) {
      packet.pts += moved
      packet.dts += moved
    }
    await output.writePacket(packet, stream)
    packet?.free()
  }
  encoder.close()
  return path
}

async function writeWav(path: string, parts: readonly Part[], rate: number): Promise<string> {
  const file = createWriteStream(path)
  file.write(wavHeader(Math.round((parts.reduce((sum, { ms }) => sum + ms, 0) * rate) / 1000), rate))
  for (const block of pcm(parts, rate)) if (!file.write(Buffer.from(block.buffer))) await once(file, 'drain')
  file.end()
  await once(file, 'finish')
  return path
}

/** A short video that has no sound at all. */
export async function writeSilentVideo(path: string): Promise<string> {
  const encoder = await Encoder.create('mpeg4' as FFEncoderCodec, { bitrate: '100k' })
  await using output = await Muxer.open(path)
  const stream = output.addStream(encoder)
  async function* frames(): AsyncGenerator<Frame | null> {
    for (let i = 0; i < 10; i++)
      yield Frame.fromVideoBuffer(Buffer.alloc((64 * 64 * 3) / 2, 100), {
        width: 64,
        height: 64,
        format: AV_PIX_FMT_YUV420P,
        timeBase: { num: 1, den: 10 },
        pts: BigInt(i),
      })
    yield null
  }
  for await (const packet of encoder.packets(frames())) {
    await output.writePacket(packet, stream)
    packet?.free()
  }
  encoder.close()
  return path
}
