// Work in progress: a worker beside other commands, and a host that is killed in the middle of a recording.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { writeAudio } from '../support/audio.ts'
import { engine } from '../support/engine.ts'
import { emptyDatabase } from '../support/postgres.ts'
import { freshDataDir, type ServingHost, serveApp } from '../support/serving-host.ts'
import { tinyModel } from '../support/tiny-model.ts'
import { until } from '../support/until.ts'
import { AddShape, FailureShape, JobsShape, StatusShape } from './shapes.ts'
import { json, unjam } from './unjam.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'unjam-working-'))
const data = freshDataDir({ worker: { startWithApp: false, chunkMinutes: 1, language: 'en' } })
const long = join(folder, 'long.wav')
let model = ''

beforeAll(async () => {
  // Long enough that one of its chunks is surely at work when the test looks.
  await writeAudio(long, [{ noise: 0.2, ms: 110_000 }], { format: 'wav' })
  model = await tinyModel()
  await engine()
})
let host: ServingHost | null = null
afterAll(() => {
  host?.process.kill('SIGKILL')
  for (const one of [folder, data]) rmSync(one, { recursive: true, force: true })
})

const postgresRuns = () => existsSync(join(data, 'postgres/18/data/postmaster.pid'))

/** whisper-cli processes that work on a chunk inside this test's data directory. */
function whispers(): string[] {
  const all = execFileSync('ps', ['-axo', 'pid=,args='], { encoding: 'utf8' }).split('\n')
  return all.filter((line) => line.includes('whisper-cli') && line.includes(data))
}

test('a worker in a terminal keeps the database while other commands come and go, and stops it at the end', async () => {
  const worker = spawn(
    process.execPath,
    [join(root, 'electron/unjam.mjs'), 'worker', '--model', model, '--lines', '--data', data],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = new Promise((resolve) => worker.once('close', resolve))
  for await (const line of createInterface({ input: worker.stdout })) if (JSON.parse(line).type === 'ready') break
  await expect
    .poll(async () => (await json(data, ['status'], StatusShape)).systems[0]?.workers)
    .toMatchObject([{ state: 'running' }])
  expect(postgresRuns()).toBe(true)
  worker.kill('SIGINT')
  expect(await ended).toBe(0)
  expect(postgresRuns()).toBe(false)
})

test('a host killed with -9 in the middle leaves no whisper-cli, and the recording goes on after its last chunk', async () => {
  host = await serveApp({ dataDir: data })
  await json(data, ['models', 'import', model], z.unknown())
  await json(data, ['add', long], AddShape)
  await json(data, ['act', 'start-worker', '--yes'], z.unknown())
  const Detail = z.looseObject({
    job: z.looseObject({ progress: z.object({ chunksDone: z.number() }).nullish() }),
    attempts: z.array(z.object({ outcome: z.string(), chunksSaved: z.number() })),
  })
  const [job] = (await json(data, ['jobs'], JobsShape)).jobs
  await until('a chunk is done and the next one is at work', async () => {
    const { job: now } = await json(data, ['job', job!.id], Detail)
    return (now.progress?.chunksDone ?? 0) > 0 && whispers().length > 0
  })
  host.process.kill('SIGKILL')
  await expect.poll(() => whispers()).toEqual([])

  const ended = await json(data, ['worker', '--drain'], z.object({ ended: z.string(), done: z.number() }).loose())
  expect(ended).toMatchObject({ ended: 'drained', done: 1 })
  const { attempts } = await json(data, ['job', job!.id], Detail)
  expect(attempts).toHaveLength(2)
  expect(attempts[0]?.chunksSaved).toBeGreaterThan(0)
  expect(attempts[1]).toMatchObject({ outcome: 'done' })
  // Two chunks in all: what was saved was not done again.
  expect(attempts.reduce((sum, { chunksSaved }) => sum + chunksSaved, 0)).toBe(2)
  expect(postgresRuns()).toBe(false)
})

test('a model hub that cannot be reached is a sentence that names it', async () => {
  const ran = await unjam(['models', 'download', 'tiny', '--json', '--data', data], {
    UNJAM_MODEL_HUB: 'http://127.0.0.1:1/models/',
  })
  expect(ran.code).toBe(2)
  const { failure } = FailureShape.parse(JSON.parse(ran.stdout))
  expect(failure.kind).toBe('unreachable')
  expect(`${failure.on} ${failure.because} ${failure.remedy}`).toMatch(/127\.0\.0\.1/)
})

test('a database without recordings is refused and left as it was', async () => {
  const database = await emptyDatabase()
  try {
    const args = ['worker', '--database', database.url, '--model', model, '--drain']
    const { failure } = await json(data, args, FailureShape, 4)
    expect(failure.because).toBe('The database has no table public.recordings, or this user may not see it')
    const { rows } = await database.pool.query(`SELECT nspname FROM pg_namespace WHERE nspname = 'unjam'`)
    expect(rows).toEqual([])
  } finally {
    await database.drop()
  }
})
