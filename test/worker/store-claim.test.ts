// Who may be claimed and what a claim writes: queued and parked rows, never somebody else's running ones.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { parkJob } from '../../worker/store/park-job.ts'
import { readWaiting } from '../../worker/store/read-waiting.ts'
import { saveChunk } from '../../worker/store/save-chunk.ts'
import { type Stage, setStage } from './cast.ts'

let stage: Stage
beforeAll(async () => {
  stage = await setStage()
})
afterAll(() => stage.drop())
afterEach(async () => {
  await stage.empty()
})

const taker = (worker: string) => ({
  worker,
  recipe: 'recipe',
  deadAfterMs: 15_000,
  assumedMs: 600_000,
  longestWaitMs: 7_200_000,
  limit: 32,
})
const waiting = (worker: string) => stage.tx((db) => readWaiting(db, stage.t, taker(worker)))
const chunk = (startMs: number, endMs: number) => ({
  plan: 'recipe.file',
  startMs,
  endMs,
  audioEndMs: endMs,
  silent: false,
  last: false,
  language: 'en',
  words: [{ startMs, endMs, text: ' word' }],
  wallMs: 5,
})

describe('what is never claimed', () => {
  test.each([
    ['done', 'done'],
    ['failed', 'failed'],
    ['skipped', 'skipped'],
    ['a running row without a lease: a Celery worker has it, however old its heartbeat', 'processing'],
  ])('%s', async (_, status) => {
    const id = await stage.add('otto', {
      status,
      updated_at: '2026-02-04T10:00:00Z',
      created_at: '2026-02-04T10:00:00Z',
    })
    const ida = await stage.worker()
    const before = await stage.everything()
    expect(await stage.claim(id, ida)).toBeNull()
    expect(await waiting(ida)).toEqual([])
    expect(await stage.everything()).toEqual(before)
  })

  test('a job that is held, being cancelled, or held under an expired lease that nobody has settled yet', async () => {
    const ida = await stage.worker()
    const ben = await stage.worker('server-2')
    const ids = [await stage.add('held'), await stage.add('cancelling'), await stage.add('expired')]
    for (const id of ids) expect(await stage.claim(id, ida)).not.toBeNull()
    await stage.rows(`UPDATE unjam.lease SET state = 'cancelling' WHERE recording = $1`, [ids[1]])
    await stage.rows(`UPDATE unjam.lease SET expires_at = now() - interval '1 s' WHERE recording = $1`, [ids[2]])
    const before = await stage.everything()
    for (const id of ids) expect(await stage.claim(id, ben)).toBeNull()
    expect(await waiting(ben)).toEqual([])
    expect(await stage.everything()).toEqual(before)
  })

  test('a queued row under a live lease: an operator has put it back while a worker is at it', async () => {
    const id = await stage.add('moved')
    await stage.claim(id, await stage.worker())
    await stage.rows(`UPDATE recordings SET status = 'queued' WHERE id = $1`, [id])
    const ben = await stage.worker('server-2')
    expect(await stage.claim(id, ben)).toBeNull()
    expect(await waiting(ben)).toEqual([])
  })

  test('a row that another transaction holds at the moment is passed by, not waited for', async () => {
    const id = await stage.add('locked')
    const ida = await stage.worker()
    await stage.tx(async (db) => {
      await db.query('SELECT 1 FROM recordings WHERE id = $1 FOR UPDATE', [id])
      expect(await stage.claim(id, ida)).toBeNull()
    })
    expect(await stage.claim(id, ida)).not.toBeNull()
  })
})

describe('a claim', () => {
  test('of a queued row starts its first attempt and touches no other row', async () => {
    const anna = await stage.add('anna', { duration_seconds: 61.5, retry_count: 2, error_message: 'before' })
    const otto = await stage.add('otto')
    const [untouched] = await stage.rows('SELECT * FROM recordings WHERE id = $1', [otto])
    const worker = await stage.worker()
    const job = await stage.claim(anna, worker)
    expect(job).toMatchObject({
      recording: anna,
      title: 'anna',
      path: '/audio/anna.m4a',
      durationMs: 61_500,
      number: 1,
      timeouts: 0,
    })
    expect(await stage.row(anna)).toEqual({ status: 'processing', retries: 2, error: 'before' })
    const leases = await stage.rows(
      `SELECT recording, token::text, state, worker::text, expires_at - now() BETWEEN '50 s' AND '61 s' AS lasting FROM unjam.lease`,
    )
    expect(leases).toEqual([{ recording: anna, token: job!.token, state: 'held', worker, lasting: true }])
    expect(await stage.attempts(anna)).toEqual([
      { number: 1, outcome: 'running', error: null, saved: 0, final: false, ended: false },
    ])
    const [started] = await stage.rows('SELECT started_at = updated_at AS same FROM recordings WHERE id = $1', [anna])
    expect(started).toEqual({ same: true })
    expect(await stage.rows('SELECT * FROM recordings WHERE id = $1', [otto])).toEqual([untouched])
  })

  test('of a parked job goes on under a new token; its start and its retry count stay', async () => {
    const id = await stage.add('parked', { retry_count: 1 })
    const ida = await stage.worker()
    const first = (await stage.claim(id, ida))!
    await stage.rows(`UPDATE recordings SET started_at = now() - interval '1 hour' WHERE id = $1`, [id])
    await stage.tx((db) => parkJob(db, stage.t, first))
    await stage.rows(
      `UPDATE unjam.lease SET waited_ms = 5000, parked_at = now() - interval '10 s' WHERE recording = $1`,
      [id],
    )
    const again = (await stage.claim(id, await stage.worker('server-2')))!
    expect(again.number).toBe(2)
    expect(again.token).not.toBe(first.token)
    expect(again.waitedMs).toBeGreaterThanOrEqual(15_000)
    expect(again.waitedMs).toBeLessThan(20_000)
    expect(await stage.row(id)).toEqual({ status: 'processing', retries: 1, error: null })
    const [row] = await stage.rows(
      `SELECT started_at < now() - interval '59 min' AS kept FROM recordings WHERE id = $1`,
      [id],
    )
    expect(row).toEqual({ kept: true })
  })

  test('by two workers at once is won by one of them, for each of 30 rows', async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, (_, i) => stage.add(`row ${i}`)))
    const [ida, ben] = [await stage.worker(), await stage.worker('server-2')]
    const claims = await Promise.all(ids.flatMap((id) => [stage.claim(id, ida), stage.claim(id, ben)]))
    expect(
      claims
        .filter((job) => job !== null)
        .map((job) => job!.recording)
        .sort(),
    ).toEqual([...ids].sort())
    expect(await stage.rows('SELECT count(*)::int AS n FROM unjam.attempt')).toEqual([{ n: 30 }])
  })
})

