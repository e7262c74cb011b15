// Tables that are not ours: other types, other words, other names, fewer columns, other time zones.
import { afterEach, describe, expect, test } from 'vitest'
import { RecordingsTable } from '../../electron/contract/worker-protocol.ts'
import { beatHeld } from '../../worker/store/beat-jobs.ts'
import { failAttempt } from '../../worker/store/fail-attempt.ts'
import { finishJob } from '../../worker/store/finish-job.ts'
import { parkJob } from '../../worker/store/park-job.ts'
import { readUnprobed, writeDuration } from '../../worker/store/probe-duration.ts'
import { readTable, WrongTable } from '../../worker/store/read-table.ts'
import { readWaiting } from '../../worker/store/read-waiting.ts'
import { skipJob } from '../../worker/store/skip-job.ts'
import { type Stage, setStage } from './cast.ts'

let stage: Stage
afterEach(() => stage.drop())

const column = (name: string, type: string) => `ALTER TABLE recordings DROP COLUMN ${name}, ADD COLUMN ${name} ${type}`
const own = 'DROP TABLE recordings'
const base = (id: string, status: string, more = '') =>
  `CREATE TABLE recordings (id ${id} PRIMARY KEY, file_name varchar(200), file_path varchar(500), status ${status},
     created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now() ${more})`

interface Foreign {
  readonly setUp: string[]
  readonly table?: Partial<RecordingsTable>
  readonly words: readonly [queued: string, running: string, done: string, failed: string, skipped: string]
}
const foreign: Record<string, Foreign> = {
  'integer ids and no optional column': {
    setUp: [
      own,
      base('integer GENERATED ALWAYS AS IDENTITY', 'varchar(20)'),
      `INSERT INTO recordings (file_name, file_path, status) VALUES ('a', '/a', 'queued'), ('b', '/b', 'queued')`,
    ],
    words: ['queued', 'processing', 'done', 'failed', 'skipped'],
  },
  'text ids with quotes and blanks': {
    setUp: [
      own,
      base('text', 'text'),
      `INSERT INTO recordings (id, file_name, file_path, status) VALUES ('it''s "a" %', 'a', '/a', 'queued'), ('b b', 'b', '/b', 'queued')`,
    ],
    words: ['queued', 'processing', 'done', 'failed', 'skipped'],
  },
  'an enum in capitals': {
    setUp: [
      own,
      `CREATE TYPE job_state AS ENUM ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED', 'SKIPPED')`,
      base('bigserial', 'job_state', ', error_message varchar(12), retry_count smallint'),
      `INSERT INTO recordings (file_name, file_path, status) VALUES ('a', '/a', 'PENDING'), ('b', '/b', 'PENDING')`,
    ],
    words: ['PENDING', 'PROCESSING', 'COMPLETED', 'FAILED', 'SKIPPED'],
  },
  'an enum without a word for skipping': {
    setUp: [
      own,
      `CREATE TYPE job_state AS ENUM ('queued', 'running', 'done', 'failed')`,
      base('uuid DEFAULT gen_random_uuid()', 'job_state', ', error_message text'),
      `INSERT INTO recordings (file_name, file_path, status) VALUES ('a', '/a', 'queued'), ('b', '/b', 'queued')`,
    ],
    words: ['queued', 'running', 'done', 'failed', 'failed'],
  },
  'varchar in capitals, where only one word is known yet': {
    setUp: [
      own,
      base('bigserial', 'varchar(16)'),
      `INSERT INTO recordings (file_name, file_path, status) VALUES ('a', '/a', 'QUEUED'), ('b', '/b', 'QUEUED')`,
    ],
    words: ['QUEUED', 'PROCESSING', 'DONE', 'FAILED', 'SKIPPED'],
  },
  'timestamps without a zone that mean Berlin, durations in whole seconds': {
    setUp: [
      own,
      `CREATE TABLE recordings (id serial PRIMARY KEY, file_name text, file_path text, status text, duration_seconds integer,
         created_at timestamp DEFAULT (now() AT TIME ZONE 'Europe/Berlin'), updated_at timestamp DEFAULT (now() AT TIME ZONE 'Europe/Berlin'))`,
      `INSERT INTO recordings (file_name, file_path, status) VALUES ('a', '/a', 'queued'), ('b', '/b', 'queued')`,
    ],
    table: { timeZone: 'Europe/Berlin' },
    words: ['queued', 'processing', 'done', 'failed', 'skipped'],
  },
  'other names for everything': {
    setUp: [
      own,
      'CREATE SCHEMA "Call Centre"',
      `CREATE TABLE "Call Centre"."Job's" ("Nr" serial PRIMARY KEY, "Name" text, "Where" text, "State" text, born timestamptz DEFAULT now(), seen timestamptz DEFAULT now())`,
      `INSERT INTO "Call Centre"."Job's" ("Name", "Where", "State") VALUES ('a', '/a', 'neu'), ('b', '/b', 'neu')`,
    ],
    table: RecordingsTable.parse({
      schema: 'Call Centre',
      table: "Job's",
      columns: { id: 'Nr', status: 'State', title: 'Name', path: 'Where', heartbeat: 'seen', createdAt: 'born' },
      words: { queued: ['neu'], running: ['in Arbeit'], done: ['fertig'], failed: ['kaputt'], skipped: ['entfällt'] },
    }),
    words: ['neu', 'in Arbeit', 'fertig', 'kaputt', 'entfällt'],
  },
}

