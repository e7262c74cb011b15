// The kept-up count is the full count, after anything that producers, workers and people do to a list.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type ListTracker,
  type ListView,
  type ReadList,
  trackList,
} from '../../../../electron/adapters/celery/queues/list-tracker.ts'
import { createQueueTally, type QueueTally } from '../../../../electron/adapters/celery/queues/tally.ts'
import { celeryApp, enqueuer, job } from '../queue-stage.ts'

const app = celeryApp()

/** A list as Redis keeps it, the left end first. */
interface World {
  readonly list: string[]
  readonly tracker: ListTracker
  readonly tally: QueueTally
  readonly read: ReadList
  looks: number
  now: number
  /** As QueueTracker drives it. */
  sync(): Promise<void>
}

function world(between: (world: World) => void = () => undefined): World {
  const list: string[] = []
  const tally = createQueueTally(app)
  const read: ReadList = async (right, from, size): Promise<ListView> => {
    const order = list.toReversed()
    const bytes = (raws: readonly string[]) => raws.map((raw) => Buffer.from(raw))
    const view = {
      length: list.length,
      right: bytes(order.slice(0, right)),
      chunk: bytes(order.slice(from, from + size)),
    }
    self.looks++
    between(self)
    return view
  }
  const tracker = trackList({
    entryOf: tally.entryOf,
    onAdd: tally.add,
    onRemove: tally.remove,
    now: () => self.now,
  })
  const self: World = {
    ...{ list, tracker, tally, read, looks: 0, now: 0 },
    async sync() {
      for (let tries = 0; tries < 1000; tries++) {
        const found = await tracker.step(read)
        if (found === 'complete') return
        if (found === 'more') continue
        tracker.forget()
        tally.clear()
      }
      throw new Error('it never ends')
    },
  }
  return self
}

function recounted(list: readonly string[]) {
  const tally = createQueueTally(app)
  for (const raw of list) tally.add(tally.entryOf(Buffer.from(raw)))
  return groupsOf(tally)
}
const groupsOf = (tally: QueueTally) =>
  tally
    .groups(20)
    .map(({ group }) => ({ ...group, origins: group.origins.toSorted() }))
    .sort((a, b) => String(a.task).localeCompare(String(b.task)))

/** What can happen to a queue between two looks; as data, so that a counterexample can be read. */
const deeds = {
  add: (list: string[], n: number) => push(n, () => job(n % 8))(list),
  addMany: (list: string[], n: number) => push(n * 40, (i) => job(i % 150))(list),
  addPeriodic: (list: string[], n: number) => push(n, () => enqueuer())(list),
  /** Elements that nothing tells apart. */
  addStrange: (list: string[], n: number) => push(n, () => '{"not": "celery"}')(list),
  take: (list: string[], n: number) => void list.splice(-n, n),
  takeMany: (list: string[], n: number) => void list.splice(Math.max(0, list.length - n * 40)),
  /** What a worker had taken and did not do. */
  giveBack: (list: string[], n: number) => void list.push(...Array.from({ length: n }, () => job(99))),
  purge: (list: string[]) => void list.splice(0),
  /** LREM. */
  removeOne: (list: string[], n: number) => void list.splice((n * 131) % Math.max(1, list.length), 1),
  halve: (list: string[]) => void list.splice(0, list.length, ...list.filter((_, i) => i % 2 === 0)),
}
type Deed = readonly [keyof typeof deeds, number]
const often = ['add', 'add', 'add', 'take', 'take', 'take', 'addPeriodic', 'giveBack', 'removeOne'] as const
const rare = ['addMany', 'takeMany', 'purge', 'halve', 'addStrange'] as const
const deed: fc.Arbitrary<Deed> = fc.tuple(fc.constantFrom(...often, ...rare), fc.integer({ min: 1, max: 15 }))
const act = ([what, n]: Deed, list: string[]) => deeds[what](list, n)

function push(n: number, make: (i: number) => string): (list: string[]) => void {
  return (list) => void list.unshift(...Array.from({ length: n }, (_, i) => make(i)))
}

