// Which transitions are told, what escalates, what stays quiet, and that nothing is ever told twice in its interval.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Alert } from '../../electron/contract/alert.ts'
import type { Finding } from '../../electron/contract/finding.ts'
import { sampleId } from '../../electron/contract/sample.ts'
import { type AlertMemory, alertKind, isQuiet, nextAlerts, UNANSWERED_MS } from '../../electron/core/alerts.ts'
import { standingAlerts } from '../../electron/core/standing-alerts.ts'
import { watchAlerts } from '../../electron/core/watch-alerts.ts'
import { aFinding, untouched } from '../support/finding-builders.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'
import { memoryAlerts } from '../support/memory-findings.ts'
import { ago, MINUTE, NOW } from '../support/snapshot-builders.ts'

const acknowledged = { ...untouched, acknowledged: { at: NOW, by: 'ops' } }
const snoozed = { ...untouched, snoozedUntil: ago(-60 * MINUTE) }
const one = (part: Partial<Finding> = {}) => [aFinding(part)]

/** What is told, by minute, for a finding as it is at each of these minutes. */
function told(...looks: readonly (readonly [minute: number, findings: readonly Finding[], quiet?: boolean])[]) {
  let memory: AlertMemory = new Map()
  return looks.flatMap(([minute, findings, quiet = false]) => {
    const next = nextAlerts(memory, findings, minute * MINUTE, quiet)
    memory = next.memory
    return next.raised.map(({ reason }) => `${reason} at ${minute}`)
  })
}

describe('what is told', () => {
  it('once per finding while it lasts, then after 15 minutes without an answer and after 30 minutes (runbook 4)', () => {
    const minutes = Array.from({ length: 240 }, (_, n) => n)
    expect(told(...minutes.map((n): [number, Finding[]] => [n, one()]))).toEqual([
      'new at 0',
      'unanswered at 15',
      'persisting at 30',
    ])
  })

  it('somebody who acknowledged it is not asked again, but told that it persists', () => {
    const minutes = Array.from({ length: 60 }, (_, n) => n)
    expect(told(...minutes.map((n): [number, Finding[]] => [n, one(n < 5 ? {} : { life: acknowledged })]))).toEqual([
      'new at 0',
      'persisting at 30',
    ])
  })

  it('slow, stuck and starved at their beginning; other warnings and good to know stay on the screen', () => {
    const severity = 'warning'
    expect(told([0, one({ severity, rule: 'long-job-holds-worker' })])).toEqual(['new at 0'])
    expect(told([0, one({ severity, rule: 'queue-without-consumer' })])).toEqual(['new at 0'])
    expect(told([0, one({ severity, rule: 'beat-silent' })])).toEqual(['new at 0'])
    expect(
      told([0, one({ severity, rule: 'heartbeat-stale' })], [20, one({ severity })], [40, one({ severity })]),
    ).toEqual(['new at 0'])
    expect(told([0, one({ severity, rule: 'periodic-pile-up' })])).toEqual([])
    expect(told([0, one({ severity: 'info', rule: 'no-worker' })])).toEqual([])
    expect(told([0, one({ system: sampleId('calls') })])).toEqual([])
  })

  it('that it became critical at once; that it became better not at all', () => {
    const severity = 'warning'
    expect(told([0, one({ severity })], [1, one()], [2, one({ severity })], [3, one()])).toEqual([
      'new at 0',
      'worse at 1',
    ])
  })

  it('what comes and goes once in a quarter of an hour', () => {
    const since = (minute: number) => ago(-minute * MINUTE)
    expect(told([0, one()], [3, []], [5, one({ since: since(5) })], [15, one({ since: since(5) })])).toEqual([
      'new at 0',
      'new at 15',
    ])
  })

  it('nothing while it is snoozed, and that it is still there afterwards', () => {
    expect(told([0, one()], [5, one({ life: snoozed })], [64, one({ life: snoozed })], [65, one()])).toEqual([
      'new at 0',
      'persisting at 65',
    ])
    const severity = 'warning'
    expect(told([0, one({ severity })], [5, one({ severity, life: snoozed })], [65, one({ severity })])).toEqual([
      'new at 0',
      'woken at 65',
    ])
  })

  it('in quiet hours nothing, and after them what still holds', () => {
    expect(told([0, one(), true], [400, one(), true], [480, one(), false])).toEqual(['new at 480'])
    expect(told([0, one(), true], [480, [], false])).toEqual([])
  })

  it('a clock that was set back by years does not silence for ever', () => {
    const memory = nextAlerts(new Map(), one(), 1e12, false).memory
    expect(nextAlerts(memory, one({ since: ago(MINUTE) }), 5e11, false).raised).toHaveLength(1)
  })
})

