// A worker end to end: real Postgres, real decoding, an engine by script; what it does with good and with bad jobs.
import { rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CannotWork } from '../../worker/check-tools.ts'
import { everySecond, scriptedEngine } from '../support/scripted-engine.ts'
import { until } from '../support/until.ts'
import { type Stage, setStage } from './cast.ts'
import { configFor, hire, type Workplace, workplace } from './hired.ts'

let stage: Stage
let place: Workplace
beforeEach(async () => {
  stage = await setStage()
  place = workplace()
})
afterEach(async () => {
  place.clear()
  await stage.drop()
})

const words = everySecond(3)
const segments = (id: string) =>
  stage.rows<{ text: string }>('SELECT text FROM unjam.segment WHERE recording = $1 ORDER BY n', [id])
const wordsOf = async (id: string) => (await segments(id)).flatMap(({ text }) => text.split(' '))
const expectedWords = (seconds: number) => Array.from({ length: seconds }, (_, i) => `word${i}`)

describe('a queue of good and bad files', () => {
  test('is drained: every good one transcribed, every bad one failed at once with its own sentence', async () => {
    const { engine, runs } = await scriptedEngine({ words })
    const good = await stage.add('good', { file_path: await place.tone('good', 25) })
    const empty = join(place.folder, 'empty.m4a')
    writeFileSync(empty, '')
    const text = join(place.folder, 'text.m4a')
    writeFileSync(text, 'these are minutes of a meeting, not a recording of it')
    const bad = {
      empty: await stage.add('empty', { file_path: empty }),
      text: await stage.add('text', { file_path: text }),
      gone: await stage.add('gone', { file_path: join(place.folder, 'gone.m4a') }),
      folder: await stage.add('folder', { file_path: place.folder }),
      silent: await stage.add('silent', { file_path: await place.silence('silent', 25) }),
      click: await stage.add('click', { file_path: await place.tone('click', 0.05) }),
      unnamed: await stage.add('unnamed', { file_path: '' }),
    }
    const celery = await stage.add('celery', { status: 'processing' })
    const worker = hire(await configFor(place, stage.url, engine, { drain: true }))
    expect(await worker.ended).toBe('drained')

    expect(await stage.row(good)).toEqual({ status: 'done', retries: 0, error: null })
    expect(await wordsOf(good)).toEqual(expectedWords(25))
    expect(runs().map(({ startMs }) => startMs)).toEqual(expect.arrayContaining([0, 10_000]))
    const sentences = new Set<unknown>()
    for (const [name, id] of Object.entries(bad)) {
      const { status, retries, error } = (await stage.row(id)) as Record<string, string | number>
      expect([name, status, retries]).toEqual([name, 'failed', 0])
      expect(error).toMatch(/^\S.{20,}\.$/)
      sentences.add(error)
      expect(await stage.attempts(id)).toMatchObject([{ outcome: 'failed', error, final: true }])
    }
    expect(sentences.size).toBe(Object.keys(bad).length)
    expect(await stage.row(celery)).toEqual({ status: 'processing', retries: 0, error: null })

    expect(await stage.rows('SELECT * FROM unjam.lease')).toEqual([])
    expect(await stage.rows('SELECT state, busy FROM unjam.worker')).toEqual([{ state: 'stopped', busy: 0 }])
    expect(place.leftovers()).toEqual({ scratch: [], children: [] })
    expect(worker.lines[0]).toMatchObject({ type: 'ready', pid: process.pid, slots: 1 })
    expect(worker.lines.at(-1)).toEqual({ type: 'bye', reason: 'drained', message: null })
    expect(await worker.hears('done', 'good')).toMatchObject({ audioMs: 25_000 })
  })

  test('gets its missing durations from the files while a job runs', async () => {
    const { engine } = await scriptedEngine({ words, speed: 10 })
    await stage.add('running', { file_path: await place.tone('running', 20), created_at: '2026-01-01T00:00:00Z' })
    const worker = hire(await configFor(place, stage.url, engine))
    await worker.hears('started', 'running')
    const queued = await stage.add('queued', { file_path: await place.tone('queued', 7) })
    const known = await stage.add('known', { file_path: await place.tone('known', 3), duration_seconds: 99 })
    await stage.add('broken', { file_path: '/nowhere.wav' })
    const durations = () =>
      stage.rows('SELECT id::text, duration_seconds AS s FROM recordings WHERE id = ANY($1) ORDER BY s', [
        [queued, known],
      ])
    await until('the length of the queued file is known', async () => (await durations())[0]?.s === 7)
    await until(
      'and that the broken one cannot be opened',
      async () => (await stage.rows('SELECT 1 FROM unjam.audio WHERE error IS NOT NULL')).length === 1,
    )
    expect((await durations()).map(({ s }) => s)).toEqual([7, 99])
    worker.abort()
    expect(await worker.ended).toBe('stopped')
  })
})

