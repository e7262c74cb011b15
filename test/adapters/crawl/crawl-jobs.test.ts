// Crawl runs over real tables: what is read of them, what each write changes and leaves, and the way back.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { crawlJobs } from '../../../electron/adapters/crawl/crawl-jobs.ts'
import { CrawlTables } from '../../../electron/contract/crawl-tables.ts'
import type { JobState } from '../../../electron/contract/job.ts'
import { JobQuery } from '../../../electron/contract/job.ts'
import type { JobSystem, JobWrite } from '../../../electron/core/ports/jobs.ts'
import { failureOf } from '../../support/acting.ts'
import { cast, createCrawlTables, idOf, seedRuns, sourceOf } from '../../support/crawl-tables.ts'
import { emptyDatabase, type TestDatabase } from '../../support/postgres.ts'

const signal = new AbortController().signal
const MINUTE = 60_000
let database: TestDatabase
let jobs: JobSystem

const open = (tables: object = {}) =>
  crawlJobs({
    id: 'crawl',
    tables: CrawlTables.parse(tables),
    pool: async () => database.pool,
    heartbeatLimitMs: () => 900_000,
    taskTimeoutMs: 600_000,
  })
/** Every column of every run as text, by id: what a write must not change elsewhere. */
async function whole(): Promise<Record<string, string>> {
  const { rows } = await database.pool.query<{ id: string; row: string }>(
    'SELECT id::text, to_json(t)::text AS row FROM crawl_jobs t',
  )
  return Object.fromEntries(rows.map(({ id, row }) => [id, row]))
}
const query = (state: JobState, more: object = {}) => JobQuery.parse({ system: 'crawl', state, ...more })

beforeAll(async () => {
  database = await emptyDatabase()
  await createCrawlTables(database.pool)
  jobs = open()
})
beforeEach(() => seedRuns(database.pool, cast))
afterEach(() => database.pool.query('TRUNCATE crawl_jobs, crawl_job_source_results, sources').then(() => undefined))
afterAll(() => database.drop())

describe('reading', () => {
  it('counts by state in the words of the glossary', async () => {
    expect(await jobs.counts(signal)).toEqual({ queued: 2, running: 6, done: 1, failed: 2, skipped: 1 })
  })

  it('gives running runs the longest first, with their task and, of a parent, its children', async () => {
    const running = await jobs.running(10, signal)
    expect(running.map(({ id }) => id)).toEqual([3, 8, 9, 10, 11, 4].map(idOf))
    expect(running[0]).toMatchObject({ title: 'Source 3', task: 'task-3', children: null, heartbeatAgeMs: null })
    expect(running[0]?.elapsedMs).toBeGreaterThanOrEqual(75 * MINUTE)
    expect(running[0]?.elapsedMs).toBeLessThan(77 * MINUTE)
    expect(running.slice(1, 5).map(({ title, children }) => [title, children])).toEqual([
      ['2 sources', { total: 2, active: 0, failed: 0 }],
      ['3 sources', { total: 3, active: 0, failed: 1 }],
      ['2 sources', { total: 2, active: 1, failed: 0 }],
      ['0 sources', { total: 0, active: 0, failed: 0 }],
    ])
  })

  it('tells what finished lately', async () => {
    const { lastDoneAgeMs, buckets } = await jobs.throughput(signal)
    expect(Math.round((lastDoneAgeMs ?? 0) / MINUTE)).toBe(35)
    expect(buckets).toHaveLength(20)
    expect(buckets.reduce((sum, one) => sum + one.done, 0)).toBe(1)
    expect(buckets.reduce((sum, one) => sum + one.failed, 0)).toBe(2)
  })

  it.each(['created', 'updated', 'title', 'audio'] as const)('walks pages by %s in both directions', async (sort) => {
    for (const descending of [false, true]) {
      const seen: string[] = []
      let cursor: string | null = null
      do {
        const page = await jobs.page(query('running', { sort, descending, limit: 2, cursor }), signal)
        seen.push(...page.jobs.map(({ id }) => id))
        cursor = page.cursor
      } while (cursor !== null)
      expect([...seen].sort()).toEqual([3, 4, 8, 9, 10, 11].map(idOf).sort())
      if (sort === 'updated') expect(seen.at(descending ? 0 : -1)).toBe(idOf(4))
    }
  })

  it('searches names, ids and task ids literally', async () => {
    const found = async (search: string) => (await jobs.page(query('queued', { search }), signal)).jobs.length
    expect(await found('source 1')).toBe(1)
    expect(await found('sourc_')).toBe(0)
    expect(await found(idOf(2))).toBe(1)
    expect(await found('task-2')).toBe(1)
  })

  it('shows the children of a parent, those it waits for first, and every column', async () => {
    const detail = await jobs.detail(idOf(10), signal)
    expect(detail?.facts.slice(0, 3)).toEqual([
      { label: 'Source 10', value: 'running', source: 'public.crawl_job_source_results' },
      { label: 'Source 10', value: 'completed', source: 'public.crawl_job_source_results' },
      { label: 'id', value: idOf(10), source: 'public.crawl_jobs' },
    ])
    expect(await jobs.detail('no uuid', signal)).toBeNull()
  })

  it('reads tables of other names, without names of sources', async () => {
    await database.pool.query('ALTER TABLE crawl_jobs RENAME COLUMN error_message TO reason')
    await database.pool.query('ALTER TABLE crawl_job_source_results RENAME TO parts')
    try {
      expect((await failureOf(jobs.counts(signal).then(() => open().counts(signal)))).kind).toBe('missing')
      const odd = open({ jobs: { columns: { error: 'reason' } }, results: { table: 'parts' }, sources: null })
      const page = await odd.page(query('failed'), signal)
      expect(page.jobs.map(({ title }) => title).sort()).toEqual(['1 source', sourceOf(5)])
    } finally {
      await database.pool.query('ALTER TABLE crawl_jobs RENAME COLUMN reason TO error_message')
      await database.pool.query('ALTER TABLE parts RENAME TO crawl_job_source_results')
    }
  })

  it('says what is missing, and what the role may not do', async () => {
    const failure = await failureOf(open({ jobs: { table: 'runs' } }).counts(signal))
    expect(failure).toMatchObject({ kind: 'missing', on: 'public.runs', because: 'there is no such table' })
    const able = await jobs.abilities(signal)
    expect([able.retry.can, able.fail.can, able.finalize.can, able.skip.can]).toEqual([true, true, true, false])
  })
})

