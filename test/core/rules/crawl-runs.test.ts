// Runbook 3's rules by its own numbers: 1 h, 30 min and 15 min, a time limit of 600 s, parents and their children.
import { describe, expect, it } from 'vitest'
import type { QueuedJob } from '../../../electron/contract/job.ts'
import type { Facts } from '../../../electron/core/facts.ts'
import { rules } from '../../../electron/core/rules/index.ts'
import { parentNotFinalized } from '../../../electron/core/rules/parent-not-finalized.ts'
import { runNeverStarted } from '../../../electron/core/rules/run-never-started.ts'
import { runOverdue } from '../../../electron/core/rules/run-overdue.ts'
import { runPrevention } from '../../../electron/core/rules/run-prevention.ts'
import { facts, run } from '../../support/facts.ts'
import { ago, HOUR, known, MINUTE, runningJob, unknown } from '../../support/snapshot-builders.ts'
import { celeryWorker, queue, task } from '../../support/stack-builders.ts'

type Part = Parameters<typeof facts>[0]
const limits = (taskTimeoutMs: number | null) => known({ taskTimeoutMs, heartbeatLimitMs: 900_000, maxRetries: 0 })
const running = (minutes: number, more: object = {}) =>
  runningJob({
    ...{ id: 'run-1', title: 'Example news', audioMs: null, retryCount: null, heartbeatAgeMs: null, task: 'task-1' },
    ...{ elapsedMs: minutes * MINUTE, ...more },
  })
const pending = (minutes: number, more: object = {}): QueuedJob => ({
  ...{ system: 'crawl', id: 'run-2', title: 'Example blog', audioMs: null, retryCount: null, createdAt: ago(HOUR) },
  ...{ state: 'queued', waitingMs: minutes * MINUTE, task: 'task-2', ...more },
})
/** All workers answered and hold nothing, unless told otherwise. */
function crawl(
  part: Part = {},
  runs: { queued?: QueuedJob[]; waiting?: string[] | null; taken?: string[] } = {},
): Facts {
  const { queued = [], waiting = [], taken = [] } = runs
  const system = { id: 'crawl', kind: 'crawl' as const, workers: known([celeryWorker()]), tasks: known([]) }
  return facts({ ...system, limits: limits(600_000), ...part }, { runs: known({ queued, waiting, taken }) })
}
const active = (part: object = {}) => known([task({ id: 'task-1', job: 'run-1', ...part })])

