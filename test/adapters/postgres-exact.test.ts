// What only a real database can prove: exact images, races with workers, locks, deadlocks, workers, files and facts.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { JobQuery } from '../../electron/contract/job.ts'
import { claimJob } from '../../worker/store/claim-job.ts'
import { LeaseLost } from '../../worker/store/fence.ts'
import { readTable } from '../../worker/store/read-table.ts'
import { skipJob } from '../../worker/store/skip-job.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { castAt } from './job-cast.ts'
import type { Stage } from './job-system.contract.ts'
import { localTable, postgresStage, postgresSystem } from './postgres-stage.ts'

const signal = () => AbortSignal.timeout(60_000)
let database: TestDatabase
let stage: Stage
beforeAll(async () => {
  database = await testDatabase()
  stage = await postgresStage(database.pool, localTable)
})
afterAll(() => database.drop())
beforeEach(() => stage.seed(castAt(Date.now())))

const rowsOf = (...names: string[]) => stage.system.rows({ kind: 'ids', ids: names.map(stage.id) }, 1000, signal())

test('a removed row returns to the last bit: microseconds, big numbers, odd floats, JSON as it was written', async () => {
  await database.pool.query(`
    ALTER TABLE recordings ADD note json, ADD tags text[], ADD size numeric, ADD raw bytea, ADD span tstzrange,
      ADD twice bigint GENERATED ALWAYS AS (file_bytes * 2) STORED`)
  await database.pool.query(
    `UPDATE recordings SET note = '{"b" : 1,  "a": 0.10, "a": 2}', tags = '{a,NULL,"b \\" c"}', size = 1.2300, raw = '\\x00ff',
       span = '[2026-01-01 00:00:00.000001+00, infinity)', duration_seconds = 'NaN', file_bytes = 4611686018427387903,
       created_at = '2026-02-04 22:18:32.123456+05:30', started_at = '-infinity', transcript = E'tab\\t “quotes” \\\\ 日本'
     WHERE id = $1`,
    [stage.id('finished')],
  )
  const text = async () => {
    const { rows } = await database.pool.query(`SELECT t::text AS row FROM recordings t WHERE id = $1`, [
      stage.id('finished'),
    ])
    return rows
  }
  const before = await text()
  const { changed } = await stage.system.write(await rowsOf('finished'), { verb: 'remove' })
  expect(await text()).toEqual([])
  const { rows: left } = await database.pool.query(
    `SELECT (SELECT count(*) FROM unjam.segment) + (SELECT count(*) FROM unjam.attempt WHERE recording = $1) AS n`,
    [stage.id('finished')],
  )
  expect(left).toEqual([{ n: '0' }])
  expect(await stage.system.restore(changed)).toEqual({ restored: 1, left: [] })
  expect(await text()).toEqual(before)
  const attempts = await stage.system.attempts(stage.id('finished'), signal())
  expect(attempts.map(({ outcome }) => outcome)).toEqual(['parked', 'done'])
  await database.pool.query('ALTER TABLE recordings DROP note, DROP tags, DROP size, DROP raw, DROP span, DROP twice')
})

test('a retry forgets chunk failures and keeps saved chunks; its undo remembers them', async () => {
  const chunks = async () => {
    const { rows } = await database.pool.query(
      `SELECT start_ms, failures, last_error, words IS NOT NULL AS saved FROM unjam.chunk WHERE recording = $1 ORDER BY 1`,
      [stage.id('c85b90e2')],
    )
    return rows
  }
  const before = await chunks()
  expect(before).toMatchObject([
    { failures: 0, saved: true },
    { failures: 2, last_error: 'it stalled' },
  ])
  const { changed } = await stage.system.write(await rowsOf('c85b90e2'), { verb: 'retry' })
  expect(await chunks()).toMatchObject([{ saved: true }, { failures: 0, last_error: null, saved: false }])
  await stage.system.restore(changed)
  expect(await chunks()).toEqual(before)
})

