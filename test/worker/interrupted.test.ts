// Work that is cut short: cancelled, timed out, crashed, stalled, moved, paused, stopped; and what is left of it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { requestCancel } from '../../worker/store/cancel-lease.ts'
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
const alive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
const nothingLeft = () => expect(place.leftovers()).toEqual({ scratch: [], children: [] })

describe('cancelling', () => {
  test('ends the whole process tree; the job is skipped and the next one runs', async () => {
    const { engine, runs } = await scriptedEngine({ words, speed: 5 })
    const long = await stage.add('long', { file_path: await place.tone('long', 60) })
    const worker = hire(await configFor(place, stage.url, engine))
    await until('the engine runs', () => runs().length === 1)
    const next = await stage.add('next', { file_path: await place.tone('next', 1) })
    expect(await stage.tx((db) => requestCancel(db, [long]))).toEqual([long])
    await until('its process is gone', () => !alive(runs()[0]!.pid))
    await until('the job is skipped', async () => (await stage.row(long)).status === 'skipped')
    expect(await stage.row(long)).toEqual({ status: 'skipped', retries: 0, error: 'Cancelled.' })
    expect(await stage.attempts(long)).toMatchObject([{ outcome: 'cancelled' }])
    await worker.hears('cancelled', 'long')
    await worker.hears('done', 'next')
    expect(await stage.row(next)).toMatchObject({ status: 'done' })
    worker.abort()
    await worker.ended
    nothingLeft()
  })
})

describe('a time limit for attempts', () => {
  test('four attempts, then failed for good with the specific error (runbook 1)', async () => {
    const { engine, runs } = await scriptedEngine({ words, speed: 1 })
    const id = await stage.add('long', { file_path: await place.tone('long', 8) })
    const worker = hire(await configFor(place, stage.url, engine, { drain: true, attemptLimitMs: 800 }))
    expect(await worker.ended).toBe('drained')
    const error = 'Timeout exceeded: TimeLimitExceeded(0.8)'
    expect(await stage.row(id)).toEqual({ status: 'failed', retries: 3, error })
    expect((await stage.attempts(id)).map(({ outcome, error }) => [outcome, error])).toEqual(
      Array.from({ length: 4 }, () => ['timeout', error]),
    )
    expect(worker.said('failed').map(({ final }) => final)).toEqual([false, false, false, true])
    expect(runs().some(({ pid }) => alive(pid))).toBe(false)
  })

  test('an attempt that saved chunks is no failure: the job gets through a limit shorter than itself', async () => {
    // Two seconds for each of three chunks: one fits the limit also on a busy machine, all of them never do.
    const { engine, runs } = await scriptedEngine({ words, speed: 5 })
    const id = await stage.add('long', { file_path: await place.tone('long', 30) })
    const options = { drain: true, attemptLimitMs: 5500, maxRetries: 0 }
    const worker = hire(await configFor(place, stage.url, engine, options))
    expect(await worker.ended).toBe('drained')
    expect(await stage.row(id)).toEqual({ status: 'done', retries: 0, error: null })
    const outcomes = (await stage.attempts(id)).map(({ outcome }) => outcome)
    expect(outcomes.length).toBeGreaterThan(1)
    expect(outcomes.slice(0, -1).every((outcome) => outcome === 'timeout')).toBe(true)
    expect(outcomes.at(-1)).toBe('done')
    const starts = runs().map(({ startMs }) => startMs)
    expect(starts.length).toBeLessThanOrEqual(3 + outcomes.length - 1)
    expect([...new Set(starts)]).toEqual([0, 10_000, 20_000])
  })
})

test('a limit of years is a limit, not none at all', async () => {
  const { engine } = await scriptedEngine({ words })
  const id = await stage.add('short', { file_path: await place.tone('short', 3) })
  const worker = hire(await configFor(place, stage.url, engine, { drain: true, attemptLimitMs: 1e12 }))
  expect(await worker.ended).toBe('drained')
  expect(await stage.attempts(id)).toMatchObject([{ outcome: 'done' }])
})

