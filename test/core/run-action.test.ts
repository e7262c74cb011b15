// Preview, frozen set, receipt, undo (DESIGN §5): a stale dialog never writes, and undo restores what stood still.
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { ActionId } from '../../electron/contract/action.ts'
import { Preview, Receipt } from '../../electron/contract/action.ts'
import { FailureError, RETRIED } from '../../electron/contract/failure.ts'
import type { History } from '../../electron/core/ports/history.ts'
import { type Acting, act, acting, admin, cast, failureOf, request, signal } from '../support/acting.ts'
import { memoryHistory } from '../support/memory-history.ts'
import { MINUTE, NOW } from '../support/snapshot-builders.ts'

const states = (on: Acting) => Object.fromEntries(on.jobs.jobs().map(({ id, state }) => [id, state]))
const image = (on: Acting) => Object.fromEntries(on.jobs.jobs().map((job) => [job.id, JSON.stringify(job)]))
const jobActions: ActionId[] = ['retry-jobs', 'skip-jobs', 'fail-jobs', 'release-jobs', 'remove-jobs']

describe('a stale dialog', () => {
  it('does not write when a job of the set moved, and says so', async () => {
    const on = acting(cast)
    const asked = request({ action: 'retry-jobs' })
    const { fingerprint } = await on.actions.preview(asked, signal)
    on.jobs.change('failed', { retryCount: 0, state: 'queued', error: null })
    const before = image(on)
    expect(await failureOf(on.actions.execute(asked, fingerprint, admin))).toMatchObject({
      kind: 'stale',
      remedy: 'Look at a new preview and confirm that one.',
    })
    expect(image(on)).toEqual(before)
    expect(on.history.list(10, null)).toEqual([])
  })

  it('does not write when another job joined the set, when the set became empty, or when parameters differ', async () => {
    const on = acting(cast)
    const asked = request({ action: 'retry-jobs' })
    const { fingerprint } = await on.actions.preview(asked, signal)
    on.jobs.seed([{ id: 'new', title: 'new', state: 'failed' }])
    expect((await failureOf(on.actions.execute(asked, fingerprint, admin))).kind).toBe('stale')
    for (const job of on.jobs.jobs()) if (job.state === 'failed') on.jobs.change(job.id, { state: 'done' })
    expect((await failureOf(on.actions.execute(asked, fingerprint, admin))).kind).toBe('stale')
    const skip = request({ action: 'skip-jobs', target: ['waiting-long'], params: { longerThan: '60' } })
    const seen = await on.actions.preview(skip, signal)
    const other = { ...skip, params: { longerThan: '61' } }
    expect((await failureOf(on.actions.execute(other, seen.fingerprint, admin))).kind).toBe('stale')
    expect(states(on)['waiting-long']).toBe('queued')
  })

  it('is not stale only because time passed and heartbeats beat', async () => {
    const on = acting(cast)
    const asked = request({ action: 'cancel-job', target: ['waiting'] })
    const { fingerprint } = await on.actions.preview(asked, signal)
    await on.clock.advance(MINUTE)
    expect((await on.actions.execute(asked, fingerprint, admin)).count).toBe(1)
  })

  it('of the worker does not stop a worker that was paused meanwhile', async () => {
    const on = acting()
    const asked = request({ action: 'stop-worker' })
    const { fingerprint } = await on.actions.preview(asked, signal)
    on.local.set('paused')
    expect((await failureOf(on.actions.execute(asked, fingerprint, admin))).kind).toBe('stale')
    expect(on.local.worker.state().state).toBe('paused')
  })
})

