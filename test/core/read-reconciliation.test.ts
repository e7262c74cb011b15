// The ledgers of a real broker beside a table: messages, duplicates and past attempts, tied to jobs; then a broker that is away.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { celeryBroker } from '../../electron/adapters/celery/celery-broker.ts'
import { memoryJobs } from '../../electron/adapters/memory-jobs.ts'
import { SystemSettings } from '../../electron/contract/settings.ts'
import { readReconciliation } from '../../electron/core/read-reconciliation.ts'
import { type ControlStage, controlStage, PROCESS } from '../adapters/celery/control-stage.ts'
import { bareSystem } from '../support/bare-system.ts'
import { celerySend } from '../support/celery.ts'
import { until } from '../support/until.ts'

let on: ControlStage
beforeAll(async () => {
  on = await controlStage()
})
afterAll(() => on.close())

const HOUR = 3_600_000

it('agrees where they agree, and names the jobs where they do not', async () => {
  const settings = SystemSettings.parse({ id: 'calls', kind: 'recordings', database: 'postgres://x/x' })
  if (settings.kind !== 'recordings') throw new Error('not recordings')
  const broker = celeryBroker({ broker: on.redis.celeryUrl(), results: on.redis.celeryUrl(1), app: settings.celery })
  const jobs = memoryJobs({ id: 'calls', kind: 'recordings', clock: { nowMs: () => Date.now() } })
  const job = (id: string, state: 'queued' | 'done' | 'running' | 'failed') => ({
    ...{ id, title: `${id}.m4a`, state, createdAgoMs: HOUR, heartbeatAgoMs: 1000, startedAgoMs: HOUR },
    endedAgoMs: state === 'done' ? 1000 : null,
  })
  jobs.seed([
    job('busy', 'running'),
    job('waits', 'queued'),
    job('lost', 'queued'),
    job('over', 'done'),
    job('bad', 'failed'),
  ])
  const read = () => readReconciliation(bareSystem(jobs, { broker }), AbortSignal.timeout(60_000))
  try {
    await on.worker({ name: 'w1@host-a' })
    await on.becomes('w1@host-a', 'running')
    // Two attempts at one job fail; the third task fills the only slot, so the rest waits.
    const fails = { task: PROCESS, args: ['bad'], kwargs: { fail: 'no audio' } }
    await celerySend(on.celery, fails, fails)
    await until('both attempts failed', async () => (await read()).attempts?.failedAttempts === 2)
    await celerySend(on.celery, { task: PROCESS, args: ['busy'], kwargs: { seconds: 60 } })
    await until('the worker is at it', async () => (await broker.control.tasks(AbortSignal.timeout(60_000))).length > 0)
    await celerySend(
      on.celery,
      { task: PROCESS, args: ['waits'] },
      ...['over', 'over', 'ghost'].map((id) => ({ task: PROCESS, args: [id] })),
    )
    await until('every message is seen', async () => (await read()).discrepancies.length >= 4).catch(async () => {
      throw new Error(JSON.stringify(await read(), null, 1))
    })
    const books = await read()
    expect(books.unread).toEqual([])
    expect(books.discrepancies.map(({ kind, jobs }) => [kind, jobs.map(({ id }) => id)])).toEqual([
      ['queued-without-message', ['lost']],
      ['leftover-message', ['over']],
      ['message-of-nothing', ['ghost']],
      ['several-messages', ['over']],
    ])
    expect(books.agreements).toContain('1 running job: each has its worker.')
    expect(books.attempts).toMatchObject({ failedAttempts: 2, failedJobs: 1 })
    const before = JSON.stringify(jobs.jobs())
    await on.redis.stop()
    const blind = await read()
    // Nothing is said of what cannot be read, and why it cannot is.
    expect(blind.discrepancies).toEqual([])
    expect(blind.unread.length).toBeGreaterThan(0)
    expect(JSON.stringify(jobs.jobs())).toBe(before)
  } finally {
    await broker.close()
  }
})
