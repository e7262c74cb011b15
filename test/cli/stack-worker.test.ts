// `unjam worker --system`: a worker on a stack's database, its table called and spelled differently, from settings.json,
// and its files where a container has them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { migrate } from '../../electron/adapters/migrate.ts'
import { writeSecrets } from '../../electron/adapters/secrets.ts'
import { RecordingsTable } from '../../electron/contract/worker-protocol.ts'
import { parkForeign } from '../../worker/store/park-foreign.ts'
import { readTable } from '../../worker/store/read-table.ts'
import { writeAudio } from '../support/audio.ts'
import { engine } from '../support/engine.ts'
import { emptyDatabase, type TestDatabase } from '../support/postgres.ts'
import { freshDataDir } from '../support/serving-host.ts'
import { tinyModel } from '../support/tiny-model.ts'
import { FailureShape } from './shapes.ts'
import { json, unjam } from './unjam.ts'

const folder = mkdtempSync(join(tmpdir(), 'unjam-stack-worker-'))
let data = ''
let model = ''
let database: TestDatabase
beforeAll(async () => {
  database = await emptyDatabase()
  await writeAudio(join(folder, 'call.wav'), [{ noise: 0.2, ms: 3000 }], { format: 'wav' })
  model = await tinyModel()
  await engine()
  data = freshDataDir({ worker: { startWithApp: false, language: 'en' } })
})
afterAll(async () => {
  await database?.drop()
  for (const one of [folder, data]) rmSync(one, { recursive: true, force: true })
})

test('it goes on with a job that was taken over, and leaves what runs elsewhere', { timeout: 240_000 }, async () => {
  const table = RecordingsTable.parse({
    table: 'calls',
    columns: {
      title: 'name',
      path: 'file',
      duration: null,
      retryCount: null,
      error: 'why',
      heartbeat: 'beat',
      transcript: 'words',
    },
  })
  await database.pool.query(`CREATE TABLE calls (id int PRIMARY KEY, status varchar(20), name text, file text, why text, words text,
    beat timestamptz DEFAULT now(), created_at timestamptz DEFAULT now())`)
  await database.pool.query(
    `INSERT INTO calls (id, status, name, file) SELECT n, s, 'call ' || n, $1 FROM unnest('{PROCESSING,PROCESSING,DONE}'::text[]) WITH ORDINALITY AS c(s, n)`,
    ['/recordings/call.wav'],
  )
  await migrate(database.url, 'unjam', join(import.meta.dirname, '../..'))
  const t = await readTable(database.pool, table)
  await database.pool.transaction(5000, (db) => parkForeign(db, t, ['1']), 'UTC')

  const office = { id: 'office', kind: 'recordings', database: 'secret:office-database', table }
  const settings = { systems: [{ ...office, folders: [{ inside: '/recordings', here: folder }] }] }
  writeFileSync(
    join(data, 'settings.json'),
    JSON.stringify({ worker: { startWithApp: false, language: 'en' }, ...settings }),
  )
  await writeSecrets(data, { 'office-database': database.url })
  const ended = await json(
    data,
    ['worker', '--system', 'office', '--model', model, '--slots', '1', '--drain'],
    z.looseObject({ ended: z.string() }),
  )
  expect(ended.ended).toBe('drained')
  const { rows } = await database.pool.query('SELECT id, status, why FROM calls ORDER BY id')
  expect(rows).toEqual([
    { id: 1, status: 'DONE', why: null },
    { id: 2, status: 'PROCESSING', why: null },
    { id: 3, status: 'DONE', why: null },
  ])
  expect((await database.pool.query('SELECT FROM unjam.lease')).rows).toEqual([])
})

test('a system that is not there is named before anything is built or opened', async () => {
  const { failure } = await json(data, ['worker', '--system', 'nobody', '--drain'], FailureShape, [1, 2, 4])
  expect(failure).toMatchObject({ kind: 'missing', on: 'nobody' })
  expect((await unjam(['worker', '--system', 'office', '--database', 'x', '--data', data])).code).toBe(64)
})
