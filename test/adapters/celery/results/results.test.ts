// Attempts as real workers leave them, and as nobody should: time limits, killed children, pickles, NaN, expiry.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createResultsBook } from '../../../../electron/adapters/celery/results/book.ts'
import { type ResultEntry, readResult } from '../../../../electron/adapters/celery/results/entry.ts'
import type { TaskResult } from '../../../../electron/contract/task.ts'
import { celerySend } from '../../../support/celery.ts'
import { until } from '../../../support/until.ts'
import { type ControlStage, controlStage, PROCESS, soon } from '../control-stage.ts'

let on: ControlStage
beforeAll(async () => {
  on = await controlStage({ env: { RESULT_EXTENDED: '1' } })
})
afterAll(() => on.close())

const failed = async (id: string | undefined): Promise<TaskResult | undefined> =>
  (await on.results.page({ system: 'x', outcome: 'failed', limit: 100 }, soon())).results.find((one) => one.id === id)
async function failureOf(id: string | undefined): Promise<TaskResult> {
  let found: TaskResult | undefined
  await until('it has failed', async () => {
    found = await failed(id)
    return found !== undefined
  })
  if (found === undefined) throw new Error('unreachable')
  return found
}

it('a hard time limit, a killed child, an exception and a success, with their recordings; the feed brings them', async () => {
  const [early] = await celerySend(on.celery, { task: PROCESS, args: ['rec-early'], kwargs: { fail: 'bad audio' } })
  const worker = await on.worker({ name: 'w@results', concurrency: 2 })
  await until('it was written', async () =>
    (await on.redis.cli('-n', '1', 'GET', `celery-task-meta-${early}`)).includes('FAILURE'),
  )
  // Found by the scan.
  expect(await failureOf(early)).toMatchObject({
    outcome: 'failed',
    task: PROCESS,
    job: 'rec-early',
    jobFrom: 'result',
    exception: 'ValueError',
    message: 'bad audio',
    worker: 'w@results',
    retries: 0,
    traceback: expect.stringContaining('ValueError: bad audio'),
  })
  // Brought by the feed.
  const [limit, fine] = await celerySend(
    on.celery,
    { task: PROCESS, args: ['rec-long'], kwargs: { seconds: 30 }, options: { time_limit: 1 } },
    { task: PROCESS, args: ['rec-fine'] },
  )
  const timeout = await failureOf(limit)
  expect(timeout).toMatchObject({ exception: 'TimeLimitExceeded', message: '1', traceback: null, job: 'rec-long' })
  expect(timeout.expiresMs).toBeGreaterThan(86_000_000)
  expect(timeout.expiresMs).toBeLessThanOrEqual(86_400_000)
  const summary = await on.results.summary(soon())
  expect(summary).toMatchObject({ failed: 2, done: 1, failedJobs: 2, failedUnknown: 0, withoutExpiry: 0 })
  expect(summary.failures.map(({ id }) => id)).toEqual([limit, early])
  expect(await on.results.resultsOf('rec-long', 10, soon())).toMatchObject([{ id: limit }])
  expect(fine).toBeDefined()
  await worker.kill()
})

it('a killed child is WorkerLostError; without extended results its recording is unknown until somebody tells', async () => {
  const worker = await on.worker({ name: 'plain@results', queues: ['plain'], env: { RESULT_EXTENDED: '0' } })
  const [id] = await celerySend(on.celery, { task: 'sleep', args: [60], options: { queue: 'plain' } })
  await until('it runs', async () =>
    (await on.control.tasks(soon())).some((one) => one.id === id && one.state === 'active'),
  )
  const children = readFileSync(`/proc/${worker.pid}/task/${worker.pid}/children`, 'utf8')
  process.kill(Number(children.trim().split(' ')[0]), 'SIGKILL')
  const lost = await failureOf(id)
  expect(lost).toMatchObject({ exception: 'WorkerLostError', job: null, jobFrom: null, task: null })
  expect(lost.message).toMatch(/signal 9 \(SIGKILL\)/)
  expect((await on.results.summary(soon())).failedUnknown).toBe(1)
  on.results.learn(`${id}`, 'rec-lost', 'worker log')
  expect(await failed(id)).toMatchObject({ job: 'rec-lost', jobFrom: 'worker log' })
  // Told before its result comes: kept until then.
  on.results.learn('later', 'rec-later', 'database')
  await on.redis.cli(
    '-n',
    '1',
    'SET',
    'celery-task-meta-later',
    '{"status": "FAILURE", "result": {"exc_type": "X", "exc_message": [NaN, Infinity]}}',
  )
  await on.redis.cli('PUBLISH', 'celery-task-meta-later', 'x')
  expect(await failureOf('later')).toMatchObject({
    job: 'rec-later',
    jobFrom: 'database',
    exception: 'X',
    expiresMs: null,
  })
  expect((await on.results.summary(soon())).withoutExpiry).toBe(1)
  // A result of another database is published on the same channels; its key is not here.
  await on.redis.cli('PUBLISH', 'celery-task-meta-elsewhere', '{"status": "FAILURE"}')
  await on.redis.cli('-n', '1', 'SETEX', 'celery-task-meta-mine', '100', '{"status": "FAILURE", "result": {}}')
  await on.redis.cli('PUBLISH', 'celery-task-meta-mine', 'x')
  await failureOf('mine')
  expect(await failed('elsewhere')).toBeUndefined()
  await worker.kill()
})