describe('execute and undo', () => {
  const seeds = fc.uniqueArray(
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 8 }),
      title: fc.string(),
      state: fc.constantFrom('queued', 'running', 'done', 'failed', 'skipped'),
      retryCount: fc.integer({ min: 0, max: 3 }),
      error: fc.option(fc.string()),
      audioMs: fc.option(fc.integer({ min: 0, max: 200 * MINUTE })),
      heartbeatAgoMs: fc.integer({ min: 0, max: 40 * MINUTE }),
    }),
    { selector: ({ id }) => id, maxLength: 12 },
  )

  it('leave a world that stood still byte for byte as it was', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, fc.constantFrom(...jobActions), async (seed, action) => {
        const on = acting(seed)
        const before = image(on)
        const asked = request({ action })
        const preview = await on.actions.preview(asked, signal).catch(() => null)
        fc.pre(preview !== null)
        const receipt = await on.actions.execute(asked, preview.fingerprint, admin)
        expect(receipt.count + receipt.left.length).toBe(preview.count)
        await on.actions.undo(receipt.id, admin)
        expect(image(on)).toEqual(before)
      }),
      { numRuns: 300 },
    )
  })

  it('never touch a job outside the frozen set', async () => {
    await fc.assert(
      fc.asyncProperty(
        seeds,
        fc.constantFrom(...jobActions),
        fc.infiniteStream(fc.boolean()),
        async (seed, action, pick) => {
          const on = acting(seed)
          const chosen = seed.filter(() => pick.next().value).map(({ id }) => id)
          if (chosen.length === 0) return
          const before = image(on)
          const asked = request({ action, target: chosen })
          const preview = await on.actions.preview(asked, signal).catch(() => null)
          expect(image(on)).toEqual(before)
          if (preview === null) return
          await on.actions.execute(asked, preview.fingerprint, admin)
          const after = image(on)
          for (const { id } of seed) if (!chosen.includes(id)) expect(after[id]).toBe(before[id])
        },
      ),
      { numRuns: 200 },
    )
  })

  it('in a world that moved: what a worker took stays taken and is listed, newcomers are kept', async () => {
    const on = acting(cast)
    const { receipt } = await act(on, { action: 'retry-jobs' })
    on.jobs.change('failed', { state: 'running' })
    on.jobs.seed([{ id: 'newcomer', title: 'newcomer', state: 'failed', error: 'x' }])
    const { undone } = await on.actions.undo(receipt.id, { actor: 'night shift', via: 'browser' })
    expect(undone).toEqual({
      at: NOW,
      actor: 'night shift',
      restored: 1,
      left: [{ id: 'failed', because: 'it changed meanwhile and is running now' }],
    })
    expect(states(on)).toMatchObject({ failed: 'running', 'failed-too': 'failed', newcomer: 'failed' })
  })

  it('write once when confirmed twice at the same time', async () => {
    const on = acting(cast)
    const asked = request({ action: 'retry-jobs' })
    const { fingerprint } = await on.actions.preview(asked, signal)
    const both = await Promise.allSettled([1, 2].map(() => on.actions.execute(asked, fingerprint, admin)))
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(on.history.list(10, null)).toHaveLength(1)
    await on.actions.idle()
  })
})

describe('undo', () => {
  it('is refused twice, by a sentence that says who and when', async () => {
    const on = acting(cast)
    const { receipt } = await act(on, { action: 'retry-jobs' })
    await on.actions.undo(receipt.id, admin)
    const before = image(on)
    expect(await failureOf(on.actions.undo(receipt.id, admin))).toMatchObject({
      kind: 'refused',
      because: 'it was undone already by admin',
    })
    expect(image(on)).toEqual(before)
  })

  it('happens once when asked for twice at the same time', async () => {
    const on = acting(cast)
    const { receipt } = await act(on, { action: 'retry-jobs' })
    const both = await Promise.allSettled([1, 2].map(() => on.actions.undo(receipt.id, admin)))
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(states(on)).toMatchObject({ failed: 'failed', 'failed-too': 'failed' })
  })

  it('is refused for a receipt nobody has, and for one that changed nothing', async () => {
    const on = acting(cast)
    expect((await failureOf(on.actions.undo('receipt-99', admin))).kind).toBe('missing')
    on.jobs.seed([
      {
        id: 'held',
        title: 'held',
        state: 'running',
        heartbeatAgoMs: 20 * MINUTE,
        lease: {
          state: 'held',
          live: true,
          worker: 'w1',
          audioDoneMs: 0,
          audioTotalMs: null,
          speed: null,
          etaMs: null,
          chunksDone: 0,
          chunksTotal: null,
          movedAgoMs: 0,
        },
      },
    ])
    const { receipt } = await act(on, { action: 'release-jobs', target: ['held'] })
    expect(receipt).toMatchObject({ count: 0, previewed: 1, undoable: false })
    expect(receipt.left).toEqual([{ id: 'held', because: 'its worker holds it and is alive' }])
    expect((await failureOf(on.actions.undo(receipt.id, admin))).kind).toBe('refused')
  })
})

