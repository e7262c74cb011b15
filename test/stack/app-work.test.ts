// The stack's Celery app on real engines: a recording from its message to its transcript, its errors, its retries.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeAudio } from '../support/audio.ts'
import type { TestWorker } from '../support/celery.ts'
import { freePort, startProcess } from '../support/child-process.ts'
import { engine } from '../support/engine.ts'
import { type StackApp, stackApp, stackFolder } from '../support/stack-app.ts'
import { tinyModel } from '../support/tiny-model.ts'
import { until } from '../support/until.ts'

let app: StackApp
let worker: TestWorker
beforeAll(async () => {
  app = await stackApp()
  worker = await app.worker({}, { concurrency: 2 })
})
afterAll(() => app.end())

const ends = (id: string, status: string) =>
  until(`${id} is ${status}`, async () => (await app.row(id)).status === status)

describe('one recording', () => {
  test('is transcribed; the log tells each step and ties the task to the recording', async () => {
    const id = await app.add({ title: 'Call recording 5454_210513_095857.m4a', duration: 3780.882 })
    const task = await app.process(id)
    await ends(id, 'done')
    // The row is written before the line, and the line reaches this process later still.
    await worker.said(new RegExp(`process_recording\\[${task}\\]: Recording ${id} done: .*\\n`))
    const row = await app.row(id)
    expect(row).toMatchObject({
      transcript: 'Hello\nfrom Call recording 5454_210513_095857.m4a.',
      duration_seconds: 3780.882,
      error_message: null,
      retry_count: 0,
      task_id: null,
    })
    const mine = worker
      .log()
      .split('\n')
      .filter((line) => line.includes(`process_recording[${task}]: `))
    expect(mine.map((line) => line.split(`[${task}]: `)[1])).toEqual([
      `Recording ${id}, task ${task}: attempt 1, Call recording 5454_210513_095857.m4a`,
      'Transcribing audio…',
      'Processing audio with duration 01:03:00.882',
      `Recording ${id} done: 49 characters`,
    ])
    const key = `celery-task-meta-${task}`
    await until('its result is there', async () => (await app.redis.cli('-n', '1', 'GET', key)).includes('SUCCESS'))
    expect(JSON.parse(await app.redis.cli('-n', '1', 'GET', key))).toMatchObject({
      name: 'app.worker.tasks.process_recording',
      args: [id],
    })
    expect(Number(await app.redis.cli('-n', '1', 'TTL', key))).toBeGreaterThan(86_000)
  })

  test('that is done already is left alone by a second message', async () => {
    const id = await app.add({}, { status: 'done', transcript: 'as it was' })
    const before = await app.row(id)
    const task = await app.process(id)
    await worker.said(new RegExp(`Recording ${id} is not waiting any more, task ${task} has nothing to do`))
    expect(await app.row(id)).toEqual(before)
  })

  test('that is no audio, or not there, fails at once with a sentence', async () => {
    const broken = await app.add({ title: 'notes.txt', broken: 'Invalid data found when processing input' })
    const gone = await app.add({}, { file_path: '/nowhere/a.m4a' })
    await Promise.all([app.process(broken), app.process(gone)])
    await Promise.all([ends(broken, 'failed'), ends(gone, 'failed')])
    expect(await app.row(broken)).toMatchObject({
      error_message: `Not audio: ${app.folder}/notes.txt: Invalid data found when processing input`,
      retry_count: 0,
    })
    expect((await app.row(gone)).error_message).toBe('The file does not exist: /nowhere/a.m4a')
  })
})

test('without a model recordings wait, no retry is given away, and the log says what is missing', async () => {
  await worker.stop()
  const model = join(app.folder, 'later.bin')
  const bare = await app.worker({ MODEL: model })
  const id = await app.add()
  const before = await app.row(id)
  await app.process(id)
  await bare.said(new RegExp(`Recording ${id}, task .*: it waits for a model`))
  await app.enqueue()
  await bare.said(/ERROR.*There is no model at .*later\.bin: recordings wait until \.env names one/)
  expect(await app.row(id)).toEqual(before)
  writeFileSync(model, '')
  await app.enqueue()
  await ends(id, 'done')
  await bare.stop()
  worker = await app.worker({}, { concurrency: 2 })
})

