// What a limit would kill: runbook 1's four under 1800 s, the room that 7200 and 14400 leave, and why none is advised.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryJobs } from '../../electron/adapters/memory-jobs.ts'
import {
  adviceOn,
  killText,
  LIMITS,
  lengthsThatFit,
  limitChoices,
  limitsToShow,
} from '../../electron/core/limit-report.ts'
import { readLimits } from '../../electron/core/read-limits.ts'
import { scatterOf } from '../../renderer/scatter.ts'
import { bareSystem } from '../support/bare-system.ts'
import { memoryLengths } from '../support/memory-lengths.ts'
import { MINUTE, NOW } from '../support/snapshot-builders.ts'

const speed = { median: 0.6, low: 0.52, high: 0.69, samples: 48 }
const choices = (minutes: Parameters<typeof memoryLengths>[0], current: number | null = 1800) => {
  const limits = limitsToShow(current)
  const lengths = memoryLengths(minutes, lengthsThatFit(limits, speed))
  return { rows: limitChoices(limits, speed, lengths, current), lengths }
}
const four = { queued: [4, 22], running: [63], failed: [61, 68, 60, 38] }

describe('the table', () => {
  it('has the four victims of 1800 s, and who would fit by a hair', () => {
    const { rows } = choices(four)
    expect(rows.map(({ seconds, kills, risks }) => [seconds, kills?.failed, risks?.failed])).toEqual([
      [1800, 4, 0],
      [3600, 4, 0],
      // 68 minutes need 113 at 0.6×, and 131 at the slow end.
      [7200, 0, 1],
      [14_400, 0, 0],
      [null, 0, 0],
    ])
    expect(killText(rows[0]!)).toBe('1 queued job, 1 running job, 4 failed jobs would not fit into 30 min')
    expect(killText(rows[4]!)).toBeNull()
  })
  it('also has the limit in force when it is another', () => {
    expect(limitsToShow(5400)).toEqual([1800, 3600, 5400, 7200, 14_400, null])
    expect(limitsToShow(null)).toEqual(LIMITS)
    expect(
      choices(four, 5400)
        .rows.filter(({ current }) => current)
        .map(({ seconds }) => seconds),
    ).toEqual([5400])
  })
  it('kills no more the longer the limit, and none without one; without a speed nobody knows', () => {
    const minutes = fc.array(fc.integer({ min: 1, max: 600 }), { maxLength: 30 })
    fc.assert(
      fc.property(minutes, minutes, minutes, (queued, running, failed) => {
        const { rows } = choices({ queued, running, failed })
        for (const state of ['queued', 'running', 'failed'] as const) {
          const killed = rows.map(({ kills, risks }) => [kills![state], kills![state] + risks![state]])
          for (const column of [0, 1])
            expect(killed.map((one) => one[column])).toEqual(killed.map((one) => one[column]!).sort((a, b) => b - a))
          expect(killed.at(-1)).toEqual([0, 0])
        }
      }),
    )
    const unknown = limitChoices(LIMITS, null, memoryLengths(four, lengthsThatFit(LIMITS, null)), null)
    expect(unknown.slice(0, 4).every(({ kills }) => kills === null)).toBe(true)
  })
})

describe('the advice', () => {
  it.each([
    ['none with live heartbeats', true, four, null, '14400 s fits'],
    ['none, and no cap, where nothing fits', true, { ...four, queued: [600] }, null, 'No usual cap fits'],
    ['a cap that fits where nothing beats', false, four, 14_400, '14400 s fits'],
  ])('%s', (_what, beats, minutes, seconds, cap) => {
    const { rows, lengths } = choices(minutes)
    const advice = adviceOn(rows, lengths, speed, beats)
    expect(advice.seconds).toBe(seconds)
    expect(advice.cap).toContain(cap)
  })
})

it('is read from a system and drawn: the four sit above the line', async () => {
  const jobs = memoryJobs({
    id: 'calls',
    kind: 'recordings',
    clock: { nowMs: () => Date.parse(NOW) },
    limits: { taskTimeoutMs: 1_800_000, heartbeatLimitMs: 900_000, maxRetries: 3 },
    cannot: { attempts: 'this database has no schema unjam' },
  })
  jobs.seed([
    ...[3, 5, 8].map((audio, n) => ({
      ...{ id: `done-${n}`, title: `${n}.m4a`, state: 'done' as const, audioMs: audio * MINUTE },
      ...{ startedAgoMs: (20 + audio * 2) * MINUTE, endedAgoMs: 20 * MINUTE },
    })),
    ...four.failed.map((audio, n) => ({
      ...{ id: `failed-${n}`, title: `${n}.m4a`, state: 'failed' as const, audioMs: audio * MINUTE, endedAgoMs: 0 },
    })),
  ])
  const report = await readLimits(bareSystem(jobs), AbortSignal.timeout(60_000))
  expect(report).toMatchObject({
    system: 'calls',
    currentSeconds: 1800,
    speed: { median: 0.5 },
    advice: { seconds: null },
  })
  const scatter = scatterOf(report)!
  expect(scatter.dots.filter(({ above }) => above).map(({ key }) => key)).toEqual(
    expect.arrayContaining(['failed failed-0', 'failed failed-1', 'failed failed-2', 'failed failed-3']),
  )
  expect(scatter.dots.filter(({ above }) => above)).toHaveLength(4)
  for (const { y, above } of scatter.dots) expect(y < scatter.limit!.y).toBe(above)
  expect(scatter.description).toContain('4 lie above the limit of 30 min')
  expect(scatterOf({ ...report, points: [] })).toBeNull()
})