describe('a chunk that does not work out', () => {
  test.each(['crash', 'fail', 'nothing'] as const)(
    'once (%s) is done again, smaller; the others are kept',
    async (does) => {
      const { engine, runs } = await scriptedEngine({ words, rules: [{ atMs: 25_000, does, times: 1 }] })
      const id = await stage.add('long', { file_path: await place.tone('long', 60) })
      const worker = hire(await configFor(place, stage.url, engine, { drain: true, chunkMs: 20_000 }))
      expect(await worker.ended).toBe('drained')
      expect(await stage.row(id)).toEqual({ status: 'done', retries: 0, error: null })
      expect(runs().map(({ startMs, lengthMs }) => [startMs, lengthMs])).toEqual([
        [0, 22_000],
        [20_000, 22_000],
        [20_000, 12_000],
        [30_000, 12_000],
        [40_000, 12_000],
        [50_000, 10_000],
      ])
      const rows = await stage.rows<{ text: string }>('SELECT text FROM unjam.segment ORDER BY n')
      expect(rows.flatMap(({ text }) => text.split(' '))).toEqual(Array.from({ length: 60 }, (_, i) => `word${i}`))
    },
  )

  test('that makes no progress is killed and done again', async () => {
    const does = 'hang'
    const { engine, runs } = await scriptedEngine({ words, rules: [{ atMs: 5000, does, times: 1 }] })
    const id = await stage.add('long', { file_path: await place.tone('long', 15) })
    const worker = hire(await configFor(place, stage.url, engine, { drain: true, stallMs: 1500 }))
    expect(await worker.ended).toBe('drained')
    expect(await stage.row(id)).toEqual({ status: 'done', retries: 0, error: null })
    expect(runs().some(({ pid }) => alive(pid))).toBe(false)
    expect(worker.log().some((message) => message.includes('no progress'))).toBe(true)
  })

  test('three times fails the job with its own error, although others were saved; the queue goes on', async () => {
    const [does, because] = ['fail', 'failed to encode'] as const
    const { engine, runs } = await scriptedEngine({ words, rules: [{ atMs: 15_000, does, because }] })
    const id = await stage.add('long', { file_path: await place.tone('long', 60) })
    const other = await stage.add('other', { file_path: await place.tone('other', 5) })
    const worker = hire(await configFor(place, stage.url, engine, { drain: true }))
    expect(await worker.ended).toBe('drained')
    const { status, retries, error } = await stage.row(id)
    expect([status, retries]).toEqual(['failed', 0])
    expect(error).toContain(because)
    expect((await stage.attempts(id)).at(-1)).toMatchObject({ outcome: 'failed', final: true, error })
    expect(runs().filter(({ startMs }) => startMs === 10_000).length).toBe(3)
    expect(await stage.row(other)).toMatchObject({ status: 'done' })
  })
})

describe('somebody else’s decision about a running job', () => {
  test('runbook SQL that queues it again stops the work here, then it is taken up anew from its chunks', async () => {
    const { engine, runs } = await scriptedEngine({ words, speed: 10 })
    const id = await stage.add('long', { file_path: await place.tone('long', 30) })
    const worker = hire(await configFor(place, stage.url, engine))
    await worker.hears('chunk')
    await until('the second chunk runs', () => runs().length === 2)
    const { pid } = runs()[1]!
    await stage.rows(`UPDATE recordings SET status = 'queued', error_message = NULL, retry_count = 0 WHERE id = $1`, [
      id,
    ])
    await until('its process is gone', () => !alive(pid))
    await worker.hears('done', 'long')
    expect(await stage.attempts(id)).toMatchObject([
      { outcome: 'released', saved: 1 },
      { outcome: 'done', saved: 2 },
    ])
    worker.abort()
    await worker.ended
  })

  test.each(['failed', 'skipped', 'removed'])('%s: the work stops and the row stays as they left it', async (what) => {
    const { engine, runs } = await scriptedEngine({ words, speed: 5 })
    const id = await stage.add('long', { file_path: await place.tone('long', 30) })
    const worker = hire(await configFor(place, stage.url, engine))
    await until('the engine runs', () => runs().length === 1)
    if (what === 'removed') await stage.rows('DELETE FROM recordings')
    else await stage.rows(`UPDATE recordings SET status = $1, error_message = 'by hand'`, [what])
    await until('its process is gone', () => !alive(runs()[0]!.pid))
    await until('the lease is gone', async () => (await stage.rows('SELECT 1 FROM unjam.lease')).length === 0)
    expect(await stage.row(id)).toEqual(what === 'removed' ? {} : { status: what, retries: 0, error: 'by hand' })
    worker.abort()
    await worker.ended
    expect(runs().length).toBe(1)
  })
})

