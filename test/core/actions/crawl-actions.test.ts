// Runbook 3's resolutions on real tables, a real broker and a real worker: what changed, what did not, the way back.
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { celeryBroker } from '../../../electron/adapters/celery/celery-broker.ts'
import { crawlJobs } from '../../../electron/adapters/crawl/crawl-jobs.ts'
import { FailureError } from '../../../electron/contract/failure.ts'
import { SystemSettings } from '../../../electron/contract/settings.ts'
import type { Broker } from '../../../electron/core/ports/broker.ts'
import type { JobSystem } from '../../../electron/core/ports/jobs.ts'
import { type Actions, createActions } from '../../../electron/core/run-action.ts'
import { admin, failureOf, request, signal } from '../../support/acting.ts'
import { bareSystem } from '../../support/bare-system.ts'
import { type CeleryOptions, celeryWorker, type TestWorker } from '../../support/celery.ts'
import { cast, createCrawlTables, idOf, seedRuns, sourceOf } from '../../support/crawl-tables.ts'
import { localParts } from '../../support/local-parts.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { memoryHistory } from '../../support/memory-history.ts'
import { emptyDatabase, type TestDatabase } from '../../support/postgres.ts'
import { redisServer, type TestRedis } from '../../support/redis.ts'
import { until } from '../../support/until.ts'

const CRAWL = 'apps.sources.tasks.crawl_source'
let database: TestDatabase
let redis: TestRedis
let celery: CeleryOptions
let broker: Broker
let jobs: JobSystem
let parts: Parameters<typeof createActions>[0]
let actions: Actions
let worker: TestWorker

beforeAll(async () => {
  database = await emptyDatabase()
  await createCrawlTables(database.pool)
  redis = await redisServer({ persist: false })
  celery = {
    ...{ broker: redis.celeryUrl(), results: redis.celeryUrl(1), app: 'crawl' },
    folder: join(import.meta.dirname, '..', '..', 'support', 'crawl-app'),
    env: { DATABASE_URL: database.url },
  }
  const settings = SystemSettings.parse({ id: 'crawl', kind: 'crawl', database: database.url })
  if (settings.kind !== 'crawl') throw new Error('it is a system of crawl runs')
  broker = celeryBroker({ broker: redis.url, results: redis.urlOf({ db: 1 }), app: settings.celery })
  jobs = crawlJobs({
    ...{ id: 'crawl', tables: settings.tables, pool: async () => database.pool },
    ...{ heartbeatLimitMs: () => 900_000, taskTimeoutMs: 600_000 },
  })
  let id = 0
  parts = {
    system: () => bareSystem(jobs, { broker }),
    local: localParts(),
    maker: null,
    history: memoryHistory(),
    clock: manualClock(),
    newId: () => `receipt-${++id}`,
    hash: (text) => text,
    written: () => undefined,
    onBug: () => undefined,
  }
  actions = createActions(parts)
  // Its one slot is held by a long crawl in the tests, so that messages wait.
  worker = await celeryWorker({ ...celery, name: 'crawler@unjam', queues: ['default', 'crawl'] })
  await until('it answers', async () => (await broker.control.workers(signal)).some(({ state }) => state === 'running'))
})
beforeEach(() => seedRuns(database.pool, cast))
afterEach(async () => {
  await redis.cli('DEL', 'crawl', 'default')
  await database.pool.query('TRUNCATE crawl_jobs, crawl_job_source_results, sources')
  // A run without a row ends; the next test finds the worker free.
  const free = async () => (await broker.control.workers(signal)).every(({ busy }) => busy === 0)
  await until('the worker is free', async () => (await free()) && (await broker.control.tasks(signal)).length === 0)
})
afterAll(async () => {
  await broker.close()
  await worker.kill()
  await redis.stop()
  await database.drop()
})