describe('progress', () => {
  test('is told to the supervisor, to the lease, to the worker row and to updated_at', async () => {
    const { engine } = await scriptedEngine({ words, speed: 20 })
    const id = await stage.add('long', { file_path: await place.tone('long', 60) })
    const worker = hire(await configFor(place, stage.url, engine))
    await worker.hears('chunk')
    await stage.rows(`UPDATE recordings SET updated_at = now() - interval '1 hour'`)
    await until('a beat tells a speed in the second chunk', () =>
      worker.said('beat').some(({ slots }) => {
        const [slot] = slots
        return slot !== undefined && slot.chunk >= 1 && (slot.speed ?? 0) > 2 && (slot.etaMs ?? 0) > 0
      }),
    )
    const [slot] = worker.said('beat').at(-1)!.slots
    expect(slot).toMatchObject({ slot: 0, job: id, title: 'long', audioTotalMs: 60_000, chunks: 6 })
    expect(slot!.speed).toBeLessThan(25)
    await until('the lease tells progress', async () => {
      const [lease] = await stage.rows<Record<string, number>>(
        'SELECT audio_done_ms, audio_total_ms, chunks_done, chunks_total, speed, eta_ms FROM unjam.lease',
      )
      return (
        lease !== undefined &&
        lease.audio_done_ms! > 10_000 &&
        lease.audio_total_ms === 60_000 &&
        lease.chunks_done! >= 1 &&
        lease.chunks_total === 6 &&
        lease.speed! > 0 &&
        lease.eta_ms! > 0
      )
    })
    await until('updated_at is fresh', async () => {
      const [row] = await stage.rows(`SELECT updated_at > now() - interval '1 min' AS fresh FROM recordings`)
      return row!.fresh === true
    })
    await until('the worker row says what it does', async () => {
      const [row] = await stage.rows(`SELECT state, busy, speed > 0 AS fast FROM unjam.worker`)
      return row!.state === 'running' && row!.busy === 1 && row!.fast === true
    })
    worker.tell('stop')
    expect(await worker.ended).toBe('stopped')
  })
})

describe('fairness', () => {
  test('a long job steps aside for short ones and goes on with the next chunk: nothing is done twice', async () => {
    const { engine, runs } = await scriptedEngine({ words, speed: 20 })
    const [long, short] = [
      await stage.add('long', { file_path: await place.tone('long', 60) }),
      await place.tone('short', 2),
    ]
    const worker = hire(await configFor(place, stage.url, engine))
    await worker.hears('started', 'long')
    const ids = await Promise.all(['short 1', 'short 2'].map((name) => stage.add(name, { file_path: short })))
    expect(await worker.hears('parked', 'long')).toMatchObject({ for: expect.stringMatching(/^short [12]$/) })
    expect(await stage.row(long)).toEqual({ status: 'processing', retries: 0, error: null })
    worker.tell('look')
    await worker.hears('done', 'long')
    const ended = worker.said('done').map(({ title }) => title)
    expect([ended.slice(0, 2).toSorted(), ended.slice(2)]).toEqual([['short 1', 'short 2'], ['long']])
    // The chunk in flight is finished first; a busy machine may finish another before it sees the short ones.
    const saved = Number((await stage.attempts(long))[0]!.saved)
    expect([1, 2, 3]).toContain(saved)
    expect(worker.said('started').filter(({ title }) => title === 'long')).toMatchObject([
      { attempt: 1, resumedChunks: 0 },
      { attempt: 2, resumedChunks: saved },
    ])
    const ofLong = runs().filter(({ lengthMs }) => lengthMs > 2000)
    expect(ofLong.map(({ startMs }) => startMs)).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000])
    expect(await wordsOf(long)).toEqual(expectedWords(60))
    expect(await stage.attempts(long)).toMatchObject([
      { number: 1, outcome: 'parked', saved, error: null },
      { number: 2, outcome: 'done', saved: 6 - saved, error: null },
    ])
    for (const id of ids) expect(await stage.row(id)).toMatchObject({ status: 'done' })
    worker.abort()
    await worker.ended
  })

  test('two workers with two slots each never run the same job', async () => {
    const { engine, runs } = await scriptedEngine({ words, speed: 200 })
    const path = await place.tone('short', 3)
    const ids = await Promise.all(Array.from({ length: 16 }, (_, i) => stage.add(`job ${i}`, { file_path: path })))
    const other = workplace()
    const options = { drain: true, slots: 2 }
    const workers = [
      hire(await configFor(place, stage.url, engine, options)),
      hire(await configFor(other, stage.url, engine, options)),
    ]
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual(['drained', 'drained'])
    other.clear()
    expect(runs().length).toBe(16)
    for (const id of ids) {
      expect(await stage.row(id)).toEqual({ status: 'done', retries: 0, error: null })
      expect(await stage.attempts(id)).toMatchObject([{ number: 1, outcome: 'done' }])
    }
    expect(workers.every((worker) => worker.said('done').length > 0)).toBe(true)
  })
})

