// How attempts end in the database: done, parked, released, failed or skipped; and what happens to those that were lost.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { beatParked } from '../../worker/store/beat-jobs.ts'
import type { Claimed } from '../../worker/store/claim-job.ts'
import { countOpen } from '../../worker/store/count-open.ts'
import { expireDead, silentWorkers } from '../../worker/store/expire-dead.ts'
import { failAttempt } from '../../worker/store/fail-attempt.ts'
import { finishJob } from '../../worker/store/finish-job.ts'
import { loadChunks } from '../../worker/store/load-chunks.ts'
import { parkJob } from '../../worker/store/park-job.ts'
import { LOST, readExpired, reapLease } from '../../worker/store/reap-leases.ts'
import { recordChunkFailure } from '../../worker/store/record-chunk-failure.ts'
import { releaseJob, releaseParked, releaseStrays } from '../../worker/store/release-job.ts'
import { saveChunk } from '../../worker/store/save-chunk.ts'
import { skipJob } from '../../worker/store/skip-job.ts'
import { type Stage, setStage } from './cast.ts'

let stage: Stage
let ida: string
let otto: string
beforeAll(async () => {
  stage = await setStage()
})
afterAll(() => stage.drop())
beforeEach(async () => {
  await stage.empty()
  ida = await stage.worker()
  otto = await stage.add('otto', { retry_count: 1, error_message: 'his own' })
})

const take = async (id: string) => (await stage.claim(id, ida))!
const save = (job: Claimed, startMs: number, endMs: number, plan = 'p') =>
  stage.tx((db) =>
    saveChunk(db, job, 60_000, {
      plan,
      startMs,
      endMs,
      audioEndMs: endMs,
      silent: false,
      last: false,
      language: 'en',
      words: [{ startMs, endMs: startMs + 5, text: ` w${startMs}`, first: true }],
      wallMs: 1,
    }),
  )
const fail = (job: Claimed, error: string, final = false, outcome: 'failed' | 'timeout' = 'failed') =>
  stage.tx((db) => failAttempt(db, stage.t, job, { error, outcome, maxRetries: 3, final }))
const expire = (job: Claimed) =>
  stage.rows(`UPDATE unjam.lease SET expires_at = now() - interval '1 s' WHERE recording = $1`, [job.recording])
const reap = (job: Claimed) => stage.tx((db) => reapLease(db, stage.t, job.recording, 3))
const leases = () => stage.rows(`SELECT recording, state FROM unjam.lease`)

describe('failing', () => {
  test('four attempts with three retries: the count grows with each retry, the last cause stays', async () => {
    const id = await stage.add('always broken')
    const seen = []
    for (let i = 1; i <= 4; i++) {
      const { final } = await fail(await take(id), `cause ${i}`)
      seen.push({ final, ...(await stage.row(id)) })
    }
    expect(seen).toEqual([
      { final: false, status: 'queued', retries: 1, error: 'cause 1' },
      { final: false, status: 'queued', retries: 2, error: 'cause 2' },
      { final: false, status: 'queued', retries: 3, error: 'cause 3' },
      { final: true, status: 'failed', retries: 3, error: 'cause 4' },
    ])
    expect((await stage.attempts(id)).map(({ error, final }) => [error, final])).toEqual([
      ['cause 1', false],
      ['cause 2', false],
      ['cause 3', false],
      ['cause 4', true],
    ])
    expect(await stage.claim(id, ida)).toBeNull()
    expect(await stage.row(otto)).toEqual({ status: 'queued', retries: 1, error: 'his own' })
    expect(await leases()).toEqual([])
  })

  test('an attempt that saved chunks is not counted, whatever ended it', async () => {
    const id = await stage.add('slow')
    for (let i = 0; i < 6; i++) {
      const job = await take(id)
      await save(job, i * 1000, (i + 1) * 1000)
      expect(await fail(job, 'Timeout exceeded: TimeLimitExceeded(1800)', false, 'timeout')).toEqual({ final: false })
    }
    expect(await stage.row(id)).toEqual({
      status: 'queued',
      retries: 0,
      error: 'Timeout exceeded: TimeLimitExceeded(1800)',
    })
    expect((await stage.attempts(id)).every(({ outcome, saved }) => outcome === 'timeout' && saved === 1)).toBe(true)
  })

  test('what no retry can help fails at once, with chunks saved or without', async () => {
    const id = await stage.add('bad')
    const job = await take(id)
    await save(job, 0, 1000)
    expect(await fail(job, '"bad.m4a" is empty', true)).toEqual({ final: true })
    expect(await stage.row(id)).toEqual({ status: 'failed', retries: 0, error: '"bad.m4a" is empty' })
    const [ended] = await stage.rows('SELECT completed_at IS NOT NULL AS ended FROM recordings WHERE id = $1', [id])
    expect(ended).toEqual({ ended: true })
  })

  test('attempts that ran out of time before a chunk are told to the next claim', async () => {
    const id = await stage.add('slow')
    for (const timeouts of [0, 1, 2]) {
      const job = await take(id)
      expect(job.timeouts).toBe(timeouts)
      await fail(job, 'Timeout', false, 'timeout')
    }
  })
})

