// When an automation is due: by hand for each trigger, and over any sequence of looks, runs and clocks.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Automation } from '../../electron/contract/automation.ts'
import type { Finding } from '../../electron/contract/finding.ts'
import { decide, objection, pastOf, requestOf } from '../../electron/core/automation.ts'
import { known, system, unknown } from '../support/snapshot-builders.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
/** Midnight by the wall clock of these tests. */
const MIDNIGHT = Date.parse('2026-03-01T00:00:00.000Z')
const never = { ranMs: null, triedMs: null }
const crawl = system({ id: 'crawl', kind: 'crawl' })

const make = (more: object = {}) =>
  Automation.parse({ name: 'x', system: 'crawl', action: 'fail-jobs', when: { kind: 'every', minutes: 60 }, ...more })
const at = (nowMs: number, more: object = {}) => ({
  nowMs,
  minuteOfDay: ((Math.floor((nowMs - MIDNIGHT) / MINUTE) % 1440) + 1440) % 1440,
  system: crawl,
  findings: [],
  ...more,
})
const overdue = (sinceMs: number, ids: string[] | null = ['a', 'b', 'c']): Finding => ({
  ...{ key: 'k', rule: 'run-overdue', severity: 'critical', system: 'crawl', headline: 'H.', explanation: '' },
  ...{ since: new Date(sinceMs).toISOString(), evidence: [], notTheCause: [], places: [] },
  remedies: [{ action: 'fail-jobs', label: 'Fail', ids, params: { reason: 'stuck' }, effect: null }],
})

describe('every so many minutes', () => {
  it('is due at once when it has never run, and one interval after each run', () => {
    expect(decide(make(), never, at(MIDNIGHT)).kind).toBe('run')
    const past = { ranMs: MIDNIGHT, triedMs: MIDNIGHT }
    expect(decide(make(), past, at(MIDNIGHT + 59 * MINUTE))).toMatchObject({
      kind: 'wait',
      untilMs: MIDNIGHT + 60 * MINUTE,
      because: 'It runs every hour.',
    })
    expect(decide(make(), past, at(MIDNIGHT + 60 * MINUTE)).kind).toBe('run')
  })

  it('never keeps less than its minimum between two runs, and tries what was skipped again after five minutes', () => {
    const often = make({ when: { kind: 'every', minutes: 1 } })
    const past = { ranMs: MIDNIGHT, triedMs: MIDNIGHT }
    expect(decide(often, past, at(MIDNIGHT + 9 * MINUTE)).kind).toBe('wait')
    expect(decide(often, past, at(MIDNIGHT + 10 * MINUTE)).kind).toBe('run')
    const tried = { ranMs: null, triedMs: MIDNIGHT }
    expect(decide(make(), tried, at(MIDNIGHT + 4 * MINUTE)).kind).toBe('wait')
    expect(decide(make(), tried, at(MIDNIGHT + 5 * MINUTE)).kind).toBe('run')
  })
})

describe('daily', () => {
  const daily = make({ when: { kind: 'daily', at: '03:00' } })
  const three = MIDNIGHT + 180 * MINUTE
  it('runs once at its time, and after a missed one within the hour only', () => {
    const yesterday = { ranMs: three - DAY, triedMs: three - DAY }
    expect(decide(daily, yesterday, at(three - MINUTE))).toMatchObject({ kind: 'wait', untilMs: three })
    expect(decide(daily, yesterday, at(three)).kind).toBe('run')
    expect(decide(daily, yesterday, at(three + 59 * MINUTE)).kind).toBe('run')
    expect(decide(daily, yesterday, at(three + 61 * MINUTE))).toMatchObject({ kind: 'wait', untilMs: three + DAY })
    expect(decide(daily, { ranMs: three, triedMs: three }, at(three + 30 * MINUTE)).kind).toBe('wait')
  })
  it('switched on in the afternoon starts nothing of last night', () => {
    expect(decide(daily, never, at(three + 10 * MINUTE))).toMatchObject({ kind: 'wait', untilMs: three + DAY })
    expect(decide(daily, never, at(three + MINUTE)).kind).toBe('run')
  })
})

describe('on a finding', () => {
  const onFinding = make({
    when: { kind: 'finding', rule: 'run-overdue', lastsMinutes: 15 },
    limits: { perRun: 2 },
  })
  it('waits until it has stood long enough, and means the jobs that it names, at most so many', () => {
    const since = MIDNIGHT - 10 * MINUTE
    expect(decide(onFinding, never, at(MIDNIGHT))).toMatchObject({ kind: 'wait', untilMs: null })
    expect(decide(onFinding, never, at(MIDNIGHT, { findings: [overdue(since)] }))).toMatchObject({
      kind: 'wait',
      untilMs: since + 15 * MINUTE,
    })
    const due = decide(onFinding, never, at(MIDNIGHT + 5 * MINUTE, { findings: [overdue(since)] }))
    expect(due).toEqual({
      kind: 'run',
      request: { action: 'fail-jobs', system: 'crawl', target: ['a', 'b'], params: { reason: 'stuck' } },
    })
  })
  it('ignores other systems and rules, and its own parameters prevail', () => {
    const other = { ...overdue(MIDNIGHT - DAY), system: 'crawl-2' }
    expect(decide(onFinding, never, at(MIDNIGHT, { findings: [other] })).kind).toBe('wait')
    const own = make({ when: onFinding.when, params: { reason: 'by night' } })
    expect(requestOf(own, { findings: [overdue(MIDNIGHT - DAY, null)], nowMs: MIDNIGHT })).toMatchObject({
      target: 'all',
      params: { reason: 'by night' },
    })
  })
})

