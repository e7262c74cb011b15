// Recordings with known words, made from telephone prompts: spoken menus, and calls with tones and silence between.
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { wavHeader } from './audio.ts'

/** Prompts are telephone sound: 8 kHz, mono, s16. */
const rate = 8000

export interface Prompt {
  readonly name: string
  readonly text: string
  readonly samples: Int16Array
}

export interface KnownRecording {
  readonly name: string
  readonly path: string
  /** What is said in it, in order. */
  readonly text: string
  readonly ms: number
}

/**
 * The prompts of a list (`name: text`, `[…]` are sounds, `;` begins a comment; may be gzipped) that are in `folder` as
 * WAV. Those that say nothing are left out.
 */
export function readPrompts(folder: string, list: string): Prompt[] {
  const bytes = readFileSync(list)
  const text = (list.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  return text.split('\n').flatMap((line) => {
    const [, name = '', said = ''] = /^([\w/-]+): +(.+)$/.exec(line) ?? []
    const path = join(folder, `${name}.wav`)
    if (said === '' || /^[[(]/.test(said) || !existsSync(path)) return []
    return [{ name, text: said, samples: readSamples(path) }]
  })
}

function readSamples(path: string): Int16Array {
  const bytes = readFileSync(path)
  const data = bytes.indexOf('data', 12, 'latin1')
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || data === -1 || bytes.readUInt32LE(24) !== rate)
    throw new Error(`${path} is not an 8 kHz WAV`)
  const length = Math.min(bytes.readUInt32LE(data + 4), bytes.length - data - 8) >> 1
  return Int16Array.from({ length }, (_, i) => bytes.readInt16LE(data + 8 + 2 * i))
}

/** The same numbers from 0 to 1 in every run. */
function sequence(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return (state >>> 0) / 2 ** 32
  }
}

const silence = (ms: number) => new Int16Array(Math.round((ms * rate) / 1000))
/** Two sines, as telephone tones are (ITU-T E.180, Q.23). */
const tone = (a: number, b: number, ms: number) =>
  silence(ms).map((_, i) => 5000 * (Math.sin((2 * Math.PI * a * i) / rate) + Math.sin((2 * Math.PI * b * i) / rate)))
const hiss = (ms: number, next: () => number) => silence(ms).map(() => (next() - 0.5) * 200)

/** Numbers and single words first, then sentences, with pauses of 0.25 to 0.9 s. */
export function menu(folder: string, prompts: readonly Prompt[], minutes: number): Promise<KnownRecording> {
  const next = sequence(1)
  const ordered = [
    ...prompts.filter(({ name }) => name.startsWith('digits/')).slice(0, 60),
    ...prompts.filter(({ name }) => !/^(digits|letters|phonetic)\//.test(name)),
  ]
  const parts: (Prompt | Int16Array)[] = ordered.flatMap((prompt) => [prompt, silence(250 + 650 * next())])
  return record(folder, 'prompts', parts, minutes)
}

/** Calls as an exchange records them: ringing, sentences, keys, waiting in silence or hiss, a busy tone, the next call. */
export function calls(
  folder: string,
  prompts: readonly Prompt[],
  minutes: number,
  seed: number,
): Promise<KnownRecording> {
  const next = sequence(seed)
  const said = prompts.filter(({ text }) => text.split(' ').length >= 4)
  const pick = () => said[Math.floor(next() * said.length)]
  const parts: (Prompt | Int16Array)[] = []
  for (let turn = 0; turn < minutes * 4; turn++) {
    for (let ring = 0; ring < 1 + next() * 3; ring++) parts.push(tone(440, 480, 2000), hiss(4000, next))
    for (let sentence = 0; sentence < 1 + next() * 3; sentence++) {
      const prompt = pick()
      if (prompt !== undefined) parts.push(prompt, silence(400))
    }
    parts.push(tone(697, 1209, 150), silence(100), tone(852, 1336, 150))
    parts.push(next() < 0.5 ? silence(5000 + 25_000 * next()) : hiss(5000 + 25_000 * next(), next))
    if (next() < 0.4) for (let busy = 0; busy < 6; busy++) parts.push(tone(480, 620, 500), silence(500))
  }
  return record(folder, `calls ${seed}`, parts, minutes)
}

async function record(
  folder: string,
  name: string,
  parts: readonly (Prompt | Int16Array)[],
  minutes: number,
): Promise<KnownRecording> {
  const taken: Int16Array[] = []
  const words: string[] = []
  let length = 0
  for (const part of parts) {
    if (length >= minutes * 60 * rate) break
    const samples = part instanceof Int16Array ? part : part.samples
    if (!(part instanceof Int16Array)) words.push(part.text)
    taken.push(samples)
    length += samples.length
  }
  const path = join(folder, `${name.replaceAll(' ', '-')}.wav`)
  const sound = Buffer.concat(taken.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)))
  await writeFile(path, Buffer.concat([wavHeader(length, rate), sound]))
  return { name, path, text: words.join(' '), ms: (1000 * length) / rate }
}
