// The whole pipeline without a database: real decoding, real or scripted engine, one transcript.
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { BadInput } from '../../worker/bad-input.ts'
import { type Children, ownChildren } from '../../worker/children.ts'
import { type FileProgress, transcribeFile } from '../../worker/transcribe-file.ts'
import { EngineFailed } from '../../worker/whisper.ts'
import { type Part, writeAudio } from '../support/audio.ts'
import { engine } from '../support/engine.ts'
import { everySecond, scriptedEngine } from '../support/scripted-engine.ts'
import { tinyModel } from '../support/tiny-model.ts'

let folder: string
let children: Children
const signal = new AbortController().signal

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unjam-file-'))
  children = ownChildren(join(folder, 'children.json'))
  await engine()
})
afterAll(async () => {
  await children.killAll()
  await rm(folder, { recursive: true })
})

const record = (name: string, parts: Part[], format: 'wav' | 'm4a' = 'wav') =>
  writeAudio(join(folder, name), parts, { format })
const noise = (seconds: number): Part => ({ noise: 0.2, ms: seconds * 1000 })
const silence = (seconds: number): Part => ({ silence: true, ms: seconds * 1000 })

async function transcribe(path: string, options: Partial<Parameters<typeof transcribeFile>[0]> = {}) {
  const progress: FileProgress[] = []
  const result = await transcribeFile({
    path,
    engine: await engine(),
    model: await tinyModel(),
    language: 'auto',
    threads: 1,
    chunkMs: 20_000,
    scratch: join(folder, 'scratch'),
    children,
    stallMs: 60_000,
    signal,
    onProgress: (step) => progress.push(step),
    ...options,
  })
  return { ...result, progress }
}
const spoken = (segments: readonly { text: string }[]) => segments.flatMap(({ text }) => text.split(' '))
const wordsUntil = (seconds: number) =>
  everySecond(2)
    .slice(0, seconds)
    .map(({ text }) => text.trim())

test('real whisper.cpp over several chunks of an m4a', async () => {
  const path = await record('real.m4a', [noise(19), silence(1), noise(19.5), silence(1), noise(12)], 'm4a')
  const { segments, audioMs, progress } = await transcribe(path)
  expect(audioMs).toBeGreaterThan(52_400)
  expect(audioMs).toBeLessThan(52_700)
  expect(segments.filter(({ text }) => text.startsWith('every window is'))).toHaveLength(3)
  expect(segments[0]).toEqual({ startMs: 0, endMs: expect.any(Number), text: 'every window is' })
  expect(segments.at(-1)!.endMs).toBeLessThanOrEqual(audioMs)
  const done = progress.map(({ audioDoneMs }) => audioDoneMs)
  expect(done).toEqual(done.toSorted((a, b) => a - b))
  expect(progress.at(-1)).toMatchObject({ audioDoneMs: audioMs, etaMs: expect.any(Number), speed: expect.any(Number) })
  expect(progress.at(-1)!.audioTotalMs).toBeGreaterThan(52_000)
  expect(readdirSync(join(folder, 'scratch'))).toEqual([])
  expect(existsSync(join(folder, 'children.json'))).toBe(false)
})

test.each([
  ['pauses', [noise(19), silence(1), noise(19), silence(1), noise(15)]],
  ['no pause at all', [noise(55)]],
])('words across the cuts, with %s, are each there once', async (_, parts) => {
  const path = await record('cuts.wav', parts)
  const { engine: stand, runs } = await scriptedEngine({ words: everySecond(2), jitterMs: 120, wordsPerSegment: 4 })
  const { segments } = await transcribe(path, { engine: stand })
  expect(spoken(segments)).toEqual(wordsUntil(55))
  expect(runs().map(({ startMs }) => startMs)).toHaveLength(3)
})

test('the language heard first is the language of the rest', async () => {
  const { engine: stand, runs } = await scriptedEngine({ words: everySecond(2), language: 'de' })
  await transcribe(await record('language.wav', [silence(20), noise(40)]), { engine: stand })
  const languages = runs().map(({ argv }) => argv[argv.indexOf('-l') + 1])
  expect(languages).toEqual(['auto', 'de'])
})

test('silent parts cost no process, and their place is kept', async () => {
  const { engine: stand, runs } = await scriptedEngine({ words: everySecond(2) })
  const { segments, audioMs } = await transcribe(await record('gap.wav', [noise(20), silence(20), noise(20)]), {
    engine: stand,
  })
  expect(runs()).toHaveLength(2)
  expect(audioMs).toBe(60_000)
  expect(segments.at(-1)!.startMs).toBeGreaterThan(40_000)
})

test('silence from beginning to end is said, without a process', async () => {
  const { engine: stand, runs } = await scriptedEngine({ words: everySecond(2) })
  const silent = transcribe(await record('silent.wav', [silence(65)]), { engine: stand })
  await expect(silent).rejects.toThrow(BadInput)
  await expect(silent).rejects.toThrow(/^There is no sound in "silent\.wav"/)
  expect(runs()).toEqual([])
})

test('a part that fails is tried again, three times at most', async () => {
  const path = await record('retry.wav', [noise(55)])
  const once = await scriptedEngine({ words: everySecond(2), rules: [{ atMs: 30_000, does: 'crash', times: 2 }] })
  expect(spoken((await transcribe(path, { engine: once.engine })).segments)).toEqual(wordsUntil(55))
  expect(once.runs().map(({ startMs }) => startMs)).toEqual([0, 20_000, 20_000, 20_000, 40_000])
  const always = await scriptedEngine({ words: everySecond(2), rules: [{ atMs: 30_000, does: 'crash' }] })
  await expect(transcribe(path, { engine: always.engine })).rejects.toThrow(EngineFailed)
  expect(always.runs()).toHaveLength(4)
})

test('bad input names the file before anything runs', async () => {
  await expect(transcribe(join(folder, 'gone.wav'))).rejects.toThrow(/^"gone\.wav" is no longer there/)
})

test('stopping ends everything and leaves nothing', async () => {
  const stop = new AbortController()
  const { engine: stand } = await scriptedEngine({ words: everySecond(2), rules: [{ atMs: 0, does: 'hang' }] })
  const running = transcribe(await record('stop.wav', [noise(55)]), {
    engine: stand,
    signal: stop.signal,
    onProgress: () => stop.abort(new Error('stopped')),
  })
  await expect(running).rejects.toThrow('stopped')
  expect(readdirSync(join(folder, 'scratch'))).toEqual([])
  expect(existsSync(join(folder, 'children.json'))).toBe(false)
})
