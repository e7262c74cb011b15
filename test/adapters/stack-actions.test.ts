// Every action on a stack's jobs in a world that stands still and in one that moves: nothing lost, the rest listed.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../electron/adapters/clock.ts'
import type { ActionId } from '../../electron/contract/action.ts'
import type { Caller } from '../../electron/core/api.ts'
import { type Actions, createActions } from '../../electron/core/run-action.ts'
import { claimJob } from '../../worker/store/claim-job.ts'
import { readTable } from '../../worker/store/read-table.ts'
import { readWaiting } from '../../worker/store/read-waiting.ts'
import { registerWorker } from '../../worker/store/register-worker.ts'
import type { TableSql } from '../../worker/store/table.ts'
import { bareSystem } from '../support/bare-system.ts'
import { localParts } from '../support/local-parts.ts'
import { memoryHistory } from '../support/memory-history.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { postgresSystem, stackTable } from './postgres-stage.ts'

const admin: Caller = { actor: 'admin', via: 'window' }
const signal = () => AbortSignal.timeout(60_000)
const worker = '33333333-3333-4333-8333-333333333333'
const folder = mkdtempSync(join(tmpdir(), 'unjam-stack-'))
const file = join(folder, 'call.wav')
let database: TestDatabase
let t: TableSql
let actions: Actions
beforeAll(async () => {
  writeFileSync(file, 'x')
  database = await testDatabase()
  // The stack's own table: text words, and the task that holds a row.
  await database.pool.query('ALTER TABLE recordings ADD COLUMN task_id text')
  t = await readTable(database.pool, stackTable.table)
})
afterAll(async () => {
  await database.drop()
  rmSync(folder, { recursive: true })
})
beforeEach(async () => {
  await database.pool.query('TRUNCATE recordings, unjam.lease, unjam.attempt, unjam.worker')
  await database.pool.query(
    `INSERT INTO recordings (id, file_name, file_path, status, retry_count, error_message, updated_at, started_at, task_id, created_at)
     SELECT ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'Call ' || n, $1, s,
            CASE s WHEN 'failed' THEN 3 ELSE 0 END, CASE s WHEN 'failed' THEN 'Max retries exceeded' END,
            now() - CASE WHEN n % 2 = 0 THEN interval '26 min' ELSE interval '1 min' END,
            CASE WHEN s <> 'queued' THEN now() - interval '1 hour' END, CASE s WHEN 'processing' THEN 'task-' || n END,
            now() - interval '5 h'
       FROM generate_series(1, 40) n, LATERAL (SELECT (ARRAY['queued', 'processing', 'failed', 'done'])[1 + (n - 1) / 10] AS s) AS state`,
    [file],
  )
  await registerWorker(database.pool, { id: worker, host: 'tower', pid: 7, slots: 1, threads: 1, model: 'tiny' })
  const history = memoryHistory()
  let n = 0
  actions = createActions({
    system: () => bareSystem(postgresSystem(database.pool, stackTable)),
    local: localParts(),
    maker: null,
    history,
    clock: systemClock,
    newId: () => `receipt-${++n}`,
    hash: (text) => text,
    written: () => undefined,
    onBug: (where, error) => {
      throw new Error(where, { cause: error })
    },
  })
})

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => id(from + i))
const world = async (): Promise<string[]> => {
  const { rows } = await database.pool.query<{ row: string }>(
    `SELECT concat(t::text, l.state) AS row FROM recordings t LEFT JOIN unjam.lease l ON l.recording = t.id::text ORDER BY t.id`,
  )
  return rows.map(({ row }) => row)
}
const statuses = async (...ids: string[]) => {
  const { rows } = await database.pool.query(`SELECT status FROM recordings WHERE id = ANY($1) ORDER BY id`, [ids])
  return rows.map((row) => row.status)
}
const asked = (action: ActionId, ids: string[], params = {}) => ({ action, system: 'office', target: ids, params })
async function act(action: ActionId, ids: string[], params = {}) {
  const request = asked(action, ids, params)
  const preview = await actions.preview(request, signal())
  return { preview, receipt: await actions.execute(request, preview.fingerprint, admin) }
}