describe('the maximum duration', () => {
  test.each([
    ['skip', 'skipped'],
    ['fail', 'failed'],
  ] as const)('%s: a longer recording ends at once, saying so; a shorter one is done', async (verdict, status) => {
    const { engine, runs } = await scriptedEngine({ words })
    const long = await stage.add('long', { file_path: await place.tone('long', 30) })
    const short = await stage.add('short', { file_path: await place.tone('short', 5) })
    const maxDuration = { ms: 12_000, verdict }
    const worker = hire(await configFor(place, stage.url, engine, { drain: true, maxDuration }))
    expect(await worker.ended).toBe('drained')
    expect(await stage.row(long)).toMatchObject({ status, retries: 0 })
    expect((await stage.row(long)).error).toContain('0.5 minutes long; the settings allow 0.2')
    expect(await stage.row(short)).toMatchObject({ status: 'done' })
    expect(runs().length).toBe(1)
  })
})

describe('a worker that cannot work says why and leaves the jobs alone', () => {
  test.each([
    [
      'there is no model',
      (place: Workplace) => ({ model: join(place.folder, 'none.bin') }),
      /model file cannot be opened/,
    ],
    [
      'the model is not one',
      (place: Workplace) => {
        writeFileSync(join(place.folder, 'fake.bin'), 'not a model at all')
        return { model: join(place.folder, 'fake.bin') }
      },
      /not a whisper\.cpp model/,
    ],
    ['there is no engine', (place: Workplace) => ({ engine: join(place.folder, 'none') }), /whisper\.cpp is not there/],
  ] as const)('%s', async (_, broken, sentence) => {
    const { engine } = await scriptedEngine({ words })
    await stage.add('job', { file_path: await place.tone('job', 3) })
    const before = await stage.everything()
    const worker = hire({ ...(await configFor(place, stage.url, engine)), ...broken(place) })
    await expect(worker.ended).rejects.toThrow(CannotWork)
    expect(worker.said('bye')).toEqual([{ type: 'bye', reason: 'fatal', message: expect.stringMatching(sentence) }])
    expect(await stage.everything()).toEqual(before)
  })

  test('a shared table whose recordings are elsewhere: at its start, and when the first job comes later', async () => {
    const { engine } = await scriptedEngine({ words })
    const config = { ...(await configFor(place, stage.url, engine)), shared: true }
    const late = hire(config)
    await late.hears('ready')
    const id = await stage.add('job', { file_path: '/recordings/job.m4a' })
    const sentence = /None of the recordings that wait is on this machine: \/recordings\/job\.m4a is not here/
    await expect(late.ended).rejects.toThrow(sentence)
    expect(await stage.row(id)).toEqual({ status: 'queued', retries: 0, error: null })
    const before = await stage.everything()
    await expect(hire(config).ended).rejects.toThrow(sentence)
    expect(await stage.everything()).toEqual(before)

    // Where one of them is, the folder that is missing is that job's own fault; where they are mounted, all are done.
    const here = await place.tone('other', 3)
    const other = await stage.add('other', { file_path: `/calls/${basename(here)}` })
    const mounted = { ...config, folders: [{ inside: '/calls', here: dirname(here) }], drain: true }
    await hire(mounted).ended
    expect(await stage.row(id)).toMatchObject({ status: 'failed', error: expect.stringContaining('no longer there') })
    expect(await stage.row(other)).toMatchObject({ status: 'done' })
  })

  test('the engine vanishes while a job runs: the job goes back with its chunks, no retry burned', async () => {
    const { engine } = await scriptedEngine({ words, speed: 20 })
    const id = await stage.add('long', { file_path: await place.tone('long', 40) })
    const worker = hire(await configFor(place, stage.url, engine))
    await worker.hears('chunk')
    rmSync(engine)
    await expect(worker.ended).rejects.toThrow(/whisper\.cpp is not there/)
    expect(await stage.row(id)).toEqual({ status: 'queued', retries: 0, error: null })
    expect(await stage.attempts(id)).toMatchObject([{ outcome: 'released' }])
    expect((await stage.attempts(id))[0]!.saved).toBeGreaterThanOrEqual(1)
  })

  test('the database has no schema of ours, or no such table', async () => {
    const { engine } = await scriptedEngine({ words })
    await stage.rows('ALTER TABLE recordings RENAME TO tapes')
    const config = await configFor(place, stage.url, engine)
    await expect(hire(config).ended).rejects.toThrow(/no table public\.recordings/)
    await stage.rows('DROP SCHEMA unjam CASCADE')
    await expect(hire(config).ended).rejects.toThrow(/unjam migrate/)
  })
})
