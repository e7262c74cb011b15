// Purge, de-duplicate and collapse as actions over a real Redis: their words, their refusals, receipt and undo.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SeedJob } from '../../../electron/adapters/memory-job.ts'
import type { ActionId } from '../../../electron/contract/action.ts'
import type { Broker } from '../../../electron/core/ports/broker.ts'
import { enqueuer, job, type QueueStage, queueStage } from '../../adapters/celery/queue-stage.ts'
import { act, acting, admin, failureOf, request, signal } from '../../support/acting.ts'
import { MINUTE } from '../../support/snapshot-builders.ts'

let on: QueueStage
beforeAll(async () => {
  on = await queueStage()
})
afterAll(() => on.close())
beforeEach(() => on.clear())

const rows: SeedJob[] = [
  { id: 'long', title: 'Call recording 5454.m4a', state: 'running', startedAgoMs: MINUTE, heartbeatAgoMs: 5000 },
  ...Array.from({ length: 20 }, (_, i) => ({ id: `q${i}`, title: `q${i}`, state: 'queued' as const })),
]

function world(seed: readonly SeedJob[] = rows) {
  // Only what these actions touch: everything else of a broker would fail the test.
  const broker = { quarantine: on.quarantine, app: on.app } as unknown as Broker
  return acting(seed, { kind: 'recordings', parts: { broker } })
}

/** Runbook 0: 93 messages, 90 of them the enqueuer's. */
async function runbook(): Promise<void> {
  await on.push(0, ...Array.from({ length: 90 }, () => enqueuer()), job('a'), job('b'), job('a'))
}

describe('purge', () => {
  it('says what goes, what stays, what it will not solve, and how to come back', async () => {
    await runbook()
    await on.server.cli('hset', 'unacked', 'tag', JSON.stringify([JSON.parse(job('long')), '', 'celery']))
    const preview = await world().actions.preview(request({ action: 'purge-queue' }), signal)
    expect(preview).toMatchObject({
      title: 'Move 93 messages out of queue celery',
      summary:
        'They go to quarantine; nothing is deleted. The schedule sends a new enqueuer within 2 min, which fills the queue with the 20 queued jobs; it runs when a slot is free.',
      count: 93,
      table: {
        columns: ['Task', 'Count'],
        rows: [
          { cells: ['enqueue_pending_recordings', '90'], share: 90 / 93 },
          { cells: ['process_recording', '3'], share: 3 / 93 },
        ],
      },
      notTouched: [
        'Running jobs and the 1 message that workers have taken',
        'The 20 queued rows of the database',
        'Other queues',
        'Results and schedules',
      ],
      know: [
        'This does not free the worker: it goes on with Call recording 5454.m4a.',
        'One atomic rename freezes the set: messages that arrive before it are included, and the receipt states 93 and the real count.',
      ],
      command: 'RENAME celery unjam:quarantine:RECEIPT:celery:0',
      risk: 'destructive',
      undoable: true,
      undo: 'For 24 h, also after a restart of Unjam: puts back every message once, in its order, before those that came since. A message whose job waits again by then is listed instead.',
      confirm: 'Quarantine 93 messages',
    })
    expect(preview.sample).toHaveLength(5)
    expect(await on.waiting()).toHaveLength(93)
  })

  it('names every list that goes, as redis-cli takes it', async () => {
    await on.push(0, job('a'))
    await on.push(6, job('b'))
    const { command } = await world().actions.preview(request({ action: 'purge-queue' }), signal)
    const aside = (step: number) => `unjam:quarantine:RECEIPT:celery:${step}`
    const six = String.raw`"celery\x06\x166"`
    expect(command).toBe([`RENAME celery ${aside(0)}`, `RENAME ${six} ${aside(6)}`].join('\n'))
    // A line of a terminal, as the shell and redis-cli read it.
    for (const line of `${command}`.replaceAll('RECEIPT', 'typed').split('\n'))
      await on.server.cli(...line.split(' ').map((word) => (word === six ? 'celery\x06\x166' : word)))
    expect(await on.waiting()).toEqual([])
    expect(await on.keys()).toHaveLength(2)
  })

  it('takes what arrived since the preview, states both counts, and undo puts all back', async () => {
    await runbook()
    const acts = world()
    const asked = request({ action: 'purge-queue', target: ['celery'] })
    const { fingerprint } = await acts.actions.preview(asked, signal)
    await on.push(0, enqueuer(), enqueuer())
    const before = await on.lists()
    const receipt = await acts.actions.execute(asked, fingerprint, admin)
    expect(receipt).toMatchObject({
      count: 95,
      summary: '95 messages of queue celery were moved to quarantine.',
      undoable: true,
      watch: {
        state: 'watching',
        sentence: 'Waiting for the enqueuer to refill queue celery from the database.',
      },
    })
    expect(Date.parse(receipt.watch?.until ?? '') - acts.clock.nowMs()).toBe(130_000)
    expect(await on.waiting()).toEqual([])
    // The quarantine is named after the receipt.
    expect(await on.keys()).toContain(`unjam:quarantine:${receipt.id}:celery:0`)
    // Another Unjam process with the same history.
    const later = acting(rows, {
      kind: 'recordings',
      history: acts.history,
      parts: { broker: { quarantine: on.quarantine, app: on.app } as unknown as Broker },
    })
    const undone = await later.actions.undo(receipt.id, admin)
    expect(undone.undone).toMatchObject({ restored: 95, left: [] })
    expect(await on.lists()).toEqual(before)
  })

  it('is stale when the queue became empty meanwhile, and refused when it is', async () => {
    await on.push(0, job('a'))
    const acts = world()
    const asked = request({ action: 'purge-queue' })
    const { fingerprint } = await acts.actions.preview(asked, signal)
    await on.pop()
    expect(await failureOf(acts.actions.execute(asked, fingerprint, admin))).toMatchObject({ kind: 'stale' })
    expect(await failureOf(acts.actions.preview(asked, signal))).toMatchObject({
      kind: 'refused',
      because: 'no message waits in it',
    })
  })

  it('keeps its receipt when there is nothing left to put back, and says why', async () => {
    await on.push(0, job('a'))
    const acts = world()
    const { receipt } = await act(acts, { action: 'purge-queue' })
    await on.clear()
    expect(await failureOf(acts.actions.undo(receipt.id, admin))).toMatchObject({ kind: 'missing' })
    expect(acts.history.get(receipt.id)?.receipt.undone).toBeNull()
  })
})