describe('run-overdue', () => {
  it.each<[string, Facts, string, string, string[]]>([
    [
      'over its own limit and nobody has it',
      crawl({ running: known([running(12)]) }),
      'dead',
      'critical',
      ['fail-jobs'],
    ],
    [
      'over 1 h without a limit, nobody has it',
      crawl({ running: known([running(75)]), limits: limits(null) }),
      'dead',
      'critical',
      ['fail-jobs'],
    ],
    [
      'over 30 min without a limit, nobody has it',
      crawl({ running: known([running(31)]), limits: limits(null) }),
      'dead',
      'warning',
      ['fail-jobs'],
    ],
    [
      'a worker is on it',
      crawl({ running: known([running(75)]), tasks: active() }),
      'working',
      'warning',
      ['revoke-task'],
    ],
    [
      'its task is known by its id alone',
      crawl({ running: known([running(75)]), tasks: active({ job: null }) }),
      'working',
      'warning',
      ['revoke-task'],
    ],
    ['no second witness', crawl({ running: known([running(75)]), tasks: unknown(null) }), 'unknown', 'warning', []],
    ['no broker at all', crawl({ running: known([running(75)]), tasks: null }), 'unknown', 'warning', []],
    [
      'one worker is silent',
      crawl({ running: known([running(75)]), workers: known([celeryWorker({ state: 'frozen' })]) }),
      'unknown',
      'warning',
      [],
    ],
    ['its message waits', crawl({ running: known([running(75)]) }, { waiting: ['run-1'] }), 'waits', 'warning', []],
    [
      'a worker that is gone took its message',
      crawl({ running: known([running(75)]) }, { taken: ['run-1'] }),
      'taken',
      'warning',
      ['fail-jobs'],
    ],
    [
      'a silent worker may have taken it',
      crawl(
        { running: known([running(75)]), workers: known([celeryWorker({ state: 'frozen' })]) },
        { taken: ['run-1'] },
      ),
      'unknown',
      'warning',
      [],
    ],
    [
      'a parent waits for a child',
      crawl({ running: known([running(75, { children: { total: 2, active: 1, failed: 0 } })]) }),
      'parent',
      'warning',
      [],
    ],
  ])('%s', (_why, given, subject, severity, actions) => {
    const found = run(runOverdue, given)
    expect(found.map(({ key, severity, remedies }) => [key, severity, remedies.map(({ action }) => action)])).toEqual([
      [`run-overdue:crawl:${subject}`, severity, actions],
    ])
  })

  it.each<[string, Facts]>([
    ['it is within its limit', crawl({ running: known([running(9)]) })],
    ['a worker is on it for less than 30 min', crawl({ running: known([running(29)]), tasks: active() })],
    ['under 30 min without a limit', crawl({ running: known([running(29)]), limits: limits(null) })],
    ['the runs cannot be read', crawl({ running: unknown([running(75)]) })],
    [
      'its children have all ended',
      crawl({ running: known([running(75, { children: { total: 1, active: 0, failed: 0 } })]) }),
    ],
    ['these are recordings', { ...crawl(), system: facts({ running: known([running(75)]) }).system }],
  ])('stays silent when %s', (_why, given) => {
    expect(run(runOverdue, given)).toEqual([])
  })

  it('is sure of what all workers said, at whatever age', () => {
    const [found] = run(runOverdue, crawl({ running: known([running(31)]), limits: limits(null) }))
    expect(found?.headline).toBe('One run has been running for 31 min. No worker has it.')
    expect(found?.remedies[0]?.params).toEqual({ reason: 'stuck for >31 minutes' })
  })

  it('speaks the runbook’s words and fills in its remedy', () => {
    const [found] = run(runOverdue, crawl({ running: known([running(75)]) }))
    expect(found?.headline).toBe('One run has been running for 75 min. No worker has it.')
    expect(found?.remedies[0]).toMatchObject({ ids: ['run-1'], params: { reason: 'stuck for >1 hours' } })
    const [two] = run(runOverdue, crawl({ running: known([running(125), running(75, { id: 'run-2', task: null })]) }))
    expect(two?.headline).toBe('2 runs have been running for up to 2 h 05 min. No worker has them.')
    expect(two?.remedies[0]?.params).toEqual({ reason: 'stuck for >1 hours' })
  })
})