describe('finishing', () => {
  test('writes segments, transcript and row, lets the words of chunks go, and ends the lease', async () => {
    const id = await stage.add('good', { error_message: 'earlier trouble' })
    const job = await take(id)
    await save(job, 0, 1000)
    const segments = [
      { startMs: 0, endMs: 400.4, text: 'Hello' },
      { startMs: 500, endMs: 900, text: `it's "quoted" \\ {x,y} NULL` },
    ]
    await stage.tx((db) => finishJob(db, stage.t, job, { segments, durationMs: 61_500 }))
    expect(await stage.rows('SELECT n, start_ms, end_ms, text FROM unjam.segment ORDER BY n')).toEqual([
      { n: 0, start_ms: 0, end_ms: 400, text: 'Hello' },
      { n: 1, start_ms: 500, end_ms: 900, text: `it's "quoted" \\ {x,y} NULL` },
    ])
    const [row] = await stage.rows(
      `SELECT status, error_message, transcript, duration_seconds, retry_count, completed_at = updated_at AS same FROM recordings WHERE id = $1`,
      [id],
    )
    expect(row).toEqual({
      status: 'done',
      error_message: null,
      transcript: `Hello\nit's "quoted" \\ {x,y} NULL`,
      duration_seconds: 61.5,
      retry_count: 0,
      same: true,
    })
    expect(await stage.rows('SELECT words FROM unjam.chunk')).toEqual([{ words: null }])
    expect(await leases()).toEqual([])
    expect(await stage.attempts(id)).toMatchObject([{ outcome: 'done', saved: 1, ended: true }])
    expect(await stage.row(otto)).toEqual({ status: 'queued', retries: 1, error: 'his own' })
  })

  test('a duration that the table knows is not overwritten', async () => {
    const job = await take(await stage.add('good', { duration_seconds: 60 }))
    await stage.tx((db) => finishJob(db, stage.t, job, { segments: [], durationMs: 61_500 }))
    expect(await stage.rows(`SELECT duration_seconds FROM recordings WHERE file_name = 'good'`)).toEqual([
      { duration_seconds: 60 },
    ])
  })
})

