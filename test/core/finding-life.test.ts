// The life of findings: since when, changed how, cleared when; what people say to them; over restarts.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Finding } from '../../electron/contract/finding.ts'
import type { FindingEvent } from '../../electron/contract/finding-life.ts'
import { sampleId } from '../../electron/contract/sample.ts'
import { episodesOf } from '../../electron/core/finding-episodes.ts'
import { type Lives, lifeOf, nextLives, restoreLives, say, stillThere } from '../../electron/core/finding-life.ts'
import { followFindings } from '../../electron/core/follow-findings.ts'
import { aFinding, untouched } from '../support/finding-builders.ts'
import { manualClock } from '../support/manual-clock.ts'
import { memoryFindings } from '../support/memory-findings.ts'
import { ago, MINUTE, NOW } from '../support/snapshot-builders.ts'

const at = (ms: number) => ago(-ms)
const sees = () => 'clear' as const
const KEY = aFinding().key

/** One look after the other, each at its own moment; the lives and all events. */
function look(...looks: readonly (readonly [ms: number, found: readonly Finding[]])[]) {
  let lives: Lives = new Map()
  const events: FindingEvent[] = []
  let findings: Finding[] = []
  for (const [ms, found] of looks) {
    const step = nextLives(lives, found, sees, at(ms))
    lives = step.lives
    events.push(...step.events)
    findings = step.findings
  }
  return { lives, events, findings, told: events.map(({ change, at }) => [change, at]) }
}

describe('appearing and clearing', () => {
  it('keeps the first moment, and one lost reading is neither an end nor a beginning', () => {
    const { findings, told } = look(
      [0, [aFinding()]],
      [1000, []],
      [MINUTE, []],
      [MINUTE + 1000, [aFinding({ since: at(MINUTE) })]],
    )
    expect(findings).toEqual([aFinding({ life: untouched })])
    expect(told).toEqual([['appeared', NOW]])
  })

  it('has cleared at once when its system is none of ours any more', () => {
    const { lives } = look([0, [aFinding()]])
    const step = nextLives(lives, [], () => 'gone', at(1000))
    expect(step.events.map(({ change, at }) => [change, at])).toEqual([['cleared', at(1000)]])
    expect(step.lives.size).toBe(0)
  })

  it('has cleared when it was gone for two minutes, since it was first missed; what comes then is another', () => {
    const { told, findings, lives } = look(
      [0, [aFinding()]],
      [5000, []],
      [2 * MINUTE + 5000, []],
      [9 * MINUTE, [aFinding({ since: at(9 * MINUTE) })]],
    )
    expect(told).toEqual([
      ['appeared', NOW],
      ['cleared', at(5000)],
      ['appeared', at(9 * MINUTE)],
    ])
    expect(findings[0]?.since).toBe(at(9 * MINUTE))
    expect(lives.size).toBe(1)
  })

  it('has not cleared while nobody can look', () => {
    const first = nextLives(new Map(), [aFinding()], sees, NOW)
    const blind = nextLives(first.lives, [], (system) => (system === 'calls' ? 'blind' : 'clear'), at(60 * MINUTE))
    expect(blind).toMatchObject({ findings: [], events: [] })
    const again = nextLives(blind.lives, [aFinding({ since: at(61 * MINUTE) })], sees, at(61 * MINUTE))
    expect([again.events, again.findings[0]?.since]).toEqual([[], NOW])
  })

  it('clears that a source could not be read although another still cannot', () => {
    const lost = aFinding({ key: 'source-unreachable:calls:broker', rule: 'source-unreachable' })
    const first = nextLives(new Map(), [lost], sees, NOW)
    const later = nextLives(first.lives, [], () => 'blind', at(1000))
    const end = nextLives(later.lives, [], () => 'blind', at(3 * MINUTE))
    expect(end.events.map(({ change }) => change)).toEqual(['cleared'])
  })
})

