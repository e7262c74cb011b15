// The fence: a token that is not (or no longer) the lease's writes nothing at all, by any verb.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { beatHeld } from '../../worker/store/beat-jobs.ts'
import { requestCancel } from '../../worker/store/cancel-lease.ts'
import type { Claimed } from '../../worker/store/claim-job.ts'
import { dropLeases } from '../../worker/store/drop-lease.ts'
import { failAttempt } from '../../worker/store/fail-attempt.ts'
import { type Hold, LeaseLost } from '../../worker/store/fence.ts'
import { finishJob } from '../../worker/store/finish-job.ts'
import { leaveJob } from '../../worker/store/leave-job.ts'
import { parkJob } from '../../worker/store/park-job.ts'
import type { Queryable } from '../../worker/store/pool.ts'
import { recordChunkFailure } from '../../worker/store/record-chunk-failure.ts'
import { releaseJob } from '../../worker/store/release-job.ts'
import { renewLease } from '../../worker/store/renew-lease.ts'
import { saveChunk } from '../../worker/store/save-chunk.ts'
import { skipJob } from '../../worker/store/skip-job.ts'
import { findMoved, watchLeases } from '../../worker/store/watch-leases.ts'
import { type Stage, setStage } from './cast.ts'

let stage: Stage
let ida: string
let job: Claimed
beforeAll(async () => {
  stage = await setStage()
})
afterAll(() => stage.drop())
beforeEach(async () => {
  await stage.empty()
  ida = await stage.worker()
  await stage.add('bystander')
  job = (await stage.claim(await stage.add('long'), ida))!
})

const progress = { plan: 'p', audioDoneMs: 5, audioTotalMs: 10, chunksDone: 1, chunksTotal: 2, speed: 3, etaMs: 4 }
const chunk = {
  plan: 'p',
  startMs: 0,
  endMs: 600_000,
  audioEndMs: 600_000,
  silent: false,
  last: false,
  language: 'en',
  words: [{ startMs: 0, endMs: 10, text: ' word' }],
  wallMs: 9,
}
/** Every verb that a worker writes with, by name. */
const verbs: Record<string, (db: Queryable, hold: Hold) => Promise<unknown>> = {
  'renew-lease': (db, hold) => renewLease(db, hold, 60_000, progress),
  'save-chunk': (db, hold) => saveChunk(db, hold, 60_000, chunk),
  'record-chunk-failure': (db, hold) => recordChunkFailure(db, hold, { ...chunk, error: 'broken' }),
  'park-job': (db, hold) => parkJob(db, stage.t, hold),
  'release-job': (db, hold) => releaseJob(db, stage.t, hold),
  'finish-job': (db, hold) =>
    finishJob(db, stage.t, hold, { segments: [{ startMs: 0, endMs: 5, text: 'late' }], durationMs: 5 }),
  'fail-attempt': (db, hold) =>
    failAttempt(db, stage.t, hold, { error: 'late', outcome: 'failed', maxRetries: 3, final: true }),
  'skip-job': (db, hold) => skipJob(db, stage.t, hold, { outcome: 'cancelled', reason: 'late' }),
}
const names = Object.keys(verbs)
const attempt = (verb: string, hold: Hold) =>
  stage
    .tx((db) => verbs[verb]!(db, hold))
    .then(
      () => 'written',
      (error: unknown) => (error instanceof LeaseLost ? error.why : Promise.reject(error)),
    )

describe.each(names)('%s writes nothing', (verb) => {
  test('with a token that was never given', async () => {
    const before = await stage.everything()
    expect(await attempt(verb, { ...job, token: randomUUID() })).toBe('taken')
    expect(await stage.everything()).toEqual(before)
  })

  test('after another worker has taken the job over', async () => {
    await stage.tx((db) => parkJob(db, stage.t, job))
    expect(await stage.claim(job.recording, await stage.worker('server-2'))).not.toBeNull()
    const before = await stage.everything()
    expect(await attempt(verb, job)).toBe('taken')
    expect(await stage.everything()).toEqual(before)
  })

  test('once it has parked the job itself', async () => {
    await stage.tx((db) => parkJob(db, stage.t, job))
    const before = await stage.everything()
    expect(await attempt(verb, job)).toBe('taken')
    expect(await stage.everything()).toEqual(before)
  })

  test('after an operator dropped the lease', async () => {
    expect(await stage.tx((db) => dropLeases(db, [job.recording]))).toEqual([job.recording])
    const before = await stage.everything()
    expect(await attempt(verb, job)).toBe('taken')
    expect(await stage.everything()).toEqual(before)
  })
})

