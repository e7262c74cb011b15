// The runbooks on a real Postgres, through the whole core: the verdict, the literal retry, and its exact undo.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../electron/adapters/clock.ts'
import { postgresJobs } from '../../electron/adapters/postgres/postgres-jobs.ts'
import { RecordingsTable } from '../../electron/contract/worker-protocol.ts'
import type { Core } from '../../electron/core/api.ts'
import { createCore } from '../../electron/core/create-core.ts'
import { admin, failureOf, request, signal } from '../support/acting.ts'
import { bareSystem } from '../support/bare-system.ts'
import { holdToWording } from '../support/finding-words.ts'
import { localParts } from '../support/local-parts.ts'
import { memoryLife } from '../support/memory-findings.ts'
import { memoryHistory } from '../support/memory-history.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { MINUTE } from '../support/snapshot-builders.ts'

let database: TestDatabase
let core: Core

beforeAll(async () => {
  database = await testDatabase()
  const jobs = postgresJobs({
    id: 'calls',
    kind: 'recordings',
    table: RecordingsTable.parse({}),
    pool: async () => database.pool,
    canAdd: false,
    heartbeatLimitMs: () => 15 * MINUTE,
    taskTimeoutMs: () => null,
    maxRetries: () => 3,
  })
  let id = 0
  const system = bareSystem(jobs)
  core = createCore({
    systems: () => [system],
    history: memoryHistory(),
    ...memoryLife(),
    clock: systemClock,
    files: { find: async () => ({ files: [], refused: [] }) },
    local: localParts(),
    maker: null,
    heartbeatLimitMs: () => 15 * MINUTE,
    newId: () => `receipt-${++id}`,
    notice: () => undefined,
    hash: (text) => text,
    onBug: (where, error) => {
      throw new Error(where, { cause: error })
    },
  })
})
afterAll(() => database.drop())
beforeEach(() => database.pool.query('TRUNCATE recordings'))

/** Done since 3 hours: as the runbook found it. */
const done = `INSERT INTO recordings (file_name, file_path, status, duration_seconds, created_at, started_at, completed_at, updated_at)
  SELECT 'done ' || n, '/d/' || n, 'done', 120, at - interval '8 minutes', at - interval '7 minutes', at, at
    FROM (SELECT n, now() - interval '3 hours' - n * interval '8 minutes' AS at FROM generate_series(0, 1068) n) d`
const queued = `INSERT INTO recordings (file_name, file_path, duration_seconds, created_at)
  SELECT 'queued ' || n, '/q/' || n, 240, now() - interval '3 hours' FROM generate_series(1, 20) n`
const processing = (
  heartbeat: string,
) => `INSERT INTO recordings (id, file_name, file_path, status, duration_seconds, started_at, updated_at)
  VALUES ('e002b2e3-6c8f-4bb7-87ea-1ac0e6334e29', 'Call recording 5454_210513_095857.m4a', '/p', 'processing', 3780.882, now() - interval '3 hours', now() - interval '${heartbeat}')`

async function seed(...statements: string[]) {
  for (const statement of statements) await database.pool.query(statement)
}
const table = async () => (await database.pool.query('SELECT t::text AS row FROM recordings t ORDER BY id')).rows

describe('runbook 0', () => {
  it('one 63-minute recording holds the only worker', async () => {
    await seed(done, queued, processing('40 seconds'))
    const { systems, findings } = await core.read(signal)
    expect(systems[0]?.counts).toMatchObject({ value: { queued: 20, running: 1, done: 1069, failed: 0 } })
    for (const finding of findings) holdToWording(finding)
    expect(findings.map(({ rule }) => rule)).toEqual(['long-job-holds-worker'])
    expect(findings[0]).toMatchObject({
      headline: 'One 63-minute recording holds the only worker. 20 jobs wait behind it.',
      // Real time passes between the row and the look at it.
      notTheCause: ['0 failed jobs', expect.stringMatching(/^Heartbeat [45]\d s ago, limit 15 min$/)],
    })
    // 120 s in 7 minutes: 0.29×.
    expect(findings[0]?.explanation).toContain('The worker transcribes at 0.29× real time and will end in about 4')
    expect(findings[0]?.evidence).toContainEqual(
      expect.objectContaining({ label: 'Done', value: '1069, flat for 3 h 00 min' }),
    )
  })

  it('says nothing of the same system while it flows', async () => {
    await seed(
      done.replaceAll("interval '3 hours'", "interval '1 minute'"),
      queued,
      processing('40 seconds').replace("'3 hours'", "'2 minutes'").replace('3780.882', '120'),
    )
    expect((await core.read(signal)).findings).toEqual([])
  })
})

describe('runbook 2', () => {
  it('a dead heartbeat is released with exactly the id the finding names, and undone', async () => {
    await seed(queued, processing('26 minutes'))
    const before = await table()
    const [finding] = (await core.read(signal)).findings
    expect(finding).toMatchObject({ rule: 'heartbeat-stale', severity: 'critical' })
    const remedy = finding!.remedies[0]!
    const asked = request({ action: 'release-jobs', system: 'calls', target: remedy.ids!, params: remedy.params })
    const { fingerprint } = await core.preview(asked, signal)
    const receipt = await core.execute(asked, fingerprint, admin)
    expect(receipt).toMatchObject({ count: 1, left: [] })
    expect((await core.read(signal)).systems[0]?.counts).toMatchObject({ value: { queued: 21, running: 0 } })
    await core.undo(receipt.id, admin)
    expect(await table()).toEqual(before)
  })

  it('a fresh one is refused', async () => {
    await seed(processing('40 seconds'))
    const asked = request({ action: 'release-jobs', system: 'calls' })
    expect((await failureOf(core.preview(asked, signal))).because).toContain('a heartbeat younger than 15 min')
  })
})

describe('runbook 1', () => {
  it('the four failed are retried by what the preview shows, nothing else is touched, and undo is exact', async () => {
    const failed = `INSERT INTO recordings (file_name, file_path, status, retry_count, error_message, duration_seconds, updated_at)
      SELECT 'failed ' || n, '/f/' || n, 'failed', 3, 'Max retries exceeded', n * 60, '2026-02-04 22:18:32+00' FROM unnest(ARRAY[61, 68, 60, 38]) n`
    await seed(done, failed)
    const before = await table()
    const asked = request({ action: 'retry-jobs', system: 'calls' })
    const preview = await core.preview(asked, signal)
    expect(preview.count).toBe(4)
    // The literal statement does what the action does: run it by hand, compare, put it back.
    const byHand = await database.pool.transaction(5000, async (client) => {
      await client.query(preview.command!)
      const after = (await client.query('SELECT id, status, error_message, retry_count FROM recordings ORDER BY id'))
        .rows
      await client.query('ROLLBACK')
      await client.query('BEGIN')
      return after
    })
    const receipt = await core.execute(asked, preview.fingerprint, admin)
    const rows = await database.pool.query('SELECT id, status, error_message, retry_count FROM recordings ORDER BY id')
    expect(rows.rows).toEqual(byHand)
    await core.undo(receipt.id, admin)
    expect(await table()).toEqual(before)
  })
})
