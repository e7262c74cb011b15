// Actions over the in-memory system: everything that run-action needs, and a way to say what a job became.

import type { SeedJob } from '../../electron/adapters/memory-job.ts'
import { type MemoryJobs, memoryJobs } from '../../electron/adapters/memory-jobs.ts'
import type { ActionRequest } from '../../electron/contract/action.ts'
import { FailureError } from '../../electron/contract/failure.ts'
import { RecordingsTable } from '../../electron/contract/worker-protocol.ts'
import type { Caller } from '../../electron/core/api.ts'
import type { History } from '../../electron/core/ports/history.ts'
import type { StackMaker } from '../../electron/core/ports/stack.ts'
import type { System } from '../../electron/core/ports/system.ts'
import { type Actions, createActions } from '../../electron/core/run-action.ts'
import { bareSystem } from './bare-system.ts'
import { type LocalParts, localParts } from './local-parts.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'
import { memoryHistory } from './memory-history.ts'
import { MINUTE } from './snapshot-builders.ts'

export const admin: Caller = { actor: 'admin', via: 'window' }
export const signal = new AbortController().signal

export interface Acting {
  readonly actions: Actions
  readonly jobs: MemoryJobs
  readonly clock: ManualClock
  readonly local: LocalParts
  readonly history: History
  readonly written: string[]
  readonly system: System
}

export function acting(
  seed: readonly SeedJob[] = [],
  options: {
    history?: History
    kind?: 'local' | 'recordings'
    table?: object
    parts?: Partial<System>
    maker?: StackMaker
  } = {},
): Acting {
  const clock = manualClock()
  // With a table, so that previews show their SQL.
  const jobs: MemoryJobs = Object.assign(memoryJobs({ id: 'local', kind: options.kind ?? 'local', clock }), {
    table: RecordingsTable.parse(options.table ?? {}),
  })
  jobs.seed(seed)
  const local = localParts()
  const history = options.history ?? memoryHistory()
  const written: string[] = []
  let id = 0
  const system = bareSystem(jobs, options.parts)
  const actions = createActions({
    system: () => system,
    local,
    maker: options.maker ?? null,
    history,
    clock,
    newId: () => `receipt-${++id}`,
    // Not a hash, but as injective as one.
    hash: (text) => text,
    written: (system) => written.push(system),
    onBug: () => undefined,
  })
  return { actions, jobs, clock, local, history, written, system }
}

export function request(part: Partial<ActionRequest> & Pick<ActionRequest, 'action'>): ActionRequest {
  return { system: 'local', target: 'all', params: {}, ...part }
}

/** Preview and execute in one: what a person does who reads and confirms. */
export async function act(on: Acting, part: Parameters<typeof request>[0]) {
  const asked = request(part)
  const preview = await on.actions.preview(asked, signal)
  const receipt = await on.actions.execute(asked, preview.fingerprint, admin)
  return { preview, receipt }
}

/** The failure something ended with; a success fails the test. */
export async function failureOf(work: Promise<unknown>) {
  try {
    await work
  } catch (error) {
    if (error instanceof FailureError) return error.failure
    throw error
  }
  throw new Error('it should have failed')
}

/** One job in each situation an action may meet. */
export const cast: readonly SeedJob[] = [
  { id: 'waiting', title: 'waiting.m4a', state: 'queued', audioMs: 3 * MINUTE },
  { id: 'waiting-long', title: 'waiting-long.m4a', state: 'queued', audioMs: 63 * MINUTE },
  { id: 'waiting-unknown', title: 'waiting-unknown.m4a', state: 'queued' },
  { id: 'running', title: 'running.m4a', state: 'running', startedAgoMs: MINUTE, heartbeatAgoMs: 5000 },
  { id: 'stuck', title: 'stuck.m4a', state: 'running', startedAgoMs: 60 * MINUTE, heartbeatAgoMs: 26 * MINUTE },
  {
    id: 'failed',
    title: 'failed.m4a',
    state: 'failed',
    retryCount: 3,
    error: 'Max retries exceeded',
    endedAgoMs: MINUTE,
  },
  {
    id: 'failed-too',
    title: 'failed too.m4a',
    state: 'failed',
    retryCount: 1,
    error: "it's not audio",
    endedAgoMs: MINUTE,
  },
  { id: 'skipped', title: 'skipped.m4a', state: 'skipped', endedAgoMs: MINUTE },
  {
    id: 'done',
    title: 'done.m4a',
    state: 'done',
    endedAgoMs: MINUTE,
    segments: [{ startMs: 0, endMs: 1000, text: 'hello' }],
  },
]