async function whole(): Promise<Record<string, Record<string, unknown>>> {
  const { rows } = await database.pool.query<{ id: string; row: Record<string, unknown> }>(
    'SELECT id::text, to_json(t) AS row FROM crawl_jobs t',
  )
  return Object.fromEntries(rows.map(({ id, row }) => [id, row]))
}
const others = (rows: Awaited<ReturnType<typeof whole>>, ...but: number[]) =>
  Object.fromEntries(Object.entries(rows).filter(([id]) => !but.map(idOf).includes(id)))
async function act(part: Omit<Parameters<typeof request>[0], 'system'>) {
  const asked = request({ ...part, system: 'crawl' })
  const preview = await actions.preview(asked, signal)
  return { preview, receipt: await actions.execute(asked, preview.fingerprint, admin) }
}
const refused = (part: Omit<Parameters<typeof request>[0], 'system'>) =>
  failureOf(actions.preview(request({ ...part, system: 'crawl' }), signal))
/** By its row and by its worker: the one is written before the other is told. */
async function crawls(n: number): Promise<void> {
  const told = async () =>
    (await broker.control.tasks(signal)).some(({ job, state }) => job === idOf(n) && state === 'active')
  await until(`run ${n} crawls`, async () => (await whole())[idOf(n)]?.status === 'running' && (await told()))
}
/** A run that holds the only slot until it is ended. */
async function fillSlot(): Promise<void> {
  await act({ action: 'retry-jobs', target: [idOf(2)] })
  await crawls(2)
}
/** The run that holds it says it is over. */
async function freeSlot(n = 2): Promise<void> {
  await database.pool.query(`UPDATE crawl_jobs SET status = 'completed' WHERE id = $1`, [idOf(n)])
  const free = async () => (await broker.control.tasks(signal)).every(({ job }) => job !== idOf(n))
  await until('the slot is free', free)
}

