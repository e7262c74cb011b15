// A whisper.cpp model small enough for every test run: real format, real hyper-parameters, weights that say known words.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const vocabulary = 51_865 // multilingual: end of text is 50257 (whisper.cpp src/whisper.cpp whisper_vocab)
const startOfText = 50_258
const english = 50_259
const transcribe = 50_359
const begin = 50_364
const endOfText = 50_257
const state = 32
const melBands = 80
const spectrum = 201
const audioContext = 1500
const textContext = 64 // short, because every window is prompted with half of it

/** What it says in every 30 s window: words between timestamps (s). The umlaut is split across two tokens on purpose. */
const speech: readonly (string | Buffer | number)[] = [
  0,
  ' every',
  ' window',
  ' is',
  10,
  10.02,
  ' equally',
  Buffer.from([...Buffer.from(' gr'), 0xc3]),
  Buffer.from([0xbc, ...Buffer.from('n')]),
  20,
  20.02,
  ' and',
  ' short',
  '.',
  30,
]
/** The same as text, as a transcript of one window gives it. */
export const tinySpeech = [' every window is', ' equally grün', ' and short.'] as const

/** Path of the model, made once per machine and version of this file. */
export async function tinyModel(): Promise<string> {
  const version = createHash('sha1')
    .update(readFileSync(import.meta.filename))
    .digest('hex')
    .slice(0, 12)
  const folder = join(tmpdir(), 'unjam-test-models')
  const path = join(folder, `ggml-test-${version}.bin`)
  if (existsSync(path)) return path
  await mkdir(folder, { recursive: true })
  const own = `${path}.${process.pid}`
  await writeFile(own, build())
  await rename(own, path)
  return path
}

function ints(...values: number[]): Buffer {
  return Buffer.from(Int32Array.from(values).buffer)
}

let seed = 7
function random(): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0
  return seed / 2 ** 31
}
const floats = (count: number, value: (i: number) => number) => Float32Array.from({ length: count }, (_, i) => value(i))

/** Half precision, for numbers no smaller than 2^-14; smaller ones become zero. */
function half(value: number): number {
  const [bits = 0] = new Uint32Array(Float32Array.of(value).buffer)
  const exponent = ((bits >>> 23) & 0xff) - 112
  return exponent <= 0 ? 0 : ((bits >>> 16) & 0x8000) | (exponent << 10) | ((bits >>> 13) & 0x3ff)
}

/** `shape` in ggml order (fastest first). The matrices that whisper.cpp keeps in halves are F16, the rest F32. */
function tensor(name: string, shape: readonly number[], value: (i: number) => number): Buffer {
  const label = Buffer.from(name)
  const count = shape.reduce((a, b) => a * b, 1)
  const small = shape.length > 1 && name.endsWith('.weight')
  const data = small ? Uint16Array.from({ length: count }, (_, i) => half(value(i))) : floats(count, value)
  return Buffer.concat([ints(shape.length, label.length, small ? 1 : 0, ...shape), label, Buffer.from(data.buffer)])
}
const noise = (name: string, shape: readonly number[]) => tensor(name, shape, () => random() * 0.1)
const filled = (name: string, shape: readonly number[], value: number) => tensor(name, shape, () => value)

function norm(name: string, gain = 1): Buffer[] {
  return [filled(`${name}.weight`, [state], gain), filled(`${name}.bias`, [state], 0)]
}

/** Attention that adds nothing: its last matrix is zero, so only the words below decide what is said. */
function attention(name: string): Buffer[] {
  return [
    ...norm(`${name}_ln`),
    noise(`${name}.query.weight`, [state, state]),
    filled(`${name}.query.bias`, [state], 0),
    noise(`${name}.key.weight`, [state, state]),
    noise(`${name}.value.weight`, [state, state]),
    filled(`${name}.value.bias`, [state], 0),
    filled(`${name}.out.weight`, [state, state], 0),
    filled(`${name}.out.bias`, [state], 0),
  ]
}

function build(): Buffer {
  // A chain: every token has a direction of its own, and the decoder's one layer turns each direction into the next.
  const texts = speech.filter((part) => typeof part !== 'number')
  const words = [Buffer.from(' '), ...texts.map((text) => Buffer.from(text))]
  const wordIds = new Map(texts.map((text, i) => [text, i + 1]))
  const chain = [
    startOfText,
    english,
    transcribe,
    ...speech.map((part) => (typeof part === 'number' ? begin + Math.round(part * 50) : (wordIds.get(part) ?? 0))),
    endOfText,
  ]
  const place = new Map(chain.map((token, i) => [token, i]))
  const next = (i: number) => Math.min(i + 1, chain.length - 1)

  const filters = floats(melBands * spectrum, (i) => {
    const centre = ((Math.floor(i / spectrum) + 1) * spectrum) / (melBands + 1)
    return Math.max(0, 1 - Math.abs((i % spectrum) - centre) / 3) * 0.02
  })
  const parts: Buffer[] = [
    Buffer.from('lmgg'), // 0x67676d6c, little endian
    ints(vocabulary, audioContext, state, 1, 1, textContext, state, 1, 1, melBands, 1),
    ints(melBands, spectrum),
    Buffer.from(filters.buffer),
    ints(words.length),
    ...words.flatMap((word) => [ints(word.length), word]),
    noise('encoder.positional_embedding', [state, audioContext]),
    noise('encoder.conv1.weight', [3, melBands, state]),
    filled('encoder.conv1.bias', [1, state], 0),
    noise('encoder.conv2.weight', [3, state, state]),
    filled('encoder.conv2.bias', [1, state], 0),
    ...norm('encoder.ln_post'),
    ...norm('encoder.blocks.0.mlp_ln'),
    noise('encoder.blocks.0.mlp.0.weight', [state, 4 * state]),
    filled('encoder.blocks.0.mlp.0.bias', [4 * state], 0),
    noise('encoder.blocks.0.mlp.2.weight', [4 * state, state]),
    filled('encoder.blocks.0.mlp.2.bias', [state], 0),
    ...attention('encoder.blocks.0.attn'),
    filled('decoder.positional_embedding', [state, textContext], 0),
    tensor('decoder.token_embedding.weight', [state, vocabulary], (i) =>
      place.get(Math.floor(i / state)) === i % state ? 1 : 0,
    ),
    ...norm('decoder.ln', 8),
    ...norm('decoder.blocks.0.mlp_ln'),
    tensor('decoder.blocks.0.mlp.0.weight', [state, 4 * state], (i) => (i % state === Math.floor(i / state) ? 1 : 0)),
    filled('decoder.blocks.0.mlp.0.bias', [4 * state], 0),
    tensor('decoder.blocks.0.mlp.2.weight', [4 * state, state], (i) => {
      const from = i % (4 * state)
      return from < chain.length && next(from) === Math.floor(i / (4 * state)) ? 10 : 0
    }),
    filled('decoder.blocks.0.mlp.2.bias', [state], 0),
    ...attention('decoder.blocks.0.attn'),
    ...attention('decoder.blocks.0.cross_attn'),
  ]
  return Buffer.concat(parts)
}