/** Another program changes rows in a transaction that is still open when `work` comes to them. */
async function whileMoving<T>(ids: string[], sql: string, work: () => Promise<T>): Promise<T> {
  let running: Promise<T> | undefined
  await database.pool.transaction(20_000, async (db) => {
    await db.query(`UPDATE recordings SET ${sql} WHERE id = ANY($1)`, [ids])
    running = work()
    await until('it waits for the other program', async () => {
      const { rows } = await database.pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
      return rows.length > 0
    })
  })
  return running as Promise<T>
}

const cases: [ActionId, string[], Record<string, string>, string][] = [
  ['retry-jobs', range(21, 30), {}, 'queued'],
  ['skip-jobs', range(1, 10), {}, 'skipped'],
  ['fail-jobs', range(1, 10), { reason: 'Manually marked failed: stuck' }, 'failed'],
  ['release-jobs', [12, 14, 16, 18, 20].map(id), {}, 'queued'],
  ['take-over-job', range(1, 20), {}, 'processing'],
]
describe.each(cases)('%s', (action, ids, params, became) => {
  test('in a still world: exactly these rows, and back to the last byte', async () => {
    const before = await world()
    const { preview, receipt } = await act(action, ids, params)
    expect([preview.count, receipt.count, receipt.left]).toEqual([ids.length, ids.length, []])
    expect(new Set(await statuses(...ids))).toEqual(new Set([became]))
    const touched = (await world()).filter((row, i) => row !== before[i])
    expect(touched).toHaveLength(ids.length)
    const { undone } = await actions.undo(receipt.id, admin)
    expect(undone).toMatchObject({ restored: ids.length, left: [] })
    expect(await world()).toEqual(before)
  })

  test('in a moving world: what another program takes meanwhile is left and listed, before and after', async () => {
    const [first = '', second = '', ...rest] = ids
    const request = asked(action, ids, params)
    const { fingerprint } = await actions.preview(request, signal())
    const receipt = await whileMoving([first], `status = 'done', updated_at = now()`, () =>
      actions.execute(request, fingerprint, admin),
    )
    expect(receipt).toMatchObject({ count: ids.length - 1, previewed: ids.length, left: [{ id: first }] })
    await database.pool.query(`INSERT INTO recordings (id, file_name, file_path) VALUES ($1, 'new', '/new')`, [id(99)])
    const { undone } = await whileMoving([second], `status = 'done', updated_at = now()`, () =>
      actions.undo(receipt.id, admin),
    )
    expect(undone).toMatchObject({
      restored: rest.length,
      left: [{ id: second, because: expect.stringMatching(/changed meanwhile/) }],
    })
    expect(await statuses(first, second, id(99))).toEqual(['done', 'done', 'queued'])
    expect(await world()).toHaveLength(41)
  })

  test('a preview that is no longer true writes nothing', async () => {
    const request = asked(action, ids, params)
    const { fingerprint } = await actions.preview(request, signal())
    await database.pool.query(`UPDATE recordings SET status = 'done' WHERE id = $1`, [ids[0]])
    const before = await world()
    await expect(actions.execute(request, fingerprint, admin)).rejects.toMatchObject({ failure: { kind: 'stale' } })
    expect(await world()).toEqual(before)
  })
})

test("retry is runbook 1's SQL: the same row, whoever runs it", async () => {
  const { preview } = await act('retry-jobs', [id(21)])
  expect(preview.command).toBe(
    `UPDATE recordings SET status = 'queued', error_message = NULL, retry_count = 0 WHERE status = 'failed' AND id IN (\n  '${id(21)}'\n);`,
  )
  await database.pool.query((preview.command ?? '').replaceAll(id(21), id(22)))
  const rest = `to_jsonb(t) - 'id' - 'file_name' - 'updated_at'`
  const { rows } = await database.pool.query(`SELECT DISTINCT ${rest} AS row FROM recordings t WHERE id = ANY($1)`, [
    range(21, 22),
  ])
  expect(rows).toHaveLength(1)
})

