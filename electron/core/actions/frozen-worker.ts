// The supervised worker as a frozen set of one: the state it is in is what the fingerprint covers.
import type { WorkerProcess } from '../../contract/snapshot.ts'
import type { WorkerControl } from '../ports/local.ts'
import type { Done, Frozen, Undone, World } from './action.ts'
import { refuse } from './refuse.ts'

export interface WorkerPlan extends Frozen {
  readonly worker: WorkerControl
  readonly was: WorkerProcess['state']
}

/** @throws a refusal with the sentence of `blocked` when the worker is not in a state the action applies to. */
export function freezeWorker(
  tried: string,
  world: World,
  blocked: (world: { local: NonNullable<World['local']> }) => string | null,
): WorkerPlan {
  const { local, system } = world
  if (local === null) throw refuse(tried, system.id, 'this system has no worker on this machine')
  const because = blocked({ local })
  if (because !== null) throw refuse(tried, system.id, because)
  const was = local.worker.state().state
  return {
    worker: local.worker,
    was,
    items: [{ id: 'worker', title: 'Local worker', note: was, fingerprint: was }],
  }
}

export function runs(state: WorkerProcess['state']): boolean {
  return state === 'running' || state === 'paused' || state === 'draining' || state === 'starting'
}

/** One worker was changed; the trail is the state it was in. */
export function workerDone(plan: WorkerPlan, summary: string): Done {
  return { count: 1, left: [], summary, trail: JSON.stringify({ was: plan.was }) }
}

/** Undoes one change of the worker when it is still as the action left it. */
export async function undoWorker(
  world: World,
  still: (state: WorkerProcess['state']) => boolean,
  back: (worker: WorkerControl) => Promise<void>,
): Promise<Undone> {
  const worker = world.local?.worker
  const state = worker?.state().state ?? 'stopped'
  if (worker === undefined || !still(state))
    return { restored: 0, left: [{ id: 'worker', because: `the worker is ${state} by now` }] }
  await back(worker)
  return { restored: 1, left: [] }
}