describe('beside a worker', () => {
  test('undoing a cancel fences the worker that was about to end the job', async () => {
    const t = await readTable(database.pool, localTable.table)
    const { rows } = await database.pool.query<{ recording: string; token: string; attempt: string }>(
      'SELECT recording, token::text, attempt::text FROM unjam.lease WHERE recording = $1',
      [stage.id('interview')],
    )
    const { changed } = await stage.system.write(await rowsOf('interview'), { verb: 'cancel' })
    await stage.system.restore(changed)
    const ending = database.pool.transaction(5000, (db) =>
      skipJob(db, t, rows[0]!, { outcome: 'cancelled', reason: 'Cancelled.' }),
    )
    await expect(ending).rejects.toBeInstanceOf(LeaseLost)
    expect((await rowsOf('interview'))[0]?.job.state).toBe('queued')
  })

  test('skipping and claiming the same queued jobs at once: each job has one outcome, and it is the one reported', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `race-${i}`)
    await stage.seed(names.map((id) => ({ id, title: `${id}.m4a`, state: 'queued' })))
    const t = await readTable(database.pool, localTable.table)
    const rows = await rowsOf(...names)
    const worker = '11111111-1111-4111-8111-111111111111'
    const claims = names.map((name) =>
      database.pool.transaction(5000, (db) => claimJob(db, t, { recording: stage.id(name), worker, leaseMs: 60_000 })),
    )
    const [written, ...claimed] = await Promise.all([
      stage.system.write(rows, { verb: 'skip', reason: 'race' }),
      ...claims,
    ])
    const taken = claimed.flatMap((claim) => (claim === null ? [] : [claim.recording])).sort()
    expect(written.changed.map(({ before }) => before.id).sort()).toEqual(
      names
        .map(stage.id)
        .filter((id) => !taken.includes(id))
        .sort(),
    )
    expect(written.left.map(({ id }) => id).sort()).toEqual(taken)
    const { rows: leases } = await database.pool.query('SELECT recording FROM unjam.lease ORDER BY 1')
    expect(leases.map(({ recording }) => recording)).toEqual(taken)
  })

  test('a deadlock with another program is tried again, and both end well', async () => {
    const [first, second] = [stage.id('c85b90e2'), stage.id('ab167b5a')].sort()
    const rows = await rowsOf('c85b90e2', 'ab167b5a')
    let writing: ReturnType<typeof stage.system.write> | undefined
    const other = database.pool.transaction(20_000, async (db) => {
      await db.query('UPDATE recordings SET retry_count = retry_count WHERE id = $1', [second])
      writing = stage.system.write(rows, { verb: 'retry' })
      await waitingForLock()
      // Now each waits for the other, and Postgres ends the one that has waited for a second: the write.
      await db.query('UPDATE recordings SET retry_count = retry_count WHERE id = $1', [first])
    })
    // On a machine so busy that the write had waited its second before the other began to wait, it ends the other.
    await other.catch((error: unknown) => expect(error).toMatchObject({ code: '40P01' }))
    expect((await writing)?.changed).toHaveLength(2)
  })

  async function waitingForLock(): Promise<void> {
    for (;;) {
      const { rows } = await database.pool.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
      if (rows.length > 0) return
    }
  }
})

test('workers: alive, paused, lost; stopped ones and long lost ones that hold nothing are not shown', async () => {
  await database.pool.query(`DELETE FROM unjam.worker`)
  await database.pool.query(
    `INSERT INTO unjam.worker (id, host, pid, state, slots, busy, threads, model, speed, beat_at)
     SELECT ('00000000-0000-0000-0000-00000000000' || n)::uuid, host, n, state, 2, 1, 4, 'tiny', 3.5, now() - age
       FROM (VALUES (1, 'a', 'running', interval '2 s'), (2, 'b', 'paused', interval '3 s'), (3, 'c', 'running', interval '60 s'),
                    (4, 'd', 'stopped', interval '1 s'), (5, 'e', 'running', interval '1 h'), (6, 'f', 'running', interval '1 h')) AS w(n, host, state, age)`,
  )
  await database.pool.query(
    `UPDATE unjam.lease SET worker = '00000000-0000-0000-0000-000000000006' WHERE state = 'held'`,
  )
  await database.pool.query(
    `INSERT INTO unjam.lease (recording, token, state, worker, attempt, expires_at)
     SELECT 'slot ' || state, gen_random_uuid(), state, '00000000-0000-0000-0000-000000000001', 0, now() + interval '1 min'
       FROM (VALUES ('held'), ('cancelling'), ('parked')) AS l(state)`,
  )
  const workers = await stage.system.workers(signal())
  await database.pool.query(`DELETE FROM unjam.lease WHERE recording LIKE 'slot %'`)
  expect(workers.map(({ name, state, busy }) => [name, state, busy]).sort()).toEqual([
    // Slots taken are counted where they are held, not as last beaten.
    ['a · 1', 'running', 2],
    ['b · 2', 'paused', 0],
    ['c · 3', 'lost', 0],
    ['f · 6', 'lost', 0],
  ])
  expect(workers.find(({ host }) => host === 'a')).toMatchObject({
    slots: 2,
    threads: 4,
    model: 'tiny',
    speed: 3.5,
    pid: 1,
  })
  expect(workers.find(({ host }) => host === 'a')?.beatAgeMs).toBeGreaterThanOrEqual(2000)
})

