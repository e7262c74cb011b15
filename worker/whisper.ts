// One chunk through whisper.cpp: its own process, watched for progress, its JSON read as words.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Children } from './children.ts'
import type { ChunkAudio } from './decode.ts'
import { type ChunkResult, readWords } from './read-words.ts'

export type { ChunkResult, Word } from './read-words.ts'

/** The process made no progress for too long and was killed; the message says for how long. */
export class Stalled extends Error {
  override readonly name = 'Stalled'
}

/** The process ended without a transcript; the message says why, with the engine's own last words. */
export class EngineFailed extends Error {
  override readonly name = 'EngineFailed'
}

/** No recording can be transcribed like this: the model, the engine or the language is at fault, not the recording. */
export class EngineUnusable extends EngineFailed {}

/** The result was not written whole although the engine succeeded: it does not notice a full disk. */
export class ResultLost extends EngineFailed {}

export interface TranscribeOptions {
  readonly engine: string
  readonly model: string
  /** A whisper.cpp language code, or `auto`. */
  readonly language: string
  readonly threads: number
  readonly chunk: ChunkAudio
  readonly children: Children
  /** Without any progress for this long the process is killed. Loading the model counts. */
  readonly stallMs: number
  readonly signal: AbortSignal
  /** Of this chunk, 0 to 1, never falling. */
  onProgress(fraction: number): void
}

/**
 * Options that change the words. No window of 30 s is given what was heard in the one before: with that context a loop
 * once begun is carried through tones and silence and hides what is said after them, in chunks of one minute too
 * (`npm run bench speech`, one call: 207 % word errors uncut, 163 % by the minute, 4 % without context). It costs
 * nothing, whereas shorter chunks need up to half as many windows more. whisper-cli `--max-context`.
 */
export const hearing: readonly string[] = ['-mc', '0']

const output = 'words'
const argumentFile = 'arguments.txt'
/** A failed assertion would start gdb for a backtrace (ggml/src/ggml.c ggml_print_backtrace). */
const env = { GGML_NO_BACKTRACE: '1' }
/** Enough of stderr to find the reason in; the rest is whisper.cpp describing itself. */
const tailBytes = 16_384

/**
 * Transcribes one chunk. Success is a complete JSON result, whatever the exit code: whisper-cli exits 0 on unreadable
 * input and unknown languages. Throws Stalled, EngineFailed, or the signal's reason.
 */
export async function transcribeChunk(options: TranscribeOptions): Promise<ChunkResult> {
  const { chunk, signal, onProgress } = options
  signal.throwIfAborted()
  if (chunk.silent) {
    onProgress(1)
    return { words: [], language: null }
  }
  const folder = dirname(chunk.wav)
  const child = await start(options, folder)
  const lengthMs = chunk.audioEndMs - chunk.startMs
  const stall = new AbortController()
  let best = 0
  const alarm = setTimeout(() => stall.abort(), options.stallMs)
  const moved = (fraction: number) => {
    alarm.refresh()
    if (fraction <= best) return
    best = Math.min(1, fraction)
    onProgress(best)
  }
  const ended = AbortSignal.any([signal, stall.signal])
  const kill = () => void child.kill()
  ended.addEventListener('abort', kill, { once: true })
  if (ended.aborted) kill()
  try {
    const tail = new Tail()
    await Promise.all([
      eachLine(child.stderr, (line) => {
        tail.add(line)
        const percent = /progress = +(\d+)%/.exec(line)
        if (percent !== null) moved(Number(percent[1]) / 100)
      }),
      // Segments are printed as they come, finer than the 5 % steps of the progress lines.
      eachLine(child.stdout, (line) => {
        const until = /--> (\d+):(\d\d):(\d\d)\.(\d{3})\]/.exec(line)
        if (until !== null) moved(clockMs(until) / lengthMs)
      }),
    ])
    const exit = await child.exited
    if (ended.aborted) await child.kill()
    signal.throwIfAborted()
    if (stall.signal.aborted)
      throw new Stalled(
        `whisper.cpp made no progress for ${Math.round(options.stallMs / 1000)} s in this part of the recording and was stopped.`,
      )
    const bytes = await readFile(join(folder, `${output}.json`)).catch(() => null)
    const result = bytes === null ? null : readWords(bytes, chunk)
    if (result === null) {
      const log = tail.text()
      if (whyUnusable(exit, log, options) === null && isCutOff(exit.code, bytes, log))
        throw new ResultLost('whisper.cpp could not write its whole result; the disk was full at that moment.')
      throw failure(exit, log, options)
    }
    moved(1)
    return result
  } finally {
    clearTimeout(alarm)
    ended.removeEventListener('abort', kill)
    await child.kill()
    // Another try in the same folder must not take this one's result for its own.
    await rm(join(folder, `${output}.json`), { force: true })
  }
}