it.each([
  [
    '22:00',
    '07:00',
    [
      ['21:59', false],
      ['22:00', true],
      ['03:00', true],
      ['06:59', true],
      ['07:00', false],
    ],
  ],
  [
    '12:00',
    '13:00',
    [
      ['11:59', false],
      ['12:30', true],
      ['13:00', false],
    ],
  ],
  [
    '12:00',
    '12:00',
    [
      ['12:00', false],
      ['00:00', false],
    ],
  ],
] as const)('quiet hours from %s to %s', (from, to, cases) => {
  const minute = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
  expect(cases.map(([time]) => [time, isQuiet({ from, to }, minute(time))])).toEqual(cases)
  expect(isQuiet(null, 0)).toBe(false)
})

describe('any sequence of looks', () => {
  const keys = ['a', 'b'] as const
  const step = fc.record({
    after: fc.integer({ min: 0, max: 20 * MINUTE }),
    states: fc.array(
      fc.record({
        here: fc.boolean(),
        severity: fc.constantFrom('info' as const, 'warning' as const, 'critical' as const),
        life: fc.constantFrom(untouched, acknowledged, snoozed),
        born: fc.integer({ min: 0, max: 2 }),
      }),
      { minLength: 2, maxLength: 2 },
    ),
    quiet: fc.boolean(),
    restart: fc.boolean(),
  })
  const ranks = { info: 0, warning: 1, critical: 2 }

  it('repeats nothing within 15 minutes unless it got worse, says nothing to the snoozed nor in quiet hours', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let memory: AlertMemory = new Map()
        let ms = 0
        const last = new Map<string, { ms: number; rank: number }>()
        for (const { after, states, quiet, restart } of steps) {
          ms += after
          const findings = keys.flatMap((key, n) => {
            const state = states[n]
            if (!state?.here) return []
            const { severity, life, born } = state
            return [aFinding({ key, severity, life, since: ago(born * MINUTE) })]
          })
          // What is kept on disk is all that a restart needs.
          if (restart) memory = new Map(JSON.parse(JSON.stringify([...memory])))
          const next = nextAlerts(memory, findings, ms, quiet)
          memory = next.memory
          if (quiet) expect(next.raised).toEqual([])
          expect(new Set(next.raised.map(({ finding }) => finding.key)).size).toBe(next.raised.length)
          for (const { finding, reason } of next.raised) {
            const before = last.get(finding.key)
            const rank = ranks[finding.severity]
            expect(finding.life?.snoozedUntil).toBeNull()
            expect(finding.life?.acknowledged === null || reason === 'persisting').toBe(true)
            expect(before === undefined || rank > before.rank || ms - before.ms >= UNANSWERED_MS).toBe(true)
            last.set(finding.key, { ms, rank })
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})

it.each([
  ['dead', 'stuck'],
  ['unknown', 'stuck'],
  ['working', 'slow'],
  ['parent', 'slow'],
  ['waits', 'starved'],
  ['taken', 'starved'],
])('a late run that is %s is %s', (subject, kind) => {
  expect(alertKind({ rule: 'run-overdue', key: `run-overdue:crawl:${subject}` })).toBe(kind)
})

describe('what stands', () => {
  const two = [aFinding(), aFinding({ key: 'b', headline: 'Call 8 is stuck.' })]
  const raise = (findings: readonly Finding[], before: readonly Alert[] = [], at = NOW) =>
    standingAlerts(
      before,
      findings.map((finding) => ({ finding, reason: 'new' as const })),
      [...two, ...findings],
      at,
    )

  it('is one alert for what was raised together, and never one for slow, stuck and starved', () => {
    expect(raise(two)).toMatchObject([
      {
        ...{ kind: 'stuck', system: 'calls', severity: 'critical', keys: [aFinding().key, 'b'] },
        ...{ title: '2 findings say that work in calls is stuck.', body: 'Call 7 is stuck.\nCall 8 is stuck.' },
      },
    ])
    const kinds = ['heartbeat-stale', 'long-job-holds-worker', 'no-worker'] as const
    const three = raise(kinds.map((rule) => aFinding({ key: rule, rule })))
    expect(three.map(({ kind }) => kind).toSorted()).toEqual(['slow', 'starved', 'stuck'])
    expect(new Set(three.map(({ group }) => group)).size).toBe(3)
  })

  it('takes in what follows within a minute without another sound; later it is a new one in its place', () => {
    const first = raise(two.slice(0, 1))
    const joined = raise(two.slice(1), first, ago(-30_000))
    expect(joined).toMatchObject([{ id: first[0]?.id, keys: ['b', aFinding().key] }])
    const later = raise(two.slice(1), first, ago(-2 * MINUTE))
    expect(later).toMatchObject([{ group: first[0]?.group }])
    expect(later[0]?.id).not.toBe(first[0]?.id)
  })

  it('goes when its findings were answered or have cleared', () => {
    const both = raise(two)
    const left = standingAlerts(both, [], [aFinding({ life: acknowledged }), ...two.slice(1)], NOW)
    expect(left).toMatchObject([{ id: both[0]?.id, title: 'Call 8 is stuck.', keys: ['b'] }])
    expect(standingAlerts(left, [], [], NOW)).toEqual([])
    expect(standingAlerts(both, [], two, NOW)[0]).toBe(both[0])
  })
})

describe('watchAlerts', () => {
  const watched = (clock: ManualClock, alerts = memoryAlerts()) => {
    const bugs: unknown[] = []
    const onBug = (where: string) => bugs.push(where)
    const watch = watchAlerts({ alerts, clock, quietHours: () => null, onBug })
    const look = (findings: readonly Finding[], there = findings) => watch(findings, there)
    return { look, bugs, alerts }
  }

  it('repeats nothing after a restart, and goes on with the escalation where it was', async () => {
    const clock = manualClock()
    const first = watched(clock)
    expect(first.look(one())).toHaveLength(1)
    await clock.advance(10 * MINUTE)
    const second = watched(clock, first.alerts)
    expect(second.look(one())).toEqual([])
    await clock.advance(5 * MINUTE)
    expect(second.look(one())).toMatchObject([
      { reason: 'unanswered', title: '15 min without an answer: Call 7 is stuck.' },
    ])
  })

  it('keeps an alert over one lost reading', () => {
    const { look } = watched(manualClock())
    const [alert] = look(one())
    expect(look([], one())).toEqual([alert])
    expect(look(one())).toEqual([alert])
    expect(look([])).toEqual([])
  })

  it('speaks although nothing can be kept, and begins anew when what was kept cannot be read', () => {
    const clock = manualClock()
    const full = { ...memoryAlerts(), write: () => expect.fail('disk full') as never }
    const first = watched(clock, full)
    expect(first.look(one())).toHaveLength(1)
    expect(first.bugs).toEqual(['the memory of alerts'])
    const odd = watched(clock, { ...memoryAlerts(), read: () => [['a', 'not JSON']] })
    expect(odd.look(one())).toHaveLength(1)
    expect(odd.bugs).toEqual(['the memory of alerts'])
  })
})
