// A crash at every single step of a de-duplication and of an undo: recovery leaves every message, once, in its order.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createQuarantine } from '../../../../electron/adapters/celery/quarantine/quarantine.ts'
import type { QuarantineRule } from '../../../../electron/core/ports/broker.ts'
import { failureOf } from '../../../support/acting.ts'
import { until } from '../../../support/until.ts'
import { brokenSource } from '../broken-source.ts'
import { enqueuer, job, type QueueStage, queueStage, signal } from '../queue-stage.ts'

let on: QueueStage
beforeAll(async () => {
  on = await queueStage()
})
afterAll(() => on.close())
beforeEach(() => on.clear())

/** 700 messages in two priorities, most of them duplicates: seven steps. */
async function fill(): Promise<void> {
  await on.push(0, ...Array.from({ length: 500 }, (_, i) => (i % 7 === 0 ? enqueuer() : job(i % 40))))
  await on.push(3, ...Array.from({ length: 200 }, (_, i) => job(i % 60)))
}

/** The lock of the dead process lapses; nobody has to wait for it here. */
const lapse = () => on.server.cli('del', 'unjam:lock:celery')
/** Lists of Unjam's own, and what is open: nothing of it may stay behind. Journals stay for 24 hours. */
const ours = async () =>
  (await on.keys()).filter((key) => key.includes('unjam:') && !/^unjam:(kept|quarantine:[^:]+)$/.test(key))

/** Task ids of each list, next to run first: short enough to be compared by a person. */
async function ids(): Promise<string[][]> {
  return (await on.lists()).map(({ raws }) => raws.toReversed().map(idOf))
}
const idOf = (raw: string) => /"id": "(.{8})/.exec(raw)?.[1] ?? raw

/** Crashes before script 1, 2, 3… until it goes through; answers with how often it crashed. */
async function crashEverywhere(work: (dies: number, newcomers: string[]) => Promise<boolean>): Promise<number> {
  for (let dies = 1; ; dies++) {
    await on.clear()
    await fill()
    const [first = [], ...others] = await ids()
    const newcomers: string[] = []
    if (await work(dies, newcomers)) return dies - 1
    newcomers.push(job(`late ${dies}`))
    await on.push(0, ...newcomers.slice(-1))
    await lapse()
    await on.quarantine.recover(signal)
    expect(await ids(), `crash before script ${dies}`).toEqual([[...first, ...newcomers.map(idOf)], ...others])
    expect(await ours()).toEqual([])
  }
}

const went = (work: Promise<unknown>) =>
  work.then(
    () => true,
    () => false,
  )

describe('a crash', () => {
  it('during de-duplication: everything goes back to where it stood, behind it what came since', async () => {
    const crashes = await crashEverywhere((dies, newcomers) => {
      const source = brokenSource(on.source, {
        dies,
        async before(script) {
          if (script !== 4) return
          // More than one step can settle, so that a crash in the middle of settling is met too.
          newcomers.push(...Array.from({ length: 1200 }, (_, i) => job(`new ${i}`)))
          await on.push(0, ...newcomers)
        },
      })
      return went(createQuarantine(source, on.app).move('celery', 'duplicates', 'r1', signal))
    })
    expect(crashes).toBeGreaterThan(9)
  })

  const rules: QuarantineRule[] = ['duplicates', 'periodic', 'all']
  it.each(rules)('during an undo of %s: it is finished', async (rule) => {
    const crashes = await crashEverywhere(async (dies, newcomers) => {
      const moved = await on.quarantine.move('celery', rule, 'r1', signal)
      newcomers.push(...Array.from({ length: 1200 }, (_, i) => job(`new ${i}`)))
      await on.push(0, ...newcomers)
      const done = await went(createQuarantine(brokenSource(on.source, { dies }), on.app).restore(moved, signal))
      // Before its first script nothing was begun: it can simply be asked for again.
      if (!done && dies === 1) await on.quarantine.restore(moved, signal)
      return done
    })
    expect(crashes).toBeGreaterThan(2)
  })

  it('is recovered by whoever works on the queue next, and an undo that was cut short may simply be repeated', async () => {
    await fill()
    const before = await on.waiting()
    const dying = createQuarantine(brokenSource(on.source, { dies: 5 }), on.app)
    await failureOf(dying.move('celery', 'duplicates', 'r1', signal))
    await lapse()
    const moved = await on.quarantine.move('celery', 'duplicates', 'r2', signal)
    const cut = createQuarantine(brokenSource(on.source, { dies: 2 }), on.app)
    await failureOf(cut.restore(moved, signal))
    expect((await on.waiting()).length).toBeLessThan(before.length)
    await lapse()
    expect(await on.quarantine.restore(moved, signal)).toEqual({ restored: moved.moved, left: [] })
    expect(await on.waiting()).toEqual(before)
  })

  it('is told with one sentence; an operation of a live Unjam is left alone', async () => {
    await fill()
    const dying = createQuarantine(brokenSource(on.source, { dies: 5 }), on.app)
    await failureOf(dying.move('celery', 'duplicates', 'r1', signal))
    // Its lock lapses by itself; until then nobody touches its lists.
    const soon = AbortSignal.timeout(300)
    expect((await failureOf(on.quarantine.recover(soon))).kind).toBe('timeout')
    expect(await on.waiting()).toEqual([])
    await on.server.cli('pexpire', 'unjam:lock:celery', '300')
    expect(await on.quarantine.recover(signal)).toEqual([
      'Queue celery: an interrupted operation was rolled back; all its messages are in the queue again.',
    ])
    expect(await on.quarantine.recover(signal)).toEqual([])
  })

  it('of a whole process (SIGKILL) in the middle loses nothing', async () => {
    await on.push(0, ...Array.from({ length: 30_000 }, (_, i) => job(i % 3000)))
    const before = await on.waiting()
    const main = join(import.meta.dirname, 'move-main.ts')
    const child = spawn(process.execPath, [main, on.server.url, 'move', 'duplicates'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const ended = new Promise((resolve) => child.once('close', (_, name) => resolve(name)))
    await until(
      'it is in the middle',
      async () => Number(await on.server.cli('llen', 'unjam:quarantine:r1:celery:0')) > 2000,
    )
    child.kill('SIGKILL')
    expect(await ended).toBe('SIGKILL')
    expect(await on.waiting()).toEqual([])
    await lapse()
    await on.quarantine.recover(signal)
    expect(await on.waiting()).toEqual(before)
  })
})

it('a deadline stops a de-duplication between two steps and takes it back', async () => {
  await fill()
  const before = await on.lists()
  const late = new AbortController()
  const source = brokenSource(on.source, {
    before: async (script) => {
      if (script === 4) late.abort(new Error('too late'))
    },
  })
  await failureOf(createQuarantine(source, on.app).move('celery', 'duplicates', 'r1', late.signal))
  expect(await on.lists()).toEqual(before)
  expect(await ours()).toEqual([])
})

it('one who paused for too long does not go on after somebody took his work back', async () => {
  await fill()
  const before = await on.lists()
  const source = brokenSource(on.source, {
    async before(script) {
      if (script !== 5) return
      await lapse()
      await on.quarantine.recover(signal)
    },
  })
  const failure = await failureOf(createQuarantine(source, on.app).move('celery', 'duplicates', 'r1', signal))
  expect(failure.because).toBe('it paused for too long, and another Unjam has put the messages back')
  expect(await on.lists()).toEqual(before)
})
