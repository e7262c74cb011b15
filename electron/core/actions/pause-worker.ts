// Pauses the local worker after the chunk in flight, or resumes it: `paused=true|false`, else the other of the two.
import type { ActionRequest } from '../../contract/action.ts'
import type { LocalPorts } from '../ports/local.ts'
import type { Action } from './action.ts'
import { freezeWorker, undoWorker, type WorkerPlan, workerDone } from './frozen-worker.ts'
import { invalid } from './refuse.ts'

interface PausePlan extends WorkerPlan {
  readonly pause: boolean
}

export const pauseWorker: Action<PausePlan> = {
  id: 'pause-worker',
  target: 'system',
  risk: 'safe',
  kinds: ['local'],
  ability: null,
  params: ['paused'],
  offer({ local }) {
    const pause = local?.worker.state().state !== 'paused'
    return { title: title(pause), blocked: blocked(local, pause) }
  },
  async plan(request, world) {
    const pause = wanted(request) ?? world.local?.worker.state().state !== 'paused'
    const plan = freezeWorker(title(pause), world, ({ local }) => blocked(local, pause))
    return { ...plan, pause }
  },
  preview({ pause }) {
    return {
      title: title(pause),
      summary: pause
        ? 'Chunks in flight end and are saved; then nothing more is taken until the worker is resumed.'
        : 'The worker takes jobs again.',
      notTouched: pause ? ['Queued jobs: they wait', 'Saved chunks and retry counts'] : ['Jobs: resuming writes none'],
      command: null,
      undo: pause ? 'Undo resumes the worker.' : 'Undo pauses the worker again.',
      confirm: pause ? 'Pause 1 worker' : 'Resume 1 worker',
    }
  },
  async execute(plan) {
    await (plan.pause ? plan.worker.pause() : plan.worker.resume())
    return workerDone(plan, plan.pause ? 'The worker was paused.' : 'The worker was resumed.')
  },
  undo(trail, world) {
    const { was } = JSON.parse(trail) as { was: string }
    return was === 'paused'
      ? undoWorker(
          world,
          (state) => state === 'running',
          (worker) => worker.pause(),
        )
      : undoWorker(
          world,
          (state) => state === 'paused',
          (worker) => worker.resume(),
        )
  },
}

function title(pause: boolean): string {
  return pause ? 'Pause the worker' : 'Resume the worker'
}

function wanted(request: ActionRequest): boolean | null {
  const { paused } = request.params
  if (paused === undefined || paused === '') return null
  if (paused !== 'true' && paused !== 'false')
    throw invalid('Pause the worker', request.system, `paused=${paused} is neither true nor false`)
  return paused === 'true'
}

function blocked(local: LocalPorts | null, pause: boolean): string | null {
  if (local === null) return 'This system has no worker on this machine.'
  const { state } = local.worker.state()
  if (!pause) return state === 'paused' ? null : 'The worker is not paused.'
  if (state === 'paused') return 'The worker is paused already.'
  return state === 'running' ? null : 'The worker does not run.'
}
