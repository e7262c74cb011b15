// The tick: deadlines, slow and failing sources, cadence, coalescing, and nothing left behind.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type MemoryJobs, memoryJobs } from '../../electron/adapters/memory-jobs.ts'
import { applyEvent } from '../../electron/contract/diff.ts'
import { FailureError } from '../../electron/contract/failure.ts'
import { LiveEvent, type Snapshot } from '../../electron/contract/snapshot.ts'
import { createMonitor, type Monitor } from '../../electron/core/monitor.ts'
import type { JobSystem } from '../../electron/core/ports/jobs.ts'
import type { System } from '../../electron/core/ports/system.ts'
import { bareSystem } from '../support/bare-system.ts'
import { type LocalParts, localParts } from '../support/local-parts.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'
import { memoryLife } from '../support/memory-findings.ts'
import { failure, HOUR, MINUTE } from '../support/snapshot-builders.ts'

let clock: ManualClock
let local: LocalParts
let jobs: MemoryJobs
let systems: System[]
let monitor: Monitor
let bugs: unknown[]
let life: ReturnType<typeof memoryLife>

beforeEach(() => {
  clock = manualClock()
  local = localParts()
  jobs = memoryJobs({ id: 'calls', kind: 'recordings', clock })
  systems = [bareSystem(jobs)]
  bugs = []
  life = memoryLife()
  monitor = createMonitor({
    systems: () => systems,
    ...life,
    clock,
    local,
    maker: null,
    heartbeatLimitMs: () => 15 * MINUTE,
    onBug: (where, error) => bugs.push([where, error]),
  })
})

afterEach(async () => {
  await monitor.stop()
  await clock.settle()
  // A leaked timer or listener fails the test that leaked it.
  expect(clock.pending()).toBe(0)
  expect(local.listening()).toBe(0)
  expect(bugs).toEqual([])
})

/** A watcher that keeps what it was told and holds it to the rule that events follow each other. */
function watch() {
  const stop = new AbortController()
  const events: LiveEvent[] = []
  let held: Snapshot | null = null
  const ended = (async () => {
    for await (const event of monitor.watch(stop.signal)) {
      events.push(event)
      // What goes out is what the contract says, or a link would refuse it.
      expect(LiveEvent.parse(event)).toEqual(event)
      const next: Snapshot | 'gap' =
        held === null || event.kind === 'snapshot' ? snapshotOf(event) : applyEvent(held, event)
      if (next === 'gap') throw new Error('a gap')
      held = next
    }
  })()
  return { events, held: () => held, stop: () => stop.abort(), ended }
}

function snapshotOf(event: LiveEvent): Snapshot {
  if (event.kind !== 'snapshot') throw new Error('a stream begins with a snapshot')
  return event.snapshot
}

/** A system one of whose reads does as told, and counts how often it was asked and how many run at once. */
function wrapped(base: JobSystem, counts: (signal: AbortSignal) => ReturnType<JobSystem['counts']>) {
  const asked = { times: 0, now: 0, most: 0 }
  const system: JobSystem = {
    ...base,
    async counts(signal) {
      asked.times++
      asked.most = Math.max(asked.most, ++asked.now)
      try {
        return await counts(signal)
      } finally {
        asked.now--
      }
    },
  }
  return { system, asked }
}

const never = () => new Promise<never>(() => undefined)
const of = (snapshot: Snapshot | null, id = 'calls') => snapshot?.systems.find((one) => one.id === id)

