// Sound of any rate, format and number of channels as 16 kHz mono s16 (libswresample through node-av).
import { AV_CHANNEL_LAYOUT_MONO, AV_SAMPLE_FMT_S16 } from 'node-av/constants'
import { FFmpegError, type Frame, SoftwareResampleContext } from 'node-av/lib'

/** Samples per second of everything whisper.cpp hears. */
export const sampleRate = 16_000
export const samplesPerMs = sampleRate / 1000

/** One stream's resampler, set up anew when the recording changes its own format midway. */
export class Resampler implements Disposable {
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