describe('de-duplicate and collapse', () => {
  it('say how many stay, and move exactly the others', async () => {
    await runbook()
    const acts = world()
    const before = await on.lists()
    const dedupe = await act(acts, { action: 'deduplicate-queue', params: { queue: 'celery' } })
    expect(dedupe.preview).toMatchObject({
      title: 'Move 1 duplicate out of queue celery',
      summary:
        'Of each job the first message, the one that runs next, stays; the one behind it goes to quarantine. Nothing is deleted.',
      count: 1,
      confirm: 'Quarantine 1 message',
      table: { columns: ['Task', 'Duplicates'], rows: [{ cells: ['process_recording', '1'], share: 1 }] },
    })
    expect(dedupe.preview.notTouched[0]).toBe('92 messages that stay, in their order')
    expect(dedupe.receipt).toMatchObject({ count: 1, previewed: 1, watch: null })
    const collapse = await act(acts, { action: 'collapse-periodic' })
    expect(collapse.preview).toMatchObject({
      title: 'Move 89 periodic messages out of queue celery',
      summary:
        'Of each periodic task the first message stays and does the work of the other 89, which go to quarantine. Nothing is deleted.',
    })
    expect(collapse.receipt.summary).toBe('89 periodic messages of queue celery were moved to quarantine.')
    expect(await on.waiting()).toHaveLength(3)
    await acts.actions.undo(collapse.receipt.id, admin)
    await acts.actions.undo(dedupe.receipt.id, admin)
    expect(await on.lists()).toEqual(before)
  })

  it.each([
    ['deduplicate-queue', 'no job has more than one message in it'],
    ['collapse-periodic', 'no periodic task waits more than once in it'],
  ] as [ActionId, string][])('%s refuses when there is nothing to do', async (action, because) => {
    await on.push(0, job('a'), enqueuer())
    expect(await failureOf(world().actions.preview(request({ action }), signal))).toMatchObject({
      kind: 'refused',
      on: 'celery',
      because,
    })
  })
})

describe('refuse', () => {
  it('two queues at once, a queue while somebody works on it, a system without a broker', async () => {
    await on.push(0, job('a'))
    const { actions } = world()
    const asked = (part: object) => actions.preview(request({ action: 'purge-queue', ...part }), signal)
    expect(await failureOf(asked({ target: ['a', 'b'] }))).toMatchObject({
      kind: 'invalid',
      because: 'it works on one queue at a time',
    })
    expect((await failureOf(asked({ target: ['a'], params: { queue: 'b' } }))).on).toBe('a, b')
    expect((await failureOf(asked({ params: { Queue: 'b' } }))).because).toBe('it knows no parameter Queue, only queue')
    await on.server.cli('set', 'unjam:lock:celery', 'somebody all', 'PX', '60000')
    expect(await failureOf(asked({}))).toMatchObject({ kind: 'busy', because: 'a purge is working on this queue' })
    const bare = acting(rows, { kind: 'recordings' })
    expect((await failureOf(bare.actions.preview(request({ action: 'purge-queue' }), signal))).because).toMatch(
      /no broker is configured/,
    )
  })
})
