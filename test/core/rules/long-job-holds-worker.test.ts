// Runbook 0: 20 queued, 1 processing, 1069 done, 0 failed; a 63-minute file holds the only worker.
import { describe, expect, it } from 'vitest'
import type { RunningJob } from '../../../electron/contract/job.ts'
import { longJobHoldsWorker as rule } from '../../../electron/core/rules/long-job-holds-worker.ts'
import { facts, run } from '../../support/facts.ts'
import {
  ago,
  counts,
  HOUR,
  known,
  MINUTE,
  runningJob,
  throughput,
  unknown,
  worker,
} from '../../support/snapshot-builders.ts'
import { celeryWorker, queue, service, task } from '../../support/stack-builders.ts'

const stuck = known(counts({ queued: 20, running: 1, done: 1069 }))
const one = (part: Partial<RunningJob> = {}) => known([runningJob(part)])
const chunked = (part: object = {}) => ({
  audioDoneMs: 21 * MINUTE,
  audioTotalMs: 63 * MINUTE,
  speed: 0.29,
  etaMs: 145 * MINUTE,
  chunksDone: 2,
  chunksTotal: 7,
  movedAgeMs: 3000,
  ...part,
})

describe('stays silent', () => {
  it.each([
    ['nothing waits', { counts: known(counts({ running: 1, done: 1069 })), running: one() }],
    ['nothing runs', { counts: known(counts({ queued: 20 })), running: known([]) }],
    ['the counts cannot be read', { counts: unknown(counts({ queued: 20, running: 1 })), running: one() }],
    ['the running jobs cannot be read', { counts: stuck, running: unknown([runningJob()]) }],
    ['its heartbeat is late: that is another cause', { counts: stuck, running: one({ heartbeatAgeMs: 6 * MINUTE }) }],
    ['its heartbeat is dead', { counts: stuck, running: one({ heartbeatAgeMs: 16 * MINUTE }) }],
    ['it ends soon', { counts: stuck, running: one({ progress: chunked({ etaMs: 2 * MINUTE }) }) }],
    ['it has just begun and is short', { counts: stuck, running: one({ audioMs: MINUTE, elapsedMs: 5000 }) }],
    ['a slot is free', { counts: stuck, running: one(), workers: known([worker({ slots: 2, busy: 1 })]) }],
    [
      'another slot has just finished a job',
      { counts: stuck, running: one(), throughput: known(throughput({ lastDoneAgeMs: 4 * MINUTE })) },
    ],
    [
      'the second slot will be free soon',
      {
        counts: stuck,
        workers: known([worker({ slots: 2, busy: 2 })]),
        running: known([runningJob(), runningJob({ id: 'short', audioMs: MINUTE, elapsedMs: 5000 })]),
      },
    ],
  ])('when %s', (_why, part) => {
    expect(run(rule, facts(part))).toEqual([])
  })

  it('when the local worker steps aside soon', () => {
    const part = {
      kind: 'local' as const,
      counts: stuck,
      workers: known([worker()]),
      running: one({ worker: 'w1', progress: chunked({ audioDoneMs: 28 * MINUTE }) }),
    }
    expect(run(rule, facts(part))).toEqual([])
  })

  it('when the local queue holds recordings as long as this one', () => {
    const part = {
      kind: 'local' as const,
      counts: stuck,
      workers: known([worker()]),
      running: one({ worker: 'w1', progress: chunked() }),
    }
    const backlog = known({ oldestWaitingMs: HOUR, meanAudioMs: 60 * MINUTE, longest: null })
    expect(run(rule, facts(part, { backlog }))).toEqual([])
  })
})

