// Runbook 1: TASK_TIMEOUT_SECONDS=1800, four recordings of 38–68 minutes, three retries each. Runbook 2: none is needed.
import { describe, expect, it } from 'vitest'
import type { FailedJob } from '../../../electron/contract/job.ts'
import { timeoutBelowDuration } from '../../../electron/core/rules/timeout-below-duration.ts'
import { timeoutNotNeeded } from '../../../electron/core/rules/timeout-not-needed.ts'
import { facts, run } from '../../support/facts.ts'
import { counts, HOUR, known, MINUTE, runningJob, throughput, unknown } from '../../support/snapshot-builders.ts'
import {
  envEntry,
  failedAttempt,
  failedJob,
  fourFailed,
  results,
  SWEEP,
  service,
} from '../../support/stack-builders.ts'

const limits = (seconds: number | null) =>
  known({ taskTimeoutMs: seconds === null ? null : seconds * 1000, heartbeatLimitMs: 15 * MINUTE, maxRetries: 3 })
const env = known({ path: 'C:\\app\\.env', entries: [envEntry({ value: '1800' })] })
const half = known(throughput({ speed: 0.6 }))
const at = (seconds: number | null, failures: readonly FailedJob[], part = {}) =>
  facts({ limits: limits(seconds), throughput: half, env, ...part }, { failures: known(failures) })

/** Nothing runs; the longest of 20 that wait has so many minutes. */
const waiting = (minutes: number | null, part = {}) => ({
  ...at(1800, [], { counts: known(counts({ queued: 20 })), ...part }),
  backlog: known({
    ...{ oldestWaitingMs: HOUR, meanAudioMs: 4 * MINUTE },
    longest: minutes === null ? null : { id: 'long', title: 'Call recording 5454.m4a', audioMs: minutes * MINUTE },
  }),
})

describe('timeout-below-duration stays silent', () => {
  it.each([
    ['nothing failed', at(1800, [])],
    ['no limit is known', at(null, fourFailed)],
    ['a short recording failed of something else', at(1800, [failedJob({ audioMs: 3 * MINUTE, error: 'bad audio' })])],
    ['neither length nor error tells', at(1800, [failedJob({ audioMs: null })])],
    ['the speed is unknown', at(1800, fourFailed, { throughput: known(throughput({ speed: null })) })],
    ['everything would fit', at(14_400, fourFailed)],
    [
      'an attempt of another job named a limit',
      at(null, [failedJob({ audioMs: 3 * MINUTE })], { results: known(results({ failures: [failedAttempt()] })) }),
    ],
    ['the failed jobs cannot be read', facts({ limits: limits(1800), throughput: half }, { failures: unknown(null) })],
  ])('when %s', (_why, given) => {
    expect(run(timeoutBelowDuration, given)).toEqual([])
  })
})

