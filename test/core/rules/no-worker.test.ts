// Jobs wait and no live worker takes them; unknown is never "down".
import { describe, expect, it } from 'vitest'
import { noWorker as rule } from '../../../electron/core/rules/no-worker.ts'
import { facts, localFacts, run } from '../../support/facts.ts'
import { counts, failure, host, known, MINUTE, runningJob, unknown, worker } from '../../support/snapshot-builders.ts'
import { celeryWorker, queue, service } from '../../support/stack-builders.ts'

const waiting = known(counts({ queued: 20, done: 1069 }))
const stopped = host({ worker: { state: 'stopped', pid: null, restarts: 0, because: null } })
const died = host({
  worker: {
    state: 'blocked',
    pid: null,
    restarts: 5,
    because: 'The worker ended 5 times within a minute: out of memory',
  },
})
const lost = worker({ state: 'lost', beatAgeMs: 10 * MINUTE })

describe('stays silent', () => {
  it.each([
    ['a worker lives', localFacts(host(), { counts: waiting, workers: known([worker()]) })],
    ['nothing waits', localFacts(stopped, { counts: known(counts({ done: 1069 })) })],
    ['the workers cannot be read', localFacts(stopped, { counts: waiting, workers: unknown([]) })],
    ['the counts cannot be read', localFacts(stopped, { counts: unknown(counts({ queued: 20 })) })],
    [
      'the worker is starting',
      localFacts(host({ worker: { state: 'starting', pid: 1, restarts: 0, because: null } }), { counts: waiting }),
    ],
    ['it has just started and not beaten yet', localFacts(host(), { counts: waiting })],
    ['there is no model: that is the cause', localFacts({ ...stopped, model: null }, { counts: waiting })],
    [
      'there is no engine: that is the cause',
      localFacts({ ...stopped, engine: { state: 'missing', failure: failure() } }, { counts: waiting }),
    ],
    ['a foreign stack has workers that report nowhere', facts({ counts: waiting })],
    ['its broker cannot ask the workers', facts({ counts: waiting, queues: known([queue()]), workers: unknown([]) })],
    [
      'a worker that has not answered yet may live',
      facts({ counts: waiting, workers: known([celeryWorker({ state: 'unknown' })]) }),
    ],
    [
      'something beats a job although no worker is listed',
      facts({ counts: waiting, running: known([runningJob()]), workers: known([lost]) }),
    ],
  ])('when %s', (_why, given) => {
    expect(run(rule, given)).toEqual([])
  })
})

it('offers to start a worker that was stopped', () => {
  const [found] = run(rule, localFacts(stopped, { counts: waiting }))
  expect(found).toMatchObject({
    key: 'no-worker:local',
    severity: 'warning',
    headline: 'No worker runs. 20 jobs wait.',
    remedies: [{ action: 'start-worker', label: 'Start the worker', ids: null, params: {} }],
  })
  expect(found?.notTheCause).toEqual(['0 failed jobs', 'The model is there', 'The engine is built'])
})

it('says why the last one stopped', () => {
  const [found] = run(rule, localFacts(died, { counts: waiting }))
  expect(found?.severity).toBe('critical')
  expect(found?.explanation).toBe(
    'The worker ended 5 times within a minute: out of memory. Nothing is lost: jobs wait until a worker takes them.',
  )
})

it('counts jobs a dead worker still holds', () => {
  const held = runningJob({ worker: 'w1', heartbeatAgeMs: 20_000 })
  const [found] = run(
    rule,
    localFacts(died, { counts: known(counts({ running: 1 })), running: known([held]), workers: known([lost]) }),
  )
  expect(found?.headline).toBe('No worker is alive. 1 job waits.')
  expect(found?.evidence).toContainEqual(
    expect.objectContaining({ label: 'Workers', value: '0 alive, last beat 10 min ago' }),
  )
})

it('says when a living process does not reach the database', () => {
  const [found] = run(rule, localFacts(host(), { counts: waiting, workers: known([lost]) }))
  expect(found).toMatchObject({
    severity: 'warning',
    headline: 'The worker does not reach the database. 20 jobs wait.',
    remedies: [],
  })
})

it('offers to resume a paused worker, as information', () => {
  const [found] = run(rule, localFacts(host(), { counts: waiting, workers: known([worker({ state: 'paused' })]) }))
  expect(found).toMatchObject({
    severity: 'info',
    headline: 'The worker is paused. 20 jobs wait until it is resumed.',
    remedies: [{ action: 'pause-worker', params: { paused: 'false' } }],
  })
})

it.each(['hung', 'frozen'] as const)('does not call a worker dead that is %s', (state) => {
  const [found] = run(rule, facts({ counts: waiting, workers: known([lost, worker({ state })]) }))
  expect(found?.headline).toBe('No worker takes jobs. 20 jobs wait.')
})

it('needs no message in a queue: after a purge, with every worker gone, jobs wait for a worker all the same', () => {
  const empty = { counts: waiting, queues: known([queue({ messages: 0, consumers: 0, groups: [] })]) }
  const [found, ...more] = run(rule, facts({ ...empty, workers: known([]) }))
  expect(more).toEqual([])
  expect(found).toMatchObject({ severity: 'warning', headline: 'No worker is alive. 20 jobs wait.', remedies: [] })
  expect(found?.evidence).toContainEqual(
    expect.objectContaining({ label: 'Workers', value: 'none answers, none is connected', source: 'worker' }),
  )
  const services = known([service({ state: 'exited', exitCode: 0 }), service({ service: 'api', state: 'exited' })])
  expect(run(rule, facts({ ...empty, services, workers: known([]) }))[0]?.remedies).toMatchObject([
    { action: 'start-service', ids: ['worker'] },
  ])
})

it('is at most a warning in a foreign database, and says what it lacks', () => {
  const [found] = run(rule, facts({ counts: waiting, workers: known([lost]) }))
  expect(found).toMatchObject({ severity: 'warning', headline: 'No worker is alive. 20 jobs wait.', remedies: [] })
  expect(found?.explanation).toContain('Whether another program takes jobs is unknown.')
})