describe('changing', () => {
  it('says what it was before; growing numbers are no change', () => {
    const waiting = (n: number, part: Partial<Finding> = {}) =>
      aFinding({ headline: `${n} messages wait.`, severity: 'warning', ...part })
    const { events, findings } = look(
      [0, [waiting(93)]],
      [6 * MINUTE, [waiting(1094)]],
      [7 * MINUTE, [waiting(1100, { severity: 'critical' })]],
    )
    expect(events.map(({ change }) => change)).toEqual(['appeared', 'changed'])
    expect(lifeOf(findings[0] as Finding).changed).toEqual({
      ...{ at: at(7 * MINUTE), severity: 'warning', headline: '1094 messages wait.' },
    })
  })

  it('does not fill the history when the words waver', () => {
    const looks = Array.from({ length: 60 }, (_, n): [number, Finding[]] => [
      n * 10_000,
      [aFinding({ headline: n % 2 === 0 ? 'It is stuck.' : 'It is late.' })],
    ])
    expect(look(...looks).events.filter(({ change }) => change === 'changed').length).toBeLessThanOrEqual(2)
  })

  it('makes void what was said to a lesser finding when it gets worse, and only then', () => {
    const warning = aFinding({ severity: 'warning' })
    const { lives } = look([0, [warning]])
    const acknowledged = say(lives, KEY, { change: 'acknowledged' }, 'ops', at(1000))?.lives ?? new Map()
    const worse = nextLives(acknowledged, [aFinding()], sees, at(2000))
    expect(lifeOf(worse.findings[0] as Finding).acknowledged).toBeNull()
    const critical = say(worse.lives, KEY, { change: 'acknowledged' }, 'ops', at(3000))?.lives ?? new Map()
    const better = nextLives(critical, [warning], sees, at(4000))
    expect(lifeOf(better.findings[0] as Finding).acknowledged).toEqual({ at: at(3000), by: 'ops' })
  })
})

describe('what people say', () => {
  it('is part of the finding, with who and until when; a snooze ends by itself', () => {
    const { lives } = look([0, [aFinding()]])
    const snoozed = say(lives, KEY, { change: 'snoozed', until: at(60 * MINUTE) }, 'ops', at(1000))
    expect(snoozed?.event).toMatchObject({ change: 'snoozed', by: 'ops', until: at(60 * MINUTE), at: at(1000) })
    const before = nextLives(snoozed?.lives ?? new Map(), [aFinding()], sees, at(59 * MINUTE))
    expect(lifeOf(before.findings[0] as Finding).snoozedUntil).toBe(at(60 * MINUTE))
    const after = nextLives(before.lives, [aFinding()], sees, at(60 * MINUTE))
    expect(after.events).toMatchObject([{ change: 'woken', by: null }])
    expect(lifeOf(after.findings[0] as Finding).snoozedUntil).toBeNull()
  })

  it('reaches no finding that is not there', () => {
    expect(say(new Map(), KEY, { change: 'acknowledged' }, 'ops', NOW)).toBeNull()
  })
})

describe('any sequence of looks', () => {
  const step = fc.record({
    after: fc.integer({ min: 0, max: 4 * MINUTE }),
    found: fc.subarray(['a', 'b', 'c']),
    severity: fc.constantFrom('warning' as const, 'critical' as const),
    blind: fc.boolean(),
  })

  it('appears and clears in turn, and a restart at any moment changes nothing that is shown', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let lives: Lives = new Map()
        let restarted: Lives = new Map()
        const events: FindingEvent[] = []
        let ms = 0
        for (const { after, found, severity, blind } of steps) {
          ms += after
          const seen = found.map((key) => aFinding({ key, severity, since: at(ms) }))
          const one = nextLives(lives, seen, () => (blind ? 'blind' : 'clear'), at(ms))
          lives = one.lives
          events.push(...one.events)
          expect(one.findings.map(({ key }) => key)).toEqual(found)
          for (const { since } of one.findings) expect(since <= at(ms)).toBe(true)
          // Only what was missed when it stopped may live longer for a restart: nobody looked meanwhile.
          restarted = restoreLives([...new Map(events.map((event) => [event.key, event])).values()])
          expect([...restarted.keys()].toSorted()).toEqual([...lives.keys()].toSorted())
          for (const { key, since, life } of one.findings)
            expect(restarted.get(key)?.finding).toMatchObject({ since, life })
        }
        for (const key of ['a', 'b', 'c']) {
          const ends = events.filter((event) => event.key === key && event.change !== 'changed')
          expect(ends.map(({ change }) => change)).toEqual(ends.map((_, n) => (n % 2 === 0 ? 'appeared' : 'cleared')))
        }
      }),
      { numRuns: 300 },
    )
  })
})