describe.each(Object.entries(foreign))('%s', (_, { setUp, table, words }) => {
  const [queued, running, done, failed, skipped] = words
  const open = async () => {
    stage = await setStage(table, setUp)
    const taker = {
      worker: await stage.worker(),
      recipe: 'r',
      deadAfterMs: 15_000,
      assumedMs: 600_000,
      longestWaitMs: 1,
      limit: 9,
    }
    const waiting = () => stage.tx((db) => readWaiting(db, stage.t, taker))
    return { taker, waiting }
  }

  test('every verb works, ages are right, and the other row is as it was', async () => {
    const { taker, waiting } = await open()
    const shape = () =>
      stage.rows(
        `SELECT column_name, data_type FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'unjam') ORDER BY 1, 2`,
      )
    const columns = await shape()
    const first = await waiting()
    expect(first.map(({ title }) => title).sort()).toEqual(['a', 'b'])
    expect(first.every(({ arrivedMs, waitedMs }) => arrivedMs < 60_000 && waitedMs < 60_000)).toBe(true)
    const id = first.find(({ title }) => title === 'a')!.id
    const other = first.find(({ title }) => title === 'b')!.id
    const status = async () => (await stage.row(id)).status
    const take = async () => (await stage.claim(id, taker.worker))!

    const job = await take()
    expect(job).toMatchObject({ recording: id, title: 'a', path: '/a', durationMs: null })
    expect(await status()).toBe(running)
    expect(await stage.tx((db) => beatHeld(db, stage.t, [job]))).toBe(1)
    await stage.tx((db) => parkJob(db, stage.t, job))
    expect((await waiting()).map(({ id }) => id).sort()).toEqual([id, other].sort())

    const error = 'a sentence much longer than twelve letters'
    const kept = async (text: string) => {
      const { error } = await stage.row(id)
      if (error !== undefined) expect(text.startsWith(String(error))).toBe(true)
    }
    await stage.tx(async (db) =>
      failAttempt(db, stage.t, await take(), { error, outcome: 'failed', maxRetries: 1, final: false }),
    )
    expect(await status()).toBe(queued)
    await kept(error)
    await stage.tx(async (db) =>
      failAttempt(db, stage.t, await take(), { error, outcome: 'failed', maxRetries: 1, final: false }),
    )
    expect(await status()).toBe(failed)

    const again = async () =>
      stage.rows(`UPDATE ${stage.t.name} SET ${stage.t.status} = '${queued}' WHERE ${stage.t.id}::text = $1`, [id])
    await again()
    await stage.tx(async (db) =>
      failAttempt(db, stage.t, await take(), { error, outcome: 'failed', maxRetries: 1, final: false }),
    )
    if (stage.t.retryCount === null) expect(await status()).toBe(queued) // Counted anew since it failed for good.
    await again()
    await stage.tx(async (db) => skipJob(db, stage.t, await take(), { outcome: 'skipped', reason: error }))
    expect(await status()).toBe(skipped)
    await again()
    await stage.tx(async (db) =>
      finishJob(db, stage.t, await take(), { segments: [{ startMs: 0, endMs: 1, text: 'x' }], durationMs: 61_700 }),
    )
    expect(await status()).toBe(done)

    expect((await stage.row(other)).status).toBe(queued)
    expect(await shape()).toEqual(columns)
    const [age] = await stage.tx(
      async (db) =>
        (
          await db.query(
            `SELECT bool_and(now() - ${stage.t.heartbeat} BETWEEN '-1 s' AND '1 min') AS fresh FROM ${stage.t.name}`,
          )
        ).rows,
    )
    expect(age).toEqual({ fresh: true })
  })

  test('durations are found out and noted, in the row where it has a place for them', async () => {
    const { waiting } = await open()
    const unprobed = await stage.tx((db) => readUnprobed(db, stage.t, 10))
    expect(unprobed.map(({ path }) => path).sort()).toEqual(['/a', '/b'])
    const [one, two] = unprobed
    await stage.tx((db) => writeDuration(db, stage.t, one!, { durationMs: 90_000, error: null }))
    await stage.tx((db) => writeDuration(db, stage.t, two!, { durationMs: null, error: 'It is empty.' }))
    expect(await stage.tx((db) => readUnprobed(db, stage.t, 10))).toEqual([])
    expect(Object.fromEntries((await waiting()).map(({ id, remainingMs }) => [id, remainingMs]))).toEqual({
      [one!.id]: 90_000,
      [two!.id]: 1000,
    })
    if (stage.t.duration !== null)
      expect(await stage.rows(`SELECT ${stage.t.duration} AS s FROM ${stage.t.name} ORDER BY 1`)).toEqual([
        { s: 90 },
        { s: null },
      ])
    await stage.rows(`UPDATE ${stage.t.name} SET ${stage.t.path} = '/elsewhere' WHERE ${stage.t.id}::text = $1`, [
      two!.id,
    ])
    expect((await stage.tx((db) => readUnprobed(db, stage.t, 10))).map(({ path }) => path)).toEqual(
      ['/elsewhere'].slice(0, 1),
    )
  })
})

