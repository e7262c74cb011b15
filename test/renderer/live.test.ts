// The live store: one writer, the same reference where nothing changed, a gap begins again, a lost link keeps values.
import { expect, test } from 'vitest'
import { diffSnapshots } from '../../electron/contract/diff.ts'
import type { LiveEvent, Snapshot } from '../../electron/contract/snapshot.ts'
import { createLive, type LiveState, nextState } from '../../renderer/live.ts'
import { until } from '../support/until.ts'
import { BASE, snapshotAt } from './fixture-data.ts'

const numbered = (sequence: number, at: number): Snapshot => ({ ...snapshotAt('stuck', at), sequence })
const first = numbered(1, BASE)
const change = (from: Snapshot, to: Snapshot): LiveEvent => {
  const event = diffSnapshots(from, to)
  if (event === null) throw new Error('nothing changed')
  return event
}
const empty: LiveState = { snapshot: null, clockAheadMs: 0, link: { state: 'connecting' } }

/** A stream that is fed by hand. */
function stream() {
  const queue: (LiveEvent | Error | null)[] = []
  let wake: () => void = () => undefined
  return {
    push(event: LiveEvent | Error | null) {
      queue.push(event)
      wake()
    },
    async *events(): AsyncGenerator<LiveEvent, void, void> {
      for (;;) {
        const next = queue.shift()
        if (next === null) return
        if (next instanceof Error) throw next
        if (next !== undefined) yield next
        else
          await new Promise<void>((resolve) => {
            wake = resolve
          })
      }
    },
  }
}

function running() {
  const streams: ReturnType<typeof stream>[] = []
  const pauses: number[] = []
  const end = new AbortController()
  let refuse: string | null = null
  let now = BASE
  const live = createLive({
    async open() {
      if (refuse !== null) throw new Error(refuse)
      const one = stream()
      streams.push(one)
      return one.events()
    },
    nowMs: () => now,
    async wait(ms) {
      pauses.push(ms)
      await new Promise((resolve) => setTimeout(resolve, 1))
    },
  })
  const done = live.run(end.signal)
  return {
    live,
    streams,
    pauses,
    refuse: (why: string | null) => {
      refuse = why
    },
    at: (ms: number) => {
      now = ms
    },
    async stop() {
      end.abort()
      for (const one of streams) one.push(null)
      await done
    },
  }
}

test('a change before any snapshot, or out of order, is a gap', () => {
  const second = numbered(2, BASE + 1000)
  const third = numbered(3, BASE + 2000)
  expect(nextState(empty, change(first, second), BASE)).toBe('gap')
  const held = nextState(empty, { kind: 'snapshot', snapshot: first }, BASE)
  if (held === 'gap') throw new Error('gap')
  expect(nextState(held, change(second, third), BASE)).toBe('gap')
})

test('an event that is already contained changes nothing, by reference', () => {
  const held = nextState(empty, { kind: 'snapshot', snapshot: first }, BASE)
  if (held === 'gap') throw new Error('gap')
  expect(nextState(held, { ...change(numbered(0, BASE - 1000), first), sequence: 1 } as LiveEvent, BASE)).toBe(held)
})

test('what did not change keeps its identity', () => {
  const held = nextState(empty, { kind: 'snapshot', snapshot: first }, BASE)
  if (held === 'gap') throw new Error('gap')
  const next = nextState(held, change(first, { ...first, sequence: 2, findings: [] }), BASE + 100)
  if (next === 'gap') throw new Error('gap')
  expect(next.snapshot?.findings).toEqual([])
  expect(next.snapshot?.systems).toBe(held.snapshot?.systems)
  expect(next.snapshot?.host).toBe(held.snapshot?.host)
})

test('clocks within a minute are one clock; another clock is measured', () => {
  const near = nextState(empty, { kind: 'snapshot', snapshot: first }, BASE + 30_000)
  const far = nextState(empty, { kind: 'snapshot', snapshot: first }, BASE + 3_600_000)
  expect(near === 'gap' || near.clockAheadMs).toBe(0)
  expect(far === 'gap' || far.clockAheadMs).toBe(3_600_000)
})

test('a gap opens the stream again at once, without saying that anything was lost', async () => {
  const { live, streams, stop } = running()
  await until('the first stream', () => streams.length === 1)
  streams[0]?.push({ kind: 'snapshot', snapshot: first })
  streams[0]?.push(change(numbered(5, BASE), numbered(6, BASE + 1000)))
  await until('the second stream', () => streams.length === 2)
  expect(live.store.getState().link).toEqual({ state: 'open' })
  streams[1]?.push({ kind: 'snapshot', snapshot: numbered(6, BASE + 1000) })
  await until('the new snapshot', () => live.store.getState().snapshot?.sequence === 6)
  await stop()
})

test('a lost link keeps the last values, says since when and why, backs off, and recovers', async () => {
  const { live, streams, pauses, refuse, at, stop } = running()
  await until('the first stream', () => streams.length === 1)
  streams[0]?.push({ kind: 'snapshot', snapshot: first })
  await until('open', () => live.store.getState().link.state === 'open')
  refuse('nothing answers at this address')
  at(BASE + 5000)
  streams[0]?.push(new Error('the connection was lost'))
  await until('a few attempts', () => pauses.length >= 7)
  expect(live.store.getState().link).toEqual({
    state: 'lost',
    sinceMs: BASE + 5000,
    because: 'nothing answers at this address',
  })
  expect(live.store.getState().snapshot).toEqual(first)
  expect(pauses.slice(0, 7)).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000])
  refuse(null)
  await until('another stream', () => streams.length === 2)
  streams[1]?.push({ kind: 'snapshot', snapshot: numbered(9, BASE + 9000) })
  await until('open again', () => live.store.getState().link.state === 'open')
  expect(live.store.getState().snapshot?.sequence).toBe(9)
  await stop()
})