it('is still there for half a minute out of sight, and as long as nobody can look', () => {
  const { lives } = look([0, [aFinding()]], [1000, []])
  expect(stillThere(lives, Date.parse(at(30_000)))).toHaveLength(1)
  expect(stillThere(lives, Date.parse(at(31_000)))).toEqual([])
  const blind = nextLives(look([0, [aFinding()]]).lives, [], () => 'blind', at(1000)).lives
  expect(stillThere(blind, Date.parse(at(60 * MINUTE)))).toHaveLength(1)
})

describe('followFindings', () => {
  const wrong = (where: string, error: unknown) => {
    throw new Error(where, { cause: error })
  }

  it('takes up since and what was said after a restart, and saying it again writes nothing', async () => {
    const clock = manualClock()
    const log = memoryFindings()
    const first = followFindings({ findings: log, clock, onBug: wrong })
    first.next([aFinding()], sees)
    first.say(KEY, { change: 'acknowledged' }, 'ops')
    first.say(KEY, { change: 'acknowledged' }, 'somebody else')
    await clock.advance(10 * MINUTE)
    const second = followFindings({ findings: log, clock, onBug: wrong })
    const [found] = second.next([aFinding({ since: clock.now() })], sees)
    expect(found).toEqual(aFinding({ life: { ...untouched, acknowledged: { at: NOW, by: 'ops' } } }))
    expect(log.events.map(({ change }) => change)).toEqual(['appeared', 'acknowledged'])
  })

  it('keeps nothing of a sample, which can be acknowledged like any other', () => {
    const log = memoryFindings()
    const followed = followFindings({ findings: log, clock: manualClock(), onBug: wrong })
    followed.next([aFinding({ system: sampleId('calls') })], sees)
    expect(followed.say(KEY, { change: 'acknowledged' }, 'ops').life?.acknowledged?.by).toBe('ops')
    expect(log.events).toEqual([])
  })

  it('begins anew for a sample that was left and entered again at once', async () => {
    const clock = manualClock()
    const followed = followFindings({ findings: memoryFindings(), clock, onBug: wrong })
    followed.next([aFinding({ system: sampleId('calls') })], sees)
    await clock.advance(10_000)
    followed.next([], () => 'gone')
    const [again] = followed.next([aFinding({ system: sampleId('calls'), since: clock.now() })], sees)
    expect(again?.since).toBe(clock.now())
  })

  it('goes on when nothing can be written', () => {
    const bugs: unknown[] = []
    const broken = { ...memoryFindings(), append: () => expect.fail('disk full') as never }
    const followed = followFindings({ findings: broken, clock: manualClock(), onBug: (where) => bugs.push(where) })
    expect(followed.next([aFinding()], sees)).toHaveLength(1)
    expect(bugs).toEqual(['the history of findings'])
  })

  it('refuses a finding that is not there with a sentence', () => {
    const followed = followFindings({ findings: memoryFindings(), clock: manualClock(), onBug: wrong })
    expect(() => followed.say('gone', { change: 'woken' }, 'ops')).toThrow(/there is no such finding/)
  })
})

describe('episodes', () => {
  it('are one appearance each, the latest first, with what happened to it', () => {
    const { events } = look([0, [aFinding()]], [5000, []], [3 * MINUTE, []], [9 * MINUTE, [aFinding()]])
    const [second, first] = episodesOf(events)
    expect(first).toMatchObject({
      since: NOW,
      clearedAt: at(5000),
      changes: [{ change: 'appeared' }, { change: 'cleared' }],
    })
    expect(second).toMatchObject({ clearedAt: null, changes: [{ change: 'appeared' }] })
  })

  it('know since when, also when the appearance is older than what was asked for', () => {
    const { events } = look([0, [aFinding()]], [5000, []], [3 * MINUTE, []])
    expect(episodesOf(events.slice(1))).toMatchObject([{ since: NOW, clearedAt: at(5000) }])
  })
})