describe('reading the table', () => {
  const read = (table: unknown = {}) => stage.tx((db) => readTable(db, RecordingsTable.parse(table)))

  test.each([
    ['it is not there', 'ALTER TABLE recordings RENAME TO tapes', {}, /no table public\.recordings/],
    [
      'a column that must be there is not',
      'ALTER TABLE recordings RENAME updated_at TO touched',
      {},
      /no column updated_at/,
    ],
    [
      'an enum has no word for running',
      `${own}; CREATE TYPE s AS ENUM ('queued', 'done', 'failed'); ${base('serial', 's')}`,
      {},
      /no word for running \(it knows queued, done, failed\)/,
    ],
  ])('is refused with a sentence where %s', async (_, sql, table, sentence) => {
    stage = await setStage()
    await stage.rows(sql)
    await expect(read(table)).rejects.toThrow(WrongTable)
    await expect(read(table)).rejects.toThrow(sentence)
  })

  test('columns that are not there, or cannot hold what we would write, are left out of the mapping', async () => {
    stage = await setStage({}, [column('transcript', 'jsonb'), 'ALTER TABLE recordings DROP COLUMN started_at'])
    const t = await read()
    expect([t.transcript, t.startedAt, t.error, t.path]).toEqual([null, null, '"error_message"', '"file_path"'])
  })

  test('the words are the table’s own; those that nothing is known of are as configured', async () => {
    stage = await setStage({}, ['ALTER TABLE recordings DROP CONSTRAINT recordings_status_check'])
    const t = await read()
    expect([t.word('queued'), t.word('done')]).toEqual(['queued', 'done'])
    await stage.add('a', { status: 'Pending' })
    await stage.add('b', { status: 'completed' })
    const other = await read()
    expect([other.word('queued'), other.word('done'), other.word('failed')]).toEqual(['Pending', 'completed', 'failed'])
    expect(other.words('queued')).toEqual(expect.arrayContaining(['queued', 'pending']))
  })
})