describe('a source that fails', () => {
  it('is unknown with its last value and since when, while the others go on', async () => {
    let broken = false
    const { system } = wrapped(jobs, async (signal) => {
      if (broken) throw new FailureError(failure({ because: 'the server is restarting' }))
      return jobs.counts(signal)
    })
    systems = [bareSystem(system)]
    jobs.seed([{ id: 'a', title: 'a', state: 'queued' }])
    monitor.start()
    const watcher = watch()
    await clock.advance(1000)
    broken = true
    const before = clock.now()
    await clock.advance(5000)
    const lost = of(watcher.held())
    expect(lost?.counts).toMatchObject({
      status: 'unknown',
      failure: { because: 'the server is restarting' },
      last: { queued: 1 },
    })
    expect(
      lost?.counts.status === 'unknown' && lost.counts.since <= new Date(Date.parse(before) + 1100).toISOString(),
    ).toBe(true)
    expect(lost?.running.status).toBe('known')
    expect(watcher.held()?.findings.map(({ rule }) => rule)).toEqual(['source-unreachable'])
    broken = false
    await clock.advance(2000)
    expect(of(watcher.held())?.counts).toMatchObject({ status: 'known', value: { queued: 1 } })
    expect(watcher.held()?.findings).toEqual([])
  })

  it('that never answers is a timeout, is never asked twice at once, and delays nobody', async () => {
    const { system, asked } = wrapped(jobs, never)
    systems = [system, memoryJobs({ id: 'archive', kind: 'recordings', clock })].map((one) => bareSystem(one))
    monitor.start()
    const watcher = watch()
    await clock.advance(3000)
    expect(of(watcher.held())?.running.status).toBe('known')
    expect(of(watcher.held(), 'archive')?.counts.status).toBe('known')
    // Not read yet is not lost.
    expect(watcher.held()?.findings).toEqual([])
    await clock.advance(60_000)
    expect(of(watcher.held())?.counts).toMatchObject({ status: 'unknown', failure: { kind: 'timeout' }, last: null })
    expect(asked).toMatchObject({ times: 1, most: 1 })
  })

  it('that answers late is believed late, and is asked again only then', async () => {
    let answer: (() => void) | null = null
    const { system, asked } = wrapped(jobs, async (signal) => {
      await new Promise<void>((resolve) => {
        answer = resolve
      })
      return jobs.counts(new AbortController().signal).finally(() => signal)
    })
    systems = [bareSystem(system)]
    monitor.start()
    const watcher = watch()
    await clock.advance(30_000)
    expect(of(watcher.held())?.counts.status).toBe('unknown')
    expect(asked.times).toBe(1)
    answer!()
    await clock.advance(500)
    expect(of(watcher.held())?.counts.status).toBe('known')
    await clock.advance(1000)
    expect(asked).toMatchObject({ times: 2, most: 1 })
  })
})

describe('cadence', () => {
  it('is a second while somebody watches and twenty otherwise', async () => {
    const { system, asked } = wrapped(jobs, (signal) => jobs.counts(signal))
    systems = [bareSystem(system)]
    monitor.start()
    await clock.advance(100_000)
    expect(asked.times).toBeGreaterThanOrEqual(4)
    expect(asked.times).toBeLessThanOrEqual(7)
    const before = asked.times
    const watcher = watch()
    await clock.advance(10_000)
    expect(asked.times - before).toBeGreaterThanOrEqual(9)
    expect(asked.times - before).toBeLessThanOrEqual(12)
    watcher.stop()
    await watcher.ended
    await clock.advance(1000)
    const after = asked.times
    await clock.advance(15_000)
    expect(asked.times - after).toBeLessThanOrEqual(1)
  })

  it('tells at most ten changes a second, and everything that came together at once', async () => {
    monitor.start()
    const watcher = watch()
    await clock.advance(2000)
    const before = watcher.events.length
    for (let i = 0; i < 200; i++) {
      local.set('restarting', `attempt ${i}`)
      await clock.advance(10)
    }
    const told = watcher.events.length - before
    expect(told).toBeGreaterThan(10)
    expect(told).toBeLessThanOrEqual(21)
    await clock.advance(200)
    expect(watcher.held()?.host.worker.because).toBe('attempt 199')
  })

  it('tells a change of the worker process at once, not at the next tick', async () => {
    monitor.start()
    await clock.advance(5000)
    const watcher = watch()
    await clock.settle()
    local.set('paused')
    await clock.advance(100)
    expect(watcher.held()?.host.worker.state).toBe('paused')
  })
})

describe('systems', () => {
  it('come and go with the settings', async () => {
    monitor.start()
    const watcher = watch()
    await clock.advance(1500)
    systems = [memoryJobs({ id: 'archive', kind: 'recordings', clock }), jobs].map((one) => bareSystem(one))
    await clock.advance(1500)
    expect(watcher.held()?.systems.map(({ id }) => id)).toEqual(['archive', 'calls'])
    systems = systems.slice(0, 1)
    await clock.advance(1500)
    expect(watcher.held()?.systems.map(({ id }) => id)).toEqual(['archive'])
  })
})