describe('a receipt', () => {
  it('says what, who, when, how many; the preview before it is whole too', async () => {
    const on = acting(cast)
    const { preview, receipt } = await act(on, { action: 'retry-jobs' })
    expect(Preview.parse(preview)).toEqual(preview)
    expect(Receipt.parse(receipt)).toEqual({
      id: 'receipt-1',
      action: 'retry-jobs',
      system: 'local',
      title: 'Retry jobs',
      summary: '2 jobs were queued again.',
      at: NOW,
      actor: 'admin',
      count: 2,
      previewed: 2,
      left: [],
      undoable: true,
      watch: null,
      undone: null,
    })
    expect(on.written).toEqual(['local'])
  })

  it('that cannot be saved is returned, says so, and is saved as soon as there is room', async () => {
    const memory = memoryHistory()
    let full = true
    const history: History = {
      ...memory,
      conclude(...args) {
        if (full) throw new Error('database or disk is full')
        memory.conclude(...args)
      },
    }
    const on = acting(cast, { history })
    const { receipt } = await act(on, { action: 'retry-jobs' })
    expect(receipt.summary).toBe('2 jobs were queued again. Its receipt is saved once the history can be written.')
    expect(states(on).failed).toBe('queued')
    expect(history.list(10, null)).toEqual([])
    expect(on.actions.interrupted('local')).toMatchObject([
      { title: 'Retry jobs', because: 'database or disk is full' },
    ])
    full = false
    await on.actions.settle(on.system)
    expect(history.list(10, null)).toEqual([{ ...receipt, summary: '2 jobs were queued again.' }])
    expect(on.actions.interrupted('local')).toEqual([])
    await on.actions.undo(receipt.id, admin)
    expect(states(on).failed).toBe('failed')
  })

  it('is not needed: without room for the intent nothing is written', async () => {
    const full = () => {
      throw new Error('database or disk is full')
    }
    for (const broken of [{ begin: full }, { record: full }]) {
      const on = acting(cast, { history: { ...memoryHistory(), ...broken } })
      const before = image(on)
      await expect(act(on, { action: 'retry-jobs' })).rejects.toThrow('database or disk is full')
      expect(image(on)).toEqual(before)
      expect(on.history.list(10, null)).toEqual([])
      expect(on.history.open()).toEqual([])
    }
  })

  it('lists rows that moved between the plan and the write', async () => {
    const on = acting(cast)
    const rows = on.jobs.rows
    // The row moves after it was read and before it is written: the adapter leaves it.
    let armed = false
    on.jobs.rows = async (...args) => {
      const read = await rows(...args)
      if (armed) on.jobs.change('failed', { retryCount: 9 })
      return read
    }
    const asked = request({ action: 'retry-jobs' })
    const { fingerprint } = await on.actions.preview(asked, signal)
    armed = true
    const receipt = await on.actions.execute(asked, fingerprint, admin)
    expect(receipt).toMatchObject({ count: 1, previewed: 2, left: [{ id: 'failed' }] })
  })
})

