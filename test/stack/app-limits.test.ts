// The stack's Celery app when a worker cannot end its work: time limits, killed and frozen workers, and Unjam's leases.
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { RecordingsTable } from '../../electron/contract/worker-protocol.ts'
import { claimJob } from '../../worker/store/claim-job.ts'
import { finishJob } from '../../worker/store/finish-job.ts'
import { tableSql } from '../../worker/store/table.ts'
import { celeryCommand, celeryWorker } from '../support/celery.ts'
import { type StackApp, stackApp } from '../support/stack-app.ts'
import { until } from '../support/until.ts'

let app: StackApp
beforeAll(async () => {
  app = await stackApp({ unjam: true })
})
afterEach(() => app.quiet())
afterAll(() => app.end())

/** One of that name; the quick tools do not look into it. */
const model = (name: string) => {
  const path = join(app.folder, `${name}.bin`)
  writeFileSync(path, '')
  return path
}
const becomes = (id: string, what: object) =>
  until(`${id} is ${JSON.stringify(what)}`, async () => {
    const row = { ...(await app.row(id)) } as Record<string, unknown>
    return Object.entries(what).every(([key, value]) => row[key] === value)
  })

describe('a worker that cannot end its work', () => {
  test('hard time limit: its main process gives the row back, and the program is killed too', async () => {
    const worker = await app.worker({ TASK_TIMEOUT_SECONDS: '1', MODEL: model('killed') })
    const id = await app.add({ title: 'hard.m4a', seconds: 600 })
    const task = await app.process(id)
    await becomes(id, { status: 'queued', error_message: 'Timeout exceeded: TimeLimitExceeded(1)', retry_count: 1 })
    await until('whisper-cli is gone', () => !running(model('killed')))
    await until('the result says so', async () => {
      const result = await app.redis.cli('-n', '1', 'GET', `celery-task-meta-${task}`)
      return result.includes('"exc_type": "TimeLimitExceeded", "exc_message": [1')
    })
    await worker.said(
      new RegExp(`Recording ${id}, task ${task}: Timeout exceeded: TimeLimitExceeded\\(1\\); now queued`),
    )

    // The fourth timeout is the last, and its own error is what remains (runbook 1).
    await app.database.pool.query('UPDATE recordings SET retry_count = 3 WHERE id = $1', [id])
    await app.process(id)
    await becomes(id, { status: 'failed', error_message: 'Timeout exceeded: TimeLimitExceeded(1)', retry_count: 3 })
  })

  test('its process is killed for want of memory: the row comes back with that reason', async () => {
    const worker = await app.worker()
    const id = await app.add({ seconds: 600 })
    await app.process(id)
    await becomes(id, { status: 'processing' })
    execFileSync('pkill', ['-KILL', '-P', String(worker.pid)])
    await until('it is queued again', async () => (await app.row(id)).status === 'queued')
    expect((await app.row(id)).error_message).toMatch(/^Worker process lost: .*signal 9 \(SIGKILL\)/)
  })

  test('the worker is gone: no heartbeat, queued again by the enqueuer, which keeps the last specific error', async () => {
    const [silent, mute, fresh, last] = await Promise.all([
      app.add({}, { status: 'processing', updated_at: '2026-02-04', task_id: 'a' }),
      app.add({}, { status: 'processing', updated_at: '2026-02-04', error_message: 'out of memory' }),
      app.add({}, { status: 'processing', task_id: 'b', updated_at: new Date(Date.now() + 60_000) }),
      app.add({}, { status: 'processing', updated_at: '2026-02-04', retry_count: 3 }),
    ])
    await app.enqueue()
    const worker = await app.worker({ STUCK_SECONDS: '900' }, { pool: 'solo' })
    await becomes(silent, { status: 'done', retry_count: 1 })
    await becomes(mute, { status: 'done', retry_count: 1, error_message: null })
    await becomes(last, { status: 'failed', retry_count: 3, error_message: 'Stuck: no heartbeat for 15 minutes' })
    expect(await app.row(fresh)).toMatchObject({ status: 'processing', task_id: 'b' })
    await worker.said(new RegExp(`Recording ${mute} had no heartbeat for 900 s; now queued`))
  })

  test('the row is taken away while it works: its program is stopped and nothing is written', async () => {
    const worker = await app.worker({ MODEL: model('stopped') })
    const id = await app.add({ seconds: 600 })
    await app.process(id)
    await becomes(id, { status: 'processing' })
    const beat = (await app.row(id)).updated_at
    await until('it beats', async () => (await app.row(id)).updated_at > beat)
    await app.database.pool.query(`UPDATE recordings SET status = 'skipped', error_message = 'by hand' WHERE id = $1`, [
      id,
    ])
    await worker.said(/the row was taken away, its work is stopped/)
    await until('whisper-cli is gone', () => !running(model('stopped')))
    expect(await app.row(id)).toMatchObject({ status: 'skipped', error_message: 'by hand', retry_count: 0 })
  })
})