describe('the kept-up count', () => {
  test('is the full count after any deeds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(deed, { maxLength: 4 }), { maxLength: 8 }), async (rounds) => {
        const { list, tally, tracker, sync } = world()
        for (const round of rounds) {
          for (const one of round) act(one, list)
          await sync()
          expect(groupsOf(tally)).toEqual(recounted(list))
          expect(tracker.entries.length).toBe(list.length)
        }
      }),
      { numRuns: 150 },
    )
  })

  test('is the full count also when deeds are done while it reads', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 20 }), async (all) => {
        const waiting = [...all]
        const { list, tally, sync } = world((self) => {
          const next = waiting.shift()
          if (next !== undefined) act(next, self.list)
        })
        push(2500, (i) => job(i % 300))(list)
        for (let i = 0; i < 3 || waiting.length > 0; i++) await sync()
        await sync()
        expect(groupsOf(tally)).toEqual(recounted(list))
      }),
      { numRuns: 60 },
    )
  })
})

test('elements that nothing tells apart are counted anew', async () => {
  const same = '{"not": "celery"}'
  const { list, tally, sync } = world()
  list.push(...Array(6).fill(same), job(1), ...Array(6).fill(same))
  await sync()
  list.splice(-7)
  list.unshift(...Array(7).fill(same))
  await sync()
  expect(groupsOf(tally)).toEqual(recounted(list))
})

describe('what it costs', () => {
  test('a queue that stood still costs one look', async () => {
    const stage = world()
    push(5000, (i) => job(i))(stage.list)
    await stage.sync()
    const before = stage.looks
    await stage.sync()
    expect(stage.looks - before).toBe(1)
  })

  test('what workers took and producers added costs a few looks, whatever the length', async () => {
    const stage = world()
    push(20_000, (i) => job(i))(stage.list)
    await stage.sync()
    stage.list.splice(-700, 700)
    push(900, (i) => job(i))(stage.list)
    const before = stage.looks
    await stage.sync()
    expect(stage.looks - before).toBeLessThanOrEqual(6)
    expect(stage.tracker.entries.length).toBe(20_200)
  })

  test('workers that take hundreds between two looks are kept up with', async () => {
    const stage = world((self) => {
      self.list.splice(-200, 200)
      push(180, () => job('new'))(self.list)
    })
    push(20_000, (i) => job(i))(stage.list)
    await stage.sync()
    const before = stage.looks
    for (let i = 0; i < 10; i++) await stage.sync()
    expect(stage.looks - before).toBeLessThan(60)
  })

  test('huge messages are read one at a time', async () => {
    const sizes: number[] = []
    const stage = world()
    const read: ReadList = async (right, from, size) => {
      const view = await stage.read(right, from, size)
      sizes.push(view.chunk.length)
      return view
    }
    push(40, (i) => job(i, { headers: { pad: 'x'.repeat(3_000_000) } }))(stage.list)
    for (let found = ''; found !== 'complete'; ) found = await stage.tracker.step(read)
    // The first look cannot know.
    expect(Math.max(...sizes.slice(1))).toBeLessThanOrEqual(2)
  })
})

describe('ages', () => {
  test('are those of the first look, for what came, stayed and was given back', async () => {
    const stage = world()
    push(3, (i) => job(i))(stage.list)
    await stage.sync()
    stage.now = 60_000
    push(2, (i) => job(i))(stage.list)
    await stage.sync()
    stage.now = 120_000
    stage.list.pop()
    stage.list.push(job(7), job(8))
    await stage.sync()
    const ages = stage.list.map((_, at) => stage.now - stage.tracker.seenAt(at))
    expect(ages).toEqual([0, 0, 120_000, 120_000, 60_000, 60_000])
  })

  test('outlive a message taken out of the middle', async () => {
    const stage = world()
    push(2000, (i) => job(i))(stage.list)
    await stage.sync()
    stage.now = 60_000
    push(10, (i) => job(i))(stage.list)
    await stage.sync()
    stage.now = 90_000
    stage.list.splice(1000, 300)
    push(1, () => job(0))(stage.list)
    await stage.sync()
    const ages = stage.list.map((_, at) => stage.now - stage.tracker.seenAt(at))
    expect(ages).toEqual([...Array(1700).fill(90_000), ...Array(10).fill(30_000), 0])
  })
})
