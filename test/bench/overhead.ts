// What the pipeline costs: `unjam transcribe` of an m4a against bare whisper-cli on the same sound, already decoded.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { cutChunks } from '../../worker/decode.ts'
import { hearing } from '../../worker/whisper.ts'
import { type Part, writeAudio } from '../support/audio.ts'
import { engine } from '../support/engine.ts'
import { tinyModel } from '../support/tiny-model.ts'
import type { Table } from './run.ts'

const root = join(import.meta.dirname, '../..')
/** Real hyper-parameters without weights: the true cost of every step, if these files are there. */
const shared = process.env.UNJAM_BENCH_MODELS ?? join(root, '..', 'shared', 'models')
const threads = availableParallelism()

async function model(): Promise<{ name: string; path: string }> {
  const path = join(shared, 'for-tests-ggml-tiny.en.bin')
  return existsSync(path) ? { name: 'tiny.en', path } : { name: 'test model', path: await tinyModel() }
}

/** Talk with pauses of uneven distance, as people make them. */
function talk(minutes: number): Part[] {
  const parts: Part[] = []
  for (let ms = 0, n = 0; ms < minutes * 60_000; n++) {
    const said = 3000 + ((n * 7919) % 9000)
    parts.push({ noise: 0.1, ms: said }, { silence: true, ms: 700 })
    ms += said + 700
  }
  return parts
}

/** Wall time in ms of a program that must succeed. */
async function wall(command: string, args: readonly string[], cwd: string): Promise<number> {
  const began = performance.now()
  const child = spawn(command, [...args], { cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  const said: Buffer[] = []
  child.stderr.on('data', (part: Buffer) => said.push(part))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0)
    throw new Error(`${basename(command)} ended with ${code}: ${Buffer.concat(said).toString().slice(-500)}`)
  return performance.now() - began
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`

/** Pipeline ÷ bare engine, medians of three, alternating so that a busy moment hits both. */
export async function overhead(quick = false): Promise<Table> {
  const folder = await mkdtemp(join(tmpdir(), 'unjam-overhead-'))
  try {
    const path = await writeAudio(join(folder, 'talk.m4a'), talk(11.6), { format: 'm4a' })
    const wav = join(folder, 'decoded.wav')
    const whole = { fromMs: 0, chunkMs: 24 * 3_600_000, durationMs: null, scratch: folder }
    for await (const chunk of cutChunks(path, { ...whole, signal: new AbortController().signal }))
      await copyFile(chunk.wav, wav)
    const minutes = ((await stat(wav)).size / 32_000 / 60).toFixed(1)
    const whisper = await engine()
    const { name, path: file } = await model()
    const options = ['--model', file, '--threads', String(threads), '--language', 'en', '--data', folder]
    const ours: number[] = []
    const bare: number[] = []
    for (let i = 0; i < (quick ? 1 : 3); i++) {
      const plain = ['-m', file, '-f', wav, '-t', String(threads), '-l', 'en', ...hearing, '-ojf']
      plain.push('-of', join(folder, 'bare'))
      bare.push(await wall(whisper, plain, folder))
      const unjam = [join(root, 'electron', 'unjam.mjs'), 'transcribe', path, ...options, '--out', join(folder, 'ours')]
      ours.push(await wall(process.execPath, unjam, root))
    }
    const ratio = median(ours) / median(bare)
    const kept = ratio <= 1.05 ? 'yes' : 'no'
    return {
      title: `Pipeline overhead: unjam transcribe ÷ bare whisper-cli, ${threads} threads (wanted: ≤ 1.05)`,
      columns: ['model', 'audio', 'whisper-cli', 'unjam', 'ratio', 'kept'],
      rows: [[name, `${minutes} min`, seconds(median(bare)), seconds(median(ours)), ratio.toFixed(3), kept]],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