describe('the list of actions', () => {
  it('says of each whether it can be done, and why not', async () => {
    const on = acting([{ id: 'a', title: 'a', state: 'done' }])
    const list = await on.actions.list('local', signal)
    const blocked = Object.fromEntries(list.map(({ id, blocked }) => [id, blocked]))
    expect(blocked).toEqual({
      'add-files': null,
      'start-worker': 'The worker already runs.',
      'pause-worker': null,
      'retry-jobs': 'No job has failed.',
      'release-jobs': 'No job is running.',
      'skip-jobs': 'No job waits.',
      'fail-jobs': 'No job waits or runs.',
      'create-stack': 'This host creates no stacks.',
      'cancel-job': 'No job runs or waits.',
      'stop-worker': null,
      'remove-jobs': null,
    })
  })

  it('gives the system’s own reason for what it cannot do, and keeps worker actions when it cannot be read', async () => {
    const on = acting(cast)
    const abilities = await on.jobs.abilities(signal)
    on.jobs.abilities = async () => ({
      ...abilities,
      retry: { can: false, because: 'The role may not update this table.' },
    })
    const one = (await on.actions.list('local', signal)).find(({ id }) => id === 'retry-jobs')
    expect(one?.blocked).toBe('The role may not update this table.')
    expect(await failureOf(on.actions.preview(request({ action: 'retry-jobs' }), signal))).toMatchObject({
      kind: 'refused',
      because: 'The role may not update this table',
    })
    on.jobs.abilities = async () => {
      throw new Error('no connection')
    }
    const list = await on.actions.list('local', signal)
    expect(list.find(({ id }) => id === 'retry-jobs')?.blocked).toContain('no connection')
    expect(list.find(({ id }) => id === 'stop-worker')?.blocked).toBeNull()
  })

  it('has no worker actions for a system whose workers are elsewhere', async () => {
    const on = acting(cast, { kind: 'recordings' })
    expect((await on.actions.list('local', signal)).map(({ id }) => id)).not.toContain('start-worker')
    expect((await failureOf(on.actions.preview(request({ action: 'stop-worker' }), signal))).kind).toBe('unsupported')
  })

  it('has no preview for adding files and for settings', async () => {
    const on = acting(cast)
    for (const action of ['add-files', 'configure-worker'] as const)
      expect((await failureOf(on.actions.preview(request({ action }), signal))).kind).toBe('unsupported')
  })
})

it('a plan that never ends is a timeout, not a hung dialog', async () => {
  const on = acting(cast)
  on.jobs.rows = () => new Promise(() => undefined)
  const asked = failureOf(on.actions.preview(request({ action: 'retry-jobs' }), signal))
  await on.clock.advance(31_000)
  expect(await asked).toMatchObject({ kind: 'timeout', remedy: 'Nothing was written; try again.' })
  expect(on.clock.pending()).toBe(0)
})

it('a write that takes too long promises no retry', async () => {
  const on = acting(cast)
  const asked = request({ action: 'retry-jobs' })
  const { fingerprint } = await on.actions.preview(asked, signal)
  on.jobs.write = () => new Promise(() => undefined)
  const written = failureOf(on.actions.execute(asked, fingerprint, admin))
  await on.clock.advance(121_000)
  expect(await written).toMatchObject({
    kind: 'timeout',
    remedy: 'It may still be in progress: check the current state before repeating it.',
  })
  expect(on.actions.interrupted('local')).toMatchObject([
    { title: 'Retry jobs', because: 'its deadline passed, but it is still in progress' },
  ])
})