/**
 * Starts the engine in the chunk's folder, where every name is plain ASCII. A path that is not goes through a file of
 * arguments: on Windows whisper-cli gets its command line in the system's code page, but reads that file as it is and
 * takes model paths as UTF-8 (examples/cli/cli.cpp:975, src/whisper.cpp whisper_init_from_file).
 */
async function start({ engine, model, language, threads, chunk, children }: TranscribeOptions, cwd: string) {
  const args = ['-m', model, '-f', basename(chunk.wav), '-t', String(threads), '-l', language]
  args.push(...hearing, '-ojf', '-of', output, '-pp')
  const plain = args.every((arg) => /^[\x20-\x7e]*$/.test(arg))
  if (!plain) await writeFile(join(cwd, argumentFile), args.join('\n'))
  try {
    return children.spawn(engine, plain ? args : [`@${argumentFile}`], { cwd, env })
  } catch (error) {
    throw new EngineFailed(error instanceof Error ? `${error.message}.` : String(error), { cause: error })
  }
}

function clockMs([, hours, minutes, seconds, ms]: RegExpExecArray): number {
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(ms)
}

async function eachLine(stream: Readable, take: (line: string) => void): Promise<void> {
  let rest = ''
  for await (const part of stream.setEncoding('utf8')) {
    const lines = `${rest}${part}`.split('\n')
    rest = (lines.pop() ?? '').slice(-tailBytes)
    for (const line of lines) take(line.trimEnd())
  }
  if (rest !== '') take(rest)
}

class Tail {
  #lines: string[] = []
  #length = 0

  add(line: string): void {
    this.#lines.push(line)
    this.#length += line.length
    while (this.#length > tailBytes) this.#length -= this.#lines.shift()?.length ?? this.#length
  }

  text(): string {
    return this.#lines.join('\n')
  }
}

/**
 * whisper-cli checks no write (examples/cli/cli.cpp output_json, std::ofstream): on a full disk it exits 0 with a file
 * that ends anywhere, or says that it could not create one. A whole one ends with its outermost brace.
 */
function isCutOff(code: number | null, bytes: Buffer | null, log: string): boolean {
  if (code !== 0) return false
  if (bytes === null) return /failed to open '[^']*' for writing/.test(log)
  return !/[\n\]]\}\s*$/.test(bytes.subarray(-16).toString('latin1'))
}

/** Why there is no transcript, as a sentence. Matched against whisper.cpp's own messages (src/whisper.cpp, examples/cli). */
function failure(
  exit: { code: number | null; signal: NodeJS.Signals | null },
  log: string,
  options: TranscribeOptions,
): EngineFailed {
  const unusable = whyUnusable(exit, log, options)
  if (unusable !== null) return new EngineUnusable(unusable)
  if (exit.signal === 'SIGKILL')
    return new EngineFailed(
      `whisper.cpp was killed by the system, most likely for want of memory; choose a smaller model or fewer slots.`,
    )
  const last = log.split('\n').findLast((line) => /error|fail|abort|assert|cannot|invalid/i.test(line))
  const how = exit.signal === null ? `exit code ${exit.code}` : exit.signal
  return new EngineFailed(
    `whisper.cpp ended without a transcript (${how})${last === undefined ? '' : `: ${last.slice(0, 300)}`}.`,
  )
}

function whyUnusable(
  exit: { code: number | null; signal: NodeJS.Signals | null },
  log: string,
  { engine, model, language }: TranscribeOptions,
): string | null {
  if (/bad magic|failed to initialize whisper context|not all tensors loaded|wrong size in model/.test(log))
    return `The model "${basename(model)}" cannot be loaded; it is damaged or not a whisper.cpp model. Download it again.`
  if (log.includes('unknown language')) return `whisper.cpp knows no language "${language}"; choose another or "auto".`
  if (exit.code === 127) return `The engine ${engine} could not be started; build it again.`
  if (exit.signal === 'SIGILL' || exit.code === 0xc000001d)
    return `The engine ${engine} was built for another processor; build it again on this machine.`
  return null
}