test('release is refused while the heartbeat is fresh', async () => {
  await expect(actions.preview(asked('release-jobs', [id(11)]), signal())).rejects.toMatchObject({
    failure: { kind: 'refused', because: expect.stringMatching(/heartbeat younger than/) },
  })
})

describe('taken over', () => {
  const python = async (call: string) => {
    const program = `from app.worker import recordings as r; print(r.${call})`
    const env = {
      ...process.env,
      DATABASE_URL: database.url,
      PYTHONPATH: join(import.meta.dirname, '../../resources/stack'),
      PYTHONDONTWRITEBYTECODE: '1',
    }
    const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-c', program], { env })
    return stdout.trim()
  }
  const claim = () =>
    database.pool.transaction(5000, (db) => claimJob(db, t, { recording: id(11), worker, leaseMs: 60_000 }))

  test("the stack's own worker is fenced out of the running job, and Unjam's goes on with it", async () => {
    expect(await python(`beat('${id(11)}', 'task-11')`)).toBe('True')
    await act('take-over-job', [id(11)])
    const before = await world()
    expect(await python(`beat('${id(11)}', 'task-11')`)).toBe('False')
    expect(await python(`finish('${id(11)}', 'task-11', 'late words')`)).toBe('False')
    expect(await python(`fail('${id(11)}', 'task-11', 'late error')`)).toBe('None')
    expect(await world()).toEqual(before)
    const taker = { worker, recipe: 'r', deadAfterMs: 15_000, assumedMs: 600_000, longestWaitMs: 1e9, limit: 32 }
    const waiting = await database.pool.transaction(5000, (db) => readWaiting(db, t, taker))
    expect(waiting.map((one) => one.id)).toContain(id(11))
    expect(await claim()).toMatchObject({ recording: id(11), path: file, number: 1 })
    expect(await python(`beat('${id(11)}', 'task-11')`)).toBe('False')
  })

  test('a waiting job is not claimed by the stack any more; given back, it is', async () => {
    const { receipt } = await act('take-over-job', [id(1)])
    expect(await python(`claim('${id(1)}', 'x')`)).toBe('None')
    await actions.undo(receipt.id, admin)
    expect(await python(`claim('${id(1)}', 'x')`)).toMatch(/^Recording\(id=/)
  })

  test('undone before anybody noticed, the stack goes on as if nothing had been', async () => {
    const { receipt } = await act('take-over-job', [id(11)])
    await actions.undo(receipt.id, admin)
    expect(await python(`finish('${id(11)}', 'task-11', 'words')`)).toBe('True')
  })

  test("undone after Unjam's worker has begun: the worker is fenced out and the job waits", async () => {
    const { receipt } = await act('take-over-job', [id(11)])
    await claim()
    expect(await actions.undo(receipt.id, admin)).toMatchObject({ undone: { restored: 1, left: [] } })
    expect(await statuses(id(11))).toEqual(['queued'])
    expect((await database.pool.query('SELECT FROM unjam.lease')).rows).toEqual([])
  })

  test('refused: all at once, no worker of ours, a file that is not here, a job that is ours already', async () => {
    const refusal = async (target: 'all' | string[]) => {
      const work = actions.preview({ action: 'take-over-job', system: 'office', target, params: {} }, signal())
      return work.then(
        () => null,
        (error) => error.failure.because as string,
      )
    }
    expect(await refusal('all')).toMatch(/only chosen jobs/)
    await act('take-over-job', [id(11)])
    await claim()
    expect(await refusal([id(11)])).toMatch(/held by one of Unjam's workers already/)
    await database.pool.query(`UPDATE recordings SET file_path = '/recordings/gone.m4a' WHERE id = $1`, [id(12)])
    expect(await refusal([id(12)])).toMatch(/without its file on this machine/)
    await database.pool.query("UPDATE unjam.worker SET beat_at = now() - interval '1 hour'")
    expect(await refusal([id(12)])).toMatch(/none of Unjam's workers runs/)
  })
})
