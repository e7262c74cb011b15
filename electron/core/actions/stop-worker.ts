// Stops the supervised local worker: its processes end now, running jobs are given back with their chunks.
import type { LocalPorts } from '../ports/local.ts'
import type { Action } from './action.ts'
import { freezeWorker, undoWorker, type WorkerPlan, workerDone } from './frozen-worker.ts'

export const stopWorker: Action<WorkerPlan> = {
  id: 'stop-worker',
  target: 'system',
  risk: 'disruptive',
  kinds: ['local'],
  ability: null,
  params: [],
  offer: ({ local }) => ({ title: 'Stop the worker', blocked: blocked(local) }),
  async plan(_request, world) {
    return freezeWorker('Stop the worker', world, ({ local }) => blocked(local))
  },
  preview() {
    return {
      title: 'Stop the worker',
      summary: 'The worker ends now. Running jobs go back to the queue and lose at most the chunk in flight.',
      notTouched: ['Queued jobs: they wait until a worker runs', 'Saved chunks and retry counts'],
      command: null,
      undo: 'Undo starts the worker again.',
      confirm: 'Stop 1 worker',
    }
  },
  async execute(plan) {
    await plan.worker.stop()
    return workerDone(plan, 'The worker was stopped.')
  },
  undo(_trail, world) {
    return undoWorker(
      world,
      (state) => state === 'stopped',
      (worker) => worker.start(),
    )
  },
}

function blocked(local: LocalPorts | null): string | null {
  if (local === null) return 'This system has no worker on this machine.'
  return local.worker.state().state === 'stopped' ? 'The worker does not run.' : null
}