test('the whisper-cli that Unjam builds, called as the stack calls it, gives the words of a recording', async () => {
  const tools = { WHISPER_CLI: await engine(), MODEL: await tinyModel(), LANGUAGE: 'en' }
  const real = await app.worker(tools, { name: 'real', queues: ['real'] })
  // 16 kHz and mono already: the stand-in for ffmpeg hands it on, and the row knows how long it is.
  const path = join(app.folder, 'noise.wav')
  await writeAudio(path, [{ noise: 0.2, ms: 31_000 }], { format: 'wav' })
  const id = await app.add({}, { file_path: path, duration_seconds: 31 })
  await app.process(id, 'real')
  await until('it is done', async () => (await app.row(id)).status !== 'queued')
  await until('it has ended', async () => (await app.row(id)).status !== 'processing')
  const { status, transcript, error_message } = await app.row(id)
  expect([status, error_message]).toEqual(['done', null])
  expect(transcript).toContain('every window is\nequally grün')
  await real.stop()
}, 180_000)

test('longer than MAX_DURATION_MINUTES: skipped or failed, as OVER_MAX_DURATION says', async () => {
  const long = { duration: 3780.882, seconds: 600 }
  const ids = await Promise.all([app.add(long), app.add(long)])
  await Promise.all(
    ids.map(async (id, i) => {
      const mode = i === 0 ? 'skip' : 'fail'
      const strict = await app.worker(
        { MAX_DURATION_MINUTES: '60', OVER_MAX_DURATION: mode },
        { name: mode, queues: [mode] },
      )
      await app.process(id, mode)
      await ends(id, mode === 'skip' ? 'skipped' : 'failed')
      await strict.stop()
    }),
  )
  for (const id of ids)
    expect((await app.row(id)).error_message).toBe(
      'Longer than 60 minutes: 01:03:00.882 of audio (MAX_DURATION_MINUTES)',
    )
})

test('a failing recording is tried four times and keeps its own error; each is enqueued once', async () => {
  const failing = await app.add({ error: 'error: failed to read audio data' })
  const fine = await app.add({ seconds: 0.3 })
  const beat = await app.beat()
  await Promise.all([ends(failing, 'failed'), ends(fine, 'done')])
  await beat.stop()
  expect(await app.row(failing)).toMatchObject({
    retry_count: 3,
    error_message: 'whisper-cli ended with code 1: error: failed to read audio data',
  })
  const attempts = (id: string) => [
    ...worker.log().matchAll(new RegExp(`Recording ${id}, task .*: attempt (\\d)`, 'g')),
  ]
  await until('the log has both', () => attempts(failing).length >= 4 && attempts(fine).length >= 1)
  expect(attempts(failing).map(([, number]) => number)).toEqual(['1', '2', '3', '4'])
  expect(attempts(fine)).toHaveLength(1)
})

test('the enqueuer sends only what is queued and has no message yet', async () => {
  await worker.stop()
  const [waiting, fresh] = [await app.add(), await app.add()]
  await app.add({}, { status: 'skipped' })
  await app.enqueue()
  await app.process(waiting)
  worker = await app.worker({}, { pool: 'solo' })
  // It runs one task at a time and fetches nothing meanwhile: the other message lies in the list when the enqueuer looks.
  await worker.said(/Enqueued 1 recordings, 1 had a message already/)
  await Promise.all([ends(waiting, 'done'), ends(fresh, 'done')])
})

test('the API counts what is in the table and says what cannot be reached', async () => {
  const port = await freePort()
  const api = startProcess('/usr/bin/python3', ['-m', 'app.api'], {
    env: {
      PATH: process.env.PATH,
      PYTHONPATH: stackFolder,
      PYTHONDONTWRITEBYTECODE: '1',
      API_PORT: String(port),
      DATABASE_URL: app.database.url,
      BROKER_URL: app.redis.url,
    },
  })
  await api.said(/Listening on/)
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`)
    return [answer.status, await answer.json()]
  }
  const { rows } = await app.database.pool.query('SELECT status, count(*)::int FROM recordings GROUP BY 1')
  const counts = Object.fromEntries(rows.map(({ status, count }) => [status, count]))
  expect(await get('/queue/status')).toEqual([200, { queued: 0, processing: 0, ...counts, messages: 0 }])
  expect(await get('/health')).toEqual([200, { status: 'ok', database: 'ok', broker: 'ok' }])
  expect((await get('/other'))[0]).toBe(404)
  await app.redis.kill()
  expect(await get('/health')).toMatchObject([503, { database: 'ok', broker: expect.stringContaining('refused') }])
  await app.redis.start()
  await api.kill()
})
