// Runbook 0: done stays at 1069. Slow but healthy is not stuck.
import { describe, expect, it } from 'vitest'
import type { Progress } from '../../../electron/contract/job.ts'
import { nothingFinishing as rule } from '../../../electron/core/rules/nothing-finishing.ts'
import { noTrend } from '../../../electron/core/trend.ts'
import { facts, localFacts, run } from '../../support/facts.ts'
import {
  ago,
  counts,
  HOUR,
  host,
  known,
  MINUTE,
  NOW,
  runningJob,
  throughput,
  unknown,
  worker,
} from '../../support/snapshot-builders.ts'

const busy = known(counts({ queued: 20, running: 1, done: 1069 }))
const idle = known(counts({ queued: 20, done: 1069 }))
const flat = (ms: number) => known(throughput({ lastDoneAgeMs: ms, lastDoneAt: ago(ms) }))
const moving = (movedAgeMs: number): Progress => ({
  audioDoneMs: 40 * MINUTE,
  audioTotalMs: 63 * MINUTE,
  speed: 0.29,
  etaMs: null,
  chunksDone: 4,
  chunksTotal: 7,
  movedAgeMs,
})
const nowMs = Date.parse(NOW)
const watched = (idleMs: number | null) => ({
  ...noTrend,
  watchedSinceMs: nowMs - HOUR,
  idleSinceMs: idleMs === null ? null : nowMs - idleMs,
})

describe('stays silent', () => {
  it.each([
    // 63 minutes at 0.29× need 217 minutes: 3 hours are explained.
    ['the forecast explains it', facts({ counts: busy, running: known([runningJob()]) })],
    [
      'it is slower than expected but moves',
      facts({
        counts: busy,
        throughput: flat(12 * HOUR),
        running: known([runningJob({ elapsedMs: 12 * HOUR, progress: moving(5000) })]),
      }),
    ],
    [
      'length and speed are unknown and it has had 3 hours',
      facts({
        counts: busy,
        running: known([runningJob({ audioMs: null })]),
        throughput: known(throughput({ speed: null })),
      }),
    ],
    ['a job was done 10 minutes ago', facts({ counts: idle, throughput: flat(10 * MINUTE) })],
    ['there is no work', facts({ counts: known(counts({ done: 1069 })), throughput: flat(9 * HOUR) })],
    ['the counts cannot be read', facts({ counts: unknown(counts({ queued: 20 })), throughput: flat(9 * HOUR) })],
    ['the throughput cannot be read and nobody watched', facts({ counts: idle, throughput: unknown(null) })],
    [
      'the queue has just been filled after a quiet night',
      facts(
        { counts: idle, throughput: flat(9 * HOUR) },
        { backlog: known({ oldestWaitingMs: 2000, meanAudioMs: null, longest: null }) },
      ),
    ],
    [
      'one job was just taken while this core watched',
      facts({ counts: idle, throughput: flat(9 * HOUR) }, { trend: watched(4000) }),
    ],
    [
      'the heartbeat is dead: that is the cause',
      facts({
        counts: busy,
        throughput: flat(9 * HOUR),
        running: known([runningJob({ elapsedMs: 9 * HOUR, heartbeatAgeMs: HOUR })]),
      }),
    ],
    ['no worker runs: that is the cause', localFacts(host(), { counts: idle, throughput: flat(9 * HOUR) })],
    [
      'the worker is paused: that is the cause',
      localFacts(host(), { counts: idle, throughput: flat(9 * HOUR), workers: known([worker({ state: 'paused' })]) }),
    ],
    [
      'jobs are parked and one of them is about to go on',
      facts({ counts: busy, throughput: flat(HOUR), running: known([runningJob({ phase: 'parked' })]) }),
    ],
  ])('when %s', (_why, given) => {
    expect(run(rule, given)).toEqual([])
  })
})

it('fires when the running job needs more than twice its forecast', () => {
  const [found] = run(
    rule,
    facts({ counts: busy, throughput: flat(9 * HOUR), running: known([runningJob({ elapsedMs: 9 * HOUR })]) }),
  )
  expect(found).toMatchObject({
    key: 'nothing-finishing:calls',
    severity: 'warning',
    headline: 'Nothing has finished for 9 h 00 min. The forecast explains 3 h 37 min.',
    since: ago(9 * HOUR),
    notTheCause: ['0 failed jobs', 'Heartbeat 40 s ago, limit 15 min'],
  })
  expect(found?.evidence[0]).toMatchObject({ label: 'Done', value: '1069, flat for 9 h 00 min' })
})

it('is critical when the position stands still as well', () => {
  const stands = runningJob({ elapsedMs: 9 * HOUR, progress: moving(HOUR) })
  expect(run(rule, facts({ counts: busy, throughput: flat(9 * HOUR), running: known([stands]) }))[0]?.severity).toBe(
    'critical',
  )
})

it('says that nothing is known when no forecast can be made, after four hours', () => {
  const given = facts({
    counts: busy,
    running: known([runningJob({ audioMs: null, elapsedMs: 5 * HOUR })]),
    throughput: known(throughput({ speed: null, lastDoneAgeMs: 5 * HOUR })),
  })
  expect(run(rule, given)[0]).toMatchObject({
    severity: 'warning',
    headline: 'Nothing has finished for 5 h 00 min. No forecast explains that.',
  })
})

it('fires when jobs wait, none runs, and that lasts', () => {
  const headline = '20 jobs wait and none runs. Nothing has finished for 3 h 00 min.'
  expect(run(rule, facts({ counts: idle, throughput: flat(3 * HOUR) }))[0]).toMatchObject({
    severity: 'warning',
    headline,
    explanation: 'No worker reports to this database, so whether one is alive is unknown.',
  })
  const alive = localFacts(
    host(),
    { counts: idle, throughput: flat(3 * HOUR), workers: known([worker({ busy: 0 })]) },
    { trend: watched(20 * MINUTE) },
  )
  expect(run(rule, alive)[0]).toMatchObject({ headline, explanation: 'A worker is alive but takes nothing.' })
})

it('fires when jobs end and every one of them fails', () => {
  const buckets = [0, 4, 6].map((failed, i) => ({ from: ago((2 - i) * 30 * MINUTE), done: 0, failed }))
  const given = facts({
    counts: known(counts({ queued: 10, running: 1, failed: 10 })),
    running: known([runningJob({ elapsedMs: 5000 })]),
    throughput: known(throughput({ lastDoneAgeMs: 70 * MINUTE, lastDoneAt: ago(70 * MINUTE), buckets })),
  })
  expect(run(rule, given)[0]?.headline).toBe('10 jobs failed in a row. Nothing has finished for 70 min.')
})

it('knows how long it watched when the table does not tell when jobs ended', () => {
  const trend = { ...watched(HOUR), doneFlatSinceMs: nowMs - HOUR }
  const given = facts(
    { counts: idle, throughput: known(throughput({ lastDoneAgeMs: null, lastDoneAt: null })) },
    { trend },
  )
  expect(run(rule, given)[0]?.headline).toContain('Nothing has finished for 60 min.')
})