describe('a row moved by somebody else', () => {
  const onRows = ['park-job', 'release-job', 'finish-job', 'fail-attempt', 'skip-job']
  test.each(onRows.flatMap((verb) => ['queued', 'failed', 'done', 'skipped'].map((status) => [verb, status] as const)))(
    '%s leaves a row that is %s now as it is',
    async (verb, status) => {
      await stage.rows('UPDATE recordings SET status = $2 WHERE id = $1', [job.recording, status])
      const before = await stage.everything()
      expect(await attempt(verb, job)).toBe('moved')
      expect(await stage.everything()).toEqual(before)
    },
  )

  test('or removed is noticed, and what is left is ended without a trace in the table', async () => {
    expect(await stage.tx((db) => findMoved(db, stage.t, [job]))).toEqual([])
    await stage.rows('DELETE FROM recordings WHERE id = $1', [job.recording])
    expect(await stage.tx((db) => findMoved(db, stage.t, [job]))).toEqual([job.token])
    expect(await attempt('finish-job', job)).toBe('moved')
    const rows = (await stage.everything())[stage.t.name]
    await stage.tx((db) => leaveJob(db, job, 'released'))
    const after = await stage.everything()
    expect(after[stage.t.name]).toEqual(rows)
    expect(after['unjam.lease']).toEqual([])
    expect(await stage.attempts(job.recording)).toMatchObject([{ outcome: 'released', ended: true }])
  })
})

describe('cancelling', () => {
  test('is seen by the holder, who can only end the job', async () => {
    const queued = await stage.add('queued')
    expect(await stage.tx((db) => watchLeases(db, [job]))).toEqual(new Map())
    expect(await stage.tx((db) => requestCancel(db, [job.recording, queued]))).toEqual([job.recording])
    expect(await stage.tx((db) => watchLeases(db, [job]))).toEqual(new Map([[job.token, 'cancelling']]))
    for (const verb of ['renew-lease', 'park-job', 'release-job', 'finish-job', 'fail-attempt'])
      expect([verb, await attempt(verb, job)]).toEqual([verb, 'cancelling'])
    expect(await attempt('skip-job', job)).toBe('written')
    expect(await stage.row(job.recording)).toMatchObject({ status: 'skipped', error: 'late' })
    expect(await stage.row(queued)).toMatchObject({ status: 'queued' })
  })

  test('needs no worker where the job is parked or its lease has run out', async () => {
    const parked = (await stage.claim(await stage.add('parked'), ida))!
    await stage.tx((db) => parkJob(db, stage.t, parked))
    await stage.rows(`UPDATE unjam.lease SET expires_at = now() - interval '1 s' WHERE recording = $1`, [job.recording])
    const before = await stage.everything()
    expect(await stage.tx((db) => requestCancel(db, [job.recording, parked.recording]))).toEqual([])
    expect(await stage.everything()).toEqual(before)
  })
})

test('a lease that has run out but that nobody took is renewed: an outage costs nothing', async () => {
  await stage.rows(`UPDATE unjam.lease SET expires_at = now() - interval '5 min'`)
  expect(await attempt('renew-lease', job)).toBe('written')
  expect(await stage.rows(`SELECT expires_at > now() AS live, audio_done_ms AS done FROM unjam.lease`)).toEqual([
    { live: true, done: 5 },
  ])
})

test('a heartbeat reaches only rows whose lease is still ours', async () => {
  const other = (await stage.claim(await stage.add('other'), ida))!
  await stage.rows(`UPDATE recordings SET updated_at = now() - interval '10 min'`)
  const fresh = async () =>
    (
      await stage.rows<{ name: string }>(
        `SELECT file_name AS name FROM recordings WHERE updated_at > now() - interval '1 min'`,
      )
    ).map(({ name }) => name)
  expect(await stage.tx((db) => beatHeld(db, stage.t, [{ ...job, token: randomUUID() }]))).toBe(0)
  expect(await fresh()).toEqual([])
  expect(await stage.tx((db) => beatHeld(db, stage.t, [job, { ...other, token: randomUUID() }]))).toBe(1)
  expect(await fresh()).toEqual(['long'])
})
