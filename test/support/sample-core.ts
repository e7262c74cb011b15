// A core with samples on a real embedded database, whose small worlds tick when a test says so.
import { systemClock } from '../../electron/adapters/clock.ts'
import { memoryJobs } from '../../electron/adapters/memory-jobs.ts'
import { createDataFolder } from '../../electron/compose/data-folder.ts'
import { type LocalDatabase, localDatabase } from '../../electron/compose/local-database.ts'
import { createSamples, type RunningSamples } from '../../electron/compose/samples/samples.ts'
import type { ActionRequest } from '../../electron/contract/action.ts'
import type { Finding, Remedy } from '../../electron/contract/finding.ts'
import { isSample, type SampleName } from '../../electron/contract/sample.ts'
import type { Snapshot } from '../../electron/contract/snapshot.ts'
import type { Core } from '../../electron/core/api.ts'
import { createCore } from '../../electron/core/create-core.ts'
import type { History } from '../../electron/core/ports/history.ts'
import type { Clock } from '../../electron/core/ports/local.ts'
import type { Pool } from '../../worker/store/pool.ts'
import { admin, signal } from './acting.ts'
import { bareSystem } from './bare-system.ts'
import { localParts } from './local-parts.ts'
import { memoryLife } from './memory-findings.ts'
import { memoryHistory } from './memory-history.ts'
import { until } from './until.ts'

export interface SampleCore {
  readonly core: Core
  readonly samples: RunningSamples
  /** The person's own receipts. */
  readonly own: History
  admin(): Promise<Pool>
  /** Left and started anew. */
  fresh(name: SampleName): Promise<void>
  /** Seconds of the sample's world. */
  tick(seconds: number): Promise<void>
  /** Time passes without a tick; the next one sees it. */
  pass(ms: number): void
  snapshot(): Promise<Snapshot>
  /** Of the sample, in their order. */
  findings(): Promise<Finding[]>
  /** Preview and execute. */
  act(request: Pick<ActionRequest, 'action' | 'system'> & Partial<ActionRequest>): ReturnType<typeof acted>
  press(finding: Finding, remedy: Remedy): ReturnType<typeof acted>
  close(): Promise<void>
}

export async function sampleCore(folder: string, root: string): Promise<SampleCore> {
  const problems: unknown[] = []
  const steps = stepClock()
  const clock: Clock = { now: steps.now, nowMs: steps.nowMs, sleep: systemClock.sleep }
  const database: LocalDatabase = localDatabase(createDataFolder(folder), root, {
    notice: () => undefined,
    idleError: () => undefined,
  })
  const own = memoryHistory()
  const mine = bareSystem(memoryJobs({ id: 'local', clock }))
  const samples = createSamples({
    ...{ database, root, clock: steps, taken: () => ['local'], heartbeatLimitMs: () => 15 * 60_000 },
    onProblem: (error) => problems.push(error),
  })
  let receipts = 0
  const core = createCore({
    systems: () => [...samples.systems(), mine],
    history: samples.history(own),
    ...memoryLife(),
    clock,
    files: { find: async () => ({ files: [], refused: [] }) },
    local: localParts(),
    maker: null,
    heartbeatLimitMs: () => 15 * 60_000,
    newId: () => `receipt-${++receipts}`,
    notice: () => undefined,
    hash: (text) => text,
    onBug: (where, error) => {
      throw new Error(where, { cause: error })
    },
  })
  const act: SampleCore['act'] = (request) => acted(core, { target: 'all', params: {}, ...request })
  return {
    ...{ core, samples, own, act, pass: steps.pass, admin: () => database.pool() },
    async fresh(name) {
      await samples.stop()
      await samples.start(name)
    },
    async tick(seconds) {
      await steps.step(seconds)
      if (problems.length > 0) throw problems[0]
    },
    snapshot: () => core.read(signal),
    findings: async () => (await core.read(signal)).findings.filter(({ system }) => isSample(system)),
    press: ({ system }, { action, ids, params }) =>
      act({ action: action as ActionRequest['action'], system, target: ids ?? 'all', params }),
    async close() {
      await core.stop()
      await samples.close()
      await database.close()
    },
  }
}

async function acted(core: Core, request: ActionRequest) {
  const preview = await core.preview(request, signal)
  return { preview, receipt: await core.execute(request, preview.fingerprint, admin) }
}

/** A clock whose sleeper wakes when it is stepped, one second later; a step is over when it sleeps again. */
function stepClock(): Clock & { step(n: number): Promise<void>; pass(ms: number): void } {
  let nowMs = Date.now()
  let wake: (() => void) | null = null
  const asleep = () => until('the sample has ticked', () => wake !== null)
  return {
    now: () => new Date(nowMs).toISOString(),
    nowMs: () => nowMs,
    sleep: (_ms, ending) =>
      new Promise((resolve, reject) => {
        wake = resolve
        ending.addEventListener('abort', () => reject(ending.reason), { once: true })
      }),
    async step(n) {
      for (let at = 0; at < n; at++) {
        await asleep()
        const next = wake
        wake = null
        nowMs += 1000
        next?.()
        await asleep()
      }
    },
    pass(ms) {
      nowMs += ms
    },
  }
}