describe('writing', () => {
  const all = { kind: 'ids' as const, ids: cast.map(({ n }) => idOf(n)) }

  it.each<[JobWrite, Record<number, string>]>([
    [
      { verb: 'retry', tasks: { [idOf(5)]: 'new-5' } },
      { 1: 'pending', 2: 'pending', 5: 'pending', 7: 'pending' },
    ],
    [
      { verb: 'fail', reason: 'Manually marked failed: stuck for >1 hours' },
      {
        ...{ 1: 'failed', 2: 'failed', 3: 'failed', 4: 'failed' },
        ...{ 8: 'failed', 9: 'failed', 10: 'failed', 11: 'failed' },
      },
    ],
    [{ verb: 'finalize' }, { 8: 'completed', 9: 'failed' }],
  ])('%j changes exactly those it applies to, and undo puts back every byte', async (order, outcome) => {
    const before = await whole()
    const rows = await jobs.rows(all, 100, signal)
    const { changed, left } = await jobs.write(rows, order)
    const after = await whole()
    const ids = Object.keys(outcome).map((n) => idOf(Number(n)))
    expect(changed.map(({ before: row }) => row.id).sort()).toEqual(ids.sort())
    expect(left).toHaveLength(cast.length - ids.length)
    for (const { n } of cast) {
      const now: { status: string } = JSON.parse(after[idOf(n)] ?? '{}')
      if (outcome[n] === undefined) expect(after[idOf(n)]).toBe(before[idOf(n)])
      else expect([n, now.status]).toEqual([n, outcome[n]])
    }
    expect(await jobs.restore(changed)).toEqual({ restored: ids.length, left: [] })
    expect(await whole()).toEqual(before)
  })

  it('finalizes with the time and the number that failed, and never a parent without children', async () => {
    const rows = await jobs.rows({ kind: 'ids', ids: [idOf(9), idOf(11)] }, 10, signal)
    const { left } = await jobs.write(rows, { verb: 'finalize' })
    expect(left).toEqual([{ id: idOf(11), because: 'its children are not written yet' }])
    expect(JSON.parse((await whole())[idOf(9)] ?? '')).toMatchObject({ error_message: '1 of 3 sources failed' })
  })

  it('leaves a run that moved since it was frozen, and undo leaves one that moved since the write', async () => {
    const rows = await jobs.rows({ kind: 'ids', ids: [idOf(3), idOf(4), idOf(8)] }, 10, signal)
    await database.pool.query(`UPDATE crawl_jobs SET status = 'completed' WHERE id = $1`, [idOf(3)])
    await database.pool.query(`UPDATE crawl_job_source_results SET status = 'running' WHERE crawl_job_id = $1`, [
      idOf(8),
    ])
    const { changed, left } = await jobs.write(rows, { verb: 'fail', reason: 'x' })
    expect(left.map(({ id, because }) => [id, because])).toEqual([
      [idOf(3), 'it changed meanwhile and is done now'],
      [idOf(8), 'it changed meanwhile and is running now'],
    ])
    await database.pool.query(`UPDATE crawl_jobs SET status = 'running' WHERE id = $1`, [idOf(4)])
    expect(await jobs.restore(changed)).toEqual({
      restored: 0,
      left: [{ id: idOf(4), because: 'it changed meanwhile and is running now' }],
    })
  })
})
