// How well speech is heard by chunk length and context: word errors and made-up cues of recordings with known words.
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownChildren } from '../../worker/children.ts'
import { transcribeFile } from '../../worker/transcribe-file.ts'
import { engine } from '../support/engine.ts'
import { calls, type KnownRecording, menu, readPrompts } from '../support/known-speech.ts'
import { compareWords } from '../support/word-errors.ts'
import type { Options, Table } from './run.ts'

const howToGet = `no speech to measure with. Get prompts with known words (Debian: apt-get install asterisk-core-sounds-en
asterisk-core-sounds-en-wav) and a trained model of whisper.cpp, then run
  npm run bench speech -- --model FILE --audio /usr/share/asterisk/sounds/en_US_f_Allison \\
    [--texts /usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz] [--minutes 8] [--chunks 10,1] [--recording calls]
A chunk "10+context" is ten minutes with each window told what was heard before, which is whisper-cli's own default.`
const defaultTexts = '/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz'

/** Target: as the worker does it, no more word errors than with context, and hardly any cue that was never said. */
export async function speech(quick = false, options: Options = {}): Promise<Table> {
  const { model, audio, texts = defaultTexts } = options
  const columns = ['recording', 'chunk', 'audio', 'said', 'word errors', 'made-up cues', 'time']
  const threads = Number(options.threads ?? availableParallelism())
  const title = `Speech by chunk length in minutes, ${threads} threads`
  if (model === undefined || audio === undefined || !existsSync(model) || !existsSync(texts))
    return { title: `${title}: ${howToGet}`, columns, rows: [] }
  const minutes = Number(options.minutes ?? (quick ? 2 : 8))
  const folder = await mkdtemp(join(tmpdir(), 'unjam-speech-'))
  try {
    const prompts = readPrompts(audio, texts)
    const recordings = [
      await menu(folder, prompts, minutes),
      ...(await Promise.all([7, 8, 9, 10].map((seed) => calls(folder, prompts, minutes / 2, seed)))),
    ]
    const rows: string[][] = []
    for (const recording of recordings.filter(({ name }) => name.startsWith(options.recording ?? '')))
      for (const chunk of (options.chunks ?? '10,10+context,1,1+context').split(',')) {
        const row = await measure(recording, chunk, { model, threads, folder })
        console.error(row.join('  '))
        rows.push(row)
      }
    return { title, columns, rows }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(
  { name, path, text, ms }: KnownRecording,
  chunk: string,
  { model, threads, folder }: { model: string; threads: number; folder: string },
): Promise<string[]> {
  const [, minutes = '1', context] = /^([\d.]+)(\+context)?$/.exec(chunk) ?? []
  const children = ownChildren(join(folder, 'children.json'))
  const began = performance.now()
  const { segments } = await transcribeFile({
    path,
    engine: context === undefined ? await engine() : await withContext(folder, await engine()),
    model,
    language: 'en',
    threads,
    chunkMs: Math.round(Number(minutes) * 60_000),
    scratch: join(folder, 'scratch'),
    children,
    stallMs: 600_000,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  })
  const { errors, words, madeUp } = compareWords(
    text,
    segments.map((segment) => segment.text),
  )
  if (process.env.UNJAM_BENCH_SHOW !== undefined)
    for (const segment of segments) console.error(`  ${(segment.startMs / 1000).toFixed(1)} ${segment.text}`)
  const rate = `${((100 * errors) / words).toFixed(1)} %`
  const seconds = `${((performance.now() - began) / 1000).toFixed(0)} s`
  return [name, chunk, `${(ms / 60_000).toFixed(1)} min`, String(words), rate, String(madeUp), seconds]
}

/** The engine as it is by itself: the last of two options counts. */
async function withContext(folder: string, whisper: string): Promise<string> {
  const path = join(folder, 'whisper-with-context')
  await writeFile(path, `#!/bin/sh\nexec '${whisper}' "$@" -mc -1\n`)
  await chmod(path, 0o755)
  return path
}
