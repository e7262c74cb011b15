// Runbook 1: four recordings, "Max retries exceeded", one updated_at: the cause hidden, the sweep mistaken for failures.
import { describe, expect, it } from 'vitest'
import { errorMaskedByRetries } from '../../../electron/core/rules/error-masked-by-retries.ts'
import { failedTogether } from '../../../electron/core/rules/failed-together.ts'
import { facts, run } from '../../support/facts.ts'
import { ago, known, MINUTE, throughput, unknown } from '../../support/snapshot-builders.ts'
import { failedAttempt, failedJob, fourFailed, results, SWEEP } from '../../support/stack-builders.ts'

const failed = (...jobs: ReturnType<typeof failedJob>[]) => facts({}, { failures: known(jobs) })

describe('error-masked-by-retries', () => {
  it.each([
    ['nothing failed', failed()],
    ['the cause is kept', failed(failedJob({ error: 'Timeout exceeded: TimeLimitExceeded(1800)' }))],
    ['there is no message at all', failed(failedJob({ error: null }))],
    ['the failed jobs cannot be read', facts({}, { failures: unknown(null) })],
  ])('stays silent when %s', (_why, given) => {
    expect(run(errorMaskedByRetries, given)).toEqual([])
  })

  it('believes an attempt first, then the log, then the limit, and says so when nothing tells', () => {
    const failures = [failedAttempt({ job: fourFailed[0]!.id })]
    const error = 'FileNotFoundError: /recordings/2.m4a'
    const log = known({ errors: [], failures: [{ job: fourFailed[2]!.id, error }] })
    const part = {
      limits: known({ taskTimeoutMs: 1_800_000, heartbeatLimitMs: 15 * MINUTE, maxRetries: 3 }),
      throughput: known(throughput({ speed: 0.6 })),
      results: known(results({ failed: 1, failures })),
    }
    const jobs = [...fourFailed.slice(0, 3), failedJob({ id: 'x', audioMs: null })]
    const [found] = run(errorMaskedByRetries, facts(part, { failures: known(jobs), log }))
    expect(found?.headline).toBe('4 failed jobs only say “Max retries exceeded”. The cause is hidden.')
    expect(found?.evidence.map(({ value, source }) => [value, source])).toEqual([
      ['TimeLimitExceeded(1800)', 'results'],
      ['1:08:00 does not fit into the 30 min limit', 'database'],
      [error, 'worker log'],
      ['unknown: no attempt, log, limit or length tells it', 'database'],
    ])
  })
})

describe('failed-together', () => {
  it.each([
    ['two share a second', failed(...fourFailed.slice(0, 2))],
    ['each failed by itself', failed(...fourFailed.map((job, n) => ({ ...job, endedAt: ago(n * MINUTE) })))],
    ['nobody knows when', failed(...fourFailed.map((job) => ({ ...job, endedAt: null })))],
  ])('stays silent when %s', (_why, given) => {
    expect(run(failedTogether, given)).toEqual([])
  })

  it('is one event, at its own time', () => {
    const [found, ...more] = run(failedTogether, failed(...fourFailed, failedJob({ id: 'x', endedAt: ago(MINUTE) })))
    expect(more).toEqual([])
    expect(found).toMatchObject({
      severity: 'info',
      headline: '4 jobs were marked failed in the same second. One sweep did it.',
      since: SWEEP,
    })
  })
})