describe('retry-jobs', () => {
  it('names a new task in the row first, then sends the runbook’s call, and undo takes both back', async () => {
    await fillSlot()
    const before = await whole()
    const { preview, receipt } = await act({ action: 'retry-jobs', target: [idOf(1), idOf(5), idOf(12)] })
    expect(preview).toMatchObject({ title: 'Retry runs', count: 2, undoable: true, confirm: 'Retry 2 runs' })
    expect(preview.notTouched[0]).toMatch(/1 job that is made of several sources/)
    expect(preview.command).toContain(`--kwargs='{"crawl_job_id":"${idOf(5)}"}' --queue=crawl`)
    expect(receipt).toMatchObject({ count: 2, left: [] })
    const after = await whole()
    expect(others(after, 1, 5)).toEqual(others(before, 1, 5))
    const { messages } = await broker.queues.messages(
      { system: 'crawl', queue: 'crawl', where: 'queue', limit: 10 },
      signal,
    )
    // The oldest run goes first.
    expect(messages.map(({ id, task, job }) => [task, job, id])).toEqual(
      [5, 1].map((n) => [CRAWL, idOf(n), after[idOf(n)]?.task_id]),
    )
    expect(after[idOf(5)]).toMatchObject({ status: 'pending', error_message: '', started_at: null, completed_at: null })
    expect(messages[0]?.args).toContain(sourceOf(5))

    const again = await refused({ action: 'retry-jobs', target: [idOf(1)] })
    expect(again.because).toMatch(/has a message or a worker already/)
    const { undone } = await actions.undo(receipt.id, admin)
    expect(undone).toMatchObject({ restored: 2, left: [] })
    expect(await whole()).toEqual(before)
    expect(await redis.cli('LLEN', 'crawl')).toBe('0')
    await freeSlot()
  })

  it('is taken by a real worker, which then undo leaves alone', async () => {
    await fillSlot()
    const { receipt } = await act({ action: 'retry-jobs', target: [idOf(5), idOf(1)] })
    // Somebody failed one of them meanwhile: its row stays, and its message returns under the same id.
    await database.pool.query(`UPDATE crawl_jobs SET error_message = 'by hand' WHERE id = $1`, [idOf(1)])
    const task = (await whole())[idOf(1)]?.task_id
    await freeSlot()
    await crawls(5)
    const { undone } = await actions.undo(receipt.id, admin)
    expect(undone?.restored).toBe(0)
    expect(undone?.left.map(({ because }) => because).sort()).toEqual([
      'a worker has taken its message',
      expect.stringMatching(/^it changed meanwhile/),
    ])
    const { messages } = await broker.queues.messages(
      { system: 'crawl', queue: 'crawl', where: 'queue', limit: 10 },
      signal,
    )
    expect(messages.map(({ id }) => id)).toEqual([task])
    await redis.cli('DEL', 'crawl')
    await freeSlot(5)
  })

  /** Actions whose messages end as `because` says until it is null. */
  function sending(kind: 'refused' | 'unreachable', because: { now: string | null }) {
    const enqueue: typeof broker.control.enqueue = async (...args) => {
      if (because.now === null) return broker.control.enqueue(...args)
      throw new FailureError({ kind, tried: 'Enqueue', on: 'redis', because: because.now, remedy: null })
    }
    const system = bareSystem(jobs, { broker: { ...broker, control: { ...broker.control, enqueue } } })
    return { system, actions: createActions({ ...parts, history: memoryHistory(), system: () => system }) }
  }
  const retried = request({ action: 'retry-jobs', system: 'crawl', target: [idOf(5)] })

  it('a run whose message is refused is what it was', async () => {
    const before = await whole()
    const { actions } = sending('refused', { now: 'no worker knows the task' })
    const { fingerprint } = await actions.preview(retried, signal)
    expect((await failureOf(actions.execute(retried, fingerprint, admin))).because).toBe('no worker knows the task')
    expect(await whole()).toEqual(before)
    expect(actions.interrupted('crawl')).toEqual([])
  })

  it('a run whose message may be lost with the connection gets it once the broker answers', async () => {
    await fillSlot()
    const because = { now: 'the connection was lost' as string | null }
    const { actions, system } = sending('unreachable', because)
    const { fingerprint } = await actions.preview(retried, signal)
    const failure = await failureOf(actions.execute(retried, fingerprint, admin))
    expect(failure.remedy).toMatch(/^Unjam checks what was done/)
    expect(actions.interrupted('crawl')).toMatchObject([{ because: 'the connection was lost' }])
    because.now = null
    await actions.settle(system)
    expect(actions.interrupted('crawl')).toEqual([])
    const messages = await broker.queues.messagesOf(idOf(5), 10, signal)
    expect(messages).toHaveLength(1)
    const [row] = await jobs.rows({ kind: 'ids', ids: [idOf(5)] }, 1, signal)
    expect(row?.job).toMatchObject({ state: 'queued', task: messages[0]?.id })
  })

  it('refuses parents, what runs, and a queue that nobody consumes; nothing is written then', async () => {
    const before = await whole()
    expect((await refused({ action: 'retry-jobs', target: [idOf(12)] })).because).toMatch(/several sources/)
    expect((await refused({ action: 'retry-jobs', target: [idOf(3)] })).because).toMatch(/that is running now/)
    const nobody = await refused({ action: 'retry-jobs', target: [idOf(5)], params: { queue: 'nowhere' } })
    expect(nobody.because).toMatch(/consumes this queue/)
    expect(await whole()).toEqual(before)
  })
})

