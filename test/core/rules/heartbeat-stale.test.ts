// Runbook 2: heartbeats every 2 minutes, stuck when processing and updated_at is older than 15 minutes.
import { describe, expect, it } from 'vitest'
import type { RunningJob } from '../../../electron/contract/job.ts'
import { heartbeatStale as rule } from '../../../electron/core/rules/heartbeat-stale.ts'
import { facts, run } from '../../support/facts.ts'
import { ago, counts, known, MINUTE, runningJob, unknown, worker } from '../../support/snapshot-builders.ts'

const job = (minutes: number | null, part: Partial<RunningJob> = {}) =>
  runningJob({ heartbeatAgeMs: minutes === null ? null : minutes * MINUTE, ...part })
const with1 = (one: RunningJob, more = {}) =>
  facts({ running: known([one]), counts: known(counts({ running: 1 })), ...more })

describe('stays silent', () => {
  it.each([
    ['a beat is 40 s old', with1(job(40 / 60))],
    ['one beat is missing', with1(job(3))],
    ['there is no heartbeat to judge by', with1(job(null))],
    ['the running jobs cannot be read', facts({ running: unknown([job(60)]) })],
    ['the job is being cancelled', with1(job(20, { phase: 'cancelling' }))],
    ['a parked job waits for a worker to run at all', with1(job(20, { phase: 'parked', worker: 'w1' }))],
    ['nothing runs', facts()],
  ])('when %s', (_why, given) => {
    expect(run(rule, given)).toEqual([])
  })
})

it.each([
  [4.4, null],
  [4.6, 'warning'],
  [14.9, 'warning'],
  [15.1, 'critical'],
  [600, 'critical'],
])('%s minutes without a beat are %s', (minutes, severity) => {
  expect(run(rule, with1(job(minutes)))[0]?.severity ?? null).toBe(severity)
})

it('counts local beats, which come every 30 s', () => {
  const local = (minutes: number) => facts({ id: 'local', kind: 'local', running: known([job(minutes)]) })
  expect(run(rule, local(1.4))).toEqual([])
  expect(run(rule, local(1.6))[0]?.severity).toBe('warning')
})

it('names a dead job, since when, and offers its release with exactly its id', () => {
  const dead = job(26, { id: 'dead-1' })
  const [found, ...more] = run(
    rule,
    facts({ running: known([dead, job(1, { id: 'alive' })]), counts: known(counts({ running: 2 })) }),
  )
  expect(more).toEqual([])
  expect(found).toMatchObject({
    key: 'heartbeat-stale:calls:dead',
    severity: 'critical',
    headline: 'One running job gave no sign of life for 26 min. Nobody works on it.',
    since: ago(11 * MINUTE),
    remedies: [{ action: 'release-jobs', label: 'Release the job', ids: ['dead-1'], params: {} }],
    places: [{ view: 'job', job: 'dead-1' }],
  })
  expect(found?.evidence).toContainEqual(expect.objectContaining({ label: 'Limit', value: '15 min' }))
})

it('keeps late and dead apart, each with its own jobs', () => {
  const found = run(rule, facts({ running: known([job(20, { id: 'a' }), job(30, { id: 'b' }), job(6, { id: 'c' })]) }))
  expect(found.map(({ severity, headline }) => [severity, headline])).toEqual([
    ['critical', '2 running jobs gave no sign of life for 30 min. Nobody works on them.'],
    ['warning', 'One running job is late: the last heartbeat came 6 min ago.'],
  ])
  expect(found[0]?.remedies[0]?.ids).toEqual(['a', 'b'])
  expect(found[1]?.remedies).toEqual([])
})

it('is a warning without a release while the job still moves on', () => {
  const progress = {
    audioDoneMs: MINUTE,
    audioTotalMs: null,
    speed: 1,
    etaMs: null,
    chunksDone: 0,
    chunksTotal: null,
    movedAgeMs: 2000,
  }
  const [found] = run(rule, with1(job(20, { worker: 'w1', progress }), { workers: known([worker()]) }))
  expect(found).toMatchObject({ severity: 'warning', remedies: [] })
  expect(found?.explanation).toContain('The worker still moves on')
})

it('adds the age of a reading to the age of the heartbeat', () => {
  const old = facts({ running: known([job(10)], ago(6 * MINUTE)) })
  expect(run(rule, old)[0]?.severity).toBe('critical')
})
