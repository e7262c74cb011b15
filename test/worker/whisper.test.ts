// One chunk through the engine: real whisper.cpp with a tiny model, and a stand-in for what real ones do only rarely.

import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Children, ownChildren, processStart } from '../../worker/children.ts'
import type { ChunkAudio } from '../../worker/decode.ts'
import { EngineFailed, ResultLost, Stalled, transcribeChunk } from '../../worker/whisper.ts'
import { writeAudio } from '../support/audio.ts'
import { engine } from '../support/engine.ts'
import { type EngineScript, everySecond, scriptedEngine } from '../support/scripted-engine.ts'
import { canMount, smallDisks } from '../support/small-disk.ts'
import { tinyModel } from '../support/tiny-model.ts'

const disks = smallDisks()
let folder: string
let model: string
let children: Children
const signal = new AbortController().signal

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unjam-whisper-test-'))
  model = await tinyModel()
  children = ownChildren(join(folder, 'children', 'own.json'))
  await engine()
})
afterAll(async () => {
  disks.remove()
  await children.killAll()
  await rm(folder, { recursive: true })
})

/** A chunk file as cutChunks makes one. */
async function chunkAt(startMs: number, seconds: number): Promise<ChunkAudio> {
  const own = await mkdtemp(join(folder, 'chunk-'))
  const place = join(own, String(startMs).padStart(10, '0'))
  await mkdir(place)
  const wav = await writeAudio(join(place, 'chunk.wav'), [{ noise: 0.1, ms: seconds * 1000 }], { format: 'wav' })
  const endMs = startMs + seconds * 1000
  return { startMs, endMs, audioEndMs: endMs, wav, silent: false, last: true }
}

async function run(chunk: ChunkAudio, options: Partial<Parameters<typeof transcribeChunk>[0]> = {}) {
  const progress: number[] = []
  const result = transcribeChunk({
    engine: await engine(),
    model,
    language: 'auto',
    threads: 1,
    chunk,
    children,
    stallMs: 60_000,
    signal,
    onProgress: (fraction) => progress.push(fraction),
    ...options,
  })
  return { ...(await result), progress }
}
const scripted = async (script: Partial<EngineScript>) => scriptedEngine({ words: everySecond(10), ...script })
const texts = (words: readonly { text: string }[]) => words.map(({ text }) => text)

describe('real whisper.cpp', () => {
  test('gives words with times of the recording, segments marked, the umlaut whole', async () => {
    const { words, language, progress } = await run(await chunkAt(600_000, 30))
    expect(texts(words)).toEqual([' every', ' window', ' is', ' equally', ' grün', ' and', ' short.'])
    expect(words.map(({ first }) => first ?? false)).toEqual([true, false, false, true, false, true, false])
    expect(words[0]!.startMs).toBe(600_000)
    expect(words[3]!.startMs).toBe(610_020)
    expect(words.at(-1)!.endMs).toBeLessThanOrEqual(630_000)
    for (const { startMs, endMs } of words) expect(endMs).toBeGreaterThanOrEqual(startMs)
    expect(language).toBe('en')
    expect(progress.at(-1)).toBe(1)
    expect(progress).toEqual(progress.toSorted((a, b) => a - b))
  })

  test('clamps what it says past the end of a short chunk', async () => {
    const { words } = await run(await chunkAt(5000, 12))
    expect(texts(words).slice(0, 3)).toEqual([' every', ' window', ' is'])
    for (const { startMs, endMs } of words) {
      expect(startMs).toBeGreaterThanOrEqual(5000)
      expect(endMs).toBeLessThanOrEqual(17_000)
    }
  })

  test('a model whose path is not ASCII', async () => {
    const path = join(folder, 'Modelle für Größe')
    await mkdir(path)
    await copyFile(model, join(path, 'modèle.bin'))
    const { words } = await run(await chunkAt(0, 5), { model: join(path, 'modèle.bin') })
    expect(texts(words).slice(0, 3)).toEqual([' every', ' window', ' is'])
  })

  test('a model that is damaged, one that is none, one that is missing', async () => {
    const path = join(folder, 'damaged.bin')
    await writeFile(path, 'not a model')
    for (const bad of [path, join(folder, 'missing.bin')]) {
      const failed = run(await chunkAt(0, 5), { model: bad })
      await expect(failed).rejects.toThrow(EngineFailed)
      await expect(failed).rejects.toThrow(/^The model ".*" cannot be loaded/)
    }
  })

  test('a language it does not know, although whisper-cli then exits 0', async () => {
    await expect(run(await chunkAt(0, 5), { language: 'klingon' })).rejects.toThrow(
      'whisper.cpp knows no language "klingon"; choose another or "auto".',
    )
  })

  test.skipIf(!canMount())('a full disk, on which whisper-cli succeeds without its result', async () => {
    const disk = disks.mount(400)
    const place = join(disk.path, '0000000000')
    await mkdir(place)
    const chunk = await chunkAt(0, 5)
    const wav = join(place, 'chunk.wav')
    await copyFile(chunk.wav, wav)
    disk.fill()
    await expect(run({ ...chunk, wav })).rejects.toThrow(ResultLost)
    disk.free()
    expect(texts((await run({ ...chunk, wav })).words).slice(0, 3)).toEqual([' every', ' window', ' is'])
  })

  test('aborting kills the process and gives the reason', async () => {
    const stop = new AbortController()
    const running = run(await chunkAt(0, 600), {
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('cancelled by the operator')),
    })
    await expect(running).rejects.toThrow('cancelled by the operator')
    expect(existsSync(join(folder, 'children', 'own.json'))).toBe(false)
  })
})