describe('says who holds the worker', () => {
  it('with the runbook’s numbers, from the database alone', () => {
    const [found, ...more] = run(rule, facts({ counts: stuck, running: one() }))
    expect(more).toEqual([])
    expect(found).toMatchObject({
      key: 'long-job-holds-worker:calls:e002b2e3-6c8f-4bb7-87ea-1ac0e6334e29',
      severity: 'warning',
      headline: 'One 63-minute recording holds the only worker. 20 jobs wait behind it.',
      explanation:
        'Nothing has failed. The worker transcribes at 0.29× real time and will end in about 37 min. Until then no other job can start.',
      since: ago(3 * HOUR),
      notTheCause: ['0 failed jobs', 'Heartbeat 40 s ago, limit 15 min'],
      remedies: [],
    })
    const values = Object.fromEntries(found!.evidence.map(({ label, value }) => [label, value]))
    expect(values).toEqual({
      Running: '1 job, Call recording 5454_210513_095857.m4a',
      'Audio length': '1:03:00',
      Speed: '0.29× real time, ends in 37 min',
      Slots: 'unknown: no worker tells how many it has',
      // 37 minutes, then 20 × 4 minutes at 0.29×.
      Waiting: '20 queued jobs, done in about 5 h 13 min',
      Done: '1069, flat for 3 h 00 min',
    })
  })

  it('and how far it is, how many slots are taken, that the worker lives', () => {
    const [found] = run(
      rule,
      facts({
        counts: stuck,
        workers: known([worker()]),
        running: one({ progress: chunked({ audioDoneMs: 3_132_000, etaMs: 37 * MINUTE }) }),
      }),
    )
    expect(found?.evidence.map(({ value }) => value)).toEqual(
      expect.arrayContaining(['1:03:00, 52:12 transcribed', '1 of 1 taken']),
    )
    expect(found?.notTheCause).toContain('Worker alive, beat 2 s ago')
  })

  it('when speed and length are unknown, from the time it has taken', () => {
    const part = {
      counts: stuck,
      running: one({ audioMs: null }),
      throughput: known(throughput({ speed: null })),
    }
    const [found] = run(rule, facts(part))
    expect(found?.headline).toBe('One recording holds the only worker. 20 jobs wait behind it.')
    expect(found?.explanation).toContain('when it will end is unknown')
    expect(found?.evidence).toContainEqual(
      expect.objectContaining({ label: 'Audio length', value: 'unknown: no source tells it' }),
    )
  })

  it('when every slot has a long one', () => {
    const part = {
      counts: stuck,
      workers: known([worker({ slots: 2, busy: 2 })]),
      running: known([runningJob(), runningJob({ id: 'other', audioMs: 68 * MINUTE, elapsedMs: HOUR })]),
    }
    expect(run(rule, facts(part))[0]?.headline).toBe('2 long recordings hold every slot. 20 jobs wait behind them.')
  })

  it('without claiming that nothing failed when something did', () => {
    const [found] = run(rule, facts({ counts: known(counts({ queued: 20, running: 1, failed: 4 })), running: one() }))
    expect(found?.explanation).toMatch(/^It has not failed; the 4 failed jobs are another matter\./)
    expect(found?.notTheCause).not.toContain('0 failed jobs')
  })

  it('and of the local worker, that it steps aside at the end of its chunk', () => {
    const part = {
      id: 'local',
      kind: 'local' as const,
      counts: stuck,
      workers: known([worker()]),
      running: one({ worker: 'w1', heartbeatAgeMs: 12_000, progress: chunked() }),
    }
    const [found] = run(rule, facts(part))
    expect(found?.headline).toBe('One 63-minute recording holds the only slot. 20 jobs wait behind it.')
    // Nine minutes of audio are left of the third chunk; at 0.29× they take 31 minutes.
    expect(found?.explanation).toContain('Shorter jobs go first in about 31 min.')
    expect(found?.remedies).toEqual([expect.objectContaining({ action: 'cancel-job', ids: [runningJob().id] })])
    expect(found?.notTheCause).toContain('Heartbeat 12 s ago, limit 15 min')
  })
})

