// The refill that a purge promises: it came, it was taken at once, nothing had to come, it did not come, nobody could look.
import { expect, it } from 'vitest'
import { memoryJobs } from '../../electron/adapters/memory-jobs.ts'
import type { Queue } from '../../electron/contract/queue.ts'
import { followReceipts } from '../../electron/core/follow-receipts.ts'
import type { Broker } from '../../electron/core/ports/broker.ts'
import { bareSystem } from '../support/bare-system.ts'
import { manualClock } from '../support/manual-clock.ts'
import { memoryHistory } from '../support/memory-history.ts'
import { NOW } from '../support/snapshot-builders.ts'
import { queue } from '../support/stack-builders.ts'

function stage(queued = 20) {
  const clock = manualClock()
  const history = memoryHistory()
  const jobs = memoryJobs({ id: 'calls', kind: 'recordings', clock })
  jobs.seed(Array.from({ length: queued }, (_, i) => ({ id: `q${i}`, title: '', state: 'queued' as const })))
  const world: { queues: Queue[] | Error } = { queues: [] }
  const broker = {
    queues: {
      async queues() {
        if (world.queues instanceof Error) throw world.queues
        return world.queues
      },
    },
  } as unknown as Broker
  const bugs: unknown[] = []
  const options = {
    systems: () => [bareSystem(jobs, { broker })],
    history,
    clock,
    onBug: (_: string, error: unknown) => bugs.push(error),
  }
  const receipt = {
    ...{ id: 'r1', action: 'purge-queue' as const, system: 'calls', title: '', summary: '', at: NOW, actor: 'admin' },
    ...{ count: 93, previewed: 93, left: [], undoable: true, undone: null },
    watch: { state: 'watching' as const, until: new Date(Date.parse(NOW) + 130_000).toISOString(), sentence: '' },
  }
  const until = new Date(Date.parse(NOW) + 86_400_000).toISOString()
  const quarantined = { operation: 'r1', queue: 'celery', rule: 'all', moved: 93, lists: [], until }
  history.append(receipt, JSON.stringify({ quarantined, queued }))
  return { clock, history, jobs, world, bugs, receipt, options, watch: () => history.get('r1')?.receipt.watch }
}

it('says when messages came', async () => {
  const on = stage()
  const follow = followReceipts(on.options)
  follow.add(on.receipt)
  await on.clock.advance(82_000)
  expect(on.watch()?.state).toBe('watching')
  on.world.queues = [queue({ messages: 21 })]
  await on.clock.advance(2000)
  expect(on.watch()).toMatchObject({
    state: 'came',
    sentence: '84 s after the purge 21 new messages wait in queue celery.',
  })
  await follow.stop()
  expect(on.clock.pending()).toBe(0)
  expect(on.bugs).toEqual([])
})

it('says so when a free worker takes what comes at once', async () => {
  const on = stage()
  const follow = followReceipts(on.options)
  follow.add(on.receipt)
  await on.clock.advance(60_000)
  for (const id of ['q0', 'q1']) on.jobs.change(id, { state: 'running' })
  await on.clock.advance(2000)
  expect(on.watch()).toMatchObject({
    state: 'came',
    sentence: '62 s after the purge workers have taken 2 jobs of 20 queued.',
  })
  await follow.stop()
})

it('waits for nothing where no job is queued', async () => {
  const on = stage(0)
  const follow = followReceipts(on.options)
  follow.add(on.receipt)
  await on.clock.settle()
  expect(on.watch()).toMatchObject({
    state: 'came',
    sentence: 'No job is queued in the database, so nothing has to come back to queue celery.',
  })
  await follow.stop()
})

it('says that it did not come, and where to look', async () => {
  const on = stage()
  const follow = followReceipts(on.options)
  follow.add(on.receipt)
  await on.clock.advance(129_000)
  expect(on.watch()?.state).toBe('watching')
  await on.clock.advance(3000)
  expect(on.watch()).toMatchObject({
    state: 'missed',
    sentence:
      'Nothing came to queue celery within 2 min although 20 jobs are queued: look whether beat runs and a worker is free for its enqueuer.',
  })
  await follow.stop()
})

it('does not take a broker that cannot be read for an empty queue', async () => {
  const on = stage()
  on.world.queues = new Error('Connection is closed')
  const follow = followReceipts(on.options)
  follow.add(on.receipt)
  await on.clock.advance(60_000)
  expect(on.watch()?.state).toBe('watching')
  await on.clock.advance(80_000)
  expect(on.watch()).toMatchObject({
    state: 'missed',
    sentence: 'Whether queue celery was refilled is unknown: Connection is closed',
  })
  await follow.stop()
})

it('goes on after a restart, and stops for a receipt that was undone', async () => {
  const on = stage()
  const first = followReceipts(on.options)
  first.add(on.receipt)
  await on.clock.advance(10_000)
  await first.stop()
  expect(on.watch()?.state).toBe('watching')
  expect(on.clock.pending()).toBe(0)
  const second = followReceipts(on.options)
  second.start()
  second.start()
  await on.clock.advance(2000)
  on.history.replace({ ...on.receipt, undone: { at: NOW, actor: 'admin', restored: 93, left: [] } })
  on.world.queues = [queue()]
  await on.clock.advance(4000)
  expect(on.watch()?.state).toBe('watching')
  expect(on.clock.pending()).toBe(0)
  await second.stop()
})