describe('what waits', () => {
  test('a queued row waits since its last change, so a job retried after days does not jump the queue', async () => {
    const ida = await stage.worker()
    await stage.rows(
      `INSERT INTO recordings (file_name, file_path, duration_seconds, created_at, updated_at)
       VALUES ('retried', '/a', 60, now() - interval '3 days', now() - interval '1 min')`,
    )
    const [retried] = await waiting(ida)
    expect(retried!.waitedMs).toBeGreaterThanOrEqual(60_000)
    expect(retried!.waitedMs).toBeLessThan(70_000)
    expect(retried!.arrivedMs).toBeGreaterThan(3 * 86_400_000 - 1)
    expect(retried!.remainingMs).toBe(60_000)
  })

  test('lengths come from the row, from a probe, or are assumed; a file that cannot be opened is quickly done', async () => {
    const ida = await stage.worker()
    const ids = {
      known: await stage.add('known', { duration_seconds: 120 }),
      probed: await stage.add('probed'),
      broken: await stage.add('broken'),
      unknown: await stage.add('unknown'),
    }
    await stage.rows(
      `INSERT INTO unjam.audio (recording, path, duration_ms, error) VALUES ($1, '/p', 90000, NULL), ($2, '/b', NULL, 'no audio')`,
      [ids.probed, ids.broken],
    )
    const remaining = Object.fromEntries((await waiting(ida)).map(({ title, remainingMs }) => [title, remainingMs]))
    expect(remaining).toEqual({ known: 120_000, probed: 90_000, broken: 1000, unknown: 600_000 })
  })

  test('saved chunks shorten what remains, but only under the same recipe', async () => {
    const [ida, ben] = [await stage.worker(), await stage.worker('server-2')]
    const id = await stage.add('long', { duration_seconds: 1800 })
    const job = (await stage.claim(id, ida))!
    await stage.tx((db) => saveChunk(db, job, 60_000, chunk(0, 600_000)))
    await stage.rows('DELETE FROM unjam.lease')
    await stage.rows(`UPDATE recordings SET status = 'queued'`)
    expect((await waiting(ben)).map(({ remainingMs }) => remainingMs)).toEqual([1_200_000])
    const other = await stage.tx((db) => readWaiting(db, stage.t, { ...taker(ben), recipe: 'other' }))
    expect(other.map(({ remainingMs }) => remainingMs)).toEqual([1_800_000])
  })

  test("another living worker's parked job is left to it unless its chunks can be used", async () => {
    const [ida, ben] = [await stage.worker(), await stage.worker('server-2')]
    const id = await stage.add('long', { duration_seconds: 1800 })
    const job = (await stage.claim(id, ida))!
    await stage.tx((db) => saveChunk(db, job, 60_000, chunk(0, 600_000)))
    await stage.tx((db) => parkJob(db, stage.t, job))
    const seen = async (worker: string, recipe: string) =>
      (await stage.tx((db) => readWaiting(db, stage.t, { ...taker(worker), recipe }))).map(({ title }) => title)
    expect(await seen(ida, 'other')).toEqual(['long'])
    expect(await seen(ben, 'recipe')).toEqual(['long'])
    expect(await seen(ben, 'other')).toEqual([])
    await stage.rows(`UPDATE unjam.worker SET beat_at = now() - interval '1 min' WHERE id = $1`, [ida])
    expect(await seen(ben, 'other')).toEqual(['long'])
  })

  test('of a long queue only the best and the first that came are read', async () => {
    const ida = await stage.worker()
    await stage.rows(
      `INSERT INTO recordings (file_name, file_path, duration_seconds, created_at, updated_at)
       SELECT 'row ' || i, '/a', 600, now() - interval '1 hour', now() - i * interval '1 s' FROM generate_series(1, 200) i`,
    )
    await stage.rows(
      `INSERT INTO recordings (file_name, file_path, duration_seconds, created_at, updated_at)
       VALUES ('first', '/a', 36000, now() - interval '2 hours', now())`,
    )
    const names = (await stage.tx((db) => readWaiting(db, stage.t, { ...taker(ida), limit: 3 }))).map(
      ({ title }) => title,
    )
    expect(names.sort()).toEqual(['first', 'row 198', 'row 199', 'row 200'])
  })
})
