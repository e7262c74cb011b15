// `unjam transcribe` and `unjam worker` with real whisper.cpp and the tiny model.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { writeAudio } from '../support/audio.ts'
import { engine } from '../support/engine.ts'
import { freshDataDir } from '../support/serving-host.ts'
import { tinyModel } from '../support/tiny-model.ts'
import { AddShape, FailureShape, JobsShape } from './shapes.ts'
import { json, unjam } from './unjam.ts'

const folder = mkdtempSync(join(tmpdir(), 'unjam-transcribing-'))
const data = join(folder, 'data')
const files = join(folder, 'files')
const tone = join(files, 'tone.m4a')
const text = join(files, 'text.m4a')
const long = join(folder, 'long.wav')
const pauseAtMs = 45_000
let model = ''

beforeAll(async () => {
  mkdirSync(files)
  await writeAudio(tone, [{ tone: 440, ms: 4000 }], { format: 'm4a' })
  const noise = (ms: number) => ({ noise: 0.2, ms })
  await writeAudio(long, [noise(pauseAtMs), { silence: true, ms: 1000 }, noise(20_000)], { format: 'wav' })
  writeFileSync(text, 'this is text, not a recording')
  model = await tinyModel()
  await engine()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('transcribe', () => {
  test('writes the transcript on stdout and nothing else, without a database', async () => {
    const { code, stdout, stderr } = await unjam([
      'transcribe',
      tone,
      '--model',
      model,
      '--format',
      'srt',
      '--data',
      data,
    ])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^1\r?\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\r?\n/)
    expect(existsSync(join(data, 'postgres'))).toBe(false)
    expect(readdirSync(join(data, 'scratch'))).toEqual([])
  })

  test('writes a file whole, and says where', async () => {
    const out = join(folder, 'out.json')
    const ran = await unjam(['transcribe', tone, '--model', model, '--format', 'json', '--out', out, '--data', data])
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 0, stdout: '' })
    expect(JSON.parse(readFileSync(out, 'utf8'))).toBeTruthy()
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  test('with --json prints one document with segments in ms', async () => {
    const Document = z.object({
      file: z.literal(tone),
      model: z.string(),
      audioMs: z.number(),
      segments: z.array(z.object({ startMs: z.number(), endMs: z.number(), text: z.string() })),
      out: z.null(),
    })
    const { audioMs } = await json(data, ['transcribe', tone, '--model', model], Document)
    expect(Math.abs(audioMs - 4000)).toBeLessThan(300)
  })

  describe('cuts near the chunk length', () => {
    const starts = async (dataDir: string, ...more: string[]) => {
      const Document = z.object({ segments: z.array(z.object({ startMs: z.number() })) }).loose()
      const { segments } = await json(dataDir, ['transcribe', long, '--model', model, ...more], Document)
      return segments.map(({ startMs }) => startMs)
    }
    // The test model begins a cue every 10 s, counted from the chunk's own start: 45 s is the start of none unless cut.
    const isCutInThePause = (found: readonly number[]) =>
      found.some((startMs) => startMs > pauseAtMs && startMs < pauseAtMs + 2000)

    test('of the settings, or of --chunk, which comes first', async () => {
      const changed = freshDataDir({ worker: { chunkMinutes: 1 } })
      try {
        expect(isCutInThePause(await starts(changed))).toBe(true)
        expect(isCutInThePause(await starts(changed, '--chunk', '10'))).toBe(false)
      } finally {
        rmSync(changed, { recursive: true })
      }
    }, 180_000)

    test.each(['0', '121', 'ten', '-1'])('--chunk %s is wrong usage', async (chunk) => {
      const { code, stderr } = await unjam(['transcribe', long, '--model', model, `--chunk=${chunk}`, '--data', data])
      expect(code).toBe(64)
      expect(stderr).toContain(`--chunk ${chunk} is not 1 to 120`)
    })
  })

  test.each([
    ['text named .m4a', () => [text, '--model', model]],
    ['a file that is not there', () => [join(files, 'gone.wav'), '--model', model]],
    ['a model that is none', () => [tone, '--model', text]],
    ['a model that is not there', () => [tone, '--model', join(files, 'ggml-none.bin')]],
    ['no model at all', () => [tone]],
  ])('%s is refused with exit 4 and a sentence', async (_what, args) => {
    const { failure } = await json(data, ['transcribe', ...args()], FailureShape, 4)
    expect(failure.because.length).toBeGreaterThan(5)
    expect(failure.kind).not.toBe('bug')
  })

  test.each([
    ['in a folder that is not there', () => join(files, 'none', 'x.txt')],
    ['that is a folder', () => files],
  ])('--out %s is refused before the work, not after it', async (_what, out) => {
    const { code, stderr } = await unjam(['transcribe', tone, '--model', model, '--out', out(), '--data', data])
    expect(code).toBe(4)
    expect(stderr).toMatch(/^Write the file \([^\n]+Choose another --out FILE\.\n$/)
    expect(readdirSync(files).toSorted()).toEqual(['text.m4a', 'tone.m4a'])
  })
})

describe('worker', () => {
  test('a model that is cut off is refused before a job is taken', async () => {
    const half = join(folder, 'half.bin')
    writeFileSync(half, readFileSync(model).subarray(0, 1_000_000))
    const { added } = await json(data, ['add', tone], AddShape)
    const { failure } = await json(data, ['worker', '--model', half, '--drain'], FailureShape, 4)
    expect(failure).toMatchObject({ on: 'half.bin', because: expect.stringContaining('cut off') })
    const attempts = z.object({ attempts: z.array(z.unknown()) })
    expect(await json(data, ['job', added[0]!.id], attempts)).toEqual({ attempts: [] })
  })

  test('--drain works the queue off, fails what is no recording, and ends with exit 0', async () => {
    await json(data, ['add', files], AddShape)
    const Ended = z.object({ ended: z.literal('drained'), done: z.number(), failed: z.number() }).loose()
    const ended = await json(data, ['worker', '--model', model, '--drain'], Ended)
    expect(ended).toMatchObject({ done: 1, failed: 1 })
    const jobs = async (state: string) => (await json(data, ['jobs', '--state', state], JobsShape)).jobs
    expect((await jobs('done')).map(({ title }) => title)).toEqual(['tone.m4a'])
    expect(await jobs('failed')).toMatchObject([{ title: 'text.m4a', error: expect.stringMatching(/\S+ \S+/) }])
    expect(existsSync(join(data, 'postgres/18/data/postmaster.pid'))).toBe(false)
    expect(readdirSync(join(data, 'scratch'))).toEqual([])
  })

  test('job --format prints the transcript alone, ready for a file', async () => {
    const { jobs } = await json(data, ['jobs', '--state', 'done'], JobsShape)
    const { code, stdout } = await unjam(['job', jobs[0]!.id, '--format', 'vtt', '--data', data])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^WEBVTT/)
  })

  test('a database that cannot be reached is a sentence without its password', async () => {
    const url = 'postgres://unjam:secret-word@127.0.0.1:1/none'
    const ran = await unjam(['worker', '--database', url, '--model', model, '--drain', '--data', data])
    expect(ran.code).toBe(2)
    expect(ran.stdout + ran.stderr).not.toContain('secret-word')
  })
})