describe('run-never-started', () => {
  it.each<[string, Facts, string, string, string[]]>([
    ['no message', crawl({}, { queued: [pending(16)] }), 'lost', 'critical', ['retry-jobs']],
    ['a message waits', crawl({}, { queued: [pending(16)], waiting: ['run-2'] }), 'waits', 'warning', []],
    ['a dead worker took it', crawl({}, { queued: [pending(16)], taken: ['run-2'] }), 'taken', 'warning', []],
    [
      'a worker has prefetched it',
      crawl({ tasks: known([task({ id: 'task-2', job: null, state: 'reserved' })]) }, { queued: [pending(16)] }),
      'waits',
      'warning',
      [],
    ],
    ['the queues cannot be read', crawl({}, { queued: [pending(16)], waiting: null }), 'unknown', 'warning', []],
    [
      'a parent, which is not re-queued',
      crawl({}, { queued: [pending(16, { children: { total: 0, active: 0, failed: 0 } })] }),
      'lost',
      'critical',
      [],
    ],
  ])('%s', (_why, given, subject, severity, actions) => {
    const found = run(runNeverStarted, given)
    expect(found.map(({ key, severity, remedies }) => [key, severity, remedies.map(({ action }) => action)])).toEqual([
      [`run-never-started:crawl:${subject}`, severity, actions],
    ])
  })

  it('without a live worker says how one is started, for the queues there are', () => {
    const queues = known([queue({ name: 'default', messages: 0 }), queue({ name: 'crawl', messages: 1 })])
    const [found] = run(runNeverStarted, crawl({ workers: known([]), queues }, { queued: [pending(16)] }))
    expect(found?.explanation).toMatch(/^No worker is alive, and no queue holds a message of it\./)
    expect(found?.evidence.at(-1)).toMatchObject({ label: 'Workers', value: 'none is alive' })
    expect(found?.hints).toEqual(['Where the app’s code is: celery -A APP worker --loglevel=info -Q crawl,default'])
    const [waits] = run(
      runNeverStarted,
      crawl({ workers: known([]), queues }, { queued: [pending(16)], waiting: ['run-2'] }),
    )
    expect(waits?.explanation).toBe('No worker is alive that would take it.')
    expect(waits?.hints).toHaveLength(1)
    expect(run(runNeverStarted, crawl({}, { queued: [pending(16)] }))[0]?.hints).toEqual([])
  })

  it('stays silent below 15 minutes', () => {
    expect(run(runNeverStarted, crawl({}, { queued: [pending(14)] }))).toEqual([])
  })
})

describe('parent-not-finalized', () => {
  const parent = (children: object, more: Part = {}) => crawl({ running: known([running(5, { children })]), ...more })

  it('offers to finalize, and says how each will end', () => {
    const [found] = run(parentNotFinalized, parent({ total: 3, active: 0, failed: 1 }))
    expect(found).toMatchObject({
      headline: 'One parent still runs. All children of it have ended.',
      remedies: [{ action: 'finalize-parent', ids: ['run-1'] }],
    })
    expect(found?.remedies[0]?.effect).toMatch(/^0 completed, 1 failed/)
  })

  it.each<[string, Facts]>([
    ['a child is active', parent({ total: 2, active: 1, failed: 0 })],
    ['its children are not written yet', parent({ total: 0, active: 0, failed: 0 })],
    ['a worker is still on the parent', parent({ total: 2, active: 0, failed: 0 }, { tasks: active() })],
    ['it is no parent', crawl({ running: known([running(5)]) })],
  ])('stays silent when %s', (_why, given) => {
    expect(run(parentNotFinalized, given)).toEqual([])
  })
})

describe('run-prevention', () => {
  it.each<[string, Facts, string[]]>([
    ['no time limit is set', crawl({ limits: limits(null) }), ['time-limit']],
    ['a task outlives the limit', crawl({ tasks: active({ elapsedMs: 12 * MINUTE }) }), ['time-limit']],
    ['a dead run of over two hours', crawl({ running: known([running(125)]) }), ['clean-up']],
    ['all is well', crawl({ running: known([running(5)]), tasks: active({ elapsedMs: 5 * MINUTE }) }), []],
  ])('%s', (_why, given, subjects) => {
    expect(run(runPrevention, given).map(({ key }) => key)).toEqual(
      subjects.map((one) => `run-prevention:crawl:${one}`),
    )
  })

  it('leads to where each is set', () => {
    const views = (given: Facts) => run(runPrevention, given).flatMap(({ places }) => places.map(({ view }) => view))
    expect(views(crawl({ limits: limits(null) }))).toEqual(['system'])
    expect(views(crawl({ running: known([running(125)]) }))).toEqual(['automation', 'job'])
  })
})

it('no rule calls a run a recording', () => {
  const given = crawl({ running: known([running(75)]) }, { queued: [pending(16)] })
  const found = rules.flatMap((rule) => run(rule, given))
  expect(found.map(({ rule }) => rule)).toContain('run-overdue')
  expect(JSON.stringify(found.map(({ headline, explanation }) => [headline, explanation]))).not.toMatch(/recording/i)
})