describe('what it may not do', () => {
  it('skips and says why when a source is unknown or the system is gone', () => {
    const blind = { ...crawl, running: unknown('connection refused') }
    expect(decide(make(), never, at(MIDNIGHT, { system: blind }))).toMatchObject({
      kind: 'skip',
      because: expect.stringMatching(/^Its running cannot be read: /),
    })
    expect(decide(make(), never, at(MIDNIGHT, { system: null }))).toMatchObject({
      kind: 'skip',
      because: 'There is no system crawl in the settings.',
    })
    expect(decide(make(), never, at(MIDNIGHT, { system: { ...crawl, throughput: unknown('slow') } })).kind).toBe('run')
    expect(known(1).status).toBe('known')
  })
  it('does not exceed its count, and nothing destructive without consent', () => {
    const preview = { ...{ action: 'purge-queue', title: 'Empty queue', risk: 'destructive', count: 21 } } as never
    expect(objection(make(), preview)).toBe('Empty queue cannot be taken back, and nobody has agreed to that.')
    const agreed = make({ allowDestructive: true })
    expect(objection(agreed, preview)).toMatch(/^It would touch 21, more than the 20 it may/)
    expect(objection(make({ allowDestructive: true, limits: { onlyUpTo: 21 } }), preview)).toBeNull()
  })
  it('is off, destructive work too, until somebody says otherwise', () => {
    expect(make()).toMatchObject({ enabled: false, allowDestructive: false })
  })
})

describe('over any sequence of looks', () => {
  const schedule = fc.oneof(
    fc.record({ kind: fc.constant('every' as const), minutes: fc.integer({ min: 1, max: 300 }) }),
    fc.record({
      kind: fc.constant('daily' as const),
      at: fc
        .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
        .map((two) => two.map((n) => String(n).padStart(2, '0')).join(':')),
    }),
    fc.constant({ kind: 'finding' as const, rule: 'run-overdue' as const, lastsMinutes: 5 }),
  )
  const steps = fc.array(fc.integer({ min: 1000, max: 90 * MINUTE }), { minLength: 1, maxLength: 120 })

  it('two runs are never closer than its minimum, and a daily one never runs twice in its hour', () => {
    fc.assert(
      fc.property(schedule, fc.integer({ min: 1, max: 200 }), steps, (when, min, waits) => {
        const automation = make({ when, limits: { minMinutesBetween: min } })
        const ran: number[] = []
        let now = MIDNIGHT
        for (const wait of waits) {
          now += wait
          const last = ran.at(-1) ?? null
          const findings = [overdue(MIDNIGHT)]
          if (decide(automation, { ranMs: last, triedMs: last }, at(now, { findings })).kind === 'run') ran.push(now)
        }
        for (const [index, one] of ran.entries()) {
          const before = ran[index - 1]
          if (before === undefined) continue
          expect(one - before).toBeGreaterThanOrEqual(min * MINUTE)
          if (when.kind === 'every') expect(one - before).toBeGreaterThanOrEqual(when.minutes * MINUTE)
          if (when.kind === 'daily') expect(one - before).toBeGreaterThan(22 * 60 * MINUTE)
        }
      }),
    )
  })

  it('a clock that was set back stops it for two intervals at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 300 }), fc.integer({ min: 0, max: 400 * 1440 }), (every, ahead) => {
        const automation = make({ when: { kind: 'every', minutes: every } })
        const last = MIDNIGHT + ahead * MINUTE
        const past = { ranMs: last, triedMs: last }
        expect(decide(automation, past, at(MIDNIGHT + 2 * every * MINUTE)).kind === 'run' || ahead > every).toBe(true)
        const waits = decide(automation, past, at(MIDNIGHT))
        if (waits.kind === 'wait') expect((waits.untilMs ?? 0) - MIDNIGHT).toBeLessThanOrEqual(2 * every * MINUTE)
      }),
    )
  })

  it('what it waits for is when it is due: not a moment earlier, and then', () => {
    fc.assert(
      fc.property(
        schedule,
        fc.integer({ min: 0, max: 3 * 1440 }),
        fc.integer({ min: 0, max: 1440 }),
        (when, now, ago) => {
          const automation = make({ when })
          const nowMs = MIDNIGHT + 4 * DAY + now * MINUTE
          const last = nowMs - ago * MINUTE
          const past = { ranMs: last, triedMs: last }
          const findings = [overdue(MIDNIGHT)]
          const decision = decide(automation, past, at(nowMs, { findings }))
          if (decision.kind !== 'wait' || decision.untilMs === null) return
          expect(decision.untilMs).toBeGreaterThan(nowMs)
          expect(decide(automation, past, at(decision.untilMs - 1, { findings })).kind).toBe('wait')
          expect(decide(automation, past, at(decision.untilMs, { findings })).kind).toBe('run')
        },
      ),
    )
  })

  it('reads its past from its runs: what was skipped has been tried, and has not run', () => {
    const run = (outcome: 'done' | 'skipped', ms: number) =>
      ({ outcome, at: new Date(ms).toISOString(), lastAt: new Date(ms + MINUTE).toISOString() }) as never
    expect(pastOf([])).toEqual(never)
    expect(pastOf([run('skipped', MIDNIGHT), run('done', MIDNIGHT - DAY)])).toEqual({
      ranMs: MIDNIGHT - DAY,
      triedMs: MIDNIGHT + MINUTE,
    })
  })
})
