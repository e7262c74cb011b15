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
    expect(found?.evidence.map(({ value, source }) => [value.split(' · ')[0], source])).toEqual([
      ['TimeLimitExceeded(1800)', 'results'],
      ['1:08:00 does not fit into the 30 min limit', 'database'],
      [error, 'worker log'],
      ['unknown: no attempt, log, limit or length tells it', 'database'],
    ])
    expect(found?.evidence.map(({ value }) => value.split(' · ')[1])).toEqual(jobs.map(({ title }) => title))
  })
})

describe('failed-together', () => {
  it.each([
    ['two share a moment', failed(...fourFailed.slice(0, 2))],
    ['each failed by itself', failed(...fourFailed.map((job, n) => ({ ...job, endedAt: ago(n * MINUTE) })))],
    [
      'bad files fail one after the other, each of itself',
      failed(...fourFailed.map((job, n) => ({ ...job, error: 'not audio', endedAt: ago(n * 300) }))),
    ],
    ['nobody knows when', failed(...fourFailed.map((job) => ({ ...job, endedAt: null })))],
  ])('stays silent when %s', (_why, given) => {
    expect(run(failedTogether, given)).toEqual([])
  })

  it('is one event, at its own time', () => {
    const [found, ...more] = run(failedTogether, failed(...fourFailed, failedJob({ id: 'x', endedAt: ago(MINUTE) })))
    expect(more).toEqual([])
    expect(found).toMatchObject({
      severity: 'info',
      headline: '4 jobs were marked failed at the same moment. One sweep did it.',
      since: SWEEP,
    })
  })

  it('goes by updated_at where the row has it: each may have ended at its own time before', () => {
    const swept = fourFailed.map((job, n) => ({ ...job, endedAt: ago((n + 1) * 31 * MINUTE), updatedAt: SWEEP }))
    expect(run(failedTogether, failed(...swept))[0]?.headline).toContain('4 jobs were marked failed')
    const later = fourFailed.map((job, n) => ({ ...job, updatedAt: ago(n * MINUTE) }))
    expect(run(failedTogether, failed(...later))).toEqual([])
  })

  it('does not part what a second boundary runs through, and claims no sweep of rows with times of their own', () => {
    const at = (ms: number) => new Date(Date.parse(SWEEP) + ms).toISOString()
    const [found, ...more] = run(
      failedTogether,
      failed(...fourFailed.map((job, n) => ({ ...job, endedAt: at(700 + n * 200) }))),
    )
    expect(more).toEqual([])
    expect(found).toMatchObject({
      headline: '4 jobs were marked failed within a second of each other. It was one event.',
      since: at(700),
    })
  })
})
