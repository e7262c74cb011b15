// Automations at work on a core of its own: receipts, limits, restarts, and that one never runs twice at once.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openAutomations } from '../../electron/adapters/automations-sqlite.ts'
import { type MemoryJobs, memoryJobs } from '../../electron/adapters/memory-jobs.ts'
import { Automation } from '../../electron/contract/automation.ts'
import type { Core } from '../../electron/core/api.ts'
import { createCore } from '../../electron/core/create-core.ts'
import { type RunningAutomations, runAutomations } from '../../electron/core/run-automations.ts'
import { cast, signal } from '../support/acting.ts'
import { bareSystem } from '../support/bare-system.ts'
import { localParts } from '../support/local-parts.ts'
import { type ManualClock, manualClock } from '../support/manual-clock.ts'
import { memoryLife } from '../support/memory-findings.ts'
import { memoryHistory } from '../support/memory-history.ts'
import { MINUTE } from '../support/snapshot-builders.ts'

let folder: string
let clock: ManualClock
let jobs: MemoryJobs
let core: Core
let log: ReturnType<typeof openAutomations>
let listed: Automation[]
let running: RunningAutomations
let ids = 0

const make = (more: object = {}) =>
  Automation.parse({
    ...{ name: 'Retry', enabled: true, system: 'local', action: 'retry-jobs', when: { kind: 'every', minutes: 60 } },
    ...more,
  })
const runner = (over: Partial<Core> = {}) =>
  runAutomations({
    automations: () => listed,
    snapshot: () => core.latest(),
    core: { ...core, ...over },
    ...{ log, clock, newId: () => `run-${++ids}` },
    onBug: (where, error) => {
      throw new Error(where, { cause: error })
    },
  })
const failed = async () => (await jobs.counts(signal)).failed

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'unjam-automation-'))
  log = openAutomations(join(folder, 'automations.sqlite'))
  clock = manualClock()
  jobs = memoryJobs({ id: 'local', clock })
  jobs.seed(cast)
  const system = bareSystem(jobs)
  core = createCore({
    ...{ systems: () => [system], history: memoryHistory(), ...memoryLife(), clock, local: localParts(), maker: null },
    files: { find: async () => ({ files: [], refused: [] }) },
    ...{ heartbeatLimitMs: () => 15 * MINUTE, newId: () => `r${++ids}`, hash: (text) => text, notice: () => undefined },
    onBug: (where, error) => {
      throw new Error(where, { cause: error })
    },
  })
  listed = [make()]
  running = runner()
})
afterEach(async () => {
  await Promise.all([running.stop(), core.stop()])
  log.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('an automation that is on', () => {
  it('acts through a preview, and its receipt says who did it and can be undone', async () => {
    await core.read(signal)
    const before = await failed()
    expect(before).toBeGreaterThan(0)
    running.start()
    await clock.advance(6000)
    expect(await failed()).toBe(0)
    const [receipt] = core.receipts(10, null)
    expect(receipt).toMatchObject({ action: 'retry-jobs', actor: 'automation: Retry', count: before, undoable: true })
    expect(running.list()[0]).toMatchObject({
      running: false,
      next: { sentence: 'It runs every hour.' },
      runs: [{ outcome: 'done', times: 1, receipt: receipt!.id }],
    })
    await core.undo(receipt!.id, { actor: 'admin', via: 'window' })
    expect(await failed()).toBe(before)
  })

  it('goes on after a restart where it was: the next run is an interval after the last one', async () => {
    await core.read(signal)
    running.start()
    await clock.advance(6000)
    await running.stop()
    log.close()
    log = openAutomations(join(folder, 'automations.sqlite'))
    running = runner()
    running.start()
    await clock.advance(50 * MINUTE)
    expect(core.receipts(10, null)).toHaveLength(1)
    await clock.advance(11 * MINUTE)
    expect(log.runs('Retry', 10).map(({ outcome }) => outcome)).toEqual(['nothing', 'done'])
  })

  it('says of a run that a crash cut off that it did not end', async () => {
    log.put({
      ...{ id: 'old', name: 'Retry', at: clock.now(), lastAt: clock.now(), times: 1 },
      ...{ outcome: 'running', sentence: 'It runs.', receipt: null },
    })
    running.start()
    expect(log.runs('Retry', 1)).toMatchObject([{ id: 'old', outcome: 'failed' }])
  })

  it('never runs twice at once, however long a run takes, and its end is waited for', async () => {
    let begun = 0
    let end: () => void = () => undefined
    running = runner({
      execute: async (request, fingerprint, caller) => {
        begun++
        await new Promise<void>((resolve) => {
          end = resolve
        })
        return core.execute(request, fingerprint, caller)
      },
    })
    listed = [make({ when: { kind: 'every', minutes: 1 }, limits: { minMinutesBetween: 1 } })]
    await core.read(signal)
    running.start()
    await clock.advance(10 * MINUTE)
    expect(begun).toBe(1)
    expect(running.list()[0]?.running).toBe(true)
    const stopped = running.stop()
    end()
    await clock.settle()
    await stopped
    expect(core.receipts(10, null)).toHaveLength(1)
  })
})

describe('nothing is done', () => {
  it('before anything was read, while it is off, or by what a person switched off meanwhile', async () => {
    running.start()
    await clock.advance(20_000)
    listed = [make({ enabled: false })]
    await core.read(signal)
    await clock.advance(20_000)
    expect(core.receipts(10, null)).toEqual([])
    expect(log.runs('Retry', 10)).toEqual([])
    expect(running.list()[0]?.next.sentence).toBe('It is off.')
  })

  it('when more is meant than it may touch: one row that says why and counts the tries', async () => {
    listed = [make({ limits: { onlyUpTo: 1 } })]
    jobs.seed([{ id: 'more', state: 'failed' }] as never)
    await core.read(signal)
    const before = await failed()
    running.start()
    await clock.advance(11 * MINUTE)
    expect(await failed()).toBe(before)
    const [row, ...others] = log.runs('Retry', 10)
    expect(others).toEqual([])
    expect(row).toMatchObject({ outcome: 'skipped', times: 3 })
    expect(row?.sentence).toMatch(/more than the 1 it may/)
  })

  it('while a source is unknown, which it says', async () => {
    await core.read(signal)
    jobs.counts = () => Promise.reject(new Error('the database is gone'))
    await core.read(signal)
    running.start()
    await clock.advance(6000)
    expect(core.receipts(10, null)).toEqual([])
    expect(log.runs('Retry', 1)).toMatchObject([{ outcome: 'skipped' }])
    expect(log.runs('Retry', 1)[0]?.sentence).toMatch(/^Its counts cannot be read/)
  })

  it('by a forecast, which says what would be done', async () => {
    await core.read(signal)
    const before = await failed()
    const would = await running.forecast(make({ enabled: false }), signal)
    expect(would).toMatchObject({ would: 'act', preview: { count: before } })
    expect(await running.forecast(make({ action: 'purge-queue' }), signal)).toMatchObject({ would: 'skip' })
    expect(await failed()).toBe(before)
  })
})