describe('commands', () => {
  test('pause lets the chunk end and takes nothing; resume goes on after it', async () => {
    const { engine, runs } = await scriptedEngine({ words, speed: 20 })
    const id = await stage.add('long', { file_path: await place.tone('long', 30) })
    const worker = hire(await configFor(place, stage.url, engine))
    await until('the engine runs', () => runs().length === 1)
    worker.tell('pause')
    await worker.hears('parked', 'long')
    expect(worker.said('chunk').length).toBe(1)
    await until(
      'the worker row says so',
      async () => (await stage.rows('SELECT state FROM unjam.worker'))[0]!.state === 'paused',
    )
    const beats = worker.said('beat').length
    await until('some beats pass', () => worker.said('beat').length > beats + 5)
    expect(worker.said('beat').at(-1)).toMatchObject({ paused: true, slots: [] })
    expect(runs().length).toBe(1)
    expect(await stage.row(id)).toMatchObject({ status: 'processing' })
    worker.tell('resume')
    await worker.hears('done', 'long')
    expect(runs().length).toBe(3)
    worker.abort()
    await worker.ended
  })

  test('drain ends what runs and takes nothing more', async () => {
    const { engine, runs } = await scriptedEngine({ words, speed: 20 })
    await stage.add('running', { file_path: await place.tone('running', 20) })
    const worker = hire(await configFor(place, stage.url, engine))
    await until('the engine runs', () => runs().length === 1)
    const next = await stage.add('next', { file_path: await place.tone('next', 1) })
    worker.tell('drain')
    expect(await worker.ended).toBe('drained')
    expect(worker.said('done').map(({ title }) => title)).toEqual(['running'])
    expect(await stage.row(next)).toMatchObject({ status: 'queued' })
  })

  test('stop kills what runs now and gives it back with its chunks, parked jobs too', async () => {
    const { engine, runs } = await scriptedEngine({ words, speed: 6 })
    const long = await stage.add('long', { file_path: await place.tone('long', 60) })
    // Written before the first one runs: it must still be the shorter one when it comes.
    const file = await place.tone('other', 25)
    const worker = hire(await configFor(place, stage.url, engine))
    await until('the engine runs', () => runs().length === 1)
    const other = await stage.add('other', { file_path: file })
    await worker.hears('parked', 'long')
    await worker.hears('chunk', 'other')
    worker.tell('stop')
    expect(await worker.ended).toBe('stopped')
    expect(runs().some(({ pid }) => alive(pid))).toBe(false)
    for (const id of [long, other]) expect(await stage.row(id)).toEqual({ status: 'queued', retries: 0, error: null })
    expect(await stage.rows('SELECT * FROM unjam.lease')).toEqual([])
    expect(await stage.attempts(other)).toMatchObject([{ outcome: 'released' }])
    nothingLeft()

    const again = hire(await configFor(place, stage.url, engine, { drain: true }))
    expect(await again.ended).toBe('drained')
    expect(again.said('started').every(({ resumedChunks }) => resumedChunks >= 1)).toBe(true)
    // Progress counts what was done before, the speed only what is done now.
    const beats = again.said('beat').flatMap(({ slots }) => slots)
    expect(beats.some(({ chunk, phase }) => phase === 'transcribing' && chunk >= 1)).toBe(true)
  })
})

test('a recording keeps the language of its first chunk, also when it is resumed', async () => {
  const { engine, runs } = await scriptedEngine({ words, speed: 30, language: 'pl' })
  await stage.add('long', { file_path: await place.tone('long', 30) })
  const config = await configFor(place, stage.url, engine)
  const first = hire(config)
  await first.hears('chunk')
  first.tell('stop')
  await first.ended
  expect(await hire({ ...config, drain: true }).ended).toBe('drained')
  const languages = runs().map(({ startMs, argv }) => [startMs, argv[argv.indexOf('-l') + 1]])
  expect(languages[0]).toEqual([0, 'auto'])
  expect(languages.slice(1).every(([startMs, language]) => startMs !== 0 && language === 'pl')).toBe(true)
})

test('another model does not go on with the chunks of the first', async () => {
  const { engine } = await scriptedEngine({ words, speed: 30 })
  await stage.add('long', { file_path: await place.tone('long', 30) })
  const config = await configFor(place, stage.url, engine)
  const first = hire(config)
  await first.hears('chunk')
  first.tell('stop')
  await first.ended
  const second = hire({ ...config, language: 'de', drain: true })
  expect(await second.ended).toBe('drained')
  expect(second.said('started')).toMatchObject([{ resumedChunks: 0 }])
})