describe('timeout-below-duration', () => {
  it('names the four, what each needs, and lifts the limit before it retries', () => {
    const [found, ...more] = run(timeoutBelowDuration, at(1800, fourFailed))
    expect(more).toEqual([])
    expect(found).toMatchObject({
      severity: 'warning',
      headline: 'The 30 min limit ended 4 long recordings. A retry alone ends there again.',
    })
    expect(found?.evidence[0]?.value).toMatch(/^1:01:00, needs about 1 h 42 min · Call recording/)
    expect(found?.remedies.map(({ action, params }) => [action, params])).toEqual([
      ['set-env', { TASK_TIMEOUT_SECONDS: 'none' }],
      // 68 minutes at 0.6× take 113 minutes; with a quarter to spare 7200 s are too short.
      ['set-env', { TASK_TIMEOUT_SECONDS: '14400' }],
      ['retry-jobs', {}],
    ])
    expect(found?.remedies.at(-1)?.ids).toEqual(fourFailed.map(({ id }) => id))
  })

  it('reads the limit out of the errors when nothing else tells it', () => {
    const killed = failedJob({ audioMs: null, error: 'Timeout exceeded: TimeLimitExceeded(1800)' })
    const [found] = run(timeoutBelowDuration, at(null, [killed]))
    expect(found?.headline).toContain('The 30 min limit ended 1 long recording.')
    expect(found?.evidence).toContainEqual(expect.objectContaining({ value: '1800 s, as the errors say' }))
  })

  it('reads it out of the attempts where retries have masked it, whether or not they name their jobs', () => {
    const attempts = (...jobs: (string | null)[]) => ({
      results: known(results({ failed: 23, failures: jobs.map((job) => failedAttempt({ job })) })),
      throughput: known(throughput({ speed: null })),
    })
    const named = run(timeoutBelowDuration, at(null, fourFailed, attempts(...fourFailed.map(({ id }) => id))))[0]
    expect(named?.headline).toBe('The 30 min limit ended 4 long recordings. A retry alone ends there again.')
    expect(named?.evidence).toContainEqual(
      expect.objectContaining({ value: '1800 s, as the errors say', source: 'results' }),
    )
    const unnamed = at(null, fourFailed, { ...attempts(null), throughput: half })
    expect(run(timeoutBelowDuration, unnamed)[0]?.headline).toContain('The 30 min limit ended 4 long recordings.')
    expect(run(timeoutBelowDuration, at(null, fourFailed, attempts(null)))).toEqual([])
  })

  it('reads it out of the worker log where there is no result backend', () => {
    const failures = [{ job: fourFailed[1]!.id, error: 'TimeLimitExceeded(1800)' }]
    const given = facts(
      { limits: limits(null), throughput: half, env: null },
      { failures: known(fourFailed.slice(1, 2)), log: known({ errors: [], failures }) },
    )
    expect(run(timeoutBelowDuration, given)[0]).toMatchObject({
      headline: 'The 30 min limit ended 1 long recording. A retry alone ends there again.',
      evidence: expect.arrayContaining([expect.objectContaining({ label: 'Limit', source: 'worker log' })]),
    })
  })

  describe('when the limit that ended them is lifted', () => {
    const killed = fourFailed.map((job) => ({ ...job, error: 'Timeout exceeded: TimeLimitExceeded(1800)' }))
    const since = (ms: number) => ({
      services: known([service({ startedAt: new Date(Date.parse(SWEEP) + ms).toISOString() })]),
    })
    const unset = known({ path: '', entries: [] })

    it('says so and offers the retry alone', () => {
      const [found, ...more] = run(timeoutBelowDuration, at(null, killed, { ...since(MINUTE), env: unset }))
      expect(more).toEqual([])
      expect(found).toMatchObject({
        severity: 'info',
        headline: 'The 30 min limit that ended 4 long recordings is gone. A retry can finish them.',
      })
      expect(found?.remedies.map(({ action, ids }) => [action, ids?.length])).toEqual([['retry-jobs', 4]])
    })

    it('is raised where another is in force under which they fit, and no cause where it is too small', () => {
      expect(run(timeoutBelowDuration, at(14_400, killed))[0]).toMatchObject({
        severity: 'info',
        headline: 'The 30 min limit that ended 4 long recordings is raised. A retry can finish them.',
      })
      // 38 and 60 minutes of audio fit into an hour and forty minutes, 61 and 68 do not.
      expect(run(timeoutBelowDuration, at(6000, killed))[0]?.headline).toBe(
        'The 100 min limit is too short for 2 long recordings. A retry alone ends there again.',
      )
    })

    it('is not believed of workers that were there when it struck: the app may set one of its own', () => {
      const [found] = run(timeoutBelowDuration, at(null, killed, { ...since(-MINUTE), env: unset }))
      expect(found?.headline).toContain('A retry alone ends there again.')
      const [unseen] = run(timeoutBelowDuration, at(null, killed, { services: null, env: unset }))
      expect(unseen?.headline).toContain('A retry alone ends there again.')
    })
  })

  it('proposes 7200 where that is room enough, and no limit only where 14400 is not', () => {
    const set = (minutes: number) =>
      run(timeoutBelowDuration, at(1800, [failedJob({ audioMs: minutes * MINUTE })]))[0]?.remedies.flatMap(
        ({ params }) => params.TASK_TIMEOUT_SECONDS ?? [],
      )
    expect(set(38)).toEqual(['none', '7200'])
    expect(set(200)).toEqual(['none'])
  })

  it('offers only the retry where no .env is at hand', () => {
    const [found] = run(timeoutBelowDuration, at(1800, fourFailed, { env: null }))
    expect(found?.remedies.map(({ action }) => action)).toEqual(['retry-jobs'])
    expect(found?.explanation).toContain('TASK_TIMEOUT_SECONDS is changed where its worker gets it.')
    expect(found?.places.at(-1)).toMatchObject({ view: 'system' })
  })
})

describe('timeout-not-needed', () => {
  const long = (part = {}) => ({
    counts: known(counts({ queued: 20, running: 1 })),
    running: known([runningJob({ audioMs: 63 * MINUTE })]),
    ...part,
  })
  it.each([
    ['no limit is set', at(null, [], long())],
    ['the running recording fits', at(14_400, [], long())],
    ['its length is unknown', at(1800, [], long({ running: known([runningJob({ audioMs: null })]) }))],
    ['the limit has killed already: that is the one finding', at(1800, fourFailed, long())],
    ['what waits fits', waiting(17)],
    ['nobody knows how long what waits is', waiting(null)],
    ['the queue cannot be read', { ...waiting(63), backlog: unknown(null) }],
    ['the speed is unknown', waiting(63, { throughput: known(throughput({ speed: null })) })],
  ])('stays silent when %s', (_why, given) => {
    expect(run(timeoutNotNeeded, given)).toEqual([])
  })

  it('warns before the 63-minute recording is killed: no limit is the advice, a cap only where one is wanted', () => {
    const [found] = run(timeoutNotNeeded, at(1800, [], long()))
    expect(found).toMatchObject({
      headline: 'A running recording will not fit into the 30 min limit.',
      remedies: [
        { action: 'set-env', params: { TASK_TIMEOUT_SECONDS: 'none' } },
        { action: 'set-env', params: { TASK_TIMEOUT_SECONDS: '14400' } },
      ],
    })
    expect(found?.remedies[1]?.effect).toContain('Only where a cap is wanted')
    expect(found?.evidence[0]).toMatchObject({
      label: 'Runs',
      value: '1:03:00, needs about 1 h 45 min · Call recording 5454_210513_095857.m4a',
    })
  })
})

it('timeout-not-needed warns of what waits before a worker has begun it', () => {
  const [found] = run(timeoutNotNeeded, waiting(63))
  expect(found).toMatchObject({
    headline: 'A waiting recording will not fit into the 30 min limit.',
    places: [{ view: 'job', job: 'long' }, { view: 'proof' }],
  })
  expect(found?.evidence[0]).toMatchObject({
    label: 'Waits',
    value: '1:03:00, needs about 1 h 45 min · Call recording 5454.m4a',
  })
  expect(found?.remedies[0]?.effect).not.toContain('starts again')
})

it('a limit above a day is still spoken of in minutes', () => {
  const [found] = run(timeoutBelowDuration, at(1800, [failedJob({ audioMs: 90 * HOUR })]))
  expect(found?.remedies.map(({ action }) => action)).toEqual(['set-env', 'retry-jobs'])
})