test('no window is given the words of the one before, so that a loop ends with its window', async () => {
  const { engine: stand, runs } = await scripted({})
  await run(await chunkAt(0, 5), { engine: stand })
  const argv = runs()[0]!.argv
  expect(argv.filter((option) => option === '-mc' || option === '--max-context')).toEqual(['-mc'])
  expect(argv[argv.indexOf('-mc') + 1]).toBe('0')
})

describe('what engines do rarely', () => {
  test('no process at all for silence', async () => {
    const { engine: stand, runs } = await scripted({})
    const chunk = { ...(await chunkAt(0, 5)), silent: true }
    expect(await run(chunk, { engine: stand })).toEqual({ words: [], language: null, progress: [1] })
    expect(runs()).toEqual([])
  })

  test('no progress for too long: killed, and said so', async () => {
    const { engine: stand, runs } = await scripted({ rules: [{ atMs: 1000, does: 'hang' }] })
    const began = performance.now()
    const stalled = run(await chunkAt(0, 5), { engine: stand, stallMs: 1500 })
    await expect(stalled).rejects.toThrow(Stalled)
    await expect(stalled).rejects.toThrow(/no progress for 2 s/)
    expect(performance.now() - began).toBeGreaterThanOrEqual(1500)
    expect(processStart(runs()[0]!.pid)).toBeNull()
  })

  test('slow but moving is not a stall', async () => {
    const { engine: stand } = await scripted({ speed: 5 })
    const began = performance.now()
    expect((await run(await chunkAt(0, 15), { engine: stand, stallMs: 2000 })).words).toHaveLength(15)
    expect(performance.now() - began).toBeGreaterThan(2500)
  })

  test.each([
    ['crash', { does: 'crash' }, /ended without a transcript \(SIGSEGV\)/],
    [
      'error',
      { does: 'fail', because: 'failed to process audio' },
      /\(exit code 10\): error: failed to process audio\./,
    ],
    ['exit 0 without a result', { does: 'nothing' }, /ended without a transcript \(exit code 0\)/],
    ['half a result', { does: 'half' }, /could not write its whole result; the disk was full/],
    ['half a result and an error', { does: 'half', code: 3 }, /ended without a transcript \(exit code 3\)/],
  ] as const)('%s', async (_, rule, sentence) => {
    const { engine: stand } = await scripted({ rules: [{ atMs: 1000, ...rule }] })
    const failed = run(await chunkAt(0, 5), { engine: stand })
    await expect(failed).rejects.toThrow(EngineFailed)
    await expect(failed).rejects.toThrow(sentence)
  })

  test('a result counts whatever the exit code', async () => {
    const { engine: stand } = await scriptedEngine({
      words: everySecond(1),
      rules: [{ atMs: 1000, does: 'finish', code: 9 }],
    })
    expect((await run(await chunkAt(0, 5), { engine: stand })).words).toHaveLength(5)
  })

  test('an engine that is not there', async () => {
    await expect(run(await chunkAt(0, 5), { engine: join(folder, 'nowhere') })).rejects.toThrow(/could not be started/)
  })

  test('reads only its own chunk: nothing of an earlier one is taken for its result', async () => {
    const chunk = await chunkAt(0, 5)
    await run(chunk, { engine: (await scripted({})).engine })
    const { engine: stand } = await scripted({ rules: [{ atMs: 1000, does: 'nothing' }] })
    await expect(run(chunk, { engine: stand })).rejects.toThrow(EngineFailed)
    expect(await readdir(join(chunk.wav, '..'))).toEqual(['chunk.wav'])
  })
})
