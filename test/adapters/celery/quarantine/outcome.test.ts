// What became of a move whose reply was lost, and undo that is called again: the same answer at every step of a crash.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type CeleryQuarantine, createQuarantine } from '../../../../electron/adapters/celery/quarantine/quarantine.ts'
import type { RedisSource } from '../../../../electron/adapters/celery/redis/connect.ts'
import type { QuarantineRule } from '../../../../electron/core/ports/broker.ts'
import { failureOf } from '../../../support/acting.ts'
import { brokenSource } from '../broken-source.ts'
import { enqueuer, job, type QueueStage, queueStage, signal } from '../queue-stage.ts'

let on: QueueStage
const opened: CeleryQuarantine[] = []
beforeAll(async () => {
  on = await queueStage()
})
afterAll(async () => {
  for (const one of opened) one.close()
  await on.close()
})
beforeEach(() => on.clear())

function quarantineOn(source: RedisSource): CeleryQuarantine {
  const one = createQuarantine(source, on.app)
  opened.push(one)
  return one
}

async function fill(): Promise<void> {
  await on.push(0, ...Array.from({ length: 300 }, (_, i) => (i % 7 === 0 ? enqueuer() : job(i % 40))))
  await on.push(3, ...Array.from({ length: 200 }, (_, i) => job(i % 60)))
}

const lapse = () => on.server.cli('del', 'unjam:lock:celery')
const went = (work: Promise<unknown>) =>
  work.then(
    () => true,
    () => false,
  )
const rules: QuarantineRule[] = ['duplicates', 'periodic', 'all']

describe('the outcome of a move', () => {
  it.each(rules)('of %s that completed is the value that it returned, also during and after its undo', async (rule) => {
    await fill()
    const moved = await on.quarantine.move('celery', rule, 'r1', signal)
    expect(moved.moved).toBeGreaterThan(0)
    expect(await on.quarantine.outcome('celery', 'r1', signal)).toEqual(moved)
    const cut = quarantineOn(brokenSource(on.source, { dies: 2 }))
    await failureOf(cut.restore(moved, signal))
    expect(await on.quarantine.outcome('celery', 'r1', signal)).toEqual(moved)
    await lapse()
    await on.quarantine.restore(moved, signal)
    expect(await on.quarantine.outcome('celery', 'r1', signal)).toEqual(moved)
  })

  it.each(rules)('of %s killed before any script is all or nothing', async (rule) => {
    let completed = false
    let crashes = 0
    for (let dies = 1; !completed; dies++) {
      await on.clear()
      await fill()
      const before = await on.lists()
      completed = await went(quarantineOn(brokenSource(on.source, { dies })).move('celery', rule, 'r1', signal))
      await lapse()
      const found = await on.quarantine.outcome('celery', 'r1', signal)
      expect(found === null, `killed before script ${dies}`).toBe(!completed)
      if (found === null) expect(await on.lists()).toEqual(before)
      else expect(found.moved + (await on.waiting()).length).toBe(500)
      if (!completed) crashes = dies
    }
    expect(crashes).toBeGreaterThanOrEqual(rule === 'all' ? 1 : 4)
  })

  it('that never began is null, and a command that arrives late is refused', async () => {
    await fill()
    const before = await on.lists()
    expect(await on.quarantine.outcome('celery', 'r1', signal)).toBeNull()
    expect(await on.quarantine.outcome('celery', 'r1', signal)).toBeNull()
    expect((await failureOf(on.quarantine.move('celery', 'all', 'r1', signal))).kind).toBe('busy')
    expect((await failureOf(on.quarantine.move('celery', 'duplicates', 'r1', signal))).kind).toBe('busy')
    expect(await on.lists()).toEqual(before)
    expect(await on.quarantine.outcome('celery', 'r1', signal)).toBeNull()
    expect((await on.quarantine.move('celery', 'all', 'r2', signal)).moved).toBe(500)
  })

  it('waits for a live process that works on it, and then returns what it did', async () => {
    await fill()
    const gate = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    const slow = quarantineOn(
      brokenSource(on.source, {
        async before(script) {
          if (script !== 4) return
          reached.resolve()
          await gate.promise
        },
      }),
    )
    const moving = slow.move('celery', 'duplicates', 'r1', signal)
    await reached.promise
    const outcome = on.quarantine.outcome('celery', 'r1', signal)
    gate.resolve()
    const moved = await moving
    expect(moved.moved).toBeGreaterThan(0)
    expect(await outcome).toEqual(moved)
  })

  it('fails with a sentence where Redis cannot be reached', async () => {
    const gone = quarantineOn(brokenSource(on.source, { dies: 0 }))
    expect((await failureOf(gone.outcome('celery', 'r1', signal))).kind).toBe('unreachable')
  })
})

describe('an undo that is called again', () => {
  it.each(rules)('of %s returns the same numbers, and moves nothing', async (rule) => {
    await fill()
    const before = await on.lists()
    const moved = await on.quarantine.move('celery', rule, 'r1', signal)
    const first = await on.quarantine.restore(moved, signal)
    expect(first).toEqual({ restored: moved.moved, left: [] })
    await on.push(0, job('newcomer'))
    const waiting = await on.waiting()
    expect(await on.quarantine.restore(moved, signal)).toEqual(first)
    expect(await on.waiting()).toEqual(waiting)
    expect(waiting).toHaveLength(before.flatMap(({ raws }) => raws).length + 1)
  })

  it('after a crash at any step: what waits again stays aside, listed the same way each time', async () => {
    const old = Array.from({ length: 700 }, (_, i) => job(i))
    const again = Array.from({ length: 60 }, (_, i) => job(i * 10))
    let completed = false
    for (let dies = 1; !completed; dies++) {
      await on.clear()
      await on.push(0, ...old)
      const moved = await on.quarantine.move('celery', 'all', 'r1', signal)
      await on.push(0, ...again)
      completed = await went(quarantineOn(brokenSource(on.source, { dies })).restore(moved, signal))
      await lapse()
      // Every second time by what runs at the next start.
      if (dies % 2 === 0) await on.quarantine.recover(signal)
      const undone = await on.quarantine.restore(moved, signal)
      expect(undone.restored, `killed before script ${dies}`).toBe(640)
      expect(undone.left).toHaveLength(51)
      expect(undone.left[0]).toMatchObject({ because: 'job 0 is queued again' })
      expect(undone.left[50]).toMatchObject({ id: '10 more' })
      expect(await on.quarantine.restore(moved, signal)).toEqual(undone)
      expect(await on.waiting()).toEqual([...old.filter((_, i) => i % 10 !== 0 || i >= 600), ...again])
    }
  })
})
