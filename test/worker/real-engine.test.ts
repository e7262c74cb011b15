// The whole way with real whisper.cpp and a tiny real model: decoded, transcribed, resumed, stored.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeAudio } from '../support/audio.ts'
import { engine } from '../support/engine.ts'
import { tinyModel } from '../support/tiny-model.ts'
import { setStage } from './cast.ts'
import { configFor, hire, workplace } from './hired.ts'

test('a file of several chunks, stopped in the middle and resumed, and one with a name that shells dislike', async () => {
  const stage = await setStage()
  const place = workplace()
  const noisy = await place.tone('long', 45)
  const folder = join(place.folder, `it's "100 %" ünïcode ${'x'.repeat(100)}`)
  mkdirSync(folder)
  const strange = await writeAudio(join(folder, `${'ä'.repeat(100)} & co;.m4a`), [{ noise: 0.3, ms: 4000 }], {
    format: 'm4a',
  })
  const ids = [await stage.add('long', { file_path: noisy }), await stage.add('strange', { file_path: strange })]
  const config = await configFor(place, stage.url, await engine(), { threads: 2, chunkMs: 15_000 })
  const first = hire(config)
  await first.hears('chunk', 'long', 60_000)
  first.tell('stop')
  expect(await first.ended).toBe('stopped')
  const second = hire({ ...config, drain: true })
  expect(await second.ended).toBe('drained')
  for (const id of ids) expect(await stage.row(id)).toEqual({ status: 'done', retries: 0, error: null })
  const ofLong = [first, second].flatMap((worker) => worker.said('chunk').filter(({ title }) => title === 'long'))
  expect(ofLong.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
    [0, 15_000],
    [15_000, 30_000],
    [30_000, 45_000],
  ])
  expect(place.leftovers()).toEqual({ scratch: [], children: [] })
  place.clear()
  await stage.drop()
})

test.each([
  ['a damaged model', { model: 'half.bin' }, /model "half\.bin" cannot be loaded/],
  ['a language that does not exist', { language: 'xx' }, /no language "xx"/],
])('%s ends the worker with its sentence and costs no job a try', async (_, wrong, sentence) => {
  const stage = await setStage()
  const place = workplace()
  const half = join(place.folder, 'half.bin')
  writeFileSync(half, readFileSync(await tinyModel()).subarray(0, 1_000_000))
  const ids = []
  for (const name of ['one', 'two']) ids.push(await stage.add(name, { file_path: await place.tone(name, 2) }))
  const given = 'model' in wrong ? { model: half } : wrong
  const worker = hire(await configFor(place, stage.url, await engine(), { ...given, drain: true }))
  await expect(worker.ended).rejects.toThrow(sentence)
  expect(worker.said('bye')).toEqual([{ type: 'bye', reason: 'fatal', message: expect.stringMatching(sentence) }])
  for (const id of ids) expect(await stage.row(id)).toEqual({ status: 'queued', retries: 0, error: null })
  expect(place.leftovers()).toEqual({ scratch: [], children: [] })
  place.clear()
  await stage.drop()
})