describe('read', () => {
  it('reads everything once, now, without being started, and leaves no timer', async () => {
    jobs.seed([
      ...Array.from({ length: 20 }, (_, i) => ({
        id: `q${i}`,
        title: `q${i}`,
        state: 'queued' as const,
        audioMs: 4 * MINUTE,
      })),
      {
        id: 'long',
        title: 'long.m4a',
        state: 'running',
        audioMs: 63 * MINUTE,
        startedAgoMs: 3 * HOUR,
        heartbeatAgoMs: 40_000,
      },
    ])
    const snapshot = await monitor.read(new AbortController().signal)
    expect(of(snapshot)?.counts).toMatchObject({ status: 'known', value: { queued: 20, running: 1 } })
    expect(snapshot.findings[0]?.headline).toBe(
      'One 63-minute recording holds the only worker. 20 jobs wait behind it.',
    )
    expect(clock.pending()).toBe(0)
  })

  it('while running reads after the reading in flight, so that what was just written is in it', async () => {
    const gates: (() => void)[] = []
    const { system } = wrapped(jobs, async (signal) => {
      const counts = await jobs.counts(signal)
      await new Promise<void>((resolve) => gates.push(resolve))
      return counts
    })
    systems = [bareSystem(system)]
    monitor.start()
    await clock.settle()
    jobs.seed([{ id: 'a', title: 'a', state: 'failed' }])
    const reading = monitor.read(new AbortController().signal)
    await clock.settle()
    gates.shift()!()
    await clock.settle()
    gates.shift()!()
    expect(of(await reading)?.counts).toMatchObject({ value: { failed: 1 } })
  })

  it('ends with the reason when it is called off', async () => {
    systems = [bareSystem({ ...jobs, counts: never })]
    const stop = new AbortController()
    const reading = monitor.read(stop.signal)
    await clock.settle()
    stop.abort(new Error('the window closed'))
    await expect(reading).rejects.toThrow('the window closed')
  })
})

describe('watch', () => {
  it('keeps every field that did not change the very same object', async () => {
    jobs.seed([{ id: 'a', title: 'a', state: 'queued' }])
    monitor.start()
    const watcher = watch()
    await clock.advance(1500)
    const limits = of(watcher.held())?.limits
    await clock.advance(2000)
    expect(of(watcher.held())?.limits).toBe(limits)
  })

  it('gives a watcher that cannot follow one new snapshot instead of a pile of events', async () => {
    monitor.start()
    const slow = monitor.watch(new AbortController().signal)
    expect((await slow.next()).value?.kind).toBe('snapshot')
    await clock.advance(60_000)
    jobs.seed([{ id: 'z', title: 'z', state: 'failed' }])
    await clock.advance(2000)
    let held: Snapshot | 'gap' | null = null
    for (let i = 0; i < 40; i++) {
      const next = await Promise.race([slow.next(), clock.settle().then(() => null)])
      if (next === null || next.done) break
      held =
        next.value.kind === 'snapshot'
          ? next.value.snapshot
          : held === null
            ? null
            : applyEvent(held as Snapshot, next.value)
      expect(held).not.toBe('gap')
    }
    expect(of(held as Snapshot | null)?.counts).toMatchObject({ value: { failed: 1 } })
  })

  it('ends when the core stops and when the watcher leaves', async () => {
    monitor.start()
    const [one, two] = [watch(), watch()]
    await clock.advance(1000)
    one.stop()
    await one.ended
    await monitor.stop()
    await two.ended
  })
})

describe('findings and their alerts', () => {
  const breakDown = () => {
    const { system } = wrapped(jobs, () => Promise.reject(new FailureError(failure())))
    systems = [bareSystem(system)]
  }

  it('are told with their life, answered at once, and taken up by the next core', async () => {
    breakDown()
    monitor.start()
    const watcher = watch()
    await clock.advance(1000)
    const [found] = watcher.held()?.findings ?? []
    const [alert] = watcher.held()?.alerts ?? []
    expect(found?.life).toEqual({ changed: null, acknowledged: null, snoozedUntil: null })
    expect(alert).toMatchObject({ kind: 'unreadable', reason: 'new', keys: [found?.key], title: found?.headline })
    monitor.say(found?.key ?? '', { change: 'acknowledged' }, 'ops')
    await clock.advance(200)
    expect(watcher.held()?.findings[0]?.life?.acknowledged?.by).toBe('ops')
    expect(watcher.held()?.alerts).toEqual([])
    await monitor.stop()
    await clock.advance(5 * MINUTE)
    const { heartbeatLimitMs, onBug } = { heartbeatLimitMs: () => 15 * MINUTE, onBug: () => undefined }
    const next = createMonitor({ systems: () => systems, ...life, clock, local, maker: null, heartbeatLimitMs, onBug })
    const again = await next.read(new AbortController().signal)
    expect(again.findings).toMatchObject([
      { key: found?.key, since: found?.since, life: { acknowledged: { by: 'ops' } } },
    ])
    expect(next.episodes('2000', '3000', 9)).toMatchObject([{ clearedAt: null, since: found?.since }])
    await next.stop()
  })

  it('are found by a single look, which alerts nobody and uses up nothing', async () => {
    breakDown()
    const looked = await monitor.read(new AbortController().signal)
    expect([looked.findings.length, looked.alerts, life.alerts.read()]).toEqual([1, [], []])
    monitor.start()
    await clock.advance(1000)
    expect(monitor.snapshot().alerts).toHaveLength(1)
  })
})