it('what is published during an outage is found afterwards', async () => {
  const before = await on.results.summary(soon())
  await on.redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub')
  await on.redis.cli('-n', '1', 'SETEX', 'celery-task-meta-gap', '100', '{"status": "FAILURE", "result": {}}')
  await failureOf('gap')
  const after = await on.results.summary(soon())
  expect(after).toMatchObject({ failed: before.failed + 1, done: before.done })
})

describe('a result', () => {
  it.each<[string, Buffer | string, Partial<ResultEntry> | null]>([
    ['not JSON at all', 'hello', null],
    ['of a group', '{"result": [["a", null]]}', null],
    [
      'with Infinity',
      '{"status": "FAILURE", "result": {"exc_type": "E", "exc_message": [Infinity]}}',
      { exception: 'E' },
    ],
    [
      'of a soft limit',
      '{"status": "FAILURE", "result": {"exc_type": "SoftTimeLimitExceeded", "exc_message": []}}',
      { message: null },
    ],
    [
      'cut in its traceback',
      '{"status": "FAILURE", "result": {"exc_type": "ValueError", "exc_message": ["bad"]}, "traceback": "File',
      { outcome: 'failed', exception: 'ValueError', message: 'bad' },
    ],
    [
      'pickled',
      Buffer.from('8004952a000000000000007d94288c06737461747573948c074641494c5552459475', 'hex'),
      { outcome: 'failed', exception: null },
    ],
    ['with an own state', '{"status": "PROGRESS", "result": {"percent": 40}}', { outcome: 'running' }],
    [
      'with a zone',
      '{"status": "FAILURE", "result": {}, "date_done": "2026-11-22T01:17:19.492+00:00"}',
      { endedMs: Date.UTC(2026, 10, 22, 1, 17, 19, 492) },
    ],
    [
      'naive, in UTC',
      '{"status": "FAILURE", "result": {}, "date_done": "2026-11-22T01:17:19.492336"}',
      { endedMs: Date.UTC(2026, 10, 22, 1, 17, 19, 492) },
    ],
  ])('%s', (_, text, expected) => {
    const entry = readResult('id', Buffer.from(text))
    if (expected === null) expect(entry).toBeNull()
    else expect(entry).toMatchObject(expected)
  })
})

describe('the book', () => {
  const entry = (id: string, outcome: TaskResult['outcome']): ResultEntry => ({
    id,
    outcome,
    task: null,
    args: null,
    kwargs: null,
    exception: null,
    message: null,
    traceback: null,
    endedMs: 1000,
    worker: null,
    retries: null,
  })

  it('is bounded in memory and exact in numbers', () => {
    const book = createResultsBook(100)
    // In no order, as a scan brings them.
    for (let i = 0; i < 1000; i++) {
      const n = (i * 7919) % 1000
      book.note({ ...entry(`f${n}`, 'failed'), endedMs: n }, null, 100_000, 60_000 * (n + 1))
    }
    const latest = book.of('failed')
    expect(latest.length).toBeLessThanOrEqual(125)
    expect(latest.slice(0, 100).map((one) => one.endedMs)).toEqual(Array.from({ length: 100 }, (_, i) => 999 - i))
    expect(book.counts().failed).toBe(1000)
    book.expire(60_000 * 500)
    expect(book.counts().failed).toBe(500)
  })

  it('follows one task through its states, and never dates an end into the future', () => {
    const book = createResultsBook()
    book.note({ ...entry('a', 'running'), worker: 'w1', endedMs: null }, { id: 'j', from: 'event' }, 5000, null)
    book.note({ ...entry('a', 'failed'), endedMs: 605_000 }, null, 6000, null)
    expect(book.of('failed')).toMatchObject([{ job: 'j', jobFrom: 'event', endedMs: 6000, entry: { worker: 'w1' } }])
    expect(book.counts()).toMatchObject({ running: 0, failed: 1, withoutExpiry: 1 })
    book.noteDone('a', null)
    expect(book.counts()).toMatchObject({ failed: 0, done: 1, withoutExpiry: 1 })
  })
})