describe('fail-jobs', () => {
  it('marks stuck runs with the runbook’s words, and spares what a worker has in hand', async () => {
    await fillSlot()
    const before = await whole()
    const held = await refused({ action: 'fail-jobs', target: [idOf(2)] })
    expect(held.because).toMatch(/a worker has in hand/)
    const params = { reason: 'stuck for >1 hours' }
    const { preview, receipt } = await act({ action: 'fail-jobs', params })
    expect(preview.notTouched).toEqual(
      expect.arrayContaining([
        '2 jobs that are to be finalized, all children having ended',
        '1 job that is without a child yet',
      ]),
    )
    expect(preview.command).toContain(`error_message = 'Manually marked failed: stuck for >1 hours'`)
    const after = await whole()
    // Parents end with their children: 8 and 9 are to be finalized, 11 has none yet.
    const changed = [3]
    expect(others(after, ...changed)).toEqual(others(before, ...changed))
    for (const n of changed)
      expect(after[idOf(n)]).toMatchObject({
        status: 'failed',
        error_message: 'Manually marked failed: stuck for >1 hours',
        completed_at: expect.any(String),
      })
    expect((await actions.undo(receipt.id, admin)).undone).toMatchObject({ restored: 1, left: [] })
    expect(await whole()).toEqual(before)
    await freeSlot()
  })
})

describe('revoke-task', () => {
  it('takes a waiting message out, and undo brings it back under an id that its row names', async () => {
    await fillSlot()
    await act({ action: 'retry-jobs', target: [idOf(1)] })
    const before = await whole()
    const { preview, receipt } = await act({ action: 'revoke-task', target: [idOf(1)], params: { by: 'job' } })
    expect(preview.know).toContain('A run whose row is pending waits until it is started anew, or marked as failed.')
    expect(await whole()).toEqual(before)
    expect((await actions.undo(receipt.id, admin)).undone).toMatchObject({ restored: 1, left: [] })
    const after = await whole()
    expect(others(after, 1)).toEqual(others(before, 1))
    expect(after[idOf(1)]?.task_id).not.toBe(before[idOf(1)]?.task_id)
    await freeSlot()
    // Its app begins no run whose row names another task.
    await crawls(1)
    await freeSlot(1)
  })

  it('ends a running task, whose row goes on to say running until it is marked failed', async () => {
    await fillSlot()
    const task = (await whole())[idOf(2)]?.task_id
    const { preview } = await act({ action: 'revoke-task', target: [`${task}`], params: { terminate: 'true' } })
    expect(preview.know).toContain('The row of an ended task goes on to say running until it is released or marked.')
    await until('nobody has it', async () => (await broker.control.tasks(signal)).length === 0)
    expect((await whole())[idOf(2)]).toMatchObject({ status: 'running' })
    await act({ action: 'fail-jobs', target: [idOf(2)], params: { reason: 'terminated' } })
    expect((await whole())[idOf(2)]).toMatchObject({ error_message: 'Manually marked failed: terminated' })
  })
})

describe('finalize-parent', () => {
  it('ends parents by the real states of their children; one without a child is left', async () => {
    const before = await whole()
    const { preview, receipt } = await act({ action: 'finalize-parent' })
    expect(preview.summary).toBe('1 parent becomes completed; 1 parent becomes failed, because children of it failed.')
    expect(preview.sample.map(({ note }) => note)).toEqual([
      'completed: 2 sources ended, none failed',
      'failed: 1 of 3 sources failed',
    ])
    const after = await whole()
    expect([8, 9, 10, 11].map((n) => after[idOf(n)]?.status)).toEqual(['completed', 'failed', 'running', 'running'])
    expect(others(after, 8, 9)).toEqual(others(before, 8, 9))
    expect((await actions.undo(receipt.id, admin)).undone).toMatchObject({ restored: 2, left: [] })
    expect(await whole()).toEqual(before)
  })

  it('refuses a stale preview: a child began again', async () => {
    const asked = request({ action: 'finalize-parent', system: 'crawl', target: [idOf(9)] })
    const { fingerprint } = await actions.preview(asked, signal)
    await database.pool.query(
      `UPDATE crawl_job_source_results SET status = 'completed' WHERE crawl_job_id = $1 AND status = 'failed'`,
      [idOf(9)],
    )
    expect((await failureOf(actions.execute(asked, fingerprint, admin))).kind).toBe('stale')
    expect((await whole())[idOf(9)]?.status).toBe('running')
    expect((await refused({ action: 'finalize-parent', target: [idOf(11)] })).because).toMatch(/without a child yet/)
  })
})