test('the recording is playable only when it is a readable file with a path of this machine', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'unjam-media-'))
  const file = join(folder, 'Grüße & "co" 100%.wav')
  writeFileSync(file, 'x')
  chmodSync(file, 0o600)
  await stage.seed([
    { id: 'here', title: 'a', state: 'queued', path: file },
    { id: 'gone', title: 'b', state: 'queued', path: join(folder, 'gone.wav') },
    { id: 'folder', title: 'c', state: 'queued', path: folder },
    { id: 'relative', title: 'd', state: 'queued', path: 'package.json' },
  ])
  const paths = await Promise.all(
    ['here', 'gone', 'folder', 'relative'].map((name) => stage.system.mediaPath(stage.id(name), signal())),
  )
  expect(paths).toEqual([file, null, null, null])
  expect((await stage.system.detail(stage.id('here'), signal()))?.playable).toBe(true)
  expect((await stage.system.detail(stage.id('gone'), signal()))?.playable).toBe(false)

  // The same file, as the worker's container names it.
  const path = '/recordings/sub/../Grüße & "co" 100%.wav'
  await stage.seed([{ id: 'inside', title: 'e', state: 'queued', path }])
  expect(await stage.system.mediaPath(stage.id('inside'), signal())).toBeNull()
  const mounted = postgresSystem(database.pool, localTable, [{ inside: '/recordings', here: folder }])
  expect(await mounted.mediaPath(stage.id('inside'), signal())).toBe(file)
  expect((await mounted.detail(stage.id('inside'), signal()))?.playable).toBe(true)
  rmSync(folder, { recursive: true })
})

test('facts: every column as text in its order, a long transcript cut, the lease without its token', async () => {
  await database.pool.query(`UPDATE recordings SET transcript = repeat('word ', 1000) WHERE id = $1`, [
    stage.id('interview'),
  ])
  const facts = (await stage.system.detail(stage.id('interview'), signal()))?.facts ?? []
  const row = facts.filter(({ source }) => source === 'public.recordings')
  expect(row.map(({ label }) => label).slice(0, 3)).toEqual(['id', 'file_name', 'file_path'])
  expect(row.find(({ label }) => label === 'retry_count')?.value).toBe('1')
  expect(row.find(({ label }) => label === 'completed_at')?.value).toBeNull()
  expect(row.find(({ label }) => label === 'transcript')?.value).toMatch(/… \(5000 characters\)$/)
  const lease = facts.filter(({ source }) => source === 'unjam.lease').map(({ label }) => label)
  expect(lease).toContain('expires_at')
  expect(lease).not.toContain('token')
})

test('a cursor fits where cursors go, whatever the title', async () => {
  const title = '𝔘"\\\u0001'.repeat(60)
  await stage.seed(['x', 'y', 'z'].map((id) => ({ id, title: title + id, state: 'queued' })))
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const query: JobQuery = {
      system: 'local',
      state: 'queued',
      search: '',
      sort: 'title',
      descending: true,
      limit: 1,
      cursor,
    }
    const page = await stage.system.page(query, signal())
    seen.push(...page.jobs.map(({ id }) => stage.name(id)))
    cursor = page.cursor
    expect(cursor?.length ?? 0).toBeLessThanOrEqual(2000)
  } while (cursor !== null)
  expect(seen.sort()).toEqual(['x', 'y', 'z'])
})
