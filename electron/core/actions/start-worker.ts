// Starts the supervised local worker.
import { sentence } from '../../contract/failure.ts'
import type { LocalPorts } from '../ports/local.ts'
import type { Action } from './action.ts'
import { freezeWorker, runs, undoWorker, type WorkerPlan, workerDone } from './frozen-worker.ts'

export const startWorker: Action<WorkerPlan> = {
  id: 'start-worker',
  target: 'system',
  risk: 'safe',
  kinds: ['local'],
  ability: null,
  params: [],
  offer: ({ local }) => ({ title: 'Start the worker', blocked: blocked(local) }),
  async plan(_request, world) {
    return freezeWorker('Start the worker', world, ({ local }) => blocked(local))
  },
  preview() {
    return {
      title: 'Start the worker',
      summary: 'The worker starts, takes the next queued job, and goes on after chunks that are saved.',
      notTouched: ['Jobs: starting the worker writes none'],
      command: null,
      undo: 'Undo stops the worker again; running jobs are given back with their saved chunks.',
      confirm: 'Start 1 worker',
    }
  },
  async execute(plan) {
    await plan.worker.start()
    return workerDone(plan, 'The worker was started.')
  },
  undo(_trail, world) {
    return undoWorker(world, runs, (worker) => worker.stop())
  },
}

function blocked(local: LocalPorts | null): string | null {
  if (local === null) return 'This system has no worker on this machine.'
  if (runs(local.worker.state().state)) return 'The worker already runs.'
  const engine = local.engine.state()
  if (engine.state === 'building') return 'The transcription engine is still being built.'
  if (engine.state === 'missing') return sentence(engine.failure)
  return local.models.resolve(local.settings().model) === null ? 'There is no model yet: choose one first.' : null
}
