// Runbook 0: beat sends enqueue_pending_recordings every 2 minutes; silent for over two intervals is not.
import { describe, expect, it } from 'vitest'
import { type BeatFacts, lastTick, nextArrivals, noArrivals } from '../../../electron/core/beat.ts'
import { beatSilent as rule } from '../../../electron/core/rules/beat-silent.ts'
import { facts, run } from '../../support/facts.ts'
import { ago, counts, known, MINUTE, unknown } from '../../support/snapshot-builders.ts'
import { celeryWorker, ENQUEUE, service } from '../../support/stack-builders.ts'

const beat = (part: Partial<BeatFacts> = {}): BeatFacts => ({
  task: 'enqueue_pending_recordings',
  everyMs: 2 * MINUTE,
  service: 'beat',
  loggedAgeMs: null,
  noArrivalMs: null,
  ...part,
})
const at = (part: Partial<BeatFacts>, system = {}) =>
  facts({ workers: known([celeryWorker()]), ...system }, { beat: known(beat(part)) })

describe('stays silent', () => {
  it.each([
    ['it ticked a minute ago', at({ loggedAgeMs: MINUTE })],
    ['one tick is late', at({ loggedAgeMs: 4 * MINUTE })],
    ['nothing tells: unknown is not down', at({})],
    ['its log is old but messages still come', at({ loggedAgeMs: 60 * MINUTE, noArrivalMs: MINUTE })],
    ['it cannot be read', facts({}, { beat: unknown(null) })],
    ['the system has no scheduler', facts()],
  ])('when %s', (_why, given) => {
    expect(run(rule, given)).toEqual([])
  })
})

describe('fires', () => {
  it('after two intervals, and offers a restart and the message itself', () => {
    const [found] = run(rule, at({ loggedAgeMs: 9 * MINUTE }, { counts: known(counts({ queued: 20 })) }))
    expect(found).toMatchObject({
      severity: 'warning',
      headline: 'The scheduler has not sent enqueue_pending_recordings for 9 min. It should every 2 min.',
      since: ago(7 * MINUTE),
    })
    expect(found?.remedies.map(({ action, ids }) => [action, ids])).toEqual([
      ['restart-service', ['beat']],
      ['enqueue-now', null],
    ])
    expect(found?.evidence.at(-1)?.value).toBe('20 queued jobs')
  })

  it('from the queue alone, without a stack', () => {
    const [found] = run(rule, at({ service: null, noArrivalMs: 9 * MINUTE }))
    expect(found).toMatchObject({ severity: 'warning', remedies: [{ action: 'enqueue-now' }] })
  })

  it('and sends nothing where no worker lives that would take it', () => {
    const [found] = run(rule, at({ loggedAgeMs: 9 * MINUTE }, { workers: known([]) }))
    expect(found?.remedies.map(({ action }) => action)).toEqual(['restart-service'])
  })

  it('critically with two witnesses: its service is down', () => {
    const services = known([service({ service: 'beat', container: 'app-beat-1', state: 'exited', exitCode: 1 })])
    const [found] = run(rule, at({ loggedAgeMs: 9 * MINUTE }, { services }))
    expect(found).toMatchObject({ severity: 'critical', remedies: [{ action: 'start-service' }, {}] })
  })
})

describe('what tells of a tick', () => {
  it('is the newest line that sends this task', () => {
    const line = (minutes: number, text: string) => ({
      at: ago(minutes * MINUTE),
      container: 'app-beat-1',
      level: 'info' as const,
      text,
    })
    const sent = (name: string) => `[2026-02-05 19:41:00,001: INFO/MainProcess] Scheduler: Sending due task x (${name})`
    const lines = [line(6, sent(ENQUEUE)), line(4, sent(ENQUEUE)), line(1, sent('app.clean')), line(0, 'beat: Waking')]
    expect(lastTick(lines, 'enqueue_pending_recordings')).toBe(Date.parse(ago(4 * MINUTE)))
    expect(lastTick([], 'enqueue_pending_recordings')).toBeNull()
  })

  it('are messages that join those that wait; taken ones prove nothing', () => {
    const steps: readonly (readonly [messages: number | null, quietSinceMs: number | null])[] = [
      [90, 0],
      [90, 0],
      [91, 2],
      [91, 2],
      [88, 4],
      [0, null],
      [1, 6],
      [null, null],
    ]
    steps.reduce((state, [messages, quiet], now) => {
      const next = nextArrivals(state, messages, now)
      expect(next.quietSinceMs).toBe(quiet)
      return next
    }, noArrivals)
  })
})