describe('stepping aside and giving back', () => {
  test('a parked job is still running for everybody else, and any worker keeps its heartbeat', async () => {
    const job = await take(await stage.add('long', { retry_count: 2 }))
    await save(job, 0, 1000)
    await stage.tx((db) => parkJob(db, stage.t, job))
    expect(await stage.row(job.recording)).toEqual({ status: 'processing', retries: 2, error: null })
    expect(await leases()).toEqual([{ recording: job.recording, state: 'parked' }])
    await stage.rows(`UPDATE recordings SET updated_at = now() - interval '1 min'`)
    expect(await stage.tx((db) => beatParked(db, stage.t, 25_000))).toBe(1)
    expect(await stage.tx((db) => beatParked(db, stage.t, 25_000))).toBe(0)
    const old = await stage.rows(`SELECT file_name FROM recordings WHERE updated_at < now() - interval '30 s'`)
    expect(old).toEqual([{ file_name: 'otto' }])
  })

  test('a released job is queued again with its chunks and no retry burned', async () => {
    const job = await take(await stage.add('long'))
    await save(job, 0, 1000)
    await stage.tx((db) => releaseJob(db, stage.t, job))
    expect(await stage.row(job.recording)).toEqual({ status: 'queued', retries: 0, error: null })
    expect(await leases()).toEqual([])
    const { chunks } = await stage.tx((db) => loadChunks(db, job.recording, 'p'))
    expect(chunks.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([[0, 1000]])
  })

  test('a worker that ends gives its own parked jobs back, nobody else’s', async () => {
    const mine = await take(await stage.add('mine'))
    const theirs = (await stage.claim(await stage.add('theirs'), await stage.worker('server-2')))!
    for (const job of [mine, theirs]) await stage.tx((db) => parkJob(db, stage.t, job))
    expect(await stage.tx((db) => releaseParked(db, stage.t, ida))).toEqual([mine.recording])
    expect(await stage.row(mine.recording)).toMatchObject({ status: 'queued' })
    expect(await stage.row(theirs.recording)).toMatchObject({ status: 'processing' })
  })

  test('a skipped job says why', async () => {
    const job = await take(await stage.add('endless'))
    await stage.tx((db) => skipJob(db, stage.t, job, { outcome: 'skipped', reason: 'It is too long.' }))
    expect(await stage.row(job.recording)).toEqual({ status: 'skipped', retries: 0, error: 'It is too long.' })
    expect(await stage.attempts(job.recording)).toMatchObject([{ outcome: 'skipped', error: 'It is too long.' }])
  })
})

describe('chunks', () => {
  test('are resumed from the beginning to the first gap, under their own plan only', async () => {
    const job = await take(await stage.add('long'))
    await save(job, 0, 1000)
    await save(job, 1000, 2000)
    await save(job, 3000, 4000)
    await save(job, 0, 9000, 'another plan')
    const { chunks } = await stage.tx((db) => loadChunks(db, job.recording, 'p'))
    expect(chunks.map(({ endMs }) => endMs)).toEqual([1000, 2000])
    expect(chunks[0]!.words).toEqual([{ startMs: 0, endMs: 5, text: ' w0', first: true }])
    expect((await stage.tx((db) => loadChunks(db, job.recording, 'no plan'))).chunks).toEqual([])
  })

  test('failures are counted across attempts, apart from chunks that were saved', async () => {
    const id = await stage.add('long')
    const job = await take(id)
    const broken = { plan: 'p', startMs: 1000, endMs: 2000, error: 'It stalled.' }
    await save(job, 0, 1000)
    expect(await stage.tx((db) => recordChunkFailure(db, job, broken))).toBe(1)
    await stage.tx((db) => releaseJob(db, stage.t, job))
    const again = await take(id)
    expect(await stage.tx((db) => recordChunkFailure(db, again, broken))).toBe(2)
    const { chunks, failures } = await stage.tx((db) => loadChunks(db, id, 'p'))
    expect([chunks.length, failures]).toEqual([1, new Map([[1000, 2]])])
  })
})

test('a job that failed for good and was put back by SQL gets the tries of its chunks again; one that goes on does not', async () => {
  const id = await stage.add('long')
  const broken = { plan: 'p', startMs: 1000, endMs: 2000, error: 'It stalled.' }
  const failures = async () => (await stage.tx((db) => loadChunks(db, id, 'p'))).failures.get(1000)
  const job = await take(id)
  await save(job, 0, 1000)
  await stage.tx((db) => recordChunkFailure(db, job, broken))
  await stage.tx((db) => parkJob(db, stage.t, job))
  const again = await take(id)
  expect(await failures()).toBe(1)
  await fail(again, 'It stalled.', true)
  expect(await failures()).toBe(1)
  await stage.rows(`UPDATE recordings SET status = 'queued', error_message = NULL, retry_count = 0 WHERE id = $1`, [id])
  await take(id)
  expect(await failures()).toBe(0)
  expect((await stage.tx((db) => loadChunks(db, id, 'p'))).chunks.length).toBe(1)
})

test('the same chunk saved twice (its answer was lost) counts once', async () => {
  const job = await take(await stage.add('long'))
  await save(job, 0, 1000)
  const before = await stage.rows('SELECT chunks_done, audio_done_ms FROM unjam.lease')
  await save(job, 0, 1000)
  expect(await stage.rows('SELECT chunks_done, audio_done_ms FROM unjam.lease')).toEqual(before)
  expect(await stage.rows('SELECT chunks_saved AS saved, audio_ms AS ms FROM unjam.attempt')).toEqual([
    { saved: 1, ms: 1000 },
  ])
})

test('a claim whose answer was lost is taken back by its own worker, and only that', async () => {
  const known = await take(await stage.add('known'))
  const unknown = await take(await stage.add('unknown'))
  const theirs = (await stage.claim(await stage.add('theirs'), await stage.worker('server-2')))!
  const parked = await take(await stage.add('parked'))
  await stage.tx((db) => parkJob(db, stage.t, parked))
  expect(await stage.tx((db) => releaseStrays(db, stage.t, ida, [known.token]))).toEqual([unknown.recording])
  expect(await stage.row(unknown.recording)).toEqual({ status: 'queued', retries: 0, error: null })
  for (const { recording } of [known, theirs, parked])
    expect(await stage.row(recording)).toEqual({ status: 'processing', retries: 0, error: null })
})

describe('leases that ran out', () => {
  test('with chunks saved the job waits as parked, its retry count as it was', async () => {
    const job = await take(await stage.add('long', { retry_count: 1 }))
    await save(job, 0, 1000)
    expect(await reap(job)).toBeNull()
    await expire(job)
    expect(await stage.tx((db) => readExpired(db))).toEqual([job.recording])
    expect(await reap(job)).toBe('parked')
    expect(await stage.row(job.recording)).toEqual({ status: 'processing', retries: 1, error: null })
    expect(await stage.attempts(job.recording)).toMatchObject([{ outcome: 'lost', error: LOST, saved: 1 }])
    expect(await stage.claim(job.recording, ida)).toMatchObject({ number: 2 })
  })

  test('without one it counts as a failed attempt: a file that takes its worker down does so four times', async () => {
    const id = await stage.add('poison')
    const became = []
    for (let i = 0; i < 4; i++) {
      const job = await take(id)
      await expire(job)
      became.push(await reap(job))
    }
    expect(became).toEqual(['queued', 'queued', 'queued', 'failed'])
    expect(await stage.row(id)).toEqual({ status: 'failed', retries: 3, error: LOST })
    expect(await stage.row(otto)).toEqual({ status: 'queued', retries: 1, error: 'his own' })
  })

  test('a job being cancelled becomes skipped; one whose row has moved only loses its lease', async () => {
    const cancelled = await take(await stage.add('cancelled'))
    const moved = await take(await stage.add('moved'))
    await stage.rows(`UPDATE unjam.lease SET state = 'cancelling' WHERE recording = $1`, [cancelled.recording])
    await stage.rows(`UPDATE recordings SET status = 'queued' WHERE id = $1`, [moved.recording])
    for (const job of [cancelled, moved]) await expire(job)
    expect([await reap(cancelled), await reap(moved)]).toEqual(['skipped', 'dropped'])
    expect(await stage.row(cancelled.recording)).toMatchObject({ status: 'skipped' })
    expect(await stage.row(moved.recording)).toEqual({ status: 'queued', retries: 0, error: null })
    expect(await leases()).toEqual([])
    expect(await stage.claim(moved.recording, ida)).not.toBeNull()
  })

  test('a worker of this machine that is silent is found, and what it holds expires only while it is silent', async () => {
    const ben = await stage.worker('server-2', 77)
    const mine = await take(await stage.add('mine'))
    const his = (await stage.claim(await stage.add('his'), ben))!
    const silent = (host: string) => stage.tx((db) => silentWorkers(db, host, 12_000))
    expect(await silent('server-2')).toEqual([])
    expect(await stage.tx((db) => expireDead(db, ben, 12_000))).toEqual([])
    await stage.rows(`UPDATE unjam.worker SET beat_at = now() - interval '13 s'`)
    expect(await silent('server-2')).toEqual([{ id: ben, pid: 77 }])
    expect(await stage.tx((db) => expireDead(db, ben, 12_000))).toEqual([his.recording])
    expect(await stage.tx((db) => readExpired(db))).toEqual([his.recording])
    expect(await reap(mine)).toBeNull()
  })
})

test('what is open: queued rows and leases of anybody', async () => {
  const open = () => stage.tx((db) => countOpen(db, stage.t))
  expect(await open()).toBe(1)
  const job = await take(otto)
  expect(await open()).toBe(1)
  await stage.tx((db) => parkJob(db, stage.t, job))
  expect(await open()).toBe(1)
  await stage.rows('TRUNCATE unjam.lease')
  expect(await open()).toBe(0)
})