it('an action is refused while an earlier one on the same part is open, and not after it was settled', async () => {
  const on = acting(cast)
  const asked = request({ action: 'retry-jobs' })
  const { fingerprint } = await on.actions.preview(asked, signal)
  on.history.begin({
    ...{ id: 'crashed', kind: 'execute', action: 'skip-jobs', system: 'local', title: 'Skip jobs' },
    ...{ at: NOW, actor: 'ops', previewed: 1 },
  })
  const done = { count: 1, left: [], summary: '1 job was skipped.', trail: null }
  on.history.record('crashed', JSON.stringify({ transaction: '76', changed: [], done }))
  on.jobs.outcome = (_transaction, within) =>
    new Promise((_, reject) => within.addEventListener('abort', () => reject(within.reason)))
  const refused = failureOf(on.actions.execute(asked, fingerprint, admin))
  await on.clock.advance(10_000)
  expect(await refused).toMatchObject({
    kind: 'busy',
    because: expect.stringContaining('“Skip jobs”, was interrupted'),
  })
  expect(states(on).failed).toBe('failed')
  // What asked in vain ends by its own deadline; the next one is answered.
  on.jobs.outcome = async () => 'committed'
  await on.clock.advance(121_000)
  expect((await on.actions.execute(asked, fingerprint, admin)).count).toBe(2)
  expect(on.history.list(10, null).map(({ summary }) => summary)).toEqual([
    '2 jobs were queued again.',
    '1 job was skipped. It was interrupted; its outcome was verified afterwards.',
  ])
})

it('a write that ends after its deadline has its receipt all the same', async () => {
  const on = acting(cast)
  const asked = request({ action: 'retry-jobs' })
  const { fingerprint } = await on.actions.preview(asked, signal)
  const { write } = on.jobs
  const late = Promise.withResolvers<void>()
  on.jobs.write = (...args) => late.promise.then(() => write(...args))
  const written = failureOf(on.actions.execute(asked, fingerprint, admin))
  await on.clock.advance(121_000)
  expect((await written).kind).toBe('timeout')
  await on.actions.settle(on.system)
  expect(on.history.list(10, null)).toEqual([])
  late.resolve()
  await vi.waitFor(() => expect(on.history.list(10, null)).toMatchObject([{ count: 2 }]))
  expect(on.actions.interrupted('local')).toEqual([])
})

it.each([
  ['is no JSON', 'retry-jobs', '{"half'],
  ['has other fields', 'retry-jobs', '{"transaction":5}'],
  ['is of an action that the system does not have', 'configure-worker', '{}'],
] as const)('an intent whose record %s ends as unclear, and blocks nothing', async (_why, action, recorded) => {
  const on = acting(cast)
  const intent = { id: 'i1', kind: 'execute', action, system: 'local', title: 'A change', at: NOW } as const
  on.history.begin({ ...intent, actor: 'ops', previewed: 2 })
  on.history.record('i1', recorded)
  const { receipt } = await act(on, { action: 'retry-jobs' })
  expect(on.actions.interrupted('local')).toEqual([])
  expect(on.history.list(10, null)).toMatchObject([
    { id: receipt.id, count: 2 },
    { id: 'i1', count: 0, undoable: false, summary: expect.stringMatching(/^Interrupted: Unjam cannot check/) },
  ])
})

it('a change that did not happen promises no retry', async () => {
  const on = acting(cast)
  const asked = request({ action: 'retry-jobs' })
  const { fingerprint } = await on.actions.preview(asked, signal)
  const failure = { tried: 'Retry jobs', on: 'calls', because: 'the connection was cut' }
  const cut = async () => {
    throw new FailureError({ ...failure, kind: 'unreachable', remedy: RETRIED })
  }
  on.jobs.write = cut
  expect(await failureOf(on.actions.execute(asked, fingerprint, admin))).toMatchObject({
    ...failure,
    remedy: 'Nothing was changed; try again.',
  })
  expect(on.history.open()).toEqual([])
  on.jobs.rows = cut
  for (const work of [on.actions.preview(asked, signal), on.actions.execute(asked, fingerprint, admin)])
    expect((await failureOf(work)).remedy).toBe('Nothing was changed; try again.')
})