describe("Unjam's leases", () => {
  const table = tableSql(RecordingsTable.parse({}))
  const claim = (id: string, leaseMs: number) =>
    app.database.pool.transaction(5000, (db) => claimJob(db, table, { recording: id, worker: randomUUID(), leaseMs }))
  const query = (sql: string, id: string) => app.database.pool.query(sql, [id])

  test('what Unjam holds Celery neither takes nor calls stuck; what Celery runs Unjam does not take', async () => {
    const held = await app.add()
    const hold = await claim(held, 600_000)
    // Put back by hand while Unjam still works on it, and an old heartbeat on another one.
    await query(`UPDATE recordings SET status = 'queued' WHERE id = $1`, held)
    const late = await app.add()
    await claim(late, 600_000)
    await query(`UPDATE recordings SET updated_at = '2026-02-04' WHERE id = $1`, late)
    const worker = await app.worker()
    await app.process(held)
    await worker.said(new RegExp(`Recording ${held} is not waiting any more`))
    await app.enqueue()
    await worker.said(/Enqueued 0 recordings/)
    expect([(await app.row(held)).status, (await app.row(late)).status]).toEqual(['queued', 'processing'])
    // Its holder may go on.
    await query(`UPDATE recordings SET status = 'processing' WHERE id = $1`, held)
    await app.database.pool.transaction(5000, (db) =>
      finishJob(db, table, hold!, { segments: [{ startMs: 0, endMs: 1, text: 'by Unjam' }], durationMs: 1 }),
    )
    expect(await app.row(held)).toMatchObject({ status: 'done', transcript: 'by Unjam' })

    const theirs = await app.add({ seconds: 600 })
    await app.process(theirs)
    await becomes(theirs, { status: 'processing' })
    expect(await claim(theirs, 60_000)).toBeNull()
  })

  test('an old lease is dropped by the claim, so that Unjam does not take the row back while Celery runs it', async () => {
    const id = await app.add({ seconds: 600 })
    await claim(id, 0)
    await query(`UPDATE recordings SET status = 'queued' WHERE id = $1`, id)
    await query(`UPDATE unjam.lease SET state = 'parked', parked_at = now() WHERE recording = $1`, id)
    const worker = await app.worker()
    await app.process(id)
    await becomes(id, { status: 'processing' })
    expect((await query('SELECT FROM unjam.lease WHERE recording = $1', id)).rowCount).toBe(0)
    expect((await query('SELECT outcome FROM unjam.attempt WHERE recording = $1', id)).rows).toEqual([
      { outcome: 'released' },
    ])
    expect(await claim(id, 60_000)).toBeNull()

    // Unjam takes the running job over: from then on Celery's task writes nothing.
    await query(
      `INSERT INTO unjam.lease (recording, token, state, attempt, expires_at)
       VALUES ($1, gen_random_uuid(), 'held', 0, now() + interval '1 minute')`,
      id,
    )
    await worker.said(/the row was taken away/)
    expect(await app.row(id)).toMatchObject({ status: 'processing', retry_count: 0 })
  })
})

describe('settings', () => {
  test.each([
    ['TASK_TIMEOUT_SECONDS', 'abc', 'a number of seconds, or 0 or empty for no limit'],
    ['TASK_TIMEOUT_SECONDS', '-1', 'a number of seconds, or 0 or empty for no limit'],
    ['WORKER_CONCURRENCY', '1.5', 'a whole number, 1 or more'],
    ['OVER_MAX_DURATION', 'drop', 'skip or fail'],
    ['STUCK_SECONDS', '60', 'more than HEARTBEAT_SECONDS (120)'],
  ])('%s=%s ends the worker with a sentence', async (key, value, wanted) => {
    const env = { ...app.celery.env, HEARTBEAT_SECONDS: '120', STUCK_SECONDS: '900', [key]: value }
    const sentence = `${key} is '${value}', but must be ${wanted}. Change it in .env and recreate this service.`
    expect(await celeryCommand({ ...app.celery, env }, 'worker')).toContain(sentence)
    if (value === 'abc') await expect(celeryWorker({ ...app.celery, env })).rejects.toThrow('ended before it said')
  })

  test('empty and 0 are no limit', async () => {
    for (const value of ['', '0']) {
      const env = { ...app.celery.env, TASK_TIMEOUT_SECONDS: value }
      const report = await celeryCommand({ ...app.celery, env }, 'report')
      expect(report).toContain('task_time_limit: None')
    }
  })
})

/** A whisper-cli with this model. */
function running(model: string): boolean {
  return execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).includes(`whisper-cli -m ${model}`)
}