describe('goes on near its expected end', () => {
  const nearly = (part: Partial<RunningJob>) =>
    facts({ counts: stuck, running: one({ elapsedMs: 214 * MINUTE, ...part }) })

  it('when the end is only a forecast: 217 minutes were never exact', () => {
    expect(run(rule, nearly({}))[0]?.headline).toContain('20 jobs wait behind it.')
    const step = { ...chunked({ speed: null, etaMs: null, audioDoneMs: null }), step: 'Transcribing audio…' }
    expect(run(rule, nearly({ progress: step }))).toHaveLength(1)
  })

  it('and when it is over it: the slowest speed that is expected ends it later', () => {
    const [found] = run(rule, nearly({ elapsedMs: 225 * MINUTE }))
    // 63 minutes at 0.23× are 270.
    expect(found?.explanation).toContain('this takes longer than most and should end within 45 min.')
    const [never] = run(rule, nearly({ elapsedMs: 400 * MINUTE }))
    expect(never?.explanation).toContain('when it will end is unknown')
  })

  it('and not when its own progress says so', () => {
    expect(run(rule, nearly({ progress: chunked({ etaMs: 3 * MINUTE }) }))).toEqual([])
  })
})

describe('counts the slots that could take the jobs', () => {
  const busy = celeryWorker()
  const elsewhere = celeryWorker({ id: 'w2', name: 'w2', queues: ['crawl'], slots: 4, busy: 0 })
  const at = (...workers: (typeof busy)[]) =>
    facts({ counts: stuck, running: one(), tasks: known([task()]), workers: known(workers) })

  it('not those of a worker of other queues', () => {
    expect(run(rule, at(busy, elsewhere))[0]?.evidence).toContainEqual(
      expect.objectContaining({ label: 'Slots', value: '1 of 1 taken' }),
    )
    expect(run(rule, at(busy, { ...elsewhere, queues: ['celery', 'crawl'] }))).toEqual([])
  })

  it('and says unknown of one that is too busy to tell', () => {
    expect(run(rule, at(celeryWorker({ state: 'busy', slots: 0, pool: 'solo' })))[0]?.evidence).toContainEqual(
      expect.objectContaining({ label: 'Slots', value: 'unknown: no worker tells how many it has' }),
    )
  })
})

describe('offers the ways to one more slot', () => {
  const at = (part: object) => facts({ counts: stuck, running: one(), tasks: known([task()]), ...part })
  const actions = (part: object) =>
    run(rule, at(part))[0]?.remedies.map(({ action, ids, params }) => [action, ids?.[0], params])
  const full = known([celeryWorker()])

  it('a process, a container, and Unjam’s own worker where one runs', () => {
    const unjam = worker({ kind: 'unjam', slots: 1, state: 'running' })
    const two = known([runningJob(), runningJob({ id: 'own', worker: 'w1', phase: 'active' })])
    const part = { workers: known([celeryWorker(), unjam]), running: two, services: known([service()]) }
    expect(actions(part)).toEqual([
      ['resize-pool', 'celery@worker-1', { by: '1' }],
      ['scale-service', 'worker', { replicas: '2' }],
      ['take-over-job', runningJob().id, {}],
    ])
  })

  it.each([
    ['its pool has a fixed size', { workers: known([celeryWorker({ pool: 'solo' })]) }, []],
    ['its name is fixed', { workers: full, services: known([service({ container: 'worker' })]) }, ['resize-pool']],
    [
      'several services are workers',
      { workers: full, services: known([service(), service({ service: 'qc_worker', container: 'app-qc_worker-1' })]) },
      ['resize-pool'],
    ],
    ['the services cannot be read', { workers: full, services: unknown([service()]) }, ['resize-pool']],
  ])('but not what cannot work: %s', (_why, part, wanted) => {
    expect(actions(part)?.map(([action]) => action)).toEqual(wanted)
  })
})

it('on a stack it names the messages that pile up and offers one more process in the pool that is full', () => {
  const [found] = run(
    rule,
    facts({
      counts: stuck,
      running: one(),
      workers: known([celeryWorker()]),
      tasks: known([task()]),
      queues: known([queue()]),
    }),
  )
  expect(found?.evidence.at(-1)).toMatchObject({ value: '93, of them 90 enqueue_pending_recordings', source: 'broker' })
  expect(found?.remedies).toMatchObject([{ action: 'resize-pool', ids: ['celery@worker-1'], params: { by: '1' } }])
})
