// Runbook 1: TASK_TIMEOUT_SECONDS=1800, four recordings of 38–68 minutes, three retries each. Runbook 2: none is needed.
import { describe, expect, it } from 'vitest'
import type { FailedJob } from '../../../electron/contract/job.ts'
import { timeoutBelowDuration } from '../../../electron/core/rules/timeout-below-duration.ts'
import { timeoutNotNeeded } from '../../../electron/core/rules/timeout-not-needed.ts'
import { facts, run } from '../../support/facts.ts'
import { counts, HOUR, known, MINUTE, runningJob, throughput, unknown } from '../../support/snapshot-builders.ts'
import { envEntry, failedJob, fourFailed } from '../../support/stack-builders.ts'

const limits = (seconds: number | null) =>
  known({ taskTimeoutMs: seconds === null ? null : seconds * 1000, heartbeatLimitMs: 15 * MINUTE, maxRetries: 3 })
const env = known({ path: 'C:\\app\\.env', entries: [envEntry({ value: '1800' })] })
const half = known(throughput({ speed: 0.6 }))
const at = (seconds: number | null, failures: readonly FailedJob[], part = {}) =>
  facts({ limits: limits(seconds), throughput: half, env, ...part }, { failures: known(failures) })

describe('timeout-below-duration stays silent', () => {
  it.each([
    ['nothing failed', at(1800, [])],
    ['no limit is known', at(null, fourFailed)],
    ['a short recording failed of something else', at(1800, [failedJob({ audioMs: 3 * MINUTE, error: 'bad audio' })])],
    ['neither length nor error tells', at(1800, [failedJob({ audioMs: null })])],
    ['the speed is unknown', at(1800, fourFailed, { throughput: known(throughput({ speed: null })) })],
    ['everything would fit', at(14_400, fourFailed)],
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
    expect(found?.evidence[0]).toMatchObject({ value: '1:01:00, needs about 1 h 42 min' })
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
  ])('stays silent when %s', (_why, given) => {
    expect(run(timeoutNotNeeded, given)).toEqual([])
  })

  it('warns before the 63-minute recording is killed', () => {
    const [found] = run(timeoutNotNeeded, at(1800, [], long()))
    expect(found).toMatchObject({
      headline: 'A running recording will not fit into the 30 min limit.',
      remedies: [{ action: 'set-env', params: { TASK_TIMEOUT_SECONDS: 'none' } }],
    })
    expect(found?.evidence[0]?.value).toBe('1:03:00, needs about 1 h 45 min')
  })
})

it('a limit above a day is still spoken of in minutes', () => {
  const [found] = run(timeoutBelowDuration, at(1800, [failedJob({ audioMs: 90 * HOUR })]))
  expect(found?.remedies.map(({ action }) => action)).toEqual(['set-env', 'retry-jobs'])
})
