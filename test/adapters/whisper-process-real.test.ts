// The supervisor with the real worker, a real database, real whisper.cpp and a model that is small but real.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { createWorkerControl } from '../../electron/adapters/whisper-process.ts'
import { RecordingsTable, WorkerConfig, type WorkerLine } from '../../electron/contract/worker-protocol.ts'
import { writeAudio } from '../support/audio.ts'
import { engine } from '../support/engine.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { tinyModel } from '../support/tiny-model.ts'
import { until } from '../support/until.ts'

const folders = temporaryFolder()
const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
  folders.remove()
})

async function stage() {
  const database: TestDatabase = await testDatabase()
  ends.push(() => database.drop())
  const folder = folders.path()
  const [program, model] = await Promise.all([engine(), tinyModel()])
  const lines: WorkerLine[] = []
  const worker = createWorkerControl({
    node: process.execPath,
    entry: join(import.meta.dirname, '..', '..', 'worker', 'main.ts'),
    config: async () =>
      WorkerConfig.parse({
        database: database.url,
        table: RecordingsTable.parse({}),
        ...{ engine: program, model, language: 'en', slots: 1, threads: 1, chunkMs: 10_000 },
        ...{ scratch: join(folder, 'scratch'), children: join(folder, 'children') },
      }),
    onLine: (line) => lines.push(line),
    timing: { firstRestartMs: 50 },
  })
  ends.push(() => worker.close())
  const add = async (name: string, ms: number) => {
    const path = join(folder, name)
    await writeAudio(path, [{ tone: 440, ms }], { format: 'wav' })
    await database.pool.query('INSERT INTO recordings (file_name, file_path) VALUES ($1, $2)', [name, path])
  }
  const states = async () =>
    (await database.pool.query<{ status: string }>('SELECT status FROM recordings ORDER BY file_name')).rows.map(
      ({ status }) => status,
    )
  const texts = () => worker.log(0, 1000).lines.map(({ text }) => text)
  return { database, worker, lines, folder, add, states, texts }
}

test('it starts, works, says so in sentences, and stops without leaving a process or a file', async () => {
  const { worker, add, states, texts, folder } = await stage()
  await add('short.wav', 3000)
  await worker.start()
  await until('the recording is done', async () => (await states())[0] === 'done')
  await until('it is said', () => texts().some((text) => text.startsWith('Done: short.wav, 0:03 of audio in ')))
  expect(texts().some((text) => /^Ready: 1 slot of 1 thread, model /.test(text))).toBe(true)
  expect(texts().some((text) => /^Started short\.wav \(attempt 1\)\.$/.test(text))).toBe(true)
  expect(texts().filter((text) => /warning/i.test(text))).toEqual([])
  await worker.stop()
  expect(worker.state()).toMatchObject({ state: 'stopped', pid: null })
  expect(texts().at(-1)).toBe('The worker stopped.')
  expect(readdirSync(join(folder, 'children'))).toEqual([])
})

test('killed in the middle of a chunk: whisper goes with it, a new worker is there and finishes the job', async () => {
  const { worker, add, states, lines, folder } = await stage()
  await add('long.wav', 120_000)
  await worker.start()
  const first = worker.state().pid ?? 0
  // The second is transcribed, so the first is saved.
  await until('two chunks', () => lines.filter(({ type }) => type === 'chunk').length >= 2)
  process.kill(first, 'SIGKILL')
  await until('the second worker', () => worker.state().state === 'running' && worker.state().pid !== first)
  expect(worker.state().restarts).toBe(1)
  await until('the recording is done', async () => (await states())[0] === 'done', 90_000)
  const started = lines.filter((line) => line.type === 'started')
  expect(started.at(-1)?.resumedChunks).toBeGreaterThan(0)
  await worker.stop()
  expect(readdirSync(join(folder, 'children'))).toEqual([])
})
